// Prepared evidence, on its way into a graph.

#pragma once

#include "absl/status/status.h"
#include "format/stored.pb.h"
#include "graph/graph.h"
#include "ingest/context.h"
#include "ingest/prepare.h"
#include "write/apply.h"

namespace kintsugi::write {

// Notes the identifiers of a record with its row.
void SetIdentifiers(const ingest::Context& context, const ingest::PreparedRecord& record, stored::Record& row);

// What a record's newest version says, with the times of all its versions, as its row has them.
absl::Status AddToGraph(const stored::Record& row, ingest::PreparedRecord record, graph::Graph& graph);
absl::Status AddToGraph(const ingest::PreparedEvent& event, graph::Graph& graph);
absl::Status AddToGraph(const PreparedAssertion& assertion, graph::Graph& graph);

}  // namespace kintsugi::write
