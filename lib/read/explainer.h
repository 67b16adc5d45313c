// A part of the graph as it is stored, resolved once more and explained, as the methods of Engine of these names say.
// All of it is of one moment: that of the rows.

#pragma once

#include "absl/status/statusor.h"
#include "graph/evidence_source.h"
#include "ingest/context.h"
#include "kintsugi/explain.h"
#include "store/store.h"

namespace kintsugi::read {

// What an explanation is made from. The references outlive the call.
struct Explained {
  const graph::EvidenceSource& graph;       // its rows
  const graph::EvidenceSource& assertions;  // where `assertions` are, at least those that stand
};

absl::StatusOr<Why> ExplainWhy(const ingest::Context& context, const Explained& rows, const IdentifierView& a,
                               const IdentifierView& b);
absl::StatusOr<Why> ExplainWhy(const ingest::Context& context, const store::Store& store, const IdentifierView& a,
                               const IdentifierView& b);
absl::StatusOr<How> ExplainHow(const ingest::Context& context, const store::Store& store,
                               const IdentifierView& identifier);

}  // namespace kintsugi::read
