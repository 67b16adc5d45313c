// Entries of the feed as bytes. docs/data_layout.md, "feed".

#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "kintsugi/feed.h"
#include "living/feed.h"

namespace kintsugi::living {

std::string EncodeFeedRow(const Told& told, Time recorded_at);

// What such a row says, under its sequence. False if it is damaged.
bool DecodeFeedRow(std::string_view row, uint64_t sequence, FeedEntry& out);
// The time alone.
bool DecodeFeedTime(std::string_view row, Time& out);

// The entry that the row of this is.
FeedEntry ToEntry(const Told& told, uint64_t sequence, Time recorded_at);

}  // namespace kintsugi::living
