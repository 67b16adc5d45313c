// What a schema says of what people do: its text means what docs/schema.md says, and is told again in one canonical
// form.

#include <rapidcheck.h>

#include <cmath>
#include <set>
#include <utility>

#include "living_support.h"

namespace kintsugi::schema {
namespace {

// Of a trait with one condition.
Condition ConditionIn(const std::string& comparison) {
  const Trait trait = TraitIn("traits { name: 't' count {} where { property: 'p' " + comparison + " } }");
  REQUIRE(trait.items.where.size() == 1);
  CHECK(trait.items.where[0].property == "p");
  return trait.items.where[0];
}

std::string TextOf(std::string_view text) {
  return Read(text).ToText();
}

TEST_CASE("The contract's traits mean what it says", "[schema][living]") {
  const Schema schema = Read(kPage);
  REQUIRE(schema.traits.size() == 11);
  CHECK(schema.Validate().ok());
  CHECK(schema.traits[0].name == "orders");
  CHECK(schema.traits[0].kind == TraitKind::kCount);
  CHECK(schema.traits[0].activity == "order");
  CHECK_FALSE(schema.traits[0].sliding);
  CHECK_FALSE(schema.traits[0].calendar);
  CHECK(schema.traits[1].kind == TraitKind::kSum);
  CHECK(schema.traits[1].of == "total");
  CHECK(schema.traits[2].sliding->age_hours == 90 * 24);
  CHECK(schema.traits[2].sliding->until_hours == 0);
  CHECK(schema.traits[3].sliding->age_hours == 730 * 24);
  CHECK(schema.traits[3].sliding->until_hours == 365 * 24);
  CHECK(schema.traits[4].calendar->unit == CalendarUnit::kMonth);
  CHECK(schema.traits[4].calendar->back == 1);
  CHECK(schema.traits[5].items.events == Strings{"Product Viewed"});
  CHECK(schema.traits[5].activity.empty());
  CHECK(schema.traits[6].items.where[0].comparison == Comparison::kAtLeast);
  CHECK(schema.traits[6].items.where[0].bound == 100);
  CHECK(schema.traits[7].operands == Strings{"revenue", "orders"});
  CHECK(schema.traits[8].kind == TraitKind::kDaysSinceLast);
  CHECK(schema.traits[9].by == "order");
  CHECK(schema.traits[9].within_hours == 4);
  CHECK(schema.traits[10].operands == Strings{"orders"});
  CHECK(schema.traits[10].bounds == std::vector<double>{1, 2, 5, 10});
}

TEST_CASE("The contract's activity, calendar, visits, retention and record event mean what it says",
          "[schema][living]") {
  const Schema schema = Read(kPage);
  const Activity& purchase = schema.activities.back();
  CHECK(purchase.name == "purchase");
  CHECK(purchase.items.events == Strings{"Order Completed", "Receipt"});
  CHECK(purchase.items.sources == Strings{"web", "pos"});
  REQUIRE(purchase.items.where.size() == 1);
  CHECK(purchase.items.where[0].property == "total");
  CHECK(purchase.items.where[0].comparison == Comparison::kMoreThan);
  CHECK(purchase.once_per == "order_id");
  REQUIRE(purchase.numbers.size() == 1);
  CHECK(purchase.numbers[0].name == "total");
  CHECK(purchase.numbers[0].fields == Strings{"revenue", "total"});
  CHECK(purchase.texts.empty());
  CHECK(schema.calendar == Calendar{.zone = "Europe/Berlin", .week_starts = Weekday::kMonday});
  REQUIRE(schema.visits);
  CHECK(schema.visits->gap_minutes == 30);
  CHECK(schema.visits->sources == Strings{"web", "pos"});
  REQUIRE(schema.retention.size() == 1);
  CHECK(schema.retention[0].name == "Page Viewed");
  CHECK(schema.retention[0].days == 90);
  const std::optional<RecordEvent>& event = schema.sources.back().table()->event;
  REQUIRE(event);
  CHECK(event->name == "Order Completed");
  CHECK(event->time == "sold_at");
  REQUIRE(event->properties.size() == 1);
  CHECK(event->properties[0].field == "total");
  CHECK(event->properties[0].type == ValueType::kNumber);
}

TEST_CASE("Every kind of trait of items is read", "[schema][living]") {
  const std::vector<std::pair<std::string, TraitKind>> kinds = {
      {"sum", TraitKind::kSum},           {"average", TraitKind::kAverage},
      {"min", TraitKind::kMin},           {"max", TraitKind::kMax},
      {"first", TraitKind::kFirst},       {"last", TraitKind::kLast},
      {"values", TraitKind::kValues},     {"top", TraitKind::kTop},
      {"distinct", TraitKind::kDistinct}, {"most_frequent", TraitKind::kMostFrequent}};
  for (const auto& [name, kind] : kinds) {
    const Trait trait = TraitIn("traits { name: 't' " + name + " { of: 'a.b' } }");
    INFO(name);
    CHECK(trait.kind == kind);
    CHECK(trait.of == "a.b");
    CHECK(trait.limit == kDefaultMaxListed);
    CHECK(trait.items.events.empty());
  }
  CHECK(TraitIn("traits { name: 't' values { of: 'a' limit: 7 } }").limit == 7);
  CHECK(TraitIn("traits { name: 't' top { of: 'a' k: 3 } }").limit == 3);
  const Trait followed = TraitIn("traits { name: 't' followed { by: 'order' within_hours: 48 } source: 'web' }");
  CHECK(followed.kind == TraitKind::kFollowed);
  CHECK(followed.by == "order");
  CHECK(followed.within_hours == 48);
  CHECK(followed.items.sources == Strings{"web"});
}

TEST_CASE("Every kind of trait of other traits is read", "[schema][living]") {
  const std::string two = "traits { name: 'a' count {} } traits { name: 'b' count {} } ";
  const Trait difference = TraitIn(two + "traits { name: 't' difference { of: 'a' minus: 'b' } }");
  CHECK(difference.kind == TraitKind::kDifference);
  CHECK(difference.operands == Strings{"a", "b"});
  const Trait total = TraitIn(two + "traits { name: 't' total { of: 'b' of: 'a' of: 'b' } }");
  CHECK(total.kind == TraitKind::kTotal);
  CHECK(total.operands == Strings{"b", "a", "b"});
  CHECK(TraitIn(two + "traits { name: 't' ratio { of: 'a' to: 'b' } }").kind == TraitKind::kRatio);
  CHECK(TraitIn(two + "traits { name: 't' band { of: 'a' at: -1.5 at: 0 } }").bounds == std::vector<double>{-1.5, 0});
}

TEST_CASE("Every comparison of a condition is read", "[schema][living]") {
  CHECK(ConditionIn("is: 'x' is: 'true'").comparison == Comparison::kIs);
  CHECK(ConditionIn("is: 'x' is: 'true'").values == Strings{"x", "true"});
  CHECK(ConditionIn("is_not: ''").comparison == Comparison::kIsNot);
  CHECK(ConditionIn("is_not: ''").values == Strings{""});
  const std::vector<std::pair<std::string, Comparison>> bounds = {{"at_least", Comparison::kAtLeast},
                                                                  {"more_than", Comparison::kMoreThan},
                                                                  {"at_most", Comparison::kAtMost},
                                                                  {"less_than", Comparison::kLessThan}};
  for (const auto& [name, comparison] : bounds) {
    const Condition condition = ConditionIn(name + ": -0.25");
    INFO(name);
    CHECK(condition.comparison == comparison);
    CHECK(condition.bound == -0.25);
  }
  CHECK(ConditionIn("exists: false").comparison == Comparison::kExists);
  CHECK_FALSE(ConditionIn("exists: false").exists);
  CHECK(ConditionIn("exists: true").exists);
  CHECK(ConditionIn("matches: 'a+|b'").comparison == Comparison::kMatches);
  CHECK(ConditionIn("matches: 'a+|b'").pattern == "a+|b");
}

TEST_CASE("A window is of days, of hours or of a calendar", "[schema][living]") {
  const auto window = [](const std::string& text) {
    return TraitIn("traits { name: 't' count {} window { " + text + " } }");
  };
  CHECK(window("hours: 36 until_hours: 12").sliding->age_hours == 36);
  CHECK(window("hours: 36 until_hours: 12").sliding->until_hours == 12);
  CHECK(window("days: 2 until_hours: 5").sliding->until_hours == 5);
  CHECK(window("days: 36525").sliding->age_hours == 876'600);
  const std::vector<std::pair<std::string, CalendarUnit>> units = {{"DAY", CalendarUnit::kDay},
                                                                   {"WEEK", CalendarUnit::kWeek},
                                                                   {"MONTH", CalendarUnit::kMonth},
                                                                   {"QUARTER", CalendarUnit::kQuarter},
                                                                   {"YEAR", CalendarUnit::kYear}};
  for (const auto& [name, unit] : units) {
    const Trait trait = window("calendar: " + name);
    CHECK(trait.calendar->unit == unit);
    CHECK(trait.calendar->back == 0);
    CHECK_FALSE(trait.sliding);
  }
}

// Numbers and texts of an activity are told apart; a record's property has its field's name unless it has its own.
TEST_CASE("What is left out of the living sections has its default", "[schema][living]") {
  const Schema schema = Read(
      "calendar { week_starts: SUNDAY } visits { source: 'web' } retention { days: 3 }\n"
      "activities { name: 'visit' text { name: 'kind' field: 'a.b' } number { name: 'n' field: 'n' } }\n"
      "sources { name: 'till' table { key: 'id' event { name: 'Sale' properties { field: 'p' } } } }");
  CHECK(schema.calendar == Calendar{.zone = "UTC", .week_starts = Weekday::kSunday});
  CHECK(schema.visits->gap_minutes == 30);
  CHECK(schema.retention[0].name.empty());
  CHECK(schema.activities[1].items.events.empty());
  CHECK(schema.activities[1].texts[0].name == "kind");
  CHECK(schema.activities[1].texts[0].fields == Strings{"a.b"});
  CHECK(schema.activities[1].numbers[0].name == "n");
  CHECK(schema.sources[2].table()->event->time.empty());
  CHECK(schema.sources[2].table()->event->properties[0].name == "p");
  CHECK_FALSE(Read("").visits);
  CHECK(Read("").calendar == Calendar());
}

TEST_CASE("The text of a schema with living sections reads back as the same text", "[schema][living]") {
  const std::string text = TextOf(kPage);
  const auto again = Schema::Parse(text);
  REQUIRE(again.ok());
  CHECK(again->ToText() == text);
  CHECK(again->traits.size() == 11);
}

// Databases know a schema by its text, so schemas without these sections must keep theirs.
TEST_CASE("A schema that says nothing of what people do has no word of it in its text", "[schema][living]") {
  const std::string text =
      Schema::Parse("namespaces { name: 'id' } sources { name: 's' table { key: 'k' } }")->ToText();
  CHECK(text ==
        "namespaces {\n  name: \"id\"\n}\nidentity {\n  on_conflict: KEEP_NEWEST\n}\nsources {\n  name: \"s\"\n"
        "  trust: 0.5\n  table {\n    format: CSV\n    key: \"k\"\n  }\n}\ngolden {\n  others: MOST_RECENT\n}\n");
  CHECK(TextOf("calendar {}") == TextOf(""));
  CHECK(TextOf("calendar { zone: 'UTC' week_starts: MONDAY } visits {}") == TextOf(""));
  CHECK(TextOf("visits { gap_minutes: 30 }") == TextOf(""));
}

TEST_CASE("Living sections that mean the same have the same text", "[schema][living]") {
  const std::string terse = TextOf(
      "activities { name: 'a' events: 'E' events: 'F' number { name: 'm' field: 'x' } number { name: 'n' field: 'y' } "
      "}\n"
      "traits { name: 't' count {} where { property: 'p' is: 'x' is: 'y' } where { property: 'q' at_least: 1 } }\n"
      "traits { name: 'u' sum { of: 'm' } activity: 'a' window { days: 2 until_days: 1 } source: 'pos' source: 'web' "
      "}\n"
      "traits { name: 'v' values { of: 'x' } } traits { name: 'w' total { of: 't' of: 'u' } }\n"
      "traits { name: 'b' band { of: 't' at: 0.3 } } retention { days: 9 } retention { name: 'E' days: 4 }");
  const std::string wordy = TextOf(
      "traits { where { at_least: 1.0 property: 'q' } where { is: 'y' is: 'x' is: 'y' property: 'p' }\n"
      "         where { is: ['x', 'y'] property: 'p' } count {} name: 't' }\n"
      "traits { source: ['web', 'pos', 'web'] window { until_hours: 24 hours: 48 } activity: 'a' sum { of: 'm' }\n"
      "         name: 'u' } traits { name: 'v' values { of: 'x' limit: 100 } }\n"
      "traits { name: 'w' total { of: 'u' of: 't' } } traits { name: 'b' band { of: 't' at: 0.30000000000000004 } }\n"
      "retention { name: 'E' days: 4 } retention { days: 9 }\n"
      "activities { number { field: 'y' name: 'n' } number { field: 'x' name: 'm' } events: ['F', 'E'] name: 'a' }");
  CHECK(terse == wordy);
}

TEST_CASE("Living sections that mean different things have different texts", "[schema][living]") {
  std::set<std::string> texts = {TextOf("")};
  for (const char* more : {"calendar { zone: 'Europe/Berlin' }",
                           "calendar { week_starts: SUNDAY }",
                           "visits { gap_minutes: 31 }",
                           "visits { source: 'web' }",
                           "retention { days: 1 }",
                           "retention { name: 'a' days: 1 }",
                           "activities { name: 'a' }",
                           "activities { name: 'a' once_per: 'x' }",
                           "activities { name: 'a' number { name: 'n' field: 'x' } }",
                           "activities { name: 'a' text { name: 'n' field: 'x' } }",
                           "traits { name: 't' count {} }",
                           "activities { name: 'a' number { name: 'n' field: 'x' field: 'y' } }",
                           "activities { name: 'a' number { name: 'n' field: 'y' field: 'x' } }",
                           "traits { name: 't' days_since_last {} }",
                           "traits { name: 't' count {} activity: 'order' }",
                           "traits { name: 't' count {} events: 'order' }",
                           "traits { name: 't' count {} source: 'web' }",
                           "traits { name: 't' count {} window { days: 1 } }",
                           "traits { name: 't' count {} window { days: 2 until_hours: 1 } }",
                           "traits { name: 't' count {} window { calendar: DAY } }",
                           "traits { name: 't' count {} window { calendar: DAY back: 1 } }",
                           "traits { name: 't' count {} where { property: 'p' exists: true } }",
                           "traits { name: 't' count {} where { property: 'p' exists: false } }",
                           "traits { name: 't' count {} where { property: 'p' is: '' } }",
                           "traits { name: 't' count {} where { property: 'p' is_not: '' } }",
                           "traits { name: 't' count {} where { property: 'p' matches: '' } }",
                           "traits { name: 't' first { of: 'x' } }",
                           "traits { name: 't' last { of: 'x' } }",
                           "traits { name: 't' values { of: 'x' } }",
                           "traits { name: 't' values { of: 'x' limit: 1 } }",
                           "traits { name: 't' top { of: 'x' k: 1 } }",
                           "sources { name: 'b' table { key: 'id' event { name: 'E' } } }",
                           "sources { name: 'b' table { key: 'id' event { name: 'E' time: 't' } } }",
                           "sources { name: 'b' table { key: 'id' event { name: 'E' properties { field: 't' } } } }"}) {
    INFO(more);
    CHECK(texts.insert(TextOf(more)).second);
  }
  CHECK(TextOf("traits { name: 'a' count {} } traits { name: 'b' count {} }") !=
        TextOf("traits { name: 'b' count {} } traits { name: 'a' count {} }"));
  CHECK(TextOf("traits { name: 'a' count {} } traits { name: 'b' total { of: 'a' } }") !=
        TextOf("traits { name: 'a' count {} } traits { name: 'b' total { of: 'a' of: 'a' } }"));
}

// Bounds are decimals of six places.
TEST_CASE("What a bound has beyond six places means nothing", "[schema][living]") {
  CHECK(ConditionIn("at_least: 0.0000035").bound == 0.000004);  // half to even
  CHECK(ConditionIn("at_least: 0.0000025").bound == 0.000002);
  CHECK_FALSE(std::signbit(ConditionIn("at_least: -0.0000001").bound));
  CHECK(ConditionIn("at_least: 1e13").bound == 1e13);
  CHECK(ConditionIn("at_least: 9999999999.123456").bound == 9999999999.123456);
}

TEST_CASE("Whatever bounds, windows and values a trait has, its text carries them", "[schema][living]") {
  CHECK(rc::check("Parse(ToText(schema)) has the same trait and text", [](const Strings& values) {
    Schema schema =
        Read("traits { name: 't' count {} where { property: 'p' is: 'x' } where { property: 'q' exists: true } }");
    Trait& trait = schema.traits[0];
    trait.items.where[0].values.insert(trait.items.where[0].values.end(), values.begin(), values.end());
    const double bound = *rc::gen::inRange(-1'000'000'000, 1'000'000'000) / 1e6;
    trait.items.where[1] = {.property = "q", .comparison = Comparison::kLessThan, .bound = bound};
    const uint32_t age = *rc::gen::inRange(1, 876'601);
    trait.sliding = SlidingWindow{.age_hours = age, .until_hours = *rc::gen::inRange(0u, age)};
    const auto again = Schema::Parse(schema.ToText());
    RC_ASSERT(again.ok());
    RC_ASSERT(again->ToText() == schema.ToText());
    RC_ASSERT(again->traits[0].sliding->age_hours == age);
    RC_ASSERT(again->traits[0].sliding->until_hours == trait.sliding->until_hours);
    const auto& where = again->traits[0].items.where;
    const Condition& less = where[0].property == "q" ? where[0] : where[1];
    RC_ASSERT(less.bound == bound);
  }));
}

}  // namespace
}  // namespace kintsugi::schema
