// Prepared evidence, on its way into a graph.

#pragma once

#include "absl/status/status.h"
#include "format/stored.pb.h"
#include "graph/graph.h"
#include "ingest/assertion.h"
#include "ingest/context.h"
#include "ingest/prepare.h"

namespace kintsugi::graph {

// What a record's newest version says, with the times of all its versions, as its row has them.
absl::Status AddEvidence(const stored::Record& row, ingest::PreparedRecord record, Graph& graph);
absl::Status AddEvidence(const ingest::PreparedEvent& event, Graph& graph);
absl::Status AddEvidence(const ingest::PreparedAssertion& assertion, Graph& graph);

}  // namespace kintsugi::graph
