// Reading the feed.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kintsugi/feed.h"
#include "living/feed.h"
#include "store/store.h"

namespace kintsugi::read {

// As Engine::ReadFeed says.
absl::StatusOr<FeedPage> ReadFeed(const living::FeedRules& rules, const store::Store& store, const FeedQuery& query);

// As Engine::ForEachFeedSnapshotEntry says. `now`: when the entries are recorded.
absl::StatusOr<uint64_t> ForEachFeedSnapshotEntry(const living::FeedRules& rules, const store::Store& store, Time now,
                                                  const std::function<bool(const FeedEntry&)>& visit);

// As Engine::AcknowledgedBy and Engine::Acknowledge say. `path`: the database's directory.
absl::StatusOr<std::optional<uint64_t>> AcknowledgedBy(const store::Store& store, const std::string& path,
                                                       std::string_view consumer);
absl::Status Acknowledge(const store::Store& store, const std::string& path, std::string_view consumer,
                         uint64_t sequence);

}  // namespace kintsugi::read
