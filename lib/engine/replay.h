// Replaying the evidence of a database, under its own schema or another: for verifying, simulating and migrating.

#pragma once

#include <map>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "engine/apply.h"
#include "engine/context.h"
#include "engine/graph.h"
#include "ingest/prepare.h"
#include "storage/store.h"
#include "storage/stored.pb.h"

namespace kintsugi::engine {

// Is told every piece of evidence that counts, with the row that it was stored as. An error ends the replay.
class EvidenceVisitor {
 public:
  virtual ~EvidenceVisitor() = default;
  // `row` is as it was stored, before it was derived anew.
  virtual absl::Status OnRecord(std::string_view key, const stored::Record& row, ingest::PreparedRecord record) = 0;
  virtual absl::Status OnEvent(std::string_view key, ingest::PreparedEvent event) = 0;
  virtual absl::Status OnAssertion(const PreparedAssertion& assertion) = 0;
  // What the schema does not take, or cannot be read.
  virtual absl::Status OnRefused(storage::Family family, std::string_view key, std::string_view row,
                                 const std::string& reason) = 0;
};

using Derive = ingest::Preparer::Derive;

// Records, then events, then assertions, each in order of key. `context` may be of another schema than the store's, if
// its catalog goes on from the store's, and evidence is derived anew.
absl::Status ReplayEvidence(const Context& context, Derive derive, const storage::Store& store,
                            const storage::Store::Snapshot& snapshot, EvidenceVisitor& visitor);

// Notes the identifiers of a record with its row.
void SetIdentifiers(const Context& context, const ingest::PreparedRecord& record, stored::Record& row);

// Adds a piece of evidence to a graph.
absl::Status Add(const stored::Record& row, ingest::PreparedRecord record, Graph& graph);
absl::Status Add(const ingest::PreparedEvent& event, Graph& graph);
absl::Status Add(const PreparedAssertion& assertion, Graph& graph);

// Adds what it is told to a graph, in memory.
class GraphBuilder : public EvidenceVisitor {
 public:
  explicit GraphBuilder(Graph& graph) : graph_(graph) {}

  absl::Status OnRecord(std::string_view key, const stored::Record& row, ingest::PreparedRecord record) override;
  absl::Status OnEvent(std::string_view key, ingest::PreparedEvent event) override;
  absl::Status OnAssertion(const PreparedAssertion& assertion) override;

  uint64_t records() const { return records_; }
  uint64_t events() const { return events_; }
  uint64_t assertions() const { return assertions_; }

 private:
  Graph& graph_;
  uint64_t records_ = 0;
  uint64_t events_ = 0;
  uint64_t assertions_ = 0;
};

// The rows that a graph writes into an empty database, in order of key.
class CollectedRows : public RowSink {
 public:
  void Put(storage::Family family, std::string_view key, std::string_view value) override {
    rows_[family][std::string(key)] = value;
  }
  void Delete(storage::Family, std::string_view) override {}  // nothing was there before
  const std::map<std::string, std::string>& of(storage::Family family) { return rows_[family]; }

 private:
  std::map<storage::Family, std::map<std::string, std::string>> rows_;
};

}  // namespace kintsugi::engine
