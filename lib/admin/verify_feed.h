// Checking the feed against the present.

#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "living/feed.h"
#include "store/store.h"

namespace kintsugi::admin {

// Adds to the differences, a line each: entries that are missing, damaged or impossible; and, if nothing of the feed
// was deleted, what a replay of it says of the present that is not so. Memory grows with the database.
absl::Status VerifyFeed(const living::FeedRules& rules, const store::Store& store,
                        std::vector<std::string>& differences);

}  // namespace kintsugi::admin
