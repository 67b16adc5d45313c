#include "graph/add_evidence.h"

#include "format/stored_rows.h"

namespace kintsugi::graph {

absl::Status AddEvidence(const stored::Record& row, ingest::PreparedRecord record, Graph& graph) {
  const Sighting sighting{record.source, format::FirstVersionOf(row), record.version, 1};
  if (auto status = graph.AddSighting(record.identifiers, sighting); !status.ok()) return status;
  return graph.SetObservations(record.identifiers.back(), std::move(record.observations));
}

absl::Status AddEvidence(const ingest::PreparedEvent& event, Graph& graph) {
  const Sighting sighting{event.source, event.time, event.time, 1};
  return graph.AddEvent(event.identifiers, sighting, event.observations);
}

absl::Status AddEvidence(const ingest::PreparedAssertion& assertion, Graph& graph) {
  return graph.AddAssertion(assertion.kind, assertion.a, assertion.b, assertion.id);
}

}  // namespace kintsugi::graph
