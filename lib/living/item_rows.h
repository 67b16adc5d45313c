// Items as they are stored.

#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "format/family.h"
#include "ingest/prepare.h"
#include "living/item.h"

namespace kintsugi::living {

// Those that hold items: evidence, and records that are items.
inline constexpr format::Family kItemFamilies[] = {format::Family::kEvents, format::Family::kItems};

// A row of one of them. kDataLoss if it is damaged.
absl::Status ReadItem(const ingest::Preparer& preparer, format::Family family, std::string_view key,
                      std::string_view row, Item& item);

}  // namespace kintsugi::living
