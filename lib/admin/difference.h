// The difference between two partitions. Pure.

#pragma once

#include <map>

#include "kintsugi/difference.h"

namespace kintsugi::admin {

// Which profile holds each identifier.
using Partition = std::map<Identifier, ProfileId>;

// Fills everything of a Difference that follows from the two partitions. O(n log n).
Difference Compare(const Partition& before, const Partition& after);

}  // namespace kintsugi::admin
