// From one partition of identifiers into profiles to another, as history tells it.

#pragma once

#include "admin/difference.h"
#include "graph/regroupings.h"
#include "ingest/context.h"

namespace kintsugi::admin {

// Which profiles became which, and who moved: of the identifiers that are in both, for the schema did it, as the only
// cause. What `context` does not declare is left out of who moved. Pure.
graph::Regroupings RegroupingsOf(const ingest::Context& context, const Partition& before, const Partition& after);

}  // namespace kintsugi::admin
