// What the evidence up to a time says.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "admin/closure.h"
#include "admin/replay.h"
#include "base/time.h"
#include "graph/evidence_source.h"
#include "graph/graph.h"
#include "graph/memory_rows.h"
#include "ingest/context.h"
#include "kintsugi/profile.h"
#include "living/rules.h"

namespace kintsugi::admin {

// Past resolves evidence up to a time in memory, as a database would that was given nothing else and whose clock is at
// that time. Used once; then it is immutable.
class Past : private GraphBuilder {
 public:
  struct Moment {
    Time as_of;
    Time now;  // the database's clock: what retention has taken by then is no item as of an earlier time either
  };
  // `keeps_events`: somebody asks for items; else they are kept if traits do. The references outlive it.
  Past(const ingest::Context& context, const living::Rules& rules, const Moment& moment, bool keeps_events);

  // `evidence` may be more than what counts as of then. Errors are its own, and kDataLoss for damaged rows.
  absl::Status Resolve(const graph::EvidenceSource& evidence, std::span<const Closure::Witness> witnesses);

  // What it comes to, as a database stores it.
  const graph::MemoryRows& rows() const { return rows_; }
  // Events, and records that are items.
  using GraphBuilder::items;
  // The golden record of who holds it, and its row; nothing if nobody does.
  absl::StatusOr<std::optional<Profile>> Find(const identity::Node& node) const;
  absl::StatusOr<std::optional<std::string>> FindRow(const identity::Node& node) const;

 private:
  absl::Status OnEvent(std::string_view key, ingest::PreparedEvent event) override;
  absl::Status OnRefused(format::Family family, std::string_view key, std::string_view row,
                         const std::string& reason) override;
  absl::StatusOr<std::optional<ProfileId>> HolderOf(const identity::Node& node) const;
  absl::StatusOr<bool> IsTaken(std::string_view key, const ingest::PreparedEvent& event) const;

  const ingest::Context& context_;
  const living::Rules& rules_;
  const ingest::Preparer preparer_;
  const Moment moment_;
  const graph::MemoryRows nothing_;  // the graph begins empty
  graph::Graph graph_;
  graph::MemoryRows rows_;
};

}  // namespace kintsugi::admin
