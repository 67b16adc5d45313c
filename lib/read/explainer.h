// A part of the graph as it is stored, resolved once more and explained, as the methods of Engine of these names say.

#pragma once

#include "absl/status/statusor.h"
#include "ingest/context.h"
#include "kintsugi/explain.h"
#include "store/store.h"

namespace kintsugi::read {

absl::StatusOr<Why> ExplainWhy(const ingest::Context& context, const store::Store& store, const IdentifierView& a,
                               const IdentifierView& b);
absl::StatusOr<How> ExplainHow(const ingest::Context& context, const store::Store& store,
                               const IdentifierView& identifier);

}  // namespace kintsugi::read
