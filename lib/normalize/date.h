// Dates of birth and the like.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kintsugi::normalize {

// The calendar day that `text` names, as "1956-04-09". Pure; a normalised date gives itself.
//
//   "1956-04-09", "1956/4/9", "1956.04.09"   → "1956-04-09"  (a year in front is followed by the month)
//   "19560409"                               → "1956-04-09"
//   "1956-04-09T23:30:00Z", "…+02:00"        → "1956-04-09"  (the day as written: no change of zone)
//   "04/09/1956", "9.4.1956", "09-APR-56"    → nothing
//   a day that does not exist                → nothing
//
// A date with the year at its end is refused even where one reading is impossible ("25/12/1956"): such a
// source has readable and ambiguous rows mixed, and a guess would be wrong in half of the latter.
std::optional<std::string> NormalizeDate(std::string_view text);

}  // namespace kintsugi::normalize
