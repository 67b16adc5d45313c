// What a loyalty program must hold beyond its grammar.

#pragma once

#include <string_view>
#include <vector>

#include "kintsugi/living.h"
#include "schema/validate.h"
#include "schema/validate_filter.h"

namespace kintsugi::schema {

inline constexpr std::string_view kPointsPerWithoutOf =
    "points_per is for each unit of what an item says: add `of: …` instead of `points`, or remove it";

// Adds what is wrong with it to `problems`, to which `filters` adds, too.
void FindLoyaltyProblems(const Loyalty& loyalty, FilterCheck& filters, std::vector<Problem>& problems);

}  // namespace kintsugi::schema
