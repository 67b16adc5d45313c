// The naive living profile is right about time: windows, visits and retention.

#include "unit/living/reference_examples.h"

namespace kintsugi::testing::examples {

TEST_CASE("the twin's sliding windows end where the page says", "[living][reference]") {
  const std::vector<Item> items = {ItemAt("2026-03-01T10:00:00Z", "x")};
  Trait trait{.kind = TraitKind::kCount, .sliding = SlidingWindow{.age_hours = 24}};
  CHECK(Says(trait, items, At("2026-03-02T09:59:59.999999Z")) == "1");
  CHECK(Says(trait, items, At("2026-03-02T10:00:00Z")) == "0");
  CHECK(Says(trait, items, At("2020-01-01")) == "1");  // at once, though it is later than now
  CHECK(Says(trait, items) == "1");

  trait.sliding = SlidingWindow{.age_hours = 48, .until_hours = 24};
  CHECK(Says(trait, items, At("2026-03-02T09:59:59.999999Z")) == "0");
  CHECK(Says(trait, items, At("2026-03-02T10:00:00Z")) == "1");
  CHECK(Says(trait, items, At("2026-03-03T10:00:00Z")) == "0");
  CHECK(Says(trait, items) == "0");
}

TEST_CASE("the twin's calendar windows are the periods of now in the schema's zone", "[living][reference]") {
  Schema schema = Shop();
  schema.calendar.zone = "Europe/Berlin";
  const auto counts = [&](const char* item, CalendarUnit unit, uint32_t back, const char* now) {
    const Trait trait{.kind = TraitKind::kCount, .calendar = CalendarWindow{unit, back}};
    return Says(schema, trait, {ItemAt(item, "x")}, At(now)) == "1";
  };
  // Midnight in Berlin is 23:00 in winter, 22:00 in summer.
  CHECK(counts("2026-02-28T23:00:00Z", CalendarUnit::kMonth, 0, "2026-03-31T21:59:59Z"));
  CHECK_FALSE(counts("2026-02-28T22:59:59Z", CalendarUnit::kMonth, 0, "2026-03-31T21:59:59Z"));
  CHECK_FALSE(counts("2026-02-28T23:00:00Z", CalendarUnit::kMonth, 0, "2026-03-31T22:00:00Z"));
  CHECK(counts("2027-01-01T00:00:00Z", CalendarUnit::kMonth, 0, "2026-03-31T21:00:00Z"));  // no end
  CHECK(counts("2026-03-31T21:59:59Z", CalendarUnit::kMonth, 1, "2026-04-01T00:00:00Z"));
  CHECK_FALSE(counts("2026-03-31T22:00:00Z", CalendarUnit::kMonth, 1, "2026-04-01T00:00:00Z"));
  CHECK_FALSE(counts("2026-02-28T22:59:59Z", CalendarUnit::kMonth, 1, "2026-04-01T00:00:00Z"));

  CHECK(counts("2026-03-28T23:00:00Z", CalendarUnit::kDay, 1, "2026-03-30T10:00:00Z"));  // a day of 23 hours
  CHECK(counts("2026-03-29T21:59:59Z", CalendarUnit::kDay, 1, "2026-03-30T10:00:00Z"));
  CHECK_FALSE(counts("2026-03-29T22:00:00Z", CalendarUnit::kDay, 1, "2026-03-30T10:00:00Z"));

  CHECK(counts("2025-12-31T23:00:00Z", CalendarUnit::kQuarter, 0, "2026-03-31T21:59:59Z"));
  CHECK_FALSE(counts("2025-12-31T23:00:00Z", CalendarUnit::kQuarter, 0, "2026-03-31T22:00:00Z"));
  CHECK(counts("2025-12-31T23:00:00Z", CalendarUnit::kQuarter, 1, "2026-06-01T00:00:00Z"));
  CHECK(counts("2024-12-31T23:00:00Z", CalendarUnit::kYear, 1, "2026-06-01T00:00:00Z"));
  CHECK_FALSE(counts("2024-12-31T22:59:59Z", CalendarUnit::kYear, 1, "2026-06-01T00:00:00Z"));

  // 2026-03-04 is a Wednesday.
  CHECK(counts("2026-03-01T23:00:00Z", CalendarUnit::kWeek, 0, "2026-03-04T10:00:00Z"));
  CHECK_FALSE(counts("2026-03-01T22:59:59Z", CalendarUnit::kWeek, 0, "2026-03-04T10:00:00Z"));
  schema.calendar.week_starts = Weekday::kWednesday;
  CHECK(counts("2026-03-03T23:00:00Z", CalendarUnit::kWeek, 0, "2026-03-04T10:00:00Z"));
  CHECK_FALSE(counts("2026-03-03T22:59:59Z", CalendarUnit::kWeek, 0, "2026-03-04T10:00:00Z"));
  CHECK(counts("2026-03-03T22:59:59Z", CalendarUnit::kWeek, 1, "2026-03-04T10:00:00Z"));
}

TEST_CASE("the twin's calendar windows hold nothing before all times", "[living][reference]") {
  CHECK(Says({.kind = TraitKind::kCount, .calendar = CalendarWindow{CalendarUnit::kYear, 0}},
             {ItemAt("2026-03-01", "x")}) == "0");
}

TEST_CASE("the twin's calendar windows reach to the first year and the last", "[living][reference]") {
  Schema schema = Shop();
  schema.calendar.zone = "Europe/Berlin";
  const Trait trait{.kind = TraitKind::kCount, .calendar = CalendarWindow{CalendarUnit::kYear, 0}};
  CHECK(Says(schema, trait, {ItemAt("9998-12-31T22:59:59Z", "x")}, At("9999-06-01")) == "0");
  CHECK(Says(schema, trait, {ItemAt("9998-12-31T23:00:00Z", "x")}, At("9999-06-01")) == "1");
  CHECK(Says(schema, trait, {ItemAt("0001-06-01", "x")}, At("0001-06-02")) == "1");
  CHECK(Says(schema, trait, {ItemAt("1499-12-01", "x")}, At("1500-06-01")) == "0");
}

TEST_CASE("in the twin a day without a midnight begins when the clocks go forward", "[living][reference]") {
  Schema schema = Shop();
  schema.calendar.zone = "America/Sao_Paulo";  // 2018-11-04T00:00 was 01:00, at 03:00 UTC
  const Trait trait{.kind = TraitKind::kCount, .calendar = CalendarWindow{CalendarUnit::kDay, 0}};
  CHECK(Says(schema, trait, {ItemAt("2018-11-04T03:00:00Z", "x")}, At("2018-11-04T12:00:00Z")) == "1");
  CHECK(Says(schema, trait, {ItemAt("2018-11-04T02:59:59Z", "x")}, At("2018-11-04T12:00:00Z")) == "0");
}

TEST_CASE("the twin's visits go over sources and end with a gap", "[living][reference]") {
  Schema schema = Shop();
  schema.visits = Visits{.gap_minutes = 30, .sources = {"web", "app"}};
  const std::vector<Item> items = {
      ItemAt("2026-03-01T11:00:01Z", "e", {}, kWeb),
      ItemAt("2026-03-01T10:30:00Z", "c", {}, kApp),
      ItemAt("2026-03-01T10:20:00Z", "b", {}, kPos),
      ItemAt("2026-03-01T10:00:00Z", "a", {}, kWeb),
  };
  auto visits = NaiveVisits(schema, items, At("2026-03-01T11:00:00Z"));
  REQUIRE(visits.size() == 2);
  CHECK(visits[0].start == At("2026-03-01T10:00:00Z"));
  CHECK(visits[0].end == At("2026-03-01T10:30:00Z"));
  CHECK(visits[0].items.size() == 2);
  CHECK(visits[0].sources == std::vector<std::string>{"web", "app"});
  CHECK(visits[0].current);
  CHECK(visits[1].current);  // it has not even begun
  CHECK_FALSE(NaiveVisits(schema, items, At("2026-03-01T11:00:00.000001Z"))[0].current);

  schema.visits.reset();
  CHECK(NaiveVisits(schema, items, std::nullopt)[0].items.size() == 3);
}

TEST_CASE("the twin's retention goes by whole days and spares records", "[living][reference]") {
  Schema schema = Shop();
  const Item view = ItemAt("2026-03-01T00:00:00Z", "Page Viewed");
  const Item older_view = ItemAt("2026-02-28T23:59:59Z", "Page Viewed");
  const Time now = At("2026-03-31T23:00:00Z");
  CHECK(NaiveIsKept(schema, older_view, false, now));

  schema.retention = {{.name = "Page Viewed", .days = 30}};
  CHECK(NaiveIsKept(schema, view, false, now));
  CHECK_FALSE(NaiveIsKept(schema, older_view, false, now));
  CHECK(NaiveIsKept(schema, older_view, true, now));
  CHECK(NaiveIsKept(schema, older_view, false, std::nullopt));
  CHECK(NaiveIsKept(schema, ItemAt("2020-01-01", "Order Completed"), false, now));

  schema.retention.push_back({.days = 365});
  CHECK_FALSE(NaiveIsKept(schema, ItemAt("2020-01-01", "Order Completed"), false, now));
  CHECK(NaiveIsKept(schema, ItemAt("2026-01-01", "Order Completed"), false, now));
}

}  // namespace kintsugi::testing::examples
