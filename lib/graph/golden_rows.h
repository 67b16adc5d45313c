// Golden records as rows.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/time.h"
#include "graph/component_delta.h"
#include "graph/evidence_source.h"
#include "graph/record_listener.h"
#include "graph/trait_source.h"
#include "living/segment_rules.h"

namespace kintsugi::graph {

// Writes the golden record of every profile that changed. Where nobody joined or left but who is new, only the
// attributes of which something was said have to survive again, and mostly against the survivor before alone. Not
// thread-safe. The references are the graph's own, and outlive it.
class GoldenRows : public DeltaListener {
 public:
  // What records hold beside what was observed, and who is told of them. It all outlives the rows.
  struct Derived {
    TraitSource* traits = nullptr;                   // null: the schema has none
    const living::SegmentRules* segments = nullptr;  // may be empty; null: none
    Time now = kNeverLast;                           // the database's clock
    std::vector<RecordListener*> listeners = {};
  };
  GoldenRows(const ingest::Context& context, const EvidenceSource& source, Derived derived);

  absl::Status OnComponent(const ComponentDelta& delta, RowSink& sink) override;
  absl::Status OnSeenAgain(const SeenAgain& seen, Observations& observations, RowSink& sink) override;

  // Computes the traits and segments of a profile anew, of which nothing else changed.
  absl::Status Refresh(const ProfileId& id, RowSink& sink);

  // How many more profiles there are of which a trait is approximate, or fewer, by what was written.
  int64_t approximate() const { return approximate_; }
  // The same of spendings that were overdrawn.
  int64_t overdrawn() const { return overdrawn_; }

 private:
  absl::Status Write(const ComponentDelta& delta, const Resolved& profile, RowSink& sink);
  absl::StatusOr<std::string> Encode(const Loaded& loaded, const Resolved& profile, Time last_seen,
                                     std::vector<golden::StoredAttribute> attributes,
                                     const golden::RecordView* before) const;
  absl::Status SetTraits(golden::Parts& parts, const golden::RecordView* before) const;
  absl::Status SetSegments(golden::Parts& parts) const;
  absl::Status Rewrite(const ProfileId& id, const std::string& before, golden::Parts parts, RowSink& sink);
  absl::Status PutOver(const ProfileId& id, std::string_view row, RowSink& sink);
  absl::Status Put(const ProfileId& id, std::string_view before, std::string_view now, RowSink& sink);
  absl::Status Follow(const ProfileId& id, std::string_view before, std::string_view now, RowSink& sink);
  absl::StatusOr<std::string> Read(const ProfileId& id) const;
  absl::StatusOr<Time> LastSeenBefore(const ComponentDelta& delta, const Resolved& profile) const;
  absl::Status WriteAnew(const ComponentDelta& delta, const Resolved& profile, const StoredProfile* before,
                         RowSink& sink);

  const ingest::Context& context_;
  const EvidenceSource& source_;
  const Derived derived_;
  const bool is_followed_;  // something is kept beside records, or told of them: what was stored has to be known
  int64_t approximate_ = 0;
  int64_t overdrawn_ = 0;
};

}  // namespace kintsugi::graph
