// Moving the database's clock.

#pragma once

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"
#include "base/time.h"
#include "format/stored.pb.h"
#include "graph/row_sink.h"
#include "ingest/context.h"
#include "living/rules.h"
#include "store/store.h"

namespace kintsugi::write {

// So many golden records are computed anew at a time: somebody who writes meanwhile waits for that long.
inline constexpr size_t kMostDue = 250;

// Computes the traits of profiles that are due by the counters' `now` anew, at most kMostDue, and counts what becomes
// approximate by it. True if none is left. `swept_to`: the row of `due` before which none is, so that those which are
// gone need not be passed over, also if all were due at one instant; it becomes the last that was found.
absl::StatusOr<bool> RefreshDue(const ingest::Context& context, const living::Rules& rules, const store::Store& store,
                                stored::Counters& counters, std::string& swept_to, graph::RowSink& sink);

// Whether something is due that an Advance, which was interrupted, has left.
absl::StatusOr<bool> IsAnythingDue(const store::Store& store, Time now,
                                   const store::Store::Snapshot* snapshot = nullptr);

}  // namespace kintsugi::write
