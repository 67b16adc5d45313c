#include "graph/add_evidence.h"

#include "format/stored_time.h"

namespace kintsugi::graph {

void SetIdentifiers(const ingest::Context& context, const ingest::PreparedRecord& record, stored::Record& row) {
  row.clear_identifiers();
  for (size_t i = 0; i + 1 < record.identifiers.size(); ++i) {  // the last is the record's own
    auto* identifier = row.add_identifiers();
    identifier->set_ns(context.catalog.number(record.identifiers[i].ns));
    identifier->set_value(record.identifiers[i].value);
  }
}

absl::Status AddEvidence(const stored::Record& row, ingest::PreparedRecord record, Graph& graph) {
  const Sighting sighting{record.source, format::FirstVersionOf(row), record.version, 1};
  if (auto status = graph.AddSighting(record.identifiers, sighting); !status.ok()) return status;
  return graph.SetObservations(record.identifiers.back(), std::move(record.observations));
}

absl::Status AddEvidence(const ingest::PreparedEvent& event, Graph& graph) {
  const Sighting sighting{event.source, event.time, event.time, 1};
  if (auto status = graph.AddSighting(event.identifiers, sighting); !status.ok()) return status;
  return graph.AddObservations(event.identifiers.front(), event.observations);
}

absl::Status AddEvidence(const ingest::PreparedAssertion& assertion, Graph& graph) {
  return graph.AddAssertion(assertion.kind, assertion.a, assertion.b, assertion.id);
}

}  // namespace kintsugi::graph
