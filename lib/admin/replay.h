// Replaying the evidence of a database, under its own schema or another: for verifying, simulating and migrating.

#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "format/stored.pb.h"
#include "graph/add_evidence.h"
#include "graph/graph.h"
#include "graph/memory_rows.h"
#include "ingest/context.h"
#include "ingest/prepare.h"
#include "store/store.h"
#include "write/apply.h"

namespace kintsugi::admin {

// Is told every piece of evidence that counts, with the row that it was stored as. An error ends the replay.
class EvidenceVisitor {
 public:
  virtual ~EvidenceVisitor() = default;
  // `row` is as it was stored, before it was derived anew.
  virtual absl::Status OnRecord(std::string_view key, const stored::Record& row, ingest::PreparedRecord record) = 0;
  // An older version of it whose content is kept.
  virtual absl::Status OnVersion(const stored::Record&, const ingest::PreparedRecord&) { return absl::OkStatus(); }
  // A record of which no version counts.
  virtual absl::Status OnGone(std::string_view, const stored::Record&) { return absl::OkStatus(); }
  virtual absl::Status OnEvent(std::string_view key, ingest::PreparedEvent event) = 0;
  virtual absl::Status OnAssertion(const ingest::PreparedAssertion& assertion) = 0;
  // What the schema does not take, or cannot be read. Of an older version (`versions`) the key and the row are as if it
  // were the newest.
  virtual absl::Status OnRefused(format::Family family, std::string_view key, std::string_view row,
                                 const std::string& reason) = 0;
};

using Derive = ingest::Preparer::Derive;

// Records, then events, then assertions, each in order of key. `context` may be of another schema than the store's, if
// its catalog goes on from the store's, and evidence is derived anew. The newest version of a record that the schema
// takes is the record then.
absl::Status ReplayEvidence(const ingest::Context& context, Derive derive, const store::Store& store,
                            const store::Store::Snapshot& snapshot, EvidenceVisitor& visitor);

// Whether it was made by then, and not taken back. One without a time was made before all times.
bool StandsAsOf(const stored::Assertion& assertion, Time time);

// The same of the evidence up to a time, as it was derived when it came: events, the newest of the versions that are
// kept of a record, and assertions.
absl::Status ReplayEvidenceAsOf(const ingest::Context& context, const graph::EvidenceSource& rows, Time time,
                                EvidenceVisitor& visitor);

// Adds what it is told to a graph, in memory; and keeps the items: records that are, and events if somebody asks for
// them.
class GraphBuilder : public EvidenceVisitor {
 public:
  GraphBuilder(const ingest::Context& context, bool keeps_events, graph::Graph& graph)
      : context_(context), keeps_events_(keeps_events), graph_(graph) {}

  absl::Status OnRecord(std::string_view key, const stored::Record& row, ingest::PreparedRecord record) override;
  absl::Status OnEvent(std::string_view key, ingest::PreparedEvent event) override;
  absl::Status OnAssertion(const ingest::PreparedAssertion& assertion) override;

  uint64_t records() const { return records_; }
  uint64_t events() const { return events_; }
  uint64_t assertions() const { return assertions_; }
  const graph::MemoryRows& items() const { return items_; }

 private:
  const ingest::Context& context_;
  const bool keeps_events_;
  graph::Graph& graph_;
  graph::MemoryRows items_;
  uint64_t records_ = 0;
  uint64_t events_ = 0;
  uint64_t assertions_ = 0;
};

}  // namespace kintsugi::admin
