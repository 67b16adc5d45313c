// What a schema says of who is like what, of commerce, loyalty and the feed: its text means what docs/schema.md says,
// and is told again in one canonical form.

#include <rapidcheck.h>

#include <cmath>
#include <set>
#include <utility>

#include "living_support.h"

namespace kintsugi::schema {
namespace {

using What = SegmentCondition::What;

std::string TextOf(std::string_view text) {
  return Read(text).ToText();
}

// Of a segment with one condition, in a schema with two traits and another segment.
SegmentCondition ConditionIn(const std::string& condition) {
  const Schema schema = Read(
      "traits { name: 'n' count {} } traits { name: 'f' first { of: 'x' } } segments { name: 'other' all { attribute: "
      "'a' is: 'x' } }\nsegments { name: 's' all { " +
      condition + " } }");
  REQUIRE(schema.segments.size() == 2);
  REQUIRE(schema.segments[1].members.all.size() == 1);
  return schema.segments[1].members.all[0];
}

Loyalty LoyaltyIn(const std::string& text) {
  const Schema schema = Read("loyalty { " + text + " }");
  REQUIRE(schema.loyalty);
  return *schema.loyalty;
}

TEST_CASE("The contract's segments mean what it says", "[schema][segments]") {
  const Schema schema = Read(kSegmentsPage);
  CHECK(schema.Validate().ok());
  REQUIRE(schema.segments.size() == 3);
  CHECK(schema.segments[0].name == "customers");
  const SegmentCondition orders = {
      .what = What::kTrait, .name = "orders", .comparison = Comparison::kAtLeast, .bound = 1};
  CHECK(schema.segments[0].members == SegmentCondition{.all = {orders}});
  const SegmentCondition& at_risk = schema.segments[1].members;
  CHECK(at_risk.what == What::kGroup);
  REQUIRE(at_risk.all.size() == 2);
  CHECK(at_risk.all[0] == SegmentCondition{.what = What::kSegment, .name = "customers"});
  CHECK(at_risk.all[1] ==
        SegmentCondition{
            .what = What::kTrait, .name = "days_since_order", .comparison = Comparison::kMoreThan, .bound = 60});
  CHECK(at_risk.any.empty());
  REQUIRE(at_risk.none.size() == 1);
  CHECK(at_risk.none[0] ==
        SegmentCondition{.what = What::kAttribute, .name = "vip", .comparison = Comparison::kIs, .values = {"true"}});
  const SegmentCondition& cart_left = schema.segments[2].members;
  CHECK(cart_left.all.empty());
  REQUIRE(cart_left.any.size() == 2);
  CHECK(cart_left.any[0].name == "cart_abandoned");
  CHECK(cart_left.any[1].what == What::kGroup);
  REQUIRE(cart_left.any[1].all.size() == 2);
  CHECK(cart_left.any[1].all[1].comparison == Comparison::kAtMost);
}

TEST_CASE("The contract's commerce, loyalty and feed mean what it says", "[schema][segments]") {
  const Schema schema = Read(kSegmentsPage);
  REQUIRE(schema.commerce);
  CHECK(schema.commerce->abandoned_after_minutes == 30);
  REQUIRE(schema.feed);
  CHECK_FALSE(schema.feed->attributes);
  CHECK(schema.feed->keep_days == 30);
  CHECK(schema.traits[0].feed);
  CHECK_FALSE(schema.traits[1].feed);
  REQUIRE(schema.loyalty);
  const Loyalty& loyalty = *schema.loyalty;
  REQUIRE(loyalty.earn.size() == 2);
  CHECK(loyalty.earn[0].items.events == Strings{"Order Completed"});
  CHECK(loyalty.earn[0].of == "total");
  CHECK(loyalty.earn[0].points_per == 1);
  CHECK(loyalty.earn[0].points == 0);
  CHECK(loyalty.earn[0].times == 0);
  CHECK(loyalty.earn[1].of.empty());
  CHECK(loyalty.earn[1].points == 50);
  CHECK(loyalty.earn[1].times == 1);
  CHECK(loyalty.earn[1].times_days == 30);
  REQUIRE(loyalty.spend.size() == 1);
  CHECK(loyalty.spend[0].items.events == Strings{"Reward Redeemed"});
  CHECK(loyalty.spend[0].of == "points");
  CHECK(loyalty.expire_days == 365);
  REQUIRE(loyalty.tiers.size() == 2);
  CHECK(loyalty.tiers[0].name == "silver");
  CHECK(loyalty.tiers[1].earned == 2000);
  CHECK(loyalty.tiers[1].days == 365);
}

TEST_CASE("A condition is about each thing that a profile has", "[schema][segments]") {
  CHECK(ConditionIn("trait: 'n' at_most: 2").what == What::kTrait);
  CHECK(ConditionIn("attribute: 'any words' exists: false").what == What::kAttribute);
  CHECK(ConditionIn("attribute: 'any words' exists: false").name == "any words");
  CHECK(ConditionIn("segment: 'other'").what == What::kSegment);
  CHECK(ConditionIn("has: 'email'") == SegmentCondition{.what = What::kHas, .name = "email"});
  CHECK(ConditionIn("first_seen_days {} at_most: 7").what == What::kFirstSeenDays);
  CHECK(ConditionIn("last_seen_days {} more_than: 60").what == What::kLastSeenDays);
  const SegmentCondition group = ConditionIn("any { has: 'email' } none { segment: 'other' }");
  CHECK(group.what == What::kGroup);
  CHECK(group.any.size() == 1);
  CHECK(group.none.size() == 1);
}

TEST_CASE("Every comparison of a segment's condition is read", "[schema][segments]") {
  CHECK(ConditionIn("trait: 'f' is: 'x' is: 'true'").values == Strings{"x", "true"});
  CHECK(ConditionIn("trait: 'f' is_not: ''").comparison == Comparison::kIsNot);
  CHECK(ConditionIn("trait: 'f' is_not: ''").values == Strings{""});
  const std::vector<std::pair<std::string, Comparison>> bounds = {{"at_least", Comparison::kAtLeast},
                                                                  {"more_than", Comparison::kMoreThan},
                                                                  {"at_most", Comparison::kAtMost},
                                                                  {"less_than", Comparison::kLessThan}};
  for (const auto& [name, comparison] : bounds) {
    for (const char* subject : {"trait: 'n' ", "attribute: 'a' ", "first_seen_days {} ", "last_seen_days {} "}) {
      const SegmentCondition condition = ConditionIn(subject + name + ": 0.25");
      INFO(subject << name);
      CHECK(condition.comparison == comparison);
      CHECK(condition.bound == 0.25);
    }
  }
  CHECK_FALSE(ConditionIn("trait: 'n' exists: false").exists);
  CHECK(ConditionIn("attribute: 'a' matches: 'a+|b'").pattern == "a+|b");
}

// People look for the comparison in the block, and the other conditions have it after the name.
TEST_CASE("Days compare in their block or after it", "[schema][segments]") {
  for (const char* days : {"first_seen_days", "last_seen_days"}) {
    for (const char* comparison : {"is: '1' is: '2'", "is_not: '3'", "at_least: 4", "more_than: 5", "at_most: 6",
                                   "less_than: 7", "exists: false"}) {
      const std::string word = days, compared = comparison;
      INFO(word << " " << compared);
      const SegmentCondition inside = ConditionIn(word + " { " + compared + " }");
      CHECK(inside == ConditionIn(word + " {} " + compared));
      CHECK(inside == ConditionIn(compared + " " + word + " {}"));
    }
  }
}

TEST_CASE("Segments are declared in any order, and shared", "[schema][segments]") {
  const Schema schema = Read(
      "segments { name: 'a' all { segment: 'b' } none { segment: 'c' } } segments { name: 'b' any { segment: 'c' } }\n"
      "segments { name: 'c' all { has: 'email' } }");
  CHECK(schema.segments[0].members.all[0].name == "b");
  CHECK(schema.segments[2].name == "c");
}

TEST_CASE("What commerce and loyalty bring are traits like others", "[schema][segments]") {
  for (const char* name : {"cart", "cart_value", "cart_since", "cart_abandoned", "cart_path", "orders", "revenue",
                           "average_order", "first_order", "last_order", "order_gap_days", "categories", "coupons",
                           "points", "points_expiring_30d", "tier"}) {
    INFO(name);
    const std::string condition = "all { trait: '" + std::string(name) + "' exists: true }";
    CHECK(Read("commerce {} loyalty {} segments { name: 's' " + condition + " }").segments.size() == 1);
    CHECK(Read("traits { name: '" + std::string(name) + "' count {} }").traits.size() == 1);
  }
  for (const char* name :
       {"cart_value", "orders", "revenue", "average_order", "order_gap_days", "points", "points_expiring_30d"}) {
    INFO(name);
    const std::string band = "traits { name: 't' band { of: '" + std::string(name) + "' at: 1 } }";
    CHECK(TraitIn("commerce {} loyalty {} " + band).operands == Strings{name});
  }
  CHECK(TraitIn("commerce {} traits { name: 't' ratio { of: 'revenue' to: 'orders' } }").operands.size() == 2);
  CHECK(TraitIn("commerce {} traits { name: 't' difference { of: 'revenue' minus: 'cart_value' } }").name == "t");
  CHECK(TraitIn("loyalty {} traits { name: 'u' count {} } traits { name: 't' total { of: 'points' of: 'u' } }").name ==
        "t");
}

TEST_CASE("What is left out of commerce, loyalty and the feed has its default", "[schema][segments]") {
  CHECK_FALSE(Read("").commerce);
  CHECK_FALSE(Read("").loyalty);
  CHECK_FALSE(Read("").feed);
  CHECK(Read("commerce { abandoned_after_minutes: 5 }").commerce->abandoned_after_minutes == 5);
  CHECK(Read("feed {}").feed->attributes);
  CHECK(Read("feed { attributes: ALL }").feed->attributes);
  CHECK(Read("feed {}").feed->keep_days == 0);
  CHECK(LoyaltyIn("").earn.empty());
  CHECK(LoyaltyIn("").expire_days == 0);
  CHECK(LoyaltyIn("earn { of: 'total' }").earn[0].points_per == 1);
  const Loyalty::Earn earn = LoyaltyIn(
                                 "earn { activity: 'order' source: 'web' where { property: 'p' is: 'x' } of: "
                                 "'total' points_per: 0.0000015 }")
                                 .earn[0];
  CHECK(earn.activity == "order");
  CHECK(earn.items.sources == Strings{"web"});
  CHECK(earn.items.where[0].values == Strings{"x"});
  CHECK(earn.points_per == 0.000002);  // half to even, as bounds are
  CHECK(LoyaltyIn("spend { activity: 'order' source: 'pos' of: 'cost' }").spend[0].activity == "order");
}

TEST_CASE("The text of a schema with segments reads back as the same text", "[schema][segments]") {
  const Schema schema = Read(kSegmentsPage);
  const auto again = Schema::Parse(schema.ToText());
  REQUIRE(again.ok());
  CHECK(again->ToText() == schema.ToText());
  REQUIRE(again->segments.size() == 3);
  CHECK(again->segments[1].members == schema.segments[1].members);
  CHECK(again->loyalty->earn[1].times_days == 30);
  CHECK(again->traits[0].feed);
}

TEST_CASE("Segments, loyalty and the feed that mean the same have the same text", "[schema][segments]") {
  const std::string terse = TextOf(
      "traits { name: 'n' count {} feed: true } traits { name: 'm' count {} } commerce {} feed {}\n"
      "segments { name: 's' all { trait: 'n' at_least: 0.3 } all { has: 'email' } any { attribute: 'a' is: 'x' is: 'y' "
      "} any { all { trait: 'n' exists: true } all { last_seen_days {} more_than: 60 } } }\n"
      "loyalty { earn { events: 'E' events: 'F' of: 'x' where { property: 'p' is: 'a' } where { property: 'q' is: 'b' "
      "} } }");
  const std::string wordy = TextOf(
      "feed { keep_days: 0 attributes: ALL } commerce { abandoned_after_minutes: 30 }\n"
      "loyalty { expire_days: 0 earn { where { is: 'b' property: 'q' } where { property: 'p' is: ['a', 'a'] }\n"
      "          points_per: 1.0 points: 0 of: 'x' events: ['F', 'E', 'F'] } }\n"
      "segments { any { all { last_seen_days { more_than: 60.0 } } all { trait: 'n' exists: true }\n"
      "                 all { trait: 'n' exists: true } }\n"
      "           any { is: ['y', 'x', 'y'] attribute: 'a' } any { attribute: 'a' is: 'x' is: 'y' }\n"
      "           all { has: 'email' } all { trait: 'n' at_least: 0.30000000000000004 } name: 's' }\n"
      "traits { feed: true name: 'n' count {} } traits { name: 'm' count {} feed: false }");
  CHECK(terse == wordy);
}

TEST_CASE("Segments, commerce, loyalty and feeds that mean different things have different texts",
          "[schema][segments]") {
  const std::string base = "traits { name: 'n' count {} } segments { name: 'o' all { has: 'email' } } feed {}\n";
  std::set<std::string> texts = {TextOf(base)};
  for (const char* more : {"commerce {}",
                           "commerce { abandoned_after_minutes: 31 }",
                           "loyalty {}",
                           "loyalty { expire_days: 1 }",
                           "loyalty { earn { of: 'x' } }",
                           "loyalty { earn { of: 'x' points_per: 0.5 } }",
                           "loyalty { earn { of: 'x' activity: 'order' } }",
                           "loyalty { earn { of: 'x' events: 'order' } }",
                           "loyalty { earn { points: 1 } }",
                           "loyalty { earn { points: 1 at_most { times: 1 days: 2 } } }",
                           "loyalty { earn { points: 1 at_most { times: 2 days: 1 } } }",
                           "loyalty { earn { points: 1 } earn { points: 1 } }",
                           "loyalty { spend { of: 'x' } }",
                           "loyalty { spend { of: 'x' } spend { of: 'y' } }",
                           "loyalty { spend { of: 'y' } spend { of: 'x' } }",
                           "loyalty { tiers { name: 'a' earned: 1 days: 1 } }",
                           "loyalty { tiers { name: 'a' earned: 2 days: 1 } }",
                           "loyalty { tiers { name: 'a' earned: 1 days: 2 } }",
                           "traits { name: 't' count {} }",
                           "traits { name: 't' count {} feed: true }",
                           "segments { name: 's' all { has: 'email' } }",
                           "segments { name: 's' any { has: 'email' } }",
                           "segments { name: 's' none { has: 'email' } }",
                           "segments { name: 's' all { segment: 'o' } }",
                           "segments { name: 's' all { attribute: 'n' is: '1' } }",
                           "segments { name: 's' all { trait: 'n' is: '1' } }",
                           "segments { name: 's' all { trait: 'n' is_not: '1' } }",
                           "segments { name: 's' all { trait: 'n' at_least: 1 } }",
                           "segments { name: 's' all { trait: 'n' more_than: 1 } }",
                           "segments { name: 's' all { trait: 'n' at_most: 1 } }",
                           "segments { name: 's' all { trait: 'n' less_than: 1 } }",
                           "segments { name: 's' all { trait: 'n' exists: true } }",
                           "segments { name: 's' all { trait: 'n' exists: false } }",
                           "segments { name: 's' all { attribute: 'n' matches: '1' } }",
                           "segments { name: 's' all { first_seen_days {} at_most: 1 } }",
                           "segments { name: 's' all { last_seen_days {} at_most: 1 } }",
                           "segments { name: 's' all { none { has: 'email' } } }"}) {
    INFO(more);
    CHECK(texts.insert(TextOf(base + more)).second);
  }
  CHECK(TextOf("feed {}") != TextOf(""));
  CHECK(TextOf("feed { attributes: NONE }") != TextOf("feed {}"));
  CHECK(TextOf("feed { keep_days: 1 }") != TextOf("feed {}"));
  // Segments are told in the schema's order, and of tiers the last counts.
  const std::string a = "segments { name: 'a' all { has: 'email' } } ",
                    b = "segments { name: 'b' all { has: 'email' } } ";
  CHECK(TextOf(a + b) != TextOf(b + a));
  const std::string low = "tiers { name: 'a' earned: 1 days: 1 } ", high = "tiers { name: 'b' earned: 2 days: 1 } ";
  CHECK(TextOf("loyalty { " + low + high + "}") != TextOf("loyalty { " + high + low + "}"));
}

// A schema without these sections keeps the text that databases know it by.
TEST_CASE("Schemas without the new sections have no word of them in their text", "[schema][segments]") {
  for (const char* word : {"segments", "commerce", "loyalty", "feed"})
    CHECK(TextOf(kPage).find(word) == std::string::npos);
  CHECK(TextOf("commerce {} feed {} loyalty {}").ends_with("commerce {\n}\nloyalty {\n}\nfeed {\n}\n"));
}

// A leaf, or up to so deep a group.
SegmentCondition AnyCondition(int depth) {
  const auto what = static_cast<What>(*rc::gen::inRange(depth > 0 ? 0 : 1, 7));
  const auto conditions = [&] {
    std::vector<SegmentCondition> out;
    for (int i = *rc::gen::inRange(1, 3); i > 0; --i) out.push_back(AnyCondition(depth - 1));
    return out;
  };
  SegmentCondition out = {.what = what};
  if (what == What::kGroup) {
    out.all = conditions();
    if (*rc::gen::arbitrary<bool>()) out.any = conditions();
    if (*rc::gen::arbitrary<bool>()) out.none = conditions();
    return out;
  }
  if (what == What::kTrait) out.name = "n";
  if (what == What::kAttribute) out.name = "a" + *rc::gen::arbitrary<std::string>();
  if (what == What::kSegment) out.name = "o";
  if (what == What::kHas) out.name = "email";
  if (what == What::kSegment || what == What::kHas) return out;
  out.comparison = static_cast<Comparison>(*rc::gen::inRange(0, 7));
  if (out.comparison == Comparison::kIs) out.values = {*rc::gen::arbitrary<std::string>()};
  if (out.comparison == Comparison::kIsNot) out.values = {*rc::gen::arbitrary<std::string>()};
  if (out.comparison == Comparison::kExists)
    out.exists = *rc::gen::arbitrary<bool>();
  else if (out.comparison >= Comparison::kAtLeast)
    out.bound = *rc::gen::inRange(-1'000'000'000, 1'000'000'000) / 1e6;
  return out;
}

// Backwards, and each condition twice.
SegmentCondition Shuffled(const SegmentCondition& condition) {
  SegmentCondition out = condition;
  for (auto* conditions : {&out.all, &out.any, &out.none}) {
    std::vector<SegmentCondition> shuffled;
    for (const SegmentCondition& each : *conditions) shuffled.insert(shuffled.begin(), 2, Shuffled(each));
    *conditions = std::move(shuffled);
  }
  return out;
}

TEST_CASE("Whatever conditions a segment has, its text carries them, in whichever order", "[schema][segments]") {
  CHECK(rc::check("Parse(ToText(schema)) has the same text as the shuffled schema", [] {
    Schema schema = Read("traits { name: 'n' count {} } segments { name: 'o' all { has: 'email' } }");
    schema.segments.push_back({.name = "s", .members = {.all = {AnyCondition(3)}}});
    const std::string text = schema.ToText();
    RC_ASSERT(schema.Validate().ok());
    const auto again = Schema::Parse(text);
    RC_ASSERT(again.ok());
    RC_ASSERT(again->ToText() == text);
    schema.segments[1].members = Shuffled(schema.segments[1].members);
    RC_ASSERT(schema.ToText() == text);
  }));
}

}  // namespace
}  // namespace kintsugi::schema
