// Attribute values and times.

#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "kintsugi/export.h"

namespace kintsugi {

// An instant in UTC, in microseconds, from year 1 to year 9999. Where it may be unknown it is a std::optional<Time>.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

// A null says that a source takes its value back. It is different from an absent value.
struct Null {
  friend auto operator<=>(const Null&, const Null&) = default;
};

// An array or object, kept as compact JSON text.
struct Json {
  std::string text;
  friend auto operator<=>(const Json&, const Json&) = default;
};

// What an attribute, trait or property holds.
using Value = std::variant<Null, bool, int64_t, double, std::string, Json>;

// The same, read in place: its text is somebody else's, and reading it allocates nothing.
struct JsonView {
  std::string_view text;
  friend auto operator<=>(const JsonView&, const JsonView&) = default;
};
using ValueView = std::variant<Null, bool, int64_t, double, std::string_view, JsonView>;

// The view is valid as long as `value` is and does not change.
KINTSUGI_EXPORT ValueView ToView(const Value& value);
// A copy that owns its text.
KINTSUGI_EXPORT Value ToValue(const ValueView& view);

// As JSON text: strings quoted and escaped, numbers in their shortest form, null for a Null.
KINTSUGI_EXPORT std::string ToJson(const Value& value);
KINTSUGI_EXPORT std::string ViewToJson(const ValueView& view);

// A name and a value; in a list the last of equal names counts.
using NamedValue = std::pair<std::string, Value>;

// "2026-03-01T10:00:00Z", with as many digits of a fraction as are needed (none, 3 or 6).
// An unknown time is the empty string.
KINTSUGI_EXPORT std::string FormatTime(std::optional<Time> time);

// RFC 3339 ("2026-03-01T10:00:00.123Z", "…+02:00"), the same with a space for the T, without a zone
// (taken as UTC) or without a time of day ("2026-03-01": midnight). Fractions beyond microseconds are
// cut. Nothing for any other text, for a day that does not exist, and outside years 1 to 9999.
KINTSUGI_EXPORT std::optional<Time> ParseTime(std::string_view text);
// How to write a time, for messages about one that cannot be read.
inline constexpr std::string_view kTimeForms = "2026-01-31T10:00:00Z, 2026-01-31 10:00:00 (UTC) or 2026-01-31";

}  // namespace kintsugi
