// Questions about an earlier time, as the methods of Engine of these names say.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "admin/closure.h"
#include "admin/decisions.h"
#include "admin/past.h"
#include "base/time.h"
#include "graph/memory_rows.h"
#include "identity/node.h"
#include "ingest/context.h"
#include "kintsugi/as_of.h"
#include "kintsugi/explain.h"
#include "kintsugi/profile.h"
#include "kintsugi/timeline.h"
#include "living/rules.h"
#include "store/store.h"
#include "store/stored_evidence.h"

namespace kintsugi::admin {

// AsOf reads one moment of the database. All that it says of a time is what the evidence up to that time says, with the
// clock there. Not thread-safe. Errors: kInvalidArgument for what the caller got wrong, among it a time that is not in
// the years 1 to 9999; kNotFound if nobody had it then; the store's.
class AsOf {
 public:
  // The references outlive it.
  AsOf(const ingest::Context& context, const living::Rules& rules, const store::Store& store)
      : context_(context), rules_(rules), snapshot_(store), rows_(store, &snapshot_) {}

  absl::StatusOr<Profile> Lookup(const IdentifierView& identifier, Time as_of);
  absl::StatusOr<Profile> Lookup(const ProfileId& id, Time as_of);
  absl::StatusOr<std::vector<std::optional<Profile>>> LookupMany(std::span<const IdentifierAt> asked);
  absl::StatusOr<TimelinePage> Timeline(const IdentifierView& identifier, const TimelineQuery& query);
  absl::StatusOr<Why> ExplainWhy(const IdentifierView& a, const IdentifierView& b, Time as_of);

  // All profiles, resolved. Memory and time grow with the database. It needs this no longer.
  absl::StatusOr<std::unique_ptr<Past>> All(Time as_of);

 private:
  // Evidence of somebody, up to a time.
  struct Evidence {
    graph::MemoryRows rows;
    std::vector<Closure::Witness> witnesses;
  };
  absl::StatusOr<Evidence> Read(std::span<const identity::Node> nodes, Time earliest, Time latest);
  absl::StatusOr<std::unique_ptr<Past>> Resolve(const Evidence& evidence, Time as_of, bool keeps_events) const;
  absl::StatusOr<std::unique_ptr<Past>> PastOf(std::span<const identity::Node> nodes, Time as_of, bool keeps_events);
  absl::StatusOr<Profile> Find(const identity::Node& node, Time as_of, const std::string& name);

  // Of all that are asked about those of one profile of today are read together.
  struct Group {
    std::vector<size_t> places;
    std::vector<identity::Node> nodes;  // by place
  };
  absl::StatusOr<std::vector<Group>> GroupByHolder(std::span<const IdentifierAt> asked) const;
  absl::Status LookUp(std::span<const IdentifierAt> asked, const Group& group,
                      std::vector<std::optional<Profile>>& out);

  absl::StatusOr<identity::Node> AnchorOf(const ProfileId& id) const;
  absl::StatusOr<Time> Now() const;

  const ingest::Context& context_;
  const living::Rules& rules_;
  const store::Store::Snapshot snapshot_;
  const store::StoredEvidence rows_;
  std::optional<Decisions> decisions_;  // once they are asked for
};

// Visits every profile as of a time, in order of id. `visit` returns false to stop early.
absl::Status ForEachProfileAsOf(const ingest::Context& context, const living::Rules& rules, const store::Store& store,
                                Time as_of, const std::function<bool(const ProfileView&)>& visit);

}  // namespace kintsugi::admin
