#include "kintsugi/value.h"

#include <fmt/format.h>

#include <chrono>

namespace kintsugi {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

constexpr Time kEarliest = sys_days(std::chrono::year(1) / 1 / 1);
constexpr Time kEnd = sys_days(std::chrono::year(10000) / 1 / 1);

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// Reads a text from left to right. Each method takes what it names, or takes nothing and says so.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }

  // Takes one character of `choice`, which is then in `*taken`.
  bool OneOf(std::string_view choice, char* taken = nullptr) {
    if (rest_.empty() || choice.find(rest_[0]) == std::string_view::npos) return false;
    if (taken != nullptr) *taken = rest_[0];
    rest_.remove_prefix(1);
    return true;
  }

  // Takes exactly `width` digits that make a number of at most `max`.
  bool Number(size_t width, int max, int& number) {
    if (rest_.size() < width) return false;
    int value = 0;
    for (const char c : rest_.substr(0, width)) {
      if (!IsDigit(c)) return false;
      value = value * 10 + (c - '0');
    }
    if (value > max) return false;
    rest_.remove_prefix(width);
    number = value;
    return true;
  }

  // Takes one or more digits as a fraction of a second.
  bool Fraction(microseconds& fraction) {
    if (rest_.empty() || !IsDigit(rest_[0])) return false;
    for (microseconds unit{100'000}; !rest_.empty() && IsDigit(rest_[0]); unit /= 10, rest_.remove_prefix(1)) {
      fraction += unit * (rest_[0] - '0');
    }
    return true;
  }

 private:
  std::string_view rest_;
};

std::optional<Time> ParseDate(Scanner& scan) {
  int year, month, day;
  if (!scan.Number(4, 9999, year) || !scan.OneOf("-")) return std::nullopt;
  if (!scan.Number(2, 12, month) || !scan.OneOf("-") || !scan.Number(2, 31, day)) return std::nullopt;
  const year_month_day date{std::chrono::year(year), std::chrono::month(month), std::chrono::day(day)};
  if (!date.ok()) return std::nullopt;
  return sys_days(date);
}

// A leap second (":60") is refused: it has no instant of its own in the scale that Time counts in.
std::optional<microseconds> ParseTimeOfDay(Scanner& scan) {
  int hour, minute, second;
  if (!scan.Number(2, 23, hour) || !scan.OneOf(":")) return std::nullopt;
  if (!scan.Number(2, 59, minute) || !scan.OneOf(":") || !scan.Number(2, 59, second)) return std::nullopt;
  microseconds fraction{0};
  if (scan.OneOf(".") && !scan.Fraction(fraction)) return std::nullopt;
  return hours(hour) + minutes(minute) + seconds(second) + fraction;
}

// How far the zone's clocks are ahead of UTC; no zone is UTC.
std::optional<minutes> ParseZone(Scanner& scan) {
  if (scan.done() || scan.OneOf("Zz")) return minutes(0);
  char sign;
  int hour, minute;
  if (!scan.OneOf("+-", &sign) || !scan.Number(2, 23, hour)) return std::nullopt;
  if (!scan.OneOf(":") || !scan.Number(2, 59, minute)) return std::nullopt;
  const minutes ahead = hours(hour) + minutes(minute);
  return sign == '-' ? -ahead : ahead;
}

std::string FormatFraction(microseconds fraction) {
  const auto count = fraction.count();
  if (count == 0) return "";
  return count % 1000 == 0 ? fmt::format(".{:03}", count / 1000) : fmt::format(".{:06}", count);
}

bool InRange(Time time) {
  return time >= kEarliest && time < kEnd;
}

}  // namespace

std::optional<Time> ParseTime(std::string_view text) {
  Scanner scan(text);
  const auto date = ParseDate(scan);
  if (!date) return std::nullopt;
  if (scan.done()) return InRange(*date) ? date : std::nullopt;

  if (!scan.OneOf("Tt ")) return std::nullopt;
  const auto time_of_day = ParseTimeOfDay(scan);
  if (!time_of_day) return std::nullopt;
  const auto ahead = ParseZone(scan);
  if (!ahead || !scan.done()) return std::nullopt;
  const Time time = *date + *time_of_day - *ahead;
  return InRange(time) ? std::optional(time) : std::nullopt;
}

std::string FormatTime(std::optional<Time> time) {
  if (!time || !InRange(*time)) return "";
  const sys_days midnight = std::chrono::floor<days>(*time);
  const year_month_day date(midnight);
  const std::chrono::hh_mm_ss clock(*time - midnight);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}{}Z", int{date.year()}, unsigned{date.month()},
                     unsigned{date.day()}, clock.hours().count(), clock.minutes().count(), clock.seconds().count(),
                     FormatFraction(clock.subseconds()));
}

}  // namespace kintsugi
