// Traits under another release of the time zone data.

#pragma once

#include <functional>

#include "absl/status/status.h"
#include "admin/database.h"
#include "kintsugi/value.h"

namespace kintsugi::admin {

// If the schema has windows of a calendar, and they were told with another release of the time zone data: tells all
// traits anew from the items, as of the database's clock, and notes the release when that is done. What breaks off is
// begun again by whoever opens the database next, with whatever release. Does nothing if the database is only read.
//
// In batches of write::kMostDue profiles. Cost: that of all items; else none. Nobody else may write meanwhile. Errors:
// the store's, kDataLoss. `clock` says when the feed was told.
absl::Status RecountUnderOtherZones(Database& database, const std::function<Time()>& clock);

}  // namespace kintsugi::admin
