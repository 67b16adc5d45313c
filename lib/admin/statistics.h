// What a database holds, in numbers.

#pragma once

#include "absl/status/statusor.h"
#include "format/stored.pb.h"
#include "ingest/context.h"
#include "kintsugi/stats.h"
#include "store/store.h"

namespace kintsugi::admin {

// What the counters tell; disk and memory are the caller's.
Stats StatsOf(const ingest::Context& context, const stored::Counters& counters);

// As Engine::GetIdentityStats says: a walk over all components.
absl::StatusOr<IdentityStats> IdentityStatsOf(const ingest::Context& context, const store::Store& store,
                                              const stored::Counters& counters, size_t most);

}  // namespace kintsugi::admin
