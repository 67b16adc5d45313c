// What is wrong with segments, commerce, loyalty and the feed: each mistake is told where it stands, with what to do.

#include <rapidcheck.h>

#include <algorithm>
#include <limits>

#include "living_support.h"

namespace kintsugi::schema {
namespace {

// In a segment of the fourth line, whose condition begins in column 27.
void CheckCondition(const std::string& condition, std::string_view place, std::string_view hint) {
  CheckOneError("segments { name: 's' all { " + condition + " } } traits { name: 'n' count {} }", place, hint);
}

// In a loyalty program of the fourth line, which begins in column 11.
void CheckLoyalty(const std::string& text, std::string_view place, std::string_view hint) {
  CheckOneError("loyalty { " + text + " }", place, hint);
}

TEST_CASE("Segments have names that fit, each once, and conditions", "[schema][segments]") {
  CheckOneError("segments { all { has: 'email' } }", "4:1", "a segment needs a name of letters");
  CheckOneError("segments { name: 'a b' all { has: 'email' } }", "4:12", "this is `a b`");
  CheckOneError("segments { name: 's' all { has: 'email' } }\nsegments { name: 's' any { has: 'email' } }", "5:12",
                "the segment `s` is declared twice: remove or rename one");
  CheckOneError("segments { name: 's' }", "4:1", "the segment `s` has no condition: add `all { … }`");
  CheckOneError("segments { name: 's' all {} }", "4:22", "the condition is empty: name a `trait`");
  CheckOneError("segments { name: 's' all { any { none {} } } }", "4:34", "the condition is empty");
}

TEST_CASE("What a segment names is declared, but for attributes", "[schema][segments]") {
  CheckCondition("trait: 'x' is: '1'", "4:28", "the trait `x` is not declared: declare it or correct the name");
  CheckCondition("any { has: 'email' } any { has: 'phone' }", "4:55",
                 "the namespace `phone` is not declared: declare it or correct the name");
  CheckCondition("has: 'web'", "4:28", "the namespace `web` is not declared");
  CheckCondition("segment: 't'", "4:28", "the segment `t` is not declared: declare it or correct the name");
  for (const char* what : {"trait", "attribute", "segment", "has"}) {
    const std::string comparison = std::string(what).ends_with("te") || std::string(what) == "trait" ? " is: 'x'" : "";
    CheckCondition(std::string(what) + ": ''" + comparison, "4:28",
                   "the name is missing: say which `" + std::string(what) + "` it is");
  }
}

TEST_CASE("What commerce and loyalty bring is there with them, and its name is taken", "[schema][segments]") {
  CheckCondition("trait: 'cart_value' at_least: 1", "4:28",
                 "the trait `cart_value` is not declared: declare it, or add `commerce {}`, which brings it");
  CheckOneError("commerce {} traits { name: 't' band { of: 'points' at: 1 } }", "4:39",
                "the trait `points` is not declared: declare it, or add `loyalty {}`, which brings it");
  CheckOneError("traits { name: 'orders' count {} } commerce {}", "4:10",
                "the name `orders` is taken: `commerce` brings a trait of that name; rename this one, or use that");
  CheckOneError("loyalty {} traits { name: 'tier' count {} }", "4:21", "the name `tier` is taken: `loyalty` brings");
  CHECK(Read("commerce {} traits { name: 'tier' count {} }").traits.size() == 1);
  CHECK(Read("loyalty {} traits { name: 'orders' count {} }").traits.size() == 1);
}

TEST_CASE("What commerce and loyalty bring is an operand if it is a number", "[schema][segments]") {
  const auto check = [](const std::string& name, const std::string& what) {
    CheckOneError("commerce {} loyalty {} traits { name: 't' total { of: '" + name + "' } }", "4:51",
                  "`total` needs a number, and the trait `" + name + "` is " + what + ": name another");
  };
  for (const char* name : {"cart", "cart_path", "categories", "coupons"}) check(name, "a list");
  for (const char* name : {"cart_since", "first_order", "last_order"}) check(name, "a time");
  check("cart_abandoned", "true or false");
  check("tier", "a text");
}

TEST_CASE("A segment's condition is about one thing, or a group", "[schema][segments]") {
  CheckCondition(
      "trait: 'n' attribute: 'a' is: 'x'", "4:39",
      "a condition is about one thing, and this has `trait` and `attribute`: give each a condition of its own");
  CheckCondition("first_seen_days {} last_seen_days {} at_most: 3", "4:47", "`first_seen_days` and `last_seen_days`");
  CheckCondition("has: 'email' any { has: 'email' }", "4:41",
                 "a condition is about one thing or it is a group, and this has `has` and `any`");
  CheckCondition("trait: 'n' none { has: 'email' }", "4:39", "this has `trait` and `none`");
  CheckCondition("trait: 'n' attribute: 'a'", "4:39", "this has `trait` and `attribute`");
  CheckCondition("at_least: 3", "4:22",
                 "nothing says what `at_least` compares: give the condition one of trait, "
                 "attribute, segment, has, first_seen_days, last_seen_days");
  CheckCondition("any { has: 'email' } is: 'x'", "4:49",
                 "a group compares nothing: move `is` into the condition that it belongs to");
  CheckCondition("consent: 'x'", "4:28", "there is no field `consent` here: the fields are trait, attribute, segment");
}

TEST_CASE("A segment's condition compares exactly once", "[schema][segments]") {
  CheckCondition("trait: 'n'", "4:22", "the condition on `n` does not compare: give it one of is, is_not, at_least,");
  CheckCondition("attribute: 'a'", "4:22", "the condition on `a` does not compare");
  CheckCondition("last_seen_days {}", "4:22", "the condition on `last_seen_days` does not compare");
  CheckCondition("trait: 'n' at_least: 1 at_most: 2", "4:51",
                 "compares once, and this has `at_least` and `at_most`: give each a condition of its own");
  CheckCondition("first_seen_days { at_least: 1 at_most: 2 }", "4:58",
                 "`first_seen_days.at_least` and `first_seen_days.at_most`");
  CheckCondition("last_seen_days { at_least: 1 } at_most: 2", "4:45", "`at_most` and `last_seen_days.at_least`");
}

TEST_CASE("A segment and an identifier are there or not, and compare nothing", "[schema][segments]") {
  CheckCondition("has: 'email' is: 'a@b.c'", "4:41",
                 "`has` compares nothing: remove `is`, or put the condition into `none` for its contrary");
  CheckOneError("segments { name: 's' all { segment: 't' exists: false } } segments { name: 't' all { has: 'email' } }",
                "4:41", "`segment` compares nothing: remove `exists`");
}

TEST_CASE("A comparison fits what it compares", "[schema][segments]") {
  CheckCondition("trait: 'n' matches: 'a'", "4:39",
                 "`matches` is for texts, and the trait `n` is a number: compare it otherwise");
  CheckCondition("first_seen_days {} matches: '1'", "4:47",
                 "`matches` is for texts, and `first_seen_days` is a number: compare it otherwise");
  CheckCondition("last_seen_days { matches: '1' }", "4:45", "`matches` is for texts");
  const std::string begin = "commerce {} loyalty {} segments { name: 's' all { trait: ";
  CheckOneError(begin + "'tier' at_least: 1 } }", "4:65", "`at_least` is for numbers, and the trait `tier` is a text");
  CheckOneError(begin + "'cart_abandoned' less_than: 1 } }", "4:75", "is true or false: compare it otherwise");
  CheckOneError(begin + "'last_order' more_than: 1 } }", "4:71", "the trait `last_order` is a time");
  CheckOneError(begin + "'cart_abandoned' matches: 'true' } }", "4:75", "`matches` is for texts");
  CHECK(Read("traits { name: 'l' values { of: 'x' } } traits { name: 'f' first { of: 'x' } }\n"
             "segments { name: 's' all { trait: 'l' at_least: 1 } all { trait: 'l' matches: 'a' } all { trait: 'f' "
             "at_most: 1 } all { trait: 'f' matches: 'a' } }")
            .segments.size() == 1);
}

TEST_CASE("A segment's condition has a pattern that RE2 reads, and a bound that is a decimal", "[schema][segments]") {
  CheckCondition("attribute: 'a' matches: '(a'", "4:43", "`(a` is not an RE2 expression: missing )");
  for (const char* bound : {"nan", "inf", "-1.1e13"}) {
    const std::string compared = "at_most: " + std::string(bound);
    CheckCondition("trait: 'n' " + compared, "4:39", "a bound is a number from -1e13 to 1e13");
    CheckCondition("first_seen_days {} " + compared, "4:47", "a bound is a number");
    CheckCondition("first_seen_days { " + compared + " }", "4:46", "a bound is a number");
  }
}

TEST_CASE("A circle among segments is told as the circle, where it begins", "[schema][segments]") {
  CheckOneError("segments { name: 'a' none { segment: 'a' } }", "4:29",
                "segments are made of one another in a circle, a → a: take one of them out");
  // What only leads to a circle is no part of it; the first that is declared begins it.
  CheckOneError(
      "segments { name: 'z' all { segment: 'y' } }\n"
      "segments { name: 'x' all { has: 'email' } any { none { has: 'email' } none { segment: 'y' } } }\n"
      "segments { name: 'y' all { segment: 'w' } }\nsegments { name: 'w' any { segment: 'x' } all { segment: 'x' } }",
      "5:78", "in a circle, x → y → w → x: take");
}

TEST_CASE("Groups lie in one another only so deep", "[schema][segments]") {
  const auto nested = [](int depth) {
    std::string text = "segments { name: 's' ";
    for (int i = 0; i < depth; ++i) text += "all { ";
    text += "all { has: 'email' } ";
    for (int i = 0; i < depth; ++i) text += "} ";
    return text + "}";
  };
  CHECK(Read(nested(16)).segments.size() == 1);
  CheckOneError(nested(17), "4:118", "more than 16 deep: move some into a segment of their own");
  CheckOneError(nested(100'000), "4:620", "the blocks lie in one another too deep");
}

TEST_CASE("There are only so many segments and conditions", "[schema][segments]") {
  std::string segments, conditions;
  for (int i = 0; i < 1000; ++i) segments += "segments { name: 's" + std::to_string(i) + "' all { has: 'email' } }\n";
  for (int i = 0; i < 1000; ++i) conditions += "any { attribute: 'a' is: '" + std::to_string(i) + "' }\n";
  CHECK(Read(segments).segments.size() == 1000);
  CHECK(Read("segments { name: 's' " + conditions + "}").segments[0].members.any.size() == 1000);
  CheckOneError(segments + "segments { name: 't' all { has: 'email' } }", "1004:1", "more than 1,000 segments");
  CheckOneError("segments { name: 's'\n" + conditions + "none { has: 'email' } none { has: 'email' } }", "1005:1",
                "more than 1,000 conditions in one segment");
  CheckOneError("segments { name: 's' all {\n" + conditions + "} }", "1004:1", "more than 1,000 conditions");
}

TEST_CASE("A cart is abandoned after minutes", "[schema][segments]") {
  CheckOneError("commerce { abandoned_after_minutes: 0 }", "4:12",
                "abandoned_after_minutes is a number from 1 to 525600");
  CheckOneError("commerce { abandoned_after_minutes: 525601 }", "4:12", "a number from 1 to 525600");
  CheckOneError("commerce {} commerce {}", "4:22", "specified multiple times");
}

TEST_CASE("An item earns by what it says, or as many points as all", "[schema][segments]") {
  CheckLoyalty("earn { events: 'E' }", "4:11", "nothing says how many points an item earns: add `points: …`");
  CheckLoyalty("earn { points: 0 }", "4:11", "nothing says how many points an item earns");
  CheckLoyalty("earn { points_per: 2 }", "4:11", "or `of: …` for each unit of what it says");
  CheckLoyalty("earn { of: 'x' points: 5 }", "4:26", "an item earns by `of` or by `points`: remove one of them");
  CheckLoyalty("earn { points: 5 points_per: 1 }", "4:28",
               "points_per is for each unit of what an item says: add `of: …` instead of `points`, or remove it");
  CheckLoyalty("earn { points: 4294967296 }", "4:26", "Integer out of range");
  for (const char* rate : {"0", "-1", "nan", "inf", "0.0000004", "4294967296"}) {
    CheckLoyalty("earn { of: 'x' points_per: " + std::string(rate) + " }", "4:26",
                 "points_per is a decimal of six places, from 0.000001 to 4294967295: correct it");
  }
  CHECK(Read("loyalty { earn { of: 'x' points_per: 0.000001 } earn { of: 'x' points_per: 4294967295 } }").loyalty);
}

TEST_CASE("Only so many items earn in so many days", "[schema][segments]") {
  CheckLoyalty("earn { points: 5 at_most {} }", "4:28", "give it `times` and `days`");
  CheckLoyalty("earn { points: 5 at_most { times: 0 days: 0 } }", "4:28", "give it `times` and `days`");
  CheckLoyalty("earn { points: 5 at_most { times: 1 } }", "4:28", "days is a number from 1 to 36525");
  CheckLoyalty("earn { points: 5 at_most { times: 1 days: 36526 } }", "4:47", "days is a number from 1 to 36525");
  CheckLoyalty("earn { points: 5 at_most { days: 1 } }", "4:28", "times is a number from 1 on");
  CheckLoyalty("earn { points: 5 at_most { days: 1 times: 0 } }", "4:46", "times is a number from 1 on");
}

TEST_CASE("What earns and spends is declared, and what it costs is said", "[schema][segments]") {
  CheckLoyalty("earn { activity: 'odrer' points: 5 }", "4:18", "the activity `odrer` is not declared");
  CheckLoyalty("earn { activity: 'order' events: 'E' points: 5 }", "4:36", "remove one of `activity` and `events`");
  CheckLoyalty("spend { of: 'x' activity: 'odrer' }", "4:27", "the activity `odrer` is not declared");
  CheckLoyalty("spend { of: 'x' source: 'app' }", "4:27", "the source `app` is not declared");
  CheckLoyalty("spend { of: 'x' events: '' }", "4:27", "name the event, or remove `events`");
  CheckLoyalty("spend { events: 'E' }", "4:11", "`of` is missing: name a number of the activity");
  CheckLoyalty("earn { points: 5 where { property: 'p' } }", "4:28", "the condition on `p` does not compare");
  CheckLoyalty("spend { of: 'x' where { property: 'p' is: 'a' is_not: 'b' } }", "4:57",
               "`is` and `is_not`: give each a `where` of its own");
  CheckLoyalty("spend { of: 'x' where { property: 'p' matches: '[' } }", "4:49", "is not an RE2 expression");
}

TEST_CASE("Tiers have names, each once, and say when they are reached", "[schema][segments]") {
  CheckLoyalty("tiers { earned: 1 days: 1 }", "4:11", "the tier has no name: add `name: …`");
  CheckLoyalty("tiers { name: 'a' earned: 1 days: 1 }\ntiers { name: 'a' earned: 2 days: 1 }", "5:9",
               "the tier `a` is declared twice: remove or rename one");
  CheckLoyalty("tiers { name: 'a' days: 1 }", "4:11", "earned is a number from 1 to 1000000000000000");
  CheckLoyalty("tiers { name: 'a' earned: 1000000000000001 days: 1 }", "4:29", "earned is a number from 1 to");
  CheckLoyalty("tiers { name: 'a' earned: 1 }", "4:11", "days is a number from 1 to 36525");
  CheckLoyalty("tiers { name: 'a' earned: 1 days: 36526 }", "4:39", "days is a number from 1 to 36525");
  CHECK(Read("loyalty { tiers { name: 'Gold & more' earned: 2 days: 1 } tiers { name: 'b' earned: 1 days: 1 } }")
            .loyalty->tiers.size() == 2);
}

TEST_CASE("Points expire and the feed is kept for days", "[schema][segments]") {
  CheckLoyalty("expire_days: 36526", "4:11", "expire_days is a number from 1 to 36525; without it points never expire");
  CheckOneError("feed { keep_days: 36526 }", "4:8", "keep_days is a number from 1 to 36525; without it");
  CheckOneError("feed { attributes: SOME }", "4:20", "no `SOME` for `attributes`: the choices are ALL, NONE");
}

TEST_CASE("A trait is told in a feed that is there", "[schema][segments]") {
  CheckOneError("traits { name: 't' count {} feed: true }", "4:29",
                "there is no feed to tell of `t`: add `feed {}` to the schema, or remove `feed`");
  CHECK(TraitIn("feed {} traits { name: 't' count {} feed: true }").feed);
  CHECK_FALSE(TraitIn("traits { name: 't' count {} feed: false }").feed);
}

TEST_CASE("Points are told by a number that an item can have", "[schema][segments]") {
  for (const std::string rule : {"earn", "spend"}) {
    const std::string begin = rule + " { of: ";
    const std::string place = rule == "earn" ? "4:18" : "4:19";
    CheckLoyalty(begin + "'$time' }", place, "`$time` is a text: name a number");
    CheckLoyalty(begin + "'$tmie' }", place, "there is no `$tmie`");
    CheckLoyalty(begin + "'a..b' }", place, "has an empty part");
  }
}

TEST_CASE("There are only so many rules of loyalty", "[schema][segments]") {
  const auto many = [](const std::string& rule) {
    std::string text = "loyalty {\n";
    for (int i = 0; i < 101; ++i) text += rule + "\n";
    return text + "}";
  };
  CheckOneError(many("earn { points: 1 }"), "105:1", "more than 100 of `earn`: remove some");
  CheckOneError(many("spend { of: 'x' }"), "105:1", "more than 100 of `spend`: remove some");
}

// A wrong choice hides neither what stands elsewhere nor is it told twice.
TEST_CASE("All mistakes in segments are told, a line each, in the order of the text", "[schema][segments]") {
  const std::string errors = ErrorsOf(
      "segments { name: 's'\nall { trait: 'x' }\nall { segment: 't' is: 'y' }\nany { attribute: '' has: 'z' }\n"
      "none {} }\nfeed { keep_days: 40000 }\nloyalty { tiers { name: '' } }");
  const Strings places = {"s:5:1: ",   "\ns:6:7: ",   "\ns:6:20: ",  "\ns:7:21: ", "\ns:8:1: ",
                          "\ns:9:8: ", "\ns:10:11: ", "\ns:10:11: ", "\ns:10:19: "};
  INFO(errors);
  size_t at = 0;
  for (const std::string& place : places) {
    const size_t next = errors.find(place, at);
    INFO(place);
    REQUIRE(next != std::string::npos);
    at = next + 1;
  }
  CHECK(std::count(errors.begin(), errors.end(), '\n') == static_cast<std::ptrdiff_t>(places.size()) - 1);
}

// Built in code there is more to get wrong, and ToText() must not fall over it.
TEST_CASE("Validate finds in segments that were built in code what a text cannot say", "[schema][segments]") {
  using What = SegmentCondition::What;
  const auto check = [](const SegmentCondition& members, std::string_view message) {
    Schema schema = Read("");
    schema.segments.push_back({.name = "s", .members = members});
    CHECK(schema.Validate().message() == "schema: segments[0]" + std::string(message));
    CHECK_FALSE(schema.ToText().empty());
  };
  check({.what = What::kHas, .name = "email"},
        ": the members of `s` are a group of conditions: put this one into its `all`");
  check({.all = {{.what = What::kAttribute, .name = "a", .comparison = Comparison::kIs}}},
        ".all[0].is: `is` needs a value: add one");
  check({.none = {{.what = What::kAttribute, .name = "a", .comparison = Comparison::kIsNot}}},
        ".none[0].is_not: `is_not` needs exactly one value: give each a condition");
  check({.any = {{.all = {{.what = What::kLastSeenDays,
                           .comparison = Comparison::kAtMost,
                           .bound = std::numeric_limits<double>::quiet_NaN()}}}}},
        ".any[0].all[0].at_most: a bound is a number from -1e13 to 1e13: correct it");
}

TEST_CASE("Validate finds what is wrong with loyalty that was built in code", "[schema][segments]") {
  const auto check = [](const Loyalty::Earn& earn, std::string_view message) {
    Schema schema = Read("");
    schema.loyalty = Loyalty{.earn = {earn}};
    CHECK(schema.Validate().message() == "schema: loyalty.earn[0]" + std::string(message));
    CHECK_FALSE(schema.ToText().empty());
  };
  check({.points_per = 2, .points = 5},
        ".points_per: points_per is for each unit of what an item says: add `of: …` instead of `points`, or remove it");
  check({.of = "x", .points_per = std::numeric_limits<double>::quiet_NaN()},
        ".points_per: points_per is a decimal of six places, from 0.000001 to 4294967295: correct it");
  check({.points = 5, .times = 1}, ".at_most.days: days is a number from 1 to 36525");
}

TEST_CASE("A block of a segment that is not closed is told where it begins", "[schema][segments]") {
  CheckOneError("segments { name: 's' all { has: 'email'\nsegments { name: 't' all { has: 'email' } }", "4:22",
                "the block `all` that begins here has no `}` before `segments` on line 5");
}

TEST_CASE("Damaged text of segments gives a schema or an error", "[schema][segments]") {
  CHECK(rc::check("a text with some bytes replaced is read or refused", [] {
    std::string text = WithBase(kSegmentsPage);
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
