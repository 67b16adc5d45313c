// Random segments of random profiles: as a naive evaluation has them, and from one due instant to the next the same.

#include <rapidcheck.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "catch.h"
#include "reference/living_values.h"
#include "unit/living/segment_examples.h"

namespace kintsugi::living::segment_examples {
namespace {

int Below(int end) {
  return *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, end));
}
template <typename T>
T OneOf(const std::vector<T>& choice) {
  return choice[static_cast<size_t>(Below(static_cast<int>(choice.size())))];
}

// ---- the naive evaluation

const Segment& SegmentNamed(const Schema& schema, const std::string& name) {
  return *std::find_if(schema.segments.begin(), schema.segments.end(), [&](const auto& s) { return s.name == name; });
}

bool Has(const Schema& schema, const Person& person, const std::string& name) {
  for (size_t i = 0; i < schema.namespaces.size(); ++i) {
    const auto& numbers = person.namespaces;
    if (schema.namespaces[i].name == name) return std::count(numbers.begin(), numbers.end(), kNumbers[i]) > 0;
  }
  return false;
}

std::optional<Value> ValueNamed(const std::map<std::string, Value>& values, const std::string& name) {
  const auto found = values.find(name);
  return found != values.end() ? std::optional(found->second) : std::nullopt;
}

std::optional<Value> DaysFrom(Time then, Time now) {
  if (now == kNeverLast || then == kNeverLast || then == kNeverFirst) return std::nullopt;
  int64_t days = 0;
  while (then + (days + 1) * kDay <= now) ++days;
  return days;
}

bool NaivelyCompares(const SegmentCondition& condition, const std::optional<Value>& value) {
  Item item;
  if (value) item.properties = {{"p", *value}};
  const Condition comparison{.property = "p",
                             .comparison = condition.comparison,
                             .values = condition.values,
                             .bound = condition.bound,
                             .exists = condition.exists,
                             .pattern = condition.pattern};
  return testing::Holds(comparison, testing::ValuesOf(Schema(), nullptr, "p", item));
}

bool NaivelyHolds(const Schema& schema, const SegmentCondition& condition, const Person& person, Time now) {
  const auto holds = [&](const SegmentCondition& inner) { return NaivelyHolds(schema, inner, person, now); };
  switch (condition.what) {
    case What::kGroup:
      return std::all_of(condition.all.begin(), condition.all.end(), holds) &&
             (condition.any.empty() || std::any_of(condition.any.begin(), condition.any.end(), holds)) &&
             std::none_of(condition.none.begin(), condition.none.end(), holds);
    case What::kTrait:
      return NaivelyCompares(condition, ValueNamed(person.traits, condition.name));
    case What::kAttribute:
      return NaivelyCompares(condition, ValueNamed(person.attributes, condition.name));
    case What::kSegment:
      return holds(SegmentNamed(schema, condition.name).members);
    case What::kHas:
      return Has(schema, person, condition.name);
    case What::kFirstSeenDays:
      return NaivelyCompares(condition, DaysFrom(person.first_seen, now));
    case What::kLastSeenDays:
      return NaivelyCompares(condition, DaysFrom(person.last_seen, now));
  }
  return false;
}

std::vector<uint32_t> NaiveMembership(const Schema& schema, const Person& person, Time now) {
  std::vector<uint32_t> segments;
  for (size_t i = 0; i < schema.segments.size(); ++i) {
    if (NaivelyHolds(schema, schema.segments[i].members, person, now)) segments.push_back(static_cast<uint32_t>(i));
  }
  return segments;
}

// ---- random segments, profiles and times

SegmentCondition ALeaf(const std::vector<std::string>& segments) {
  static const std::vector<std::string> texts = {"0",   "1",    "2",     "3", "5",  "1.0", "1.5", "-1",
                                                 "7e0", "true", "false", "x", "xy", "",    "null"};
  SegmentCondition leaf = Leaf(OneOf<What>({What::kTrait, What::kAttribute, What::kHas, What::kFirstSeenDays,
                                            What::kLastSeenDays, What::kLastSeenDays, What::kSegment}));
  if (leaf.what == What::kSegment && segments.empty()) leaf.what = What::kFirstSeenDays;
  if (leaf.what == What::kTrait) leaf.name = OneOf<std::string>({"total", "favourites", "orders"});
  if (leaf.what == What::kAttribute) leaf.name = OneOf<std::string>({"a", "b", "vip"});
  if (leaf.what == What::kHas) leaf.name = OneOf<std::string>({"customer", "email"});
  if (leaf.what == What::kSegment) leaf.name = OneOf(segments);
  leaf.comparison = static_cast<Comparison>(Below(8));
  for (int i = leaf.comparison == Comparison::kIs ? 1 + Below(4) : 1; i > 0; --i) leaf.values.push_back(OneOf(texts));
  leaf.bound = OneOf<double>({-1, 0, 0.5, 1, 2, 3, 3.000001, 7, 1e13});
  leaf.exists = Below(2) == 0;
  leaf.pattern = OneOf<std::string>({"x", "x.*", ".*", "[0-9]"});
  return leaf;
}

SegmentCondition ACondition(const std::vector<std::string>& segments, int depth) {
  if (depth == 0 || Below(3) == 0) return ALeaf(segments);
  SegmentCondition group;
  for (auto* list : {&group.all, &group.any, &group.none}) {
    for (int i = Below(3); i > 0; --i) list->push_back(ACondition(segments, depth - 1));
  }
  return group;
}

// Each asks for those that were made before it, and may be declared before them.
Schema ASchema() {
  std::vector<Segment> segments;
  std::vector<std::string> names;
  for (int i = 1 + Below(5); i > 0; --i) {
    const std::string name = "s" + std::to_string(i);
    const auto place = segments.begin() + Below(static_cast<int>(segments.size()) + 1);
    segments.insert(place, With(name, ACondition(names, 3)));
    names.push_back(name);
  }
  return ShopWith(std::move(segments));
}

// Around the instants at which days turn.
Time ATime() {
  return kNow + kDay * (Below(12) - 4) + kInstant * (Below(3) - 1) + (Below(3) == 0 ? 5h : 0h);
}

Person APerson() {
  static const std::vector<Value> values = {int64_t{0},
                                            int64_t{1},
                                            int64_t{3},
                                            1.5,
                                            1.0,
                                            3.000001,
                                            true,
                                            false,
                                            "x",
                                            "xy",
                                            "",
                                            "1",
                                            Json{"[]"},
                                            Json{"[1,\"x\"]"},
                                            Json{R"([{"value":"x","count":3},[true,1.0]])"}};
  Person person;
  for (const uint16_t number : {7, 3, 5}) {
    if (Below(2) == 0) person.namespaces.push_back(number);
  }
  for (const char* name : {"a", "b", "vip"}) {
    if (Below(3) != 0) person.attributes[name] = OneOf(values);
  }
  for (const char* name : {"total", "favourites", "orders"}) {
    if (Below(3) != 0) person.traits[name] = OneOf(values);
  }
  person.first_seen = Below(8) == 0 ? kNeverFirst : ATime();
  person.last_seen = Below(8) == 0 ? kNeverLast : ATime();
  return person;
}

Time ANow() {
  return Below(10) == 0 ? kNeverLast : ATime();
}

// Some instants from `now` on and before `due`.
std::vector<Time> Between(Time now, Time due) {
  const Time begin = std::max(now, kNow - 8 * kDay);
  const Time end = std::min(due, kNow + 40 * kDay);
  std::vector<Time> times = {now};
  if (begin >= end) return times;
  times.push_back(begin);
  times.push_back(end - kInstant);
  for (int i = 0; i < 10; ++i) times.push_back(begin + (end - begin) / 1000 * Below(1000));
  std::erase_if(times, [&](Time time) { return time >= due; });
  return times;
}

}  // namespace

TEST_CASE("Whatever segments are declared, a profile is a member of those that it is like", "[living]") {
  CHECK(rc::check("as a naive evaluation has it", [] {
    const Schema schema = ASchema();
    const Person person = APerson();
    const Time now = ANow();
    RC_ASSERT(MembershipOf(schema, person, now).segments == NaiveMembership(schema, person, now));
  }));
}

TEST_CASE("Between due instants neither a membership changes nor what is due next", "[living]") {
  CHECK(rc::check("from one due instant to the next", [] {
    const Schema schema = ASchema();
    const Person person = APerson();
    Time now = ANow();
    for (int step = 0; step < 20; ++step) {
      const Membership membership = MembershipOf(schema, person, now);
      for (const Time then : Between(now, membership.due)) {
        RC_ASSERT(NaiveMembership(schema, person, then) == membership.segments);
        // Else what is stored would tell when it was asked for.
        if (now != kNeverLast) RC_ASSERT(MembershipOf(schema, person, then).due == membership.due);
      }
      if (membership.due >= kNow + 100 * kDay) return;
      RC_ASSERT(membership.due > now || membership.due == kNeverLast);
      now = std::max(membership.due, kNow - 8 * kDay);  // no time is before all times for ever
    }
  }));
}

TEST_CASE("A comparison of days is due exactly when it turns", "[living]") {
  CHECK(rc::check("one condition", [] {
    SegmentCondition leaf = ALeaf({});
    leaf.what = OneOf<What>({What::kFirstSeenDays, What::kLastSeenDays});
    const Schema schema = ShopWith({With("s", leaf)});
    const Person person = APerson();
    const Membership membership = MembershipOf(schema, person, ANow());
    if (membership.due == kNeverFirst) return;
    const Time due = std::max(membership.due, kNow - 8 * kDay);
    RC_ASSERT(MembershipOf(schema, person, due).segments != membership.segments);
  }));
}

}  // namespace kintsugi::living::segment_examples
