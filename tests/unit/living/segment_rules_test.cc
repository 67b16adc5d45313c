// Which segments a profile is a member of, and when that changes by time alone: each kind of condition by example.

#include "living/segment_rules.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "heap.h"
#include "living/windows.h"
#include "unit/living/segment_examples.h"

namespace kintsugi::living::segment_examples {
namespace {

using Names = std::vector<std::string>;

Names SegmentsOf(const Schema& schema, const Person& person, Time now = kNow) {
  Names names;
  for (const uint32_t i : MembershipOf(schema, person, now).segments) names.push_back(schema.segments[i].name);
  return names;
}

bool Holds(const SegmentCondition& condition, const Person& person, Time now = kNow) {
  return !SegmentsOf(ShopWith({With("s", condition)}), person, now).empty();
}
std::optional<Time> DueOf(const SegmentCondition& condition, const Person& person, Time now = kNow) {
  return Known(MembershipOf(ShopWith({With("s", condition)}), person, now).due);
}

const SegmentCondition kTotal = Leaf(What::kTrait, "total");
const SegmentCondition kVip = Leaf(What::kAttribute, "vip");
const SegmentCondition kFirstSeen = Leaf(What::kFirstSeenDays);
const SegmentCondition kLastSeen = Leaf(What::kLastSeenDays);

Person Spent(Value total) {
  return {.traits = {{"total", std::move(total)}}};
}
Person Seen(Time::duration ago) {
  return {.first_seen = kNow - ago, .last_seen = kNow - ago};
}

}  // namespace

TEST_CASE("Traits that commerce and loyalty bring come after the declared ones", "[living]") {
  Schema schema = ShopWith();
  schema.loyalty = Loyalty();
  CHECK(TraitNamesOf(schema) == Names{"total", "favourites", "cart", "cart_value", "cart_since", "cart_abandoned",
                                      "cart_path", "orders", "revenue", "average_order", "first_order", "last_order",
                                      "order_gap_days", "categories", "coupons", "points", "points_expiring_30d",
                                      "tier"});
  schema.commerce.reset();
  CHECK(TraitNamesOf(schema) == Names{"total", "favourites", "points", "points_expiring_30d", "tier"});
  CHECK(TraitNamesOf(Schema()).empty());
}

TEST_CASE("A trait is compared as an item's property is", "[living]") {
  CHECK(Holds(Is(kTotal, {"4", "5"}), Spent(int64_t{5})));
  CHECK(Holds(Is(kTotal, {"5.0"}), Spent(int64_t{5})));
  CHECK_FALSE(Holds(Is(kTotal, {"5.0"}), Spent("5")));
  CHECK(Holds(IsNot(kTotal, "5"), Spent(5.5)));
  CHECK_FALSE(Holds(IsNot(kTotal, "5"), Spent(int64_t{5})));
  CHECK(Holds(AtLeast(kTotal, 5), Spent(int64_t{5})));
  CHECK_FALSE(Holds(Bound(kTotal, Comparison::kMoreThan, 5), Spent(int64_t{5})));
  CHECK(Holds(Bound(kTotal, Comparison::kMoreThan, 5), Spent(5.000001)));
  CHECK(Holds(Bound(kTotal, Comparison::kAtMost, 5), Spent(int64_t{5})));
  CHECK_FALSE(Holds(Bound(kTotal, Comparison::kLessThan, 5), Spent(int64_t{5})));
  CHECK(Holds(Exists(kTotal), Spent(int64_t{0})));
  CHECK_FALSE(Holds(Exists(kTotal, false), Spent(int64_t{0})));
  CHECK(Holds(Matches(kTotal, "a+"), Spent("aa")));
  CHECK_FALSE(Holds(Matches(kTotal, "a+"), Spent("aab")));
  CHECK_FALSE(Holds(Matches(kTotal, "5"), Spent(int64_t{5})));
  CHECK(Holds(Is(Leaf(What::kTrait, "cart_abandoned"), {"true"}), {.traits = {{"cart_abandoned", true}}}));
}

TEST_CASE("Of a list each element counts", "[living]") {
  const auto likes = [](const SegmentCondition& condition, const char* list) {
    return Holds(condition, {.traits = {{"favourites", Json{list}}}});
  };
  const SegmentCondition favourites = Leaf(What::kTrait, "favourites");
  CHECK(likes(Is(favourites, {"b", "c"}), R"(["a","b"])"));
  CHECK_FALSE(likes(Is(favourites, {"c"}), R"(["a","b"])"));
  CHECK_FALSE(likes(IsNot(favourites, "b"), R"(["a","b"])"));
  CHECK(likes(AtLeast(favourites, 5), R"(["x",4,5.5])"));
  CHECK(likes(Exists(favourites), R"(["a"])"));
  CHECK(likes(Exists(favourites, false), "[]"));
  CHECK_FALSE(likes(Is(favourites, {"a"}), R"([{"value":"a","count":1}])"));
}

TEST_CASE("Digits that no double has count, too", "[living]") {
  const Person person = Spent(Decimal::Parse("12345678901234567.123457")->ToValue());
  CHECK(Holds(Is(kTotal, {"12345678901234567.123457"}), person));
  CHECK_FALSE(Holds(Is(kTotal, {"12345678901234567.123458"}), person));
  CHECK(Holds(IsNot(kTotal, "12345678901234567"), person));
  CHECK(Holds(Bound(kTotal, Comparison::kMoreThan, 12345678901234566), person));
  CHECK_FALSE(Holds(Matches(kTotal, ".*"), person));
  CHECK(Holds(Exists(kTotal), person));
  CHECK(Holds(Is(kTotal, {"10000000000000000000"}), Spent(1e19)));
  CHECK_FALSE(Holds(Is(kTotal, {"10000000000000000000"}), Spent(int64_t{0})));  // beyond 64 bits is not 0
  const Person rich = Spent((Decimal::kMost + Decimal::kMost).ToValue());
  CHECK(Holds(AtLeast(kTotal, 5), rich));
  CHECK_FALSE(Holds(Bound(kTotal, Comparison::kLessThan, 5), rich));
}

TEST_CASE("An attribute is compared likewise, and of an ALL attribute any value fulfils it", "[living]") {
  const auto holds = [](const SegmentCondition& condition, Value value) {
    return Holds(condition, {.attributes = {{"a", "x"}, {"vip", std::move(value)}, {"z", "x"}}});
  };
  CHECK(holds(Is(kVip, {"true"}), true));
  CHECK(holds(Is(kVip, {"true"}), "true"));
  CHECK_FALSE(holds(Is(kVip, {"true"}), false));
  CHECK(holds(Is(kVip, {"gold"}), Json{R"(["basic","gold"])"}));
  CHECK_FALSE(holds(IsNot(kVip, "gold"), Json{R"(["basic","gold"])"}));
  CHECK(holds(AtLeast(kVip, 2), 2.5));
  CHECK(holds(Bound(kVip, Comparison::kLessThan, 3), 2.5));
  CHECK(holds(Matches(kVip, "g.*"), "gold"));
  CHECK(holds(Exists(kVip), ""));
}

TEST_CASE("What is absent fulfils is_not and exists: false, and nothing else", "[living]") {
  for (const SegmentCondition& leaf : {kTotal, Leaf(What::kTrait, "coupons"), kVip, kFirstSeen, kLastSeen}) {
    CAPTURE(static_cast<int>(leaf.what));
    CHECK(Holds(IsNot(leaf, "5"), {}));
    CHECK(Holds(Exists(leaf, false), {}));
    CHECK_FALSE(Holds(Exists(leaf), {}));
    CHECK_FALSE(Holds(Is(leaf, {"", "0", "null"}), {}));
    CHECK_FALSE(Holds(Matches(leaf, ".*"), {}));
    for (const Comparison comparison :
         {Comparison::kAtLeast, Comparison::kMoreThan, Comparison::kAtMost, Comparison::kLessThan}) {
      CHECK_FALSE(Holds(Bound(leaf, comparison, 0), {}));
    }
    CHECK_FALSE(DueOf(IsNot(leaf, "5"), {}));
  }
  // Fewer traits than the schema has are absent, too.
  const SegmentRules rules(ShopWith({With("s", Exists(kTotal, false))}), kNumbers);
  CHECK(rules.Evaluate({}, {}, kNow).segments == std::vector<uint32_t>{0});
}

TEST_CASE("A profile has a namespace if it has an identifier of it", "[living]") {
  const SegmentCondition has_email = Leaf(What::kHas, "email");
  CHECK(Holds(has_email, {.namespaces = {7, 3}}));
  CHECK_FALSE(Holds(has_email, {.namespaces = {7, 7}}));
  CHECK_FALSE(Holds(has_email, {}));
  CHECK_FALSE(Holds(has_email, {.namespaces = {0, 9, 60000}}));  // of an older schema
}

TEST_CASE("Days are whole and rounded down, and turn to the microsecond", "[living]") {
  for (const SegmentCondition& leaf : {kFirstSeen, kLastSeen}) {
    CHECK_FALSE(Holds(AtLeast(leaf, 2), Seen(2 * kDay - kInstant)));
    CHECK(Holds(AtLeast(leaf, 2), Seen(2 * kDay)));
    CHECK(Holds(Is(leaf, {"2"}), Seen(3 * kDay - kInstant)));
    CHECK(Holds(Is(leaf, {"0"}), Seen(-5 * kDay)));  // later than `now`: today
    CHECK_FALSE(Holds(Matches(leaf, ".*"), Seen(kDay)));

    const auto turns_in = [&](const SegmentCondition& condition, Time::duration ago) -> std::optional<Time::duration> {
      const auto due = DueOf(condition, Seen(ago));
      return due ? std::optional(*due - kNow) : std::nullopt;
    };
    CHECK(turns_in(AtLeast(leaf, 2), kDay + kInstant) == kDay - kInstant);
    CHECK(turns_in(AtLeast(leaf, 1.5), 0h) == 2 * kDay);
    CHECK(turns_in(AtLeast(leaf, 2), -kDay) == 3 * kDay);
    CHECK_FALSE(turns_in(AtLeast(leaf, 2), 2 * kDay));
    CHECK(turns_in(Bound(leaf, Comparison::kMoreThan, 2), 2 * kDay) == kDay);
    CHECK(turns_in(Bound(leaf, Comparison::kAtMost, 2), kDay) == 2 * kDay);
    CHECK(turns_in(Bound(leaf, Comparison::kLessThan, 2), kDay) == kDay);
    CHECK_FALSE(turns_in(Bound(leaf, Comparison::kLessThan, -2), kDay));
    CHECK(turns_in(Is(leaf, {"4", "9", "3", "2"}), kDay) == kDay);
    CHECK(turns_in(Is(leaf, {"4", "9", "3", "2"}), 2 * kDay) == 3 * kDay);
    CHECK_FALSE(turns_in(Is(leaf, {"1.5", "x", "-3"}), kDay));
    CHECK(turns_in(IsNot(leaf, "1"), kDay) == kDay);
    CHECK_FALSE(turns_in(IsNot(leaf, "1"), 2 * kDay));
    CHECK_FALSE(turns_in(Exists(leaf), kDay));
    CHECK_FALSE(turns_in(Matches(leaf, ".*"), kDay));
  }
}

TEST_CASE("First and last seen are two things", "[living]") {
  const Person person{.first_seen = kNow - 9 * kDay, .last_seen = kNow - 2 * kDay};
  CHECK(Holds(Is(kFirstSeen, {"9"}), person));
  CHECK(Holds(Is(kLastSeen, {"2"}), person));
  CHECK(DueOf(AtLeast(kLastSeen, 9), person) == kNow + 7 * kDay);
}

TEST_CASE("A group is due with the first of its conditions, and never if one fails for good", "[living]") {
  const Person person = Seen(kDay);
  const SegmentCondition in_one = AtLeast(kLastSeen, 2);
  const SegmentCondition in_nine = AtLeast(kLastSeen, 10);
  const SegmentCondition never = Exists(kVip);
  const auto due = [&](const SegmentCondition& group) { return DueOf(group, person); };
  CHECK(due({.all = {in_one, in_nine}}) == kNow + kDay);
  CHECK(due({.any = {in_nine, in_one}}) == kNow + kDay);
  CHECK(due({.none = {in_nine, in_one}}) == kNow + kDay);
  CHECK_FALSE(due({.all = {in_one, never}}));
  CHECK_FALSE(due({.all = {never, in_one}}));
  CHECK_FALSE(due({.any = {in_one, Exists(kVip, false)}}));
  CHECK_FALSE(due({.any = {never}, .none = {in_one}}));
}

TEST_CASE("What is beyond year 9999 is never due", "[living]") {
  const Person person = Seen(0h);
  const auto days = std::chrono::floor<std::chrono::days>(kEndOfTimes - kNow).count();
  CHECK(DueOf(AtLeast(kLastSeen, static_cast<double>(days)), person) == kNow + days * kDay);
  CHECK_FALSE(DueOf(AtLeast(kLastSeen, static_cast<double>(days + 1)), person));
  for (const double bound : {1e13, -1e13, 1e300}) CHECK_FALSE(DueOf(AtLeast(kLastSeen, bound), person));
  CHECK_FALSE(DueOf(Is(kLastSeen, {"10000000000000000000", "9223372036854775807"}), person));
}

TEST_CASE("Before all times nobody was seen any number of days ago", "[living]") {
  const Person person = Seen(0h);
  const auto at_first = [&](const SegmentCondition& condition) {
    const Membership membership = MembershipOf(ShopWith({With("s", condition)}), person, kNeverLast);
    return std::pair(!membership.segments.empty(), membership.due);
  };
  CHECK(at_first(Exists(kLastSeen)) == std::pair(false, kNeverLast));
  CHECK(at_first(Exists(kLastSeen, false)) == std::pair(true, kNeverLast));
  CHECK(at_first(IsNot(kLastSeen, "0")) == std::pair(true, kNeverLast));
  CHECK(at_first(Bound(kLastSeen, Comparison::kLessThan, 5)) == std::pair(false, kNeverLast));
  // On whatever day the clock begins, the days are 0 up to this one.
  CHECK(at_first(IsNot(kLastSeen, "3")) == std::pair(true, kNow + 3 * kDay));
  CHECK(at_first(AtLeast(kLastSeen, 30)) == std::pair(false, kNow + 30 * kDay));
  CHECK(at_first(Matches(kLastSeen, ".*")) == std::pair(false, kNeverFirst));
}

TEST_CASE("All of all, one of any if there are any, none of none", "[living]") {
  const SegmentCondition yes = Exists(kTotal);
  const SegmentCondition no = Exists(kVip);
  const Person person = Spent(int64_t{5});
  const auto holds = [&](const SegmentCondition& group) { return Holds(group, person); };
  CHECK(holds({}));
  CHECK(holds({.all = {yes, yes}}));
  CHECK_FALSE(holds({.all = {yes, no}}));
  CHECK(holds({.any = {no, yes}}));
  CHECK_FALSE(holds({.any = {no, no}}));
  CHECK(holds({.none = {no, no}}));
  CHECK_FALSE(holds({.none = {no, yes}}));
  CHECK(holds({.all = {yes}, .any = {no, yes}, .none = {no}}));
  CHECK_FALSE(holds({.all = {yes}, .any = {no}, .none = {no}}));
  CHECK(holds({.any = {{.all = {yes, no}}, {.none = {{.any = {no, no}}}}}}));
  CHECK_FALSE(holds({.none = {{.none = {no}}}}));
  CHECK(holds({.none = {{.none = {{.none = {no}}}}, no}}));
}

TEST_CASE("A segment asks for others, wherever those are declared", "[living]") {
  const Segment lost = With("lost", {.all = {Leaf(What::kSegment, "customers"), AtLeast(kLastSeen, 60)}});
  const Segment strangers{"strangers", {.none = {Leaf(What::kSegment, "customers")}}};
  const Segment customers = With("customers", AtLeast(kTotal, 1));
  const Segment won{"won", {.any = {Leaf(What::kSegment, "lost"), Leaf(What::kSegment, "strangers")}}};
  std::vector<Segment> segments = {customers, lost, strangers, won};
  Person person = Spent(int64_t{1});
  person.last_seen = kNow - 60 * kDay;
  const auto by_name = [](const Segment& a, const Segment& b) { return a.name < b.name; };
  do {
    const Schema schema = ShopWith(segments);
    CHECK(SegmentRules(schema, kNumbers).names() ==
          Names{segments[0].name, segments[1].name, segments[2].name, segments[3].name});
    Names expected;
    for (const Segment& segment : segments) {
      if (segment.name != "strangers") expected.push_back(segment.name);
    }
    CHECK(SegmentsOf(schema, person) == expected);
    CHECK(SegmentsOf(schema, person, kNow - kInstant) == Names{"customers"});
    CHECK(MembershipOf(schema, person, kNow - kInstant).due == kNow);
    // Who is no customer will never be lost.
    CHECK(MembershipOf(schema, {.last_seen = kNow}).due == kNeverFirst);
  } while (std::next_permutation(segments.begin(), segments.end(), by_name));
}

TEST_CASE("A schema without segments has no members", "[living]") {
  const SegmentRules rules(ShopWith(), kNumbers);
  CHECK(rules.empty());
  CHECK(rules.names().empty());
  CHECK(rules.Evaluate({.last_seen = kNow}, {}, kNow) == Membership());
  CHECK_FALSE(SegmentRules(ShopWith({{.name = "all"}}), kNumbers).empty());
}

TEST_CASE("Texts are compared where they stand", "[living]") {
  const std::string text(100'000, 'x');
  const std::string encoded = golden::EncodeValue(text);
  const SegmentRules rules(ShopWith({With("s", {.all = {Is(kVip, {"y", text}), Matches(kTotal, "x")}})}), kNumbers);
  golden::Parts parts;
  parts.attributes.push_back({.name = "vip", .value = encoded});
  const std::vector<std::string> traits = {golden::EncodeValue("x")};
  const testing::HeapPeak peak;
  const Membership membership = rules.Evaluate(parts, traits, kNow);
  const int64_t bytes = peak.bytes();
  CHECK(bytes < 1000);
  CHECK(membership.segments.size() == 1);
}

}  // namespace kintsugi::living::segment_examples
