// Times inside the library: what nobody knows has a place in the order, so that min and max need no special case.
// Callers say and are told std::optional<Time>; these functions stand at the border.

#pragma once

#include <optional>

#include "kintsugi/value.h"

namespace kintsugi {

// Of evidence that came without a time: as a first sighting it is later than every known time, and as a last sighting
// earlier.
inline constexpr Time kNeverFirst = Time::max();
inline constexpr Time kNeverLast = Time::min();

constexpr bool IsKnown(Time time) {
  return time != kNeverFirst && time != kNeverLast;
}

// For callers.
constexpr std::optional<Time> Known(Time time) {
  return IsKnown(time) ? std::optional(time) : std::nullopt;
}

// From callers.
constexpr Time OrNeverFirst(std::optional<Time> time) {
  return time && IsKnown(*time) ? *time : kNeverFirst;
}
constexpr Time OrNeverLast(std::optional<Time> time) {
  return time && IsKnown(*time) ? *time : kNeverLast;
}

}  // namespace kintsugi
