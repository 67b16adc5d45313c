#include "living/periods.h"

#include <rapidcheck.h>
#include <unicode/timezone.h>

#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/time.h"
#include "catch.h"

namespace kintsugi::living {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::seconds;

Time At(std::string_view text) {
  return ParseTime(text).value();
}

Periods In(std::string zone, Weekday week_starts = Weekday::kMonday) {
  return Periods({.zone = std::move(zone), .week_starts = week_starts});
}

std::string Text(const Periods::Period& period) {
  return FormatTime(period.begin) + " " + FormatTime(period.end);
}

std::string DayOf(std::string zone, std::string_view now, uint32_t back = 0) {
  return Text(In(std::move(zone)).Of(CalendarUnit::kDay, At(now), back));
}

constexpr CalendarUnit kUnits[] = {CalendarUnit::kDay, CalendarUnit::kWeek, CalendarUnit::kMonth,
                                   CalendarUnit::kQuarter, CalendarUnit::kYear};
const std::vector<std::string> kZones = {
    "UTC",          "Europe/Berlin",     "America/New_York", "America/Sao_Paulo",    "Pacific/Apia",
    "Asia/Kolkata", "Pacific/Kwajalein", "America/Juneau",   "America/St_Johns",     "Asia/Manila",
    "Africa/Cairo", "Africa/Casablanca", "America/Toronto",  "Australia/Lord_Howe",  "Pacific/Kiritimati",
    "Asia/Tehran",  "Antarctica/Troll",  "Europe/Dublin",    "America/Scoresbysund", "Asia/Gaza",
};

// The date that clocks in the zone show, from the definition.
class Clock {
 public:
  explicit Clock(const std::string& zone) : zone_(icu::TimeZone::createTimeZone(icu::UnicodeString::fromUTF8(zone))) {}

  std::chrono::local_days DateAt(Time time) const {
    int32_t standard = 0, saving = 0;
    UErrorCode status = U_ZERO_ERROR;
    const auto ms = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch());
    zone_->getOffset(static_cast<UDate>(ms.count()), false, standard, saving, status);
    const std::chrono::local_time shown(ms + std::chrono::milliseconds(standard + saving));
    return std::chrono::floor<std::chrono::days>(shown);
  }

 private:
  std::unique_ptr<const icu::TimeZone> zone_;
};

}  // namespace

TEST_CASE("The release of the zones' data is a year and a letter", "[living]") {
  const std::string release = ZoneRelease();
  CAPTURE(release);
  REQUIRE(release.size() >= 5);
  CHECK(release.substr(0, 2) == "20");
  CHECK(release[4] >= 'a');
  CHECK(release[4] <= 'z');
}

TEST_CASE("A day begins at its zone's midnight", "[living]") {
  CHECK(DayOf("UTC", "2026-03-01T10:00:00Z") == "2026-03-01T00:00:00Z 2026-03-02T00:00:00Z");
  CHECK(DayOf("Europe/Berlin", "2026-03-01T10:00:00Z") == "2026-02-28T23:00:00Z 2026-03-01T23:00:00Z");
  CHECK(DayOf("Europe/Berlin", "2026-03-01T23:30:00Z") == "2026-03-01T23:00:00Z 2026-03-02T23:00:00Z");
  CHECK(DayOf("America/New_York", "2026-03-01T03:00:00Z") == "2026-02-28T05:00:00Z 2026-03-01T05:00:00Z");
  CHECK(DayOf("Asia/Kolkata", "2026-03-01T18:30:00Z") == "2026-03-01T18:30:00Z 2026-03-02T18:30:00Z");
  CHECK(DayOf("Pacific/Kiritimati", "2026-03-01T10:00:00Z") == "2026-03-01T10:00:00Z 2026-03-02T10:00:00Z");
}

TEST_CASE("A period has its first instant, and not the one at its end", "[living]") {
  const Periods periods = In("Europe/Berlin");
  const Time midnight = At("2026-02-28T23:00:00Z");
  CHECK(periods.Of(CalendarUnit::kDay, midnight).begin == midnight);
  CHECK(periods.Of(CalendarUnit::kDay, midnight - microseconds(1)).end == midnight);
  CHECK(periods.Of(CalendarUnit::kMonth, midnight).begin == midnight);
  CHECK(periods.Of(CalendarUnit::kMonth, midnight - microseconds(1)).end == midnight);
}

TEST_CASE("Days on which clocks are put forward or back have 23 and 25 hours", "[living]") {
  const Periods berlin = In("Europe/Berlin");
  const auto spring = berlin.Of(CalendarUnit::kDay, At("2026-03-29T12:00:00Z"));
  CHECK(Text(spring) == "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z");
  CHECK(spring.end - spring.begin == hours(23));
  const auto autumn = berlin.Of(CalendarUnit::kDay, At("2026-10-25T12:00:00Z"));
  CHECK(Text(autumn) == "2026-10-24T22:00:00Z 2026-10-25T23:00:00Z");
  CHECK(autumn.end - autumn.begin == hours(25));
  const auto lord_howe = In("Australia/Lord_Howe").Of(CalendarUnit::kDay, At("2026-04-05T00:00:00Z"));
  CHECK(lord_howe.end - lord_howe.begin == std::chrono::minutes(24 * 60 + 30));
  const auto troll = In("Antarctica/Troll").Of(CalendarUnit::kDay, At("2026-03-29T12:00:00Z"));
  CHECK(troll.end - troll.begin == hours(22));
}

TEST_CASE("A day without a midnight begins with the first instant after the gap", "[living]") {
  // In São Paulo clocks went from 23:59:59 to 01:00:00.
  const auto day = In("America/Sao_Paulo").Of(CalendarUnit::kDay, At("2018-11-04T12:00:00Z"));
  CHECK(Text(day) == "2018-11-04T03:00:00Z 2018-11-05T02:00:00Z");
  CHECK(DayOf("America/Sao_Paulo", "2018-11-04T02:59:59Z") == "2018-11-03T03:00:00Z 2018-11-04T03:00:00Z");
  // In Toronto in 1919 from 23:30 to 00:30 of the next day.
  CHECK(DayOf("America/Toronto", "1919-03-31T12:00:00Z") == "1919-03-31T04:30:00Z 1919-04-01T04:00:00Z");
}

TEST_CASE("A day with two midnights begins with the first", "[living]") {
  // In São Paulo clocks went from midnight back to 23:00: the day before is the longer one.
  CHECK(DayOf("America/Sao_Paulo", "2018-02-18T01:30:00Z") == "2018-02-17T02:00:00Z 2018-02-18T03:00:00Z");
  CHECK(DayOf("America/Sao_Paulo", "2018-02-18T02:30:00Z") == "2018-02-17T02:00:00Z 2018-02-18T03:00:00Z");
  // In St. John's from 00:01 to 23:01: the new day had begun, and goes on.
  const std::string seventh = "2010-11-07T02:30:00Z 2010-11-08T03:30:00Z";
  CHECK(DayOf("America/St_Johns", "2010-11-07T02:29:59Z") == "2010-11-06T02:30:00Z 2010-11-07T02:30:00Z");
  CHECK(DayOf("America/St_Johns", "2010-11-07T02:30:30Z") == seventh);
  CHECK(DayOf("America/St_Johns", "2010-11-07T02:45:00Z") == seventh);
  CHECK(DayOf("America/St_Johns", "2010-11-07T03:30:00Z") == seventh);
}

TEST_CASE("A day that a zone left out has no instant, and counts as a day", "[living]") {
  const std::string thirty_first = "2011-12-30T10:00:00Z 2011-12-31T10:00:00Z";
  CHECK(DayOf("Pacific/Apia", "2011-12-30T10:00:00Z") == thirty_first);
  CHECK(DayOf("Pacific/Apia", "2011-12-31T09:59:59Z") == thirty_first);
  CHECK(DayOf("Pacific/Apia", "2011-12-31T09:00:00Z", 1) == "2011-12-30T10:00:00Z 2011-12-30T10:00:00Z");
  CHECK(DayOf("Pacific/Apia", "2011-12-31T09:00:00Z", 2) == "2011-12-29T10:00:00Z 2011-12-30T10:00:00Z");
  CHECK(DayOf("Pacific/Apia", "2011-12-30T09:59:59Z") == "2011-12-29T10:00:00Z 2011-12-30T10:00:00Z");
  const auto month = In("Pacific/Apia").Of(CalendarUnit::kMonth, At("2011-12-15T00:00:00Z"));
  CHECK(month.end - month.begin == hours(30 * 24));
}

TEST_CASE("A day that a zone had twice is one day of 47 hours", "[living]") {
  // Kwajalein went 23 hours back at the midnight that ended the 30th, which it then saw again but for an hour.
  const std::string day = "1969-09-29T13:00:00Z 1969-10-01T12:00:00Z";
  for (const char* now :
       {"1969-09-29T13:00:00Z", "1969-09-30T12:59:59Z", "1969-09-30T13:00:00Z", "1969-10-01T11:59:59Z"}) {
    CAPTURE(now);
    CHECK(DayOf("Pacific/Kwajalein", now) == day);
  }
}

TEST_CASE("Weeks start on the weekday that the calendar says", "[living]") {
  const auto week = [](Weekday starts, std::string_view now, uint32_t back = 0) {
    return Text(In("UTC", starts).Of(CalendarUnit::kWeek, At(now), back));
  };
  // The first of March 2026 is a Sunday.
  const char* sunday = "2026-03-01T12:00:00Z";
  CHECK(week(Weekday::kMonday, sunday) == "2026-02-23T00:00:00Z 2026-03-02T00:00:00Z");
  CHECK(week(Weekday::kTuesday, sunday) == "2026-02-24T00:00:00Z 2026-03-03T00:00:00Z");
  CHECK(week(Weekday::kWednesday, sunday) == "2026-02-25T00:00:00Z 2026-03-04T00:00:00Z");
  CHECK(week(Weekday::kThursday, sunday) == "2026-02-26T00:00:00Z 2026-03-05T00:00:00Z");
  CHECK(week(Weekday::kFriday, sunday) == "2026-02-27T00:00:00Z 2026-03-06T00:00:00Z");
  CHECK(week(Weekday::kSaturday, sunday) == "2026-02-28T00:00:00Z 2026-03-07T00:00:00Z");
  CHECK(week(Weekday::kSunday, sunday) == "2026-03-01T00:00:00Z 2026-03-08T00:00:00Z");
  CHECK(week(Weekday::kSunday, "2026-02-28T23:59:59Z") == "2026-02-22T00:00:00Z 2026-03-01T00:00:00Z");
  CHECK(week(Weekday::kMonday, sunday, 9) == "2025-12-22T00:00:00Z 2025-12-29T00:00:00Z");
  // A week in which clocks change.
  const auto berlin = In("Europe/Berlin", Weekday::kSunday).Of(CalendarUnit::kWeek, At("2026-03-31T12:00:00Z"));
  CHECK(berlin.end - berlin.begin == hours(7 * 24 - 1));
}

TEST_CASE("Months, quarters and years are the calendar's", "[living]") {
  const Periods berlin = In("Europe/Berlin");
  const auto of = [&](CalendarUnit unit, std::string_view now, uint32_t back = 0) {
    return Text(berlin.Of(unit, At(now), back));
  };
  CHECK(of(CalendarUnit::kMonth, "2024-02-29T12:00:00Z") == "2024-01-31T23:00:00Z 2024-02-29T23:00:00Z");
  CHECK(of(CalendarUnit::kMonth, "2026-03-31T21:59:59Z", 1) == "2026-01-31T23:00:00Z 2026-02-28T23:00:00Z");
  CHECK(of(CalendarUnit::kMonth, "2026-03-31T22:00:00Z", 1) == "2026-02-28T23:00:00Z 2026-03-31T22:00:00Z");
  CHECK(of(CalendarUnit::kMonth, "2026-01-15T00:00:00Z", 13) == "2024-11-30T23:00:00Z 2024-12-31T23:00:00Z");
  CHECK(of(CalendarUnit::kQuarter, "2026-05-15T00:00:00Z") == "2026-03-31T22:00:00Z 2026-06-30T22:00:00Z");
  CHECK(of(CalendarUnit::kQuarter, "2026-05-15T00:00:00Z", 2) == "2025-09-30T22:00:00Z 2025-12-31T23:00:00Z");
  CHECK(of(CalendarUnit::kQuarter, "2026-12-31T22:59:59Z") == "2026-09-30T22:00:00Z 2026-12-31T23:00:00Z");
  CHECK(of(CalendarUnit::kYear, "2026-12-31T23:00:00Z") == "2026-12-31T23:00:00Z 2027-12-31T23:00:00Z");
  CHECK(of(CalendarUnit::kYear, "2026-12-31T22:59:59Z", 1) == "2024-12-31T23:00:00Z 2025-12-31T23:00:00Z");
}

TEST_CASE("Nothing begins before year 1", "[living]") {
  const Time first = At("0001-01-01T00:00:00Z");
  for (const std::string& zone : kZones) {
    CAPTURE(zone);
    const Periods periods = In(zone);
    for (const CalendarUnit unit : kUnits) {
      const auto present = periods.Of(unit, first);
      CHECK(present.begin == first);
      CHECK(present.end > first);
      for (const uint32_t back : {1'000'000u, std::numeric_limits<uint32_t>::max()}) {
        CHECK(periods.Of(unit, At("2026-03-01T00:00:00Z"), back).begin == first);
        CHECK(periods.Of(unit, first, back).end == first);
      }
    }
  }
  // New York's clocks still showed the last day of the year before.
  const std::string eve = "0001-01-01T00:00:00Z 0001-01-01T04:56:02Z";
  CHECK(DayOf("America/New_York", "0001-01-01T00:00:00Z") == eve);
  CHECK(Text(In("America/New_York").Of(CalendarUnit::kYear, At("0002-06-01"), 2)) == eve);
}

TEST_CASE("A million days and weeks back are counted exactly", "[living]") {
  const Periods utc = In("UTC");
  const Time now = At("9999-12-31T12:00:00Z");
  CHECK(Text(utc.Of(CalendarUnit::kDay, now, 1'000'000)) == "7262-02-02T00:00:00Z 7262-02-03T00:00:00Z");
  CHECK(Text(utc.Of(CalendarUnit::kWeek, now, 500'000)) == "0417-04-24T00:00:00Z 0417-05-01T00:00:00Z");
  CHECK(Text(utc.Of(CalendarUnit::kMonth, now, 100'000)) == "1666-08-01T00:00:00Z 1666-09-01T00:00:00Z");
  CHECK(Text(utc.Of(CalendarUnit::kQuarter, now, 30'000)) == "2499-10-01T00:00:00Z 2500-01-01T00:00:00Z");
}

TEST_CASE("The last periods end after the last time", "[living]") {
  const Time last = At("9999-12-31T23:59:59.999999Z");
  for (const std::string& zone : kZones) {
    CAPTURE(zone);
    const Periods periods = In(zone);
    for (const CalendarUnit unit : kUnits) {
      const auto period = periods.Of(unit, last);
      CHECK(period.begin <= last);
      CHECK(period.end > last);
      CHECK(period.end - period.begin <= hours(366 * 24 + 1));
    }
  }
  CHECK(In("UTC").Of(CalendarUnit::kYear, last).end == last + microseconds(1));
}

TEST_CASE("A clock that has not begun or never ends is read as the first or last time", "[living]") {
  const Periods berlin = In("Europe/Berlin");
  for (const CalendarUnit unit : kUnits) {
    CHECK(Text(berlin.Of(unit, kNeverLast)) == Text(berlin.Of(unit, At("0001-01-01"))));
    CHECK(berlin.Of(unit, kNeverFirst, 3).begin == berlin.Of(unit, At("9999-12-31T23:59:59.999999Z"), 3).begin);
  }
}

TEST_CASE("Far in the future zones go by the rules that they have now", "[living]") {
  CHECK(DayOf("Europe/Berlin", "2499-03-29T12:00:00Z") == "2499-03-28T23:00:00Z 2499-03-29T22:00:00Z");
  CHECK(DayOf("Europe/Berlin", "2500-07-01T12:00:00Z") == "2500-06-30T22:00:00Z 2500-07-01T22:00:00Z");
  CHECK(DayOf("Europe/Berlin", "9999-03-28T12:00:00Z") == "9999-03-27T23:00:00Z 9999-03-28T22:00:00Z");
  CHECK(DayOf("America/New_York", "8000-07-01T12:00:00Z") == "8000-07-01T04:00:00Z 8000-07-02T04:00:00Z");
}

TEST_CASE("Whatever the zone, a day begins when clocks first show its date or a later one", "[living]") {
  std::vector<Clock> clocks;
  std::vector<Periods> periods;
  for (const std::string& zone : kZones) {
    clocks.emplace_back(zone);
    periods.push_back(In(zone));
  }
  const std::pair<Time, Time> spans[] = {
      {At("1840-01-01"), At("2100-01-01")}, {At("2400-01-01"), At("2600-01-01")}, {At("0001-01-03"), At("9999-12-29")}};
  CHECK(rc::check("days", [&] {
    const size_t zone = *rc::gen::inRange<size_t>(0, kZones.size());
    const auto& [from, to] = spans[*rc::gen::inRange(0, 3)];
    const Time now = from + seconds(*rc::gen::inRange<int64_t>(0, (to - from) / seconds(1)));
    const Time within = now + seconds(*rc::gen::inRange(-90'000, 90'000));
    const auto day = periods[zone].Of(CalendarUnit::kDay, now);
    const auto date = clocks[zone].DateAt(day.begin);
    RC_ASSERT(day.begin <= now && now < day.end);
    RC_ASSERT(clocks[zone].DateAt(day.begin - microseconds(1)) < date);
    RC_ASSERT(clocks[zone].DateAt(day.end) > date);
    if (within < day.begin) RC_ASSERT(clocks[zone].DateAt(within) < date);
    if (within < day.end) RC_ASSERT(clocks[zone].DateAt(within) <= date);
  }));
}

TEST_CASE("Periods of a unit follow one another without gap or overlap", "[living]") {
  std::vector<Periods> periods;
  for (const std::string& zone : kZones) periods.push_back(In(zone, Weekday::kSaturday));
  CHECK(rc::check("neighbours", [&] {
    const Periods& p = periods[*rc::gen::inRange<size_t>(0, kZones.size())];
    const CalendarUnit unit = kUnits[*rc::gen::inRange(0, 5)];
    const Time now = At("0001-01-01") + seconds(*rc::gen::inRange<int64_t>(0, 315'537'897'600));
    const auto back = *rc::gen::inRange<uint32_t>(0, 2000);
    const auto period = p.Of(unit, now, back);
    RC_ASSERT(period.begin <= period.end);
    RC_ASSERT(p.Of(unit, now, back + 1).end == period.begin);
    if (period.begin < period.end) RC_ASSERT(Text(p.Of(unit, period.begin)) == Text(period));
  }));
}

TEST_CASE("Many threads ask for periods at once", "[living]") {
  const Periods berlin = In("Europe/Berlin");
  const std::string expected = Text(berlin.Of(CalendarUnit::kDay, At("2026-03-29T12:00:00Z")));
  std::vector<int> wrong(4, 0);
  std::vector<std::thread> threads;
  for (int& count : wrong) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        count += DayOf("Europe/Berlin", "2026-03-29T12:00:00Z") != expected;
        count += Text(berlin.Of(CalendarUnit::kDay, At("2026-03-29T12:00:00Z"))) != expected;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(wrong == std::vector<int>(4, 0));
}

}  // namespace kintsugi::living
