#include "normalize/date.h"

#include <fmt/format.h>

#include "kintsugi/value.h"

namespace kintsugi::normalize {
namespace {

constexpr size_t kIsoDateBytes = 10;

bool AllDigits(std::string_view text) {
  return text.find_first_not_of("0123456789") == std::string_view::npos;
}

// Checks that the parts, of digits only, are a day of the calendar.
std::optional<std::string> Day(std::string_view year, std::string_view month, std::string_view day) {
  if (!AllDigits(year) || !AllDigits(month) || !AllDigits(day)) return std::nullopt;
  std::string iso = fmt::format("{}-{:0>2}-{:0>2}", year, month, day);
  if (iso.size() != kIsoDateBytes || !ParseTime(iso)) return std::nullopt;
  return iso;
}

// "1956/4/9": four digits, then one or two, twice, with the same separator between.
std::optional<std::string> YearFirst(std::string_view text) {
  if (text.size() < 8) return std::nullopt;
  const char separator = text[4];
  if (separator != '-' && separator != '/' && separator != '.') return std::nullopt;
  const size_t second = text.find(separator, 5);
  if (second == 5 || second == std::string_view::npos || second + 1 == text.size()) return std::nullopt;
  return Day(text.substr(0, 4), text.substr(5, second - 5), text.substr(second + 1));
}

}  // namespace

std::optional<std::string> NormalizeDate(std::string_view text) {
  if (text.size() > kIsoDateBytes) {
    if (!ParseTime(text)) return std::nullopt;
    return std::string(text.substr(0, kIsoDateBytes));
  }
  if (text.size() == 8 && AllDigits(text)) return Day(text.substr(0, 4), text.substr(4, 2), text.substr(6));
  return YearFirst(text);
}

}  // namespace kintsugi::normalize
