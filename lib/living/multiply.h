// Products of decimals.

#pragma once

#include <optional>

#include "living/decimal.h"

namespace kintsugi::living {

// Rounded half to even. Nothing if the product is beyond kMost.
std::optional<Decimal> Times(Decimal a, Decimal b);

// The whole part of the product of two that are not negative: exact, for nothing is rounded before it is cut. Nothing
// if the product is beyond kMost.
std::optional<Decimal> WholeTimes(Decimal a, Decimal b);

}  // namespace kintsugi::living
