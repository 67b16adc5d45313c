// Golden records as rows.

#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/time.h"
#include "graph/component_delta.h"
#include "graph/evidence_source.h"

namespace kintsugi::graph {

// Writes the golden record of every profile that changed. Where nobody joined or left but who is new, only the
// attributes of which something was said have to survive again, and mostly against the survivor before alone. Not
// thread-safe. The references are the graph's own, and outlive it.
class GoldenRows : public DeltaListener {
 public:
  GoldenRows(const ingest::Context& context, const EvidenceSource& source) : context_(context), source_(source) {}

  absl::Status OnComponent(const ComponentDelta& delta, RowSink& sink) override;
  absl::Status OnSeenAgain(const SeenAgain& seen, Observations& observations, RowSink& sink) override;

 private:
  absl::Status Write(const ComponentDelta& delta, const Resolved& profile, RowSink& sink) const;
  absl::StatusOr<std::string> Read(const ProfileId& id) const;
  absl::StatusOr<Time> LastSeenBefore(const ComponentDelta& delta, const Resolved& profile) const;
  absl::Status WriteAnew(const ComponentDelta& delta, const Resolved& profile, RowSink& sink) const;

  const ingest::Context& context_;
  const EvidenceSource& source_;
};

}  // namespace kintsugi::graph
