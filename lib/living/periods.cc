#include "living/periods.h"

#include <unicode/basictz.h>
#include <unicode/timezone.h>
#include <unicode/tztrans.h>
#include <unicode/unistr.h>

#include <algorithm>
#include <chrono>
#include <vector>

namespace kintsugi::living {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::milliseconds;
using std::chrono::year;
using LocalTime = std::chrono::local_time<Time::duration>;

constexpr Time kFirst = std::chrono::sys_days(year(1) / 1 / 1);
constexpr Time kLast = std::chrono::sys_days(year(10000) / 1 / 1) - Time::duration(1);
// Before the first day of year 1 in every zone.
constexpr local_days kFirstDay(year(0) / 1 / 1);

// The rules that a zone has for the future stand for ever, and go by a calendar that repeats itself, weekdays included.
// So what a zone does is kept until one such cycle has passed under those rules alone.
constexpr days kCycle(146'097);
constexpr local_days kCycleBegin(year(2100) / 1 / 1);
constexpr local_days kCycleEnd = kCycleBegin + kCycle;
constexpr Time kKeptEnd = Time((kCycleEnd + days(2)).time_since_epoch());

icu::UnicodeString ToIcu(std::string_view name) {
  return icu::UnicodeString::fromUTF8(icu::StringPiece(name.data(), static_cast<int32_t>(name.size())));
}

UDate ToIcu(Time time) {
  return static_cast<UDate>(std::chrono::floor<milliseconds>(time).time_since_epoch().count());
}

// A time during which a zone's clocks are ahead of UTC by one offset. It ends where the next one begins.
struct Stretch {
  Time begin;
  milliseconds ahead;
  LocalTime shown;  // before this were all the times that clocks have shown when it ends
};

// How far clocks are ahead of UTC from that instant on.
milliseconds AheadAt(const icu::TimeZone& zone, UDate time) {
  int32_t standard = 0;
  int32_t saving = 0;
  UErrorCode status = U_ZERO_ERROR;
  zone.getOffset(time, false, standard, saving, status);
  return milliseconds(standard) + milliseconds(saving);
}

std::vector<Stretch> StretchesOf(std::string_view name) {
  const std::unique_ptr<const icu::TimeZone> zone(icu::TimeZone::createTimeZone(ToIcu(name)));
  UDate at = ToIcu(kFirst - kCycle);
  std::vector<Stretch> stretches = {{Time::min(), AheadAt(*zone, at), LocalTime::min()}};
  // All that ICU makes by name are of this class, the only one that tells when offsets change.
  const auto* basic = dynamic_cast<const icu::BasicTimeZone*>(zone.get());
  icu::TimeZoneTransition next;
  while (basic != nullptr && basic->getNextTransition(at, false, next) && next.getTime() < ToIcu(kKeptEnd)) {
    at = next.getTime();
    const Time begin(milliseconds(static_cast<int64_t>(at)));
    Stretch& last = stretches.back();
    last.shown = std::max(last.shown, LocalTime(begin.time_since_epoch() + last.ahead));
    const LocalTime shown = last.shown;
    stretches.push_back({begin, AheadAt(*zone, at), shown});
  }
  stretches.back().shown = LocalTime::max();
  return stretches;
}

// The first day of a period of so many months, the `steps`-th after the one that has the day.
local_days FirstOfMonths(int64_t count, local_days day, int64_t steps) {
  const std::chrono::year_month_day date(day);
  const int64_t months = int64_t{int{date.year()}} * 12 + unsigned{date.month()} - 1;
  const int64_t first = std::max<int64_t>(months - months % count + steps * count, 0);
  const auto month = std::chrono::month(static_cast<unsigned>(first % 12 + 1));
  return local_days(year(static_cast<int>(first / 12)) / month / 1);
}

// Likewise, of any period. No day is before kFirstDay.
local_days FirstDay(CalendarUnit unit, Weekday week_starts, local_days day, int64_t steps) {
  switch (unit) {
    case CalendarUnit::kDay:
      return std::max(day + days(steps), kFirstDay);
    case CalendarUnit::kWeek: {
      const std::chrono::weekday first(static_cast<unsigned>(week_starts) + 1);  // where 0 and 7 are Sunday
      return std::max(day - (std::chrono::weekday(day) - first) + days(7 * steps), kFirstDay);
    }
    case CalendarUnit::kMonth:
      return FirstOfMonths(1, day, steps);
    case CalendarUnit::kQuarter:
      return FirstOfMonths(3, day, steps);
    case CalendarUnit::kYear:
      break;
  }
  return FirstOfMonths(12, day, steps);
}

}  // namespace

std::string ZoneRelease() {
  UErrorCode status = U_ZERO_ERROR;
  const char* release = icu::TimeZone::getTZDataVersion(status);
  return U_SUCCESS(status) ? release : "";
}

// All that is asked of a zone is when its days begin: that is enough to know which day it is.
struct Periods::Zone {
  std::vector<Stretch> stretches;  // in order of time

  // The first instant at which clocks have shown the day's midnight or, where there is none, a later time.
  Time BeginOf(local_days day) const {
    const auto cycles = day < kCycleEnd ? 0 : (day - kCycleBegin) / kCycle;
    const LocalTime midnight = day - cycles * kCycle;
    const auto shows_later = [](LocalTime time, const Stretch& stretch) { return time < stretch.shown; };
    const auto stretch = std::upper_bound(stretches.begin(), stretches.end(), midnight, shows_later);
    const Time begin = std::max(stretch->begin, Time(midnight.time_since_epoch() - stretch->ahead));
    return std::max(begin + cycles * kCycle, kFirst);
  }

  local_days DayOf(Time time) const {
    local_days day(std::chrono::floor<days>(time).time_since_epoch());
    while (BeginOf(day) > time) day -= days(1);
    while (BeginOf(day + days(1)) <= time) day += days(1);
    return day;
  }
};

Periods::Periods(const Calendar& calendar)
    : zone_(std::make_unique<const Zone>(Zone{StretchesOf(calendar.zone)})), week_starts_(calendar.week_starts) {}
Periods::~Periods() = default;
Periods::Periods(Periods&&) noexcept = default;
Periods& Periods::operator=(Periods&&) noexcept = default;

Periods::Period Periods::Of(CalendarUnit unit, Time now, uint32_t back) const {
  const local_days today = zone_->DayOf(std::clamp(now, kFirst, kLast));
  const int64_t steps = -int64_t{back};
  return {zone_->BeginOf(FirstDay(unit, week_starts_, today, steps)),
          zone_->BeginOf(FirstDay(unit, week_starts_, today, steps + 1))};
}

}  // namespace kintsugi::living
