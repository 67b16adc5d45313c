// Times, JSON and CSV as the channels write them.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace shop {

using Seconds = int64_t;  // since 1970-01-01T00:00:00Z

inline constexpr Seconds kMinute = 60;
inline constexpr Seconds kHour = 60 * kMinute;
inline constexpr Seconds kDay = 24 * kHour;

inline constexpr Seconds kBegin = 1735689600;   // 2025-01-01T00:00:00Z
inline constexpr Seconds kEnd = 1782864000;     // 2026-07-01T00:00:00Z
inline constexpr Seconds kStream = 1781568000;  // 2026-06-16T00:00:00Z: web events from here on come live

// "2026-03-01T10:00:00Z"
std::string Rfc3339(Seconds time);

// One JSON object, fields in the order of the calls. Text must be UTF-8.
class Json {
 public:
  Json& Add(std::string_view key, std::string_view text);
  Json& Add(std::string_view key, const Json& object);
  Json& AddMoney(std::string_view key, int64_t cents);
  Json& AddList(std::string_view key, const std::vector<std::string>& texts);
  Json& AddObjects(std::string_view key, const std::vector<Json>& objects);
  std::string Text() const { return "{" + fields_ + "}"; }

 private:
  void AddRaw(std::string_view key, std::string_view json);
  std::string fields_;
};

// One CSV row (RFC 4180): cells with a comma, quote, line break or outer space are quoted.
std::string CsvRow(const std::vector<std::string>& cells);

}  // namespace shop
