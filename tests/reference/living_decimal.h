// Decimals of six places, by way of digits as one writes them on paper.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kintsugi::testing {

using Millionths = __int128;

// The number that a JSON text spells, rounded half to even. Nothing for what is no number, and for numbers of more
// than 32 digits before the point, which 128 bits cannot hold.
std::optional<Millionths> MillionthsOf(std::string_view json);

// Whether a number is at most 10^19 or, if negative, at least -10^19. The page says that there is a bound, not which.
// What is beyond it is not there in an item, and absent as a ratio; sums and what is made of them may go beyond it.
bool IsInBounds(Millionths number);

// a / b, rounded half to even; b is not 0, and the result has at most 32 digits before the point.
Millionths Quotient(Millionths a, Millionths b);

// "-27.5": without exponent or trailing zeros.
std::string TextOf(Millionths number);

}  // namespace kintsugi::testing
