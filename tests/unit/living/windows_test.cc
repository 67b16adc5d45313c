// Windows hold what their edges say to the microsecond, and what is due is due exactly then.

#include "living/windows.h"

#include "unit/living/trait_examples.h"

namespace kintsugi::living::examples {
namespace {

using namespace std::chrono_literals;

constexpr auto kInstant = 1us;
const Time kNoon = At("2026-03-01T12:00:00Z");

// A count of one item at noon.
Example AtNoon() {
  return {.trait = {.name = "t", .kind = TraitKind::kCount}, .items = {ItemAt("2026-03-01T12:00:00Z", "x")}};
}

Example InCalendar(const char* zone, CalendarUnit unit, uint32_t back, const std::vector<std::string>& times) {
  Example example{.trait = {.name = "t", .kind = TraitKind::kCount, .calendar = CalendarWindow{unit, back}}};
  example.schema.calendar.zone = zone;
  for (const auto& time : times) example.items.push_back(ItemAt(time, "x"));
  return example;
}

// What a trait says from each instant on at which it says something else, until nothing is due.
using Course = std::vector<std::pair<std::string, std::string>>;
Course CourseOf(const Example& example, Time from) {
  Course course;
  for (std::optional<Time> now = from; now;) {
    const Told told = example.TellAt(*now);
    if (course.empty() || course.back().second != told.values.front())
      course.emplace_back(FormatTime(now), told.values.front());
    now = told.due;
  }
  return course;
}

// A trait of the property `p` of items with these values, an hour apart from noon on.
Example Hourly(TraitKind kind, const std::vector<Value>& values, SlidingWindow window) {
  Example example{.trait = {.name = "t", .kind = kind, .of = "p", .sliding = window}};
  for (const Value& value : values) {
    const Time time = kNoon + static_cast<int>(example.items.size()) * 1h;
    example.items.push_back({time, kWeb, "x", "Viewed", {{"p", value}}});
  }
  return example;
}

Value Text(const char* text) {
  return std::string(text);
}

}  // namespace

TEST_CASE("An item leaves a sliding window when it is exactly that old", "[living]") {
  Example example = AtNoon();
  example.trait.sliding = SlidingWindow{.age_hours = 24};
  CHECK(example.At(kNoon - 240h) == "1");  // later than now: at once
  CHECK(example.TellAt(kNoon - 240h).due == kNoon + 24h);
  CHECK(example.At(kNoon + 24h - kInstant) == "1");
  CHECK(example.At(kNoon + 24h) == "0");
  CHECK(example.At(kNoon + 24h + kInstant) == "0");
  CHECK_FALSE(example.TellAt(kNoon + 24h).due);
}

TEST_CASE("With until an item is in the window from exactly that age on", "[living]") {
  Example example = AtNoon();
  example.trait.sliding = SlidingWindow{.age_hours = 48, .until_hours = 24};
  CHECK(example.TellAt(kNoon - 240h).due == kNoon + 24h);
  CHECK(example.At(kNoon + 24h - kInstant) == "0");
  CHECK(example.At(kNoon + 24h) == "1");
  CHECK(example.TellAt(kNoon + 24h).due == kNoon + 48h);
  CHECK(example.At(kNoon + 48h - kInstant) == "1");
  CHECK(example.At(kNoon + 48h) == "0");
}

TEST_CASE("Before all times sliding windows hold everything, others nothing, and nothing is due", "[living]") {
  Example example = AtNoon();
  const auto before = [&] {
    const Told told = example.TellAt(kNeverLast);
    CHECK_FALSE(told.due);
    return told.values.front();
  };
  CHECK(before() == "1");
  example.trait.sliding = SlidingWindow{.age_hours = 1};
  CHECK(before() == "1");
  example.trait.sliding->until_hours = 1;
  CHECK(before() == "0");
  example.trait.sliding.reset();
  example.trait.calendar = CalendarWindow{CalendarUnit::kYear, 0};
  CHECK(before() == "0");
  example.trait.calendar.reset();
  example.trait.kind = TraitKind::kDaysSinceLast;
  CHECK(before() == "absent");
  example.trait.kind = TraitKind::kNotFollowed;
  example.trait.by = "a";
  example.schema.activities = {{.name = "a"}};
  CHECK(before() == "0");
}

TEST_CASE("Neither the first nor the last times of all make a window overflow", "[living]") {
  Example example{.trait = {.name = "t", .kind = TraitKind::kCount}};
  example.items = {ItemAt("0001-01-01", "x"), ItemAt("9999-12-31T23:59:59.999999Z", "x")};
  for (const uint32_t until : {0U, UINT32_MAX}) {
    example.trait.sliding = SlidingWindow{.age_hours = UINT32_MAX, .until_hours = until};
    for (const char* now : {"0001-01-01", "9999-12-31T23:59:59.999999Z"}) {
      CHECK(example.At(now) == (until == 0 ? "2" : "0"));
      CHECK_FALSE(example.DueAfter(now));
    }
  }
  example.trait.sliding.reset();
  for (const CalendarUnit unit : {CalendarUnit::kDay, CalendarUnit::kWeek, CalendarUnit::kYear}) {
    for (const uint32_t back : {1U, 300U, UINT32_MAX}) {
      example.trait.calendar = CalendarWindow{unit, back};
      CHECK(example.At("0001-01-01") == "0");
      CHECK_FALSE(example.DueAfter("9999-12-31T23:59:59.999999Z"));
    }
    example.trait.calendar = CalendarWindow{unit, 0};
    CHECK(example.At("0001-01-01") == "2");
    CHECK(example.At("9999-12-31T23:59:59.999999Z") == "1");
  }
}

TEST_CASE("A calendar window holds the period of now from its beginning on, without end", "[living]") {
  const auto example = InCalendar("Europe/Berlin", CalendarUnit::kMonth, 0,
                                  {"2026-02-28T22:59:59Z", "2026-02-28T23:00:00Z", "2026-03-31T21:59:59Z",
                                   "2026-03-31T22:00:00Z", "2026-05-01T00:00:00Z"});
  CHECK(CourseOf(example, At("2026-02-01")) == Course{{"2026-02-01T00:00:00Z", "5"},
                                                      {"2026-02-28T23:00:00Z", "4"},
                                                      {"2026-03-31T22:00:00Z", "2"},
                                                      {"2026-04-30T22:00:00Z", "1"},
                                                      {"2026-05-31T22:00:00Z", "0"}});
}

TEST_CASE("A calendar window that looks back has two ends", "[living]") {
  const auto example = InCalendar("Europe/Berlin", CalendarUnit::kMonth, 2,
                                  {"2026-01-31T22:59:59Z", "2026-01-31T23:00:00Z", "2026-02-28T22:59:59Z",
                                   "2026-02-28T23:00:00Z", "2026-06-15T00:00:00Z"});
  CHECK(CourseOf(example, At("2026-03-01")) == Course{{"2026-03-01T00:00:00Z", "1"},
                                                      {"2026-03-31T22:00:00Z", "2"},
                                                      {"2026-04-30T22:00:00Z", "1"},
                                                      {"2026-05-31T22:00:00Z", "0"},
                                                      {"2026-07-31T22:00:00Z", "1"},
                                                      {"2026-08-31T22:00:00Z", "0"}});
}

TEST_CASE("Days of 23 and 25 hours are what they are", "[living]") {
  const auto spring = InCalendar("Europe/Berlin", CalendarUnit::kDay, 0, {"2026-03-29T12:00:00Z"});
  CHECK(CourseOf(spring, At("2026-03-28T23:00:00Z")).back() ==
        std::pair<std::string, std::string>("2026-03-29T22:00:00Z", "0"));
  const auto autumn = InCalendar("Europe/Berlin", CalendarUnit::kDay, 1, {"2026-10-25T12:00:00Z"});
  CHECK(CourseOf(autumn, At("2026-10-24T12:00:00Z")) ==
        Course{{"2026-10-24T12:00:00Z", "0"}, {"2026-10-25T23:00:00Z", "1"}, {"2026-10-26T23:00:00Z", "0"}});
}

TEST_CASE("Weeks begin with the schema's day, and quarters and years with their first", "[living]") {
  auto week = InCalendar("UTC", CalendarUnit::kWeek, 0, {"2026-03-04T12:00:00Z"});  // a Wednesday
  CHECK(week.DueAfter("2026-03-04T12:00:00Z") == At("2026-03-09"));
  week.schema.calendar.week_starts = Weekday::kSunday;
  CHECK(week.DueAfter("2026-03-04T12:00:00Z") == At("2026-03-08"));
  const auto quarter = InCalendar("UTC", CalendarUnit::kQuarter, 3, {"2026-03-04"});
  CHECK(quarter.DueAfter("2026-03-04") == At("2026-10-01"));
  const auto year = InCalendar("UTC", CalendarUnit::kYear, 100, {"2026-03-04"});
  CHECK(year.DueAfter("2026-03-04") == At("2126-01-01"));
  const auto day = InCalendar("America/New_York", CalendarUnit::kDay, 3650, {"2026-03-04T12:00:00Z"});
  CHECK(day.DueAfter("2026-03-04") == At("2036-03-01T05:00:00Z"));
}

TEST_CASE("Days since the last item are told as each is full", "[living]") {
  Example example = AtNoon();
  example.trait.kind = TraitKind::kDaysSinceLast;
  CHECK(example.At(kNoon - 72h) == "0");
  CHECK(example.TellAt(kNoon - 72h).due == kNoon + 24h);
  CHECK(example.At(kNoon + 24h - kInstant) == "0");
  CHECK(example.At(kNoon + 24h) == "1");
  CHECK(example.TellAt(kNoon + 24h).due == kNoon + 48h);
  CHECK(example.At(kNoon + 240h - kInstant) == "9");
  example.trait.sliding = SlidingWindow{.age_hours = 36};
  CHECK(CourseOf(example, kNoon) ==
        Course{{"2026-03-01T12:00:00Z", "0"}, {"2026-03-02T12:00:00Z", "1"}, {"2026-03-03T00:00:00Z", "absent"}});
}

TEST_CASE("A later last item that comes into the window makes days fewer", "[living]") {
  Example example = Hourly(TraitKind::kDaysSinceLast, {true, true}, {.age_hours = 60, .until_hours = 20});
  example.items[1].time = kNoon + 30h;
  CHECK(CourseOf(example, kNoon) == Course{{"2026-03-01T12:00:00Z", "absent"},
                                           {"2026-03-02T08:00:00Z", "0"},
                                           {"2026-03-02T12:00:00Z", "1"},
                                           {"2026-03-03T12:00:00Z", "2"},
                                           {"2026-03-03T14:00:00Z", "0"},
                                           {"2026-03-03T18:00:00Z", "1"},
                                           {"2026-03-04T18:00:00Z", "2"},
                                           {"2026-03-05T06:00:00Z", "absent"}});
}

TEST_CASE("A trait is due when the first item leaves its window, whatever that item says", "[living]") {
  const SlidingWindow day{.age_hours = 24};
  for (int kind = 0; kind <= static_cast<int>(TraitKind::kTop); ++kind) {
    const Example example = Hourly(static_cast<TraitKind>(kind), {Null(), int64_t{1}, int64_t{1}}, day);
    CHECK(example.TellAt(kNoon + 12h).due == kNoon + 24h);
  }
}

TEST_CASE("A deadline and a window's end at one instant leave nothing", "[living]") {
  Example example{.trait = {.name = "t", .kind = TraitKind::kNotFollowed, .by = "none", .within_hours = 4}};
  example.schema.activities = {{.name = "none", .items = {.events = {"none"}}}};
  example.items = AtNoon().items;
  example.trait.sliding = SlidingWindow{.age_hours = 4};
  CHECK(CourseOf(example, kNoon) == Course{{"2026-03-01T12:00:00Z", "0"}});
  example.trait.sliding->age_hours = 5;
  CHECK(CourseOf(example, kNoon) ==
        Course{{"2026-03-01T12:00:00Z", "0"}, {"2026-03-01T16:00:00Z", "1"}, {"2026-03-01T17:00:00Z", "0"}});
  // What comes later counts: the deadline, or the window's own age.
  example.trait.sliding = SlidingWindow{.age_hours = 9, .until_hours = 2};
  CHECK(example.TellAt(kNoon).due == kNoon + 4h);
  example.trait.sliding->until_hours = 7;
  CHECK(example.TellAt(kNoon).due == kNoon + 7h);
  // The month is over before the deadline has come.
  example.trait.sliding.reset();
  example.trait.calendar = CalendarWindow{CalendarUnit::kMonth, 0};
  example.items = {ItemAt("2026-03-31T20:00:01Z", "x"), ItemAt("2026-04-01T00:00:00Z", "x")};
  CHECK(CourseOf(example, kNoon) ==
        Course{{"2026-03-01T12:00:00Z", "0"}, {"2026-04-01T04:00:00Z", "1"}, {"2026-05-01T00:00:00Z", "0"}});
}

}  // namespace kintsugi::living::examples
