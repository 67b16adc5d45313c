// What is wrong with what a schema says of what people do: each mistake is told where it stands, with what to do.

#include <rapidcheck.h>

#include <algorithm>
#include <limits>

#include "living_support.h"

namespace kintsugi::schema {
namespace {

TEST_CASE("A trait is of exactly one kind", "[schema][living]") {
  CheckOneError("traits { name: 't' }", "4:1", "the trait `t` has no kind: give it one of count, sum, average, min,");
  CheckOneError("traits { name: 't' sum { of: 'x' } count {} }", "4:20", "`t` has `count` and `sum`: make two traits");
  CheckOneError("traits { name: 't' sum { of: 'x' } sum { of: 'y' } }", "4:40", "specified multiple times");
}

TEST_CASE("Traits and activities have names that fit, each once", "[schema][living]") {
  CheckOneError("traits { count {} }", "4:1", "a trait needs a name of letters");
  CheckOneError("traits { name: 'a b' count {} }", "4:10", "this is `a b`");
  CheckOneError("traits { count {} name: '" + std::string(65, 'a') + "' }", "4:19", "at most 64");
  CheckOneError("traits { name: 't' count {} }\ntraits { name: 't' count {} }", "5:10", "`t` is declared twice");
  CheckOneError("activities { name: '' }", "4:14", "an activity needs a name of letters");
  CheckOneError("activities { name: 'order' }", "4:14", "the activity `order` is declared twice");
  CHECK(Read("traits { name: 'order' count {} } traits { name: 'web' count {} }").traits.size() == 2);
}

TEST_CASE("What is named is declared", "[schema][living]") {
  CheckOneError("traits { name: 't' activity: 'odrer' count {} }", "4:20", "the activity `odrer` is not declared");
  CheckOneError("traits { name: 't' followed { by: 'x' within_hours: 1 } }", "4:31",
                "the activity `x` is not declared");
  CheckOneError("traits { name: 't' count {} source: 'web'\n source: 'app' }", "5:2",
                "the source `app` is not declared");
  CheckOneError("activities { name: 'a' source: 'app' }", "4:24", "the source `app` is not declared");
  CheckOneError("visits { source: 'web' source: 'app' }", "4:24", "the source `app` is not declared");
  CheckOneError("traits { name: 'r' ratio { of: 'r1' to: 's' } }\ntraits { name: 'r1' count {} }", "4:37",
                "the trait `s` is not declared: declare it or correct the name");
}

TEST_CASE("An activity and events are two ways to say which items", "[schema][living]") {
  CheckOneError("traits { name: 't' count {} activity: 'order' events: 'E' }", "4:47",
                "remove one of `activity` and `events`");
}

TEST_CASE("What a trait takes of an item is said", "[schema][living]") {
  for (const char* kind :
       {"sum", "average", "min", "max", "first", "last", "most_frequent", "distinct", "values", "top"})
    CheckOneError("traits { name: 't' " + std::string(kind) + " {} }", "4:20", "`of` is missing");
  CheckOneError("traits { name: 't' sum { of: '' } }", "4:26", "`of` is missing");
  CheckOneError("traits { name: 't' followed { within_hours: 1 } }", "4:20", "`by` is missing: name the activity");
}

TEST_CASE("Lists and the time to follow are bounded", "[schema][living]") {
  CheckOneError("traits { name: 't' values { of: 'x' limit: 0 } }", "4:37", "limit is a number from 1 to 10000");
  CheckOneError("traits { name: 't' values { of: 'x' limit: 10001 } }", "4:37", "limit is a number from 1 to 10000");
  CheckOneError("traits { name: 't' top { of: 'x' k: 0 } }", "4:34", "k is a number from 1 to 10000");
  CheckOneError("traits { name: 't' not_followed { by: 'order' } }", "4:20", "within_hours is a number from 1 to");
  CheckOneError("traits { name: 't' followed { by: 'order' within_hours: 876601 } }", "4:43", "from 1 to 876600");
  CHECK(TraitIn("traits { name: 't' top { of: 'x' k: 10000 } }").limit == 10'000);
}

// The error stands at the bound that the text has, of days or of hours.
TEST_CASE("A window holds time", "[schema][living]") {
  const std::string begin = "traits { name: 't' count {} window { ";
  const auto check = [&](const std::string& window, std::string_view place, std::string_view hint) {
    CheckOneError(begin + window + " } }", place, hint);
  };
  check("", "4:29", "the window is empty: give it `days`, `hours` or `calendar`");
  check("days: 2 hours: 48", "4:46", "days and hours say one thing: remove one");
  check("days: 2 until_days: 1 until_hours: 1", "4:60", "until_days and until_hours say one thing");
  check("days: 2 calendar: DAY", "4:46", "of days, of hours or of a calendar");
  check("until_days: 2 calendar: DAY", "4:52", "of days, of hours or of a calendar");
  check("back: 1", "4:38", "add `calendar: MONTH`");
  check("days: 2 back: 1", "4:46", "add `calendar: MONTH`");
  check("until_days: 2", "4:38", "say with `days` or `hours` where it begins");
  check("days: 2 until_days: 0", "4:46", "until_days is 1 or more");
  check("hours: 2 until_hours: 0", "4:47", "until_hours is 1 or more");
  check("days: 0", "4:38", "days has 1 to 36525");
  check("hours: 0", "4:38", "hours 1 to 876600");
  check("days: 36526", "4:38", "days has 1 to 36525");
  check("days: 4294967295", "4:38", "days has 1 to 36525");
  check("hours: 876601", "4:38", "hours 1 to 876600");
  check("days: 2 until_days: 2", "4:46", "the window ends before it begins");
  check("hours: 48 until_hours: 49", "4:48", "the window ends before it begins");
  check("days: 2 until_hours: 48", "4:46", "the window ends before it begins");
  check("calendar: DAY back: 36526", "4:52", "back is a number from 0 to 36525");
  check("days: -1", "4:44", "Expected integer");
  check("calendar: FORTNIGHT", "4:48", "the choices are DAY, WEEK, MONTH, QUARTER, YEAR");
}

TEST_CASE("A condition compares exactly once", "[schema][living]") {
  CheckOneError("traits { name: 't' count {} where { property: 'p' } }", "4:29",
                "the condition on `p` does not compare");
  CheckOneError("activities { name: 'a' where { property: 'p' at_least: 1 at_most: 2 } }", "4:58",
                "`at_least` and `at_most`: give each a `where` of its own");
  CheckOneError("traits { name: 't' count {} where { property: 'p' is: 'a' is_not: 'b' } }", "4:59",
                "`is` and `is_not`");
  CheckOneError("traits { name: 't' count {} where { is: 'a' } }", "4:29", "the property is missing");
}

TEST_CASE("A condition has a pattern that RE2 reads, and a bound that is a decimal", "[schema][living]") {
  CheckOneError(
      "traits { name: 't' count {}\n where { property: 'p' exists: true } where { property: 'p' matches: '(a' } }",
      "5:61", "`(a` is not an RE2 expression: missing )");
  for (const char* bound : {"nan", "inf", "-inf", "1.1e13", "-1.1e13"}) {
    CheckOneError("traits { name: 't' count {} where { property: 'p' more_than: " + std::string(bound) + " } }", "4:51",
                  "a bound is a number from -1e13 to 1e13");
  }
}

TEST_CASE("What begins with `$` is one of the three that an item says of itself", "[schema][living]") {
  const auto check = [](const std::string& text, std::string_view place) {
    CheckOneError(text, place, "there is no `$tiem`: what an item says of itself is `$name`, `$source` and `$time`");
  };
  check("traits { name: 't' first { of: '$tiem' } }", "4:28");
  check("traits { name: 't' sum { of: '$tiem' } }", "4:26");
  check("traits { name: 't' values { of: '$tiem' } }", "4:29");
  check("traits { name: 't' count {} where { property: '$tiem' exists: true } }", "4:37");
  check("traits { name: 't' count {} where { property: '$tiem' at_least: 1 } }", "4:37");
  check("activities { name: 'a' once_per: '$tiem' }", "4:24");
  check("activities { name: 'a' number { name: 'n' field: 'x' field: '$tiem' } }", "4:54");
  check("activities { name: 'a' text { name: 'n' field: '$tiem' } }", "4:41");
  CheckOneError("traits { name: 't' first { of: '$' } }", "4:28", "there is no `$`");
  CheckOneError("traits { name: 't' first { of: '$name.x' } }", "4:28", "there is no `$name.x`");
  CHECK(Read("activities { name: 'a' once_per: '$time' text { name: 'n' field: 'shop$' field: '$source' }\n"
             "where { property: '$name' matches: 'O.*' } }")
            .activities.size() == 2);
}

TEST_CASE("A path has no empty part", "[schema][living]") {
  for (const char* path : {"a..b", ".a", "a.", ".", "a.b..c"}) {
    const std::string quoted = "'" + std::string(path) + "' ";
    const std::string hint = "the path `" + std::string(path) + "` has an empty part: write names with one `.` between";
    CheckOneError("traits { name: 't' sum { of: " + quoted + "} }", "4:26", hint);
    CheckOneError("traits { name: 't' top { of: " + quoted + "} }", "4:26", hint);
    CheckOneError("traits { name: 't' count {} where { property: " + quoted + "more_than: 1 } }", "4:37", hint);
    CheckOneError("activities { name: 'a' once_per: " + quoted + "}", "4:24", hint);
    CheckOneError("activities { name: 'a' number { name: 'n' field: " + quoted + "} }", "4:43", hint);
  }
  CHECK(TraitIn("traits { name: 't' sum { of: 'a.0.b' } }").of == "a.0.b");
}

TEST_CASE("What an item says of itself is a text, and where only numbers count it is refused", "[schema][living]") {
  for (const std::string place : {"$name", "$source", "$time"}) {
    const std::string quoted = "'" + place + "' ";
    for (const std::string kind : {"sum", "average", "min", "max"}) {
      CheckOneError("traits { name: 't' " + kind + " {\n of: " + quoted + "} }", "5:2",
                    "`" + kind + "` is of numbers, and `" + place + "` is a text: name a number");
    }
    for (const std::string bound : {"at_least", "more_than", "at_most", "less_than"}) {
      CheckOneError("traits { name: 't' count {} where { property: " + quoted + "\n " + bound + ": 1 } }", "5:2",
                    "`" + bound + "` compares numbers, and `" + place + "` is a text: use `is`");
    }
    CheckOneError("activities { name: 'a' number { name: 'n'\n field: " + quoted + "} }", "5:2",
                  "`n` is a number, and `" + place + "` is a text: give the text a `text` of its own");
    for (const std::string kind : {"first", "last", "most_frequent", "distinct", "values", "top"})
      CHECK(TraitIn("traits { name: 't' " + kind + " { of: " + quoted + "} }").of == place);
  }
}

TEST_CASE("What is written out is not empty", "[schema][living]") {
  CheckOneError("activities { name: 'a' once_per: '' }", "4:24", "`once_per` is empty: name");
  CheckOneError("retention { name: '' days: 1 }", "4:13", "the name is empty: name the event, or leave out `name`");
  CheckOneError("retention { days: 1 }\nretention { name: '' days: 1 }", "5:13", "the name is empty");
}

TEST_CASE("Traits of other traits have no items of their own", "[schema][living]") {
  const std::string begin = "traits { name: 'n' count {} }\ntraits { name: 't' total { of: 'n' } ";
  for (const char* field :
       {"activity: 'order'", "events: 'E'", "source: 'web'", "where { property: 'p' is: 'x' }", "window { days: 1 }"}) {
    CheckOneError(begin + field + " }", "5:38", "`total` is computed from other traits and has no items of its own");
  }
}

TEST_CASE("An operand is a trait whose value can be a number", "[schema][living]") {
  const std::string lists = "traits { name: 'l' values { of: 'x' } } traits { name: 'm' top { of: 'x' } }\n";
  CheckOneError(lists + "traits { name: 't' total { of: 'l' } }", "5:28", "the trait `l` is a list: name another");
  CheckOneError(lists + "traits { name: 't' band { of: 'm' at: 1 } }", "5:27", "the trait `m` is a list");
  CheckOneError("traits { name: 't' total {} }", "4:20", "`total` needs other traits: name them");
  CheckOneError("traits { name: 'n' count {} }\ntraits { name: 't' ratio { of: 'n' } }", "5:20",
                "`ratio` needs another");
  for (const char* kind : {"count {}", "sum { of: 'x' }", "average { of: 'x' }", "min { of: 'x' }", "max { of: 'x' }",
                           "first { of: 'x' }", "last { of: 'x' }", "most_frequent { of: 'x' }", "distinct { of: 'x' }",
                           "followed { by: 'order' within_hours: 1 }", "not_followed { by: 'order' within_hours: 1 }",
                           "days_since_last {}"}) {
    INFO(kind);
    const std::string trait = "traits { name: 'n' " + std::string(kind) + " } ";
    CHECK(TraitIn(trait + "traits { name: 't' band { of: 'n' at: 1 } }").operands == Strings{"n"});
  }
}

TEST_CASE("A band has bounds that ascend", "[schema][living]") {
  const std::string begin = "traits { name: 'n' count {} }\ntraits { name: 't' band { of: 'n' ";
  CheckOneError(begin + "} }", "5:20", "a band has no bounds: add `at: …`, ascending");
  CheckOneError(begin + "at: 1 at: 5 at: 2 } }", "5:47", "bounds ascend, and 2 comes after 5: put them in order");
  CheckOneError(begin + "at: 1 at: 1 } }", "5:41", "bounds ascend");
  CheckOneError(begin + "at: 1 at: 1.0000001 } }", "5:41", "bounds ascend");  // the same decimal
  CheckOneError(begin + "at: nan } }", "5:35", "a bound is a number");
}

TEST_CASE("A circle among traits is told as the circle, where it begins", "[schema][living]") {
  CheckOneError("traits { name: 'a' total { of: 'a' } }", "4:28", "in a circle, a → a: take one of them out");
  CheckOneError(
      "traits { name: 'n' count {} }\ntraits { name: 'a' ratio { of: 'n' to: 'b' } }\n"
      "traits { name: 'b' band { of: 'c' at: 1 } }\ntraits { name: 'c' difference { of: 'a' minus: 'n' } }",
      "5:36", "in a circle, a → b → c → a: take");
  // What only leads to a circle is no part of it; the first that is declared begins it.
  CheckOneError(
      "traits { name: 'z' total { of: 'y' } }\ntraits { name: 'x' total { of: 'y' of: 'y' } }\n"
      "traits { name: 'y' total { of: 'x' } }",
      "5:28", "in a circle, x → y → x: take");
}

TEST_CASE("Two circles are told as two, and sharing an operand is none", "[schema][living]") {
  const std::string errors = ErrorsOf(
      "traits { name: 'a' total { of: 'b' } }\ntraits { name: 'b' total { of: 'a' of: 'c' } }\n"
      "traits { name: 'c' total { of: 'b' } }");
  CHECK(errors.find("s:4:28: ") == 0);
  CHECK(errors.find("a → b → a") != std::string::npos);
  CHECK(errors.find("\ns:5:36: ") != std::string::npos);
  CHECK(errors.find("b → c → b") != std::string::npos);
  CHECK(Read("traits { name: 't' total { of: 'u' of: 'v' } } traits { name: 'u' total { of: 'n' } }\n"
             "traits { name: 'v' total { of: 'n' of: 'u' } } traits { name: 'n' count {} }")
            .traits.size() == 4);
}

TEST_CASE("An activity's numbers and texts have names and fields, each name once", "[schema][living]") {
  CheckOneError("activities { name: 'a' number { name: 'n' field: 'x' } text { name: 'n' field: 'y' } }", "4:63",
                "`n` is declared twice");
  CheckOneError("activities { name: 'a' number { field: 'x' } }", "4:24", "a number or text needs a name");
  CheckOneError("activities { name: 'a' text { name: 'n' } }", "4:24", "`n` has no field: add `field: …`");
  CheckOneError("activities { name: 'a' text { name: 'n' field: 'x' field: '' } }", "4:52", "the field is missing");
  CheckOneError("activities { name: 'a' events: 'E' events: '' }", "4:36", "name the event, or remove `events`");
}

TEST_CASE("A calendar has a zone that exists", "[schema][living]") {
  CheckOneError("calendar { zone: 'Europe/Berln' }", "4:12",
                "there is no time zone `Europe/Berln`: name one of the IANA");
  for (const char* zone : {"", "europe/berlin", "Etc/Unknown", "GMT+3", "+02:00", "PST", "IST", "UTC\\000"})
    CheckOneError("calendar { zone: '" + std::string(zone) + "' }", "4:12", "there is no time zone `");
  CheckOneError("calendar { week_starts: WEDNESDY }", "4:25", "the choices are MONDAY, TUESDAY");
  for (const char* zone :
       {"UTC", "Europe/Berlin", "America/St_Johns", "EST", "Etc/GMT+3", "Pacific/Apia", "Asia/Kathmandu"})
    CHECK(Read("calendar { zone: '" + std::string(zone) + "' }").calendar.zone == zone);
}

TEST_CASE("Visits and retention have bounds, and a name is retained once", "[schema][living]") {
  CheckOneError("visits { gap_minutes: 0 }", "4:10", "gap_minutes is a number from 1 to 525600");
  CheckOneError("visits { gap_minutes: 525601 }", "4:10", "gap_minutes is a number from 1 to 525600");
  CheckOneError("visits {} visits {}", "4:18", "specified multiple times");
  CheckOneError("retention { name: 'a' days: 0 }", "4:23", "days is a number from 1 to 36525");
  CheckOneError("retention { name: 'a' }", "4:1", "days is a number from 1 to 36525");
  CheckOneError("retention { name: 'a' days: 36526 }", "4:23", "days is a number from 1 to 36525");
  CheckOneError("retention { name: 'a' days: 1 }\nretention { name: 'a' days: 2 }", "5:13", "`a` is declared twice");
  CheckOneError("retention { days: 1 }\nretention { days: 2 }", "5:1", "without a name is for all events");
}

TEST_CASE("A record's event has a name, and properties that are filled once", "[schema][living]") {
  const std::string begin = "sources { name: 't' table { key: 'id'\n event { ";
  CheckOneError(begin + "time: 'at' } } }", "5:2", "the event that a record of `t` is has no name: add `name: …`");
  CheckOneError(begin + "name: '' } } }", "5:10", "has no name");
  CheckOneError(begin + "name: 'E' time: '' } } }", "5:20", "or leave out `time`, and the version's time counts");
  CheckOneError(begin + "name: 'E' properties { name: 'p' } } } }", "5:20", "the field is missing: name a column");
  CheckOneError(begin + "name: 'E' properties { field: 'p' } properties { field: 'q' name: 'p' } } } }", "5:70",
                "the property `p` is filled twice");
  CheckOneError(begin + "name: 'E' properties { field: 'p' name: '' } } } }", "5:44", "the property has no name");
  CheckOneError("sources { name: 't' events { event { name: 'E' } } }", "4:30", "there is no field `event` here");
}

TEST_CASE("There are only so many traits, activities and conditions", "[schema][living]") {
  std::string traits, activities, conditions;
  for (int i = 0; i < 1000; ++i) traits += "traits { name: 't" + std::to_string(i) + "' count {} }\n";
  for (int i = 0; i < 998; ++i) activities += "activities { name: 'a" + std::to_string(i) + "' }\n";
  for (int i = 0; i < 100; ++i) conditions += "where { property: 'p' is_not: '" + std::to_string(i) + "' }\n";
  CHECK(Read(traits + activities + "activities { name: 'b' " + conditions + " }\n").traits.size() == 1000);
  CheckOneError(traits + "traits { name: 'u' count {} }", "1004:1", "more than 1,000 traits: remove some");
  CheckOneError(activities + "activities { name: 'b' } activities { name: 'c' }", "1002:26",
                "more than 1,000 activities");
  CheckOneError("traits { name: 't' count {}\n" + conditions + "where { property: 'p' exists: true } }", "105:1",
                "more than 100 conditions: remove some");
}

// A wrong choice hides neither what stands elsewhere nor is it told twice.
TEST_CASE("All mistakes are told, a line each, in the order of the text", "[schema][living]") {
  const std::string errors = ErrorsOf(
      "traits { name: 't' }\ntraits { name: 't' sum {} count {} }\nvisits { gap_minutes: 0 }\ncalendar { zone: 'x' }\n"
      "traits { name: 'u' count {} where { property: '' matches: '[' } }");
  const Strings places = {
      "s:4:1: ", "\ns:5:10: ", "\ns:5:20: ", "\ns:6:10: ", "\ns:7:12: ", "\ns:8:37: ", "\ns:8:50: "};
  INFO(errors);
  size_t at = 0;
  for (const std::string& place : places) {
    const size_t next = errors.find(place, at);
    REQUIRE(next != std::string::npos);
    at = next + 1;
  }
  CHECK(std::count(errors.begin(), errors.end(), '\n') == static_cast<std::ptrdiff_t>(places.size()) - 1);
}

// Built in code there is more to get wrong, and ToText() must not fall over it.
TEST_CASE("Validate finds in traits that were built in code what a text cannot say", "[schema][living]") {
  const auto check = [](const Trait& trait, std::string_view message) {
    Schema schema = Read("traits { name: 'n' count {} }");
    schema.traits.push_back(trait);
    CHECK(schema.Validate().message() == "schema: traits[1]." + std::string(message));
    CHECK_FALSE(schema.ToText().empty());
  };
  check({.name = "t", .kind = TraitKind::kRatio, .operands = {"n"}}, "ratio: `ratio` needs other traits: name them");
  check({.name = "t", .kind = TraitKind::kBand, .bounds = {1}}, "band: `band` needs other traits: name them");
  check({.name = "t", .sliding = SlidingWindow{24, 0}, .calendar = CalendarWindow{}},
        "window: a window is of days, of hours or of a calendar: remove one of them");
  check({.name = "t", .items = {.where = {{.property = "p", .comparison = Comparison::kIs}}}},
        "where[0].is: `is` needs a value: add one");
  check({.name = "t", .items = {.where = {{.property = "p", .comparison = Comparison::kIsNot, .values = {"a", "b"}}}}},
        "where[0].is_not: `is_not` needs exactly one value: give each a condition");
  check({.name = "t",
         .items = {.where = {{.property = "p",
                              .comparison = Comparison::kAtMost,
                              .bound = std::numeric_limits<double>::quiet_NaN()}}}},
        "where[0].at_most: a bound is a number from -1e13 to 1e13: correct it");
}

TEST_CASE("A block of the living sections that is not closed is told where it begins", "[schema][living]") {
  CheckOneError("traits { name: 't' sum { of: 'x'\n window { days: 1 } }", "4:20",
                "the block `sum` that begins here has no `}` before `window` on line 5");
  CheckOneError("traits { name: 't' window { day: 1 } count {} }", "4:29",
                "no field `day` here: the fields are days, until_days, hours, until_hours, calendar, back");
}

TEST_CASE("Damaged text of the living sections gives a schema or an error", "[schema][living]") {
  CHECK(rc::check("a text with some bytes replaced is read or refused", [] {
    std::string text = WithBase(kPage);
    for (int i = *rc::gen::inRange(1, 5); i > 0; --i) {
      text[*rc::gen::inRange<size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
    }
    const auto schema = Schema::Parse(text);
    if (!schema.ok()) RC_ASSERT(std::string(schema.status().message()).starts_with("schema:"));
    if (schema.ok()) RC_ASSERT(Schema::Parse(schema->ToText())->ToText() == schema->ToText());
  }));
}

}  // namespace
}  // namespace kintsugi::schema
