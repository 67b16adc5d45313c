#include "reference/living_items.h"

#include <algorithm>
#include <set>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "reference/living_values.h"

namespace kintsugi::testing {
namespace {

using living::Item;

bool IsAmong(const std::string& name, const std::vector<std::string>& names) {
  return names.empty() || std::find(names.begin(), names.end(), name) != names.end();
}

// `activity` has the names that conditions may use; null: none.
bool Passes(const Schema& schema, const Activity* activity, const ItemFilter& filter, const Item& item) {
  if (!IsAmong(item.name, filter.events)) return false;
  if (!IsAmong(schema.sources[item.source].name, filter.sources)) return false;
  return std::all_of(filter.where.begin(), filter.where.end(), [&](const Condition& condition) {
    return Holds(condition, ValuesOf(schema, activity, condition.property, item));
  });
}

// Items of the trait's activity, or else all.
std::vector<Item> Candidates(const Person& person, const Activity* activity) {
  return activity == nullptr ? person.items : ItemsOf(person, *activity);
}

bool IsIn(const SlidingWindow& window, Time time, std::optional<Time> now) {
  if (!now) return window.until_hours == 0;
  if (time <= *now - Hours(window.age_hours)) return false;
  return window.until_hours == 0 || time <= *now - Hours(window.until_hours);
}

// absl::FromChrono counts nanoseconds, and so ends in the year 2262.
absl::Time Instant(Time time) {
  return absl::FromUnixMicros(time.time_since_epoch().count());
}

absl::Weekday FirstWeekday(Weekday weekday) {
  switch (weekday) {
    case Weekday::kMonday:
      return absl::Weekday::monday;
    case Weekday::kTuesday:
      return absl::Weekday::tuesday;
    case Weekday::kWednesday:
      return absl::Weekday::wednesday;
    case Weekday::kThursday:
      return absl::Weekday::thursday;
    case Weekday::kFriday:
      return absl::Weekday::friday;
    case Weekday::kSaturday:
      return absl::Weekday::saturday;
    case Weekday::kSunday:
      return absl::Weekday::sunday;
  }
  return absl::Weekday::monday;
}

// The first day of the period that holds the day, or of the back-th before it (after it, if negative).
absl::CivilDay FirstDay(CalendarUnit unit, absl::Weekday week_starts, absl::CivilDay day, int64_t back) {
  switch (unit) {
    case CalendarUnit::kDay:
      return day - back;
    case CalendarUnit::kWeek:
      return absl::PrevWeekday(day + 1, week_starts) - 7 * back;
    case CalendarUnit::kMonth:
      return absl::CivilDay(absl::CivilMonth(day) - back);
    case CalendarUnit::kQuarter:
      return absl::CivilDay(absl::CivilMonth(day) - (day.month() - 1) % 3 - 3 * back);
    case CalendarUnit::kYear:
      return absl::CivilDay(absl::CivilYear(day) - back);
  }
  return day;
}

bool IsIn(const CalendarWindow& window, const Calendar& calendar, Time time, std::optional<Time> now) {
  if (!now) return false;
  absl::TimeZone zone;
  absl::LoadTimeZone(calendar.zone, &zone);
  const absl::CivilDay today = absl::ToCivilDay(Instant(*now), zone);
  const absl::Weekday week_starts = FirstWeekday(calendar.week_starts);
  // The first instant of a day, also where it does not begin at midnight.
  const auto start = [&](int64_t back) {
    return absl::FromCivil(FirstDay(window.unit, week_starts, today, back), zone);
  };
  if (Instant(time) < start(window.back)) return false;
  return window.back == 0 || Instant(time) < start(int64_t{window.back} - 1);
}

bool IsInWindow(const Person& person, const Trait& trait, Time time) {
  if (trait.sliding && !IsIn(*trait.sliding, time, person.now)) return false;
  return !trait.calendar || IsIn(*trait.calendar, person.schema.calendar, time, person.now);
}

}  // namespace

Time::duration Hours(uint32_t hours) {
  constexpr uint32_t kTenThousandYears = 10'000 * 366 * 24;
  return std::chrono::hours(std::min(hours, kTenThousandYears));
}

const Activity* FindActivity(const Schema& schema, const std::string& name) {
  for (const Activity& activity : schema.activities) {
    if (activity.name == name) return &activity;
  }
  return nullptr;
}

std::vector<Item> ItemsOf(const Person& person, const Activity& activity) {
  std::vector<Item> out;
  std::set<std::string> seen;  // values of once_per
  for (const Item& item : person.items) {
    if (!Passes(person.schema, &activity, activity.items, item)) continue;
    if (!activity.once_per.empty()) {
      const auto values = ValuesOf(person.schema, &activity, activity.once_per, item);
      if (!values.empty() && !seen.insert(values.front().json).second) continue;
    }
    out.push_back(item);
  }
  return out;
}

std::vector<Item> ItemsOf(const Person& person, const Trait& trait) {
  const Activity* activity = FindActivity(person.schema, trait.activity);
  std::vector<Item> out;
  for (const Item& item : Candidates(person, activity)) {
    if (Passes(person.schema, activity, trait.items, item) && IsInWindow(person, trait, item.time)) out.push_back(item);
  }
  return out;
}

}  // namespace kintsugi::testing
