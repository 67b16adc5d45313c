// Reading times. Formatting is public: kintsugi::FormatTime.

#pragma once

#include <optional>
#include <string_view>

#include "kintsugi/value.h"

namespace kintsugi {

// RFC 3339 ("2026-03-01T10:00:00.123Z", "…+02:00"), the same with a space for the T, without a zone
// (taken as UTC) or without a time of day ("2026-03-01": midnight). Fractions beyond microseconds are
// cut. Nothing for any other text, for a day that does not exist, and outside years 1 to 9999.
std::optional<Time> ParseTime(std::string_view text);

}  // namespace kintsugi
