// What a tally of values says: most_frequent, values and top.

#pragma once

#include <cstdint>
#include <optional>

#include "kintsugi/living.h"
#include "kintsugi/value.h"
#include "living/tally.h"

namespace kintsugi::living {

// At most `limit` values, at least 1; of kMostFrequent the first. Nothing: absent. Values stand in the order of a
// text's own bytes and of the bytes of any other value's JSON text (10 is before 9, and "10" comes after 10). Cost: a
// sort of the values.
std::optional<Value> ListOf(const Tally& tally, TraitKind kind, uint32_t limit);

}  // namespace kintsugi::living
