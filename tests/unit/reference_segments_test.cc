// The naive segments and the naive replay of a feed are right, on examples that a person can check.

#include "reference/segments.h"
#include "unit/living/reference_examples.h"

namespace kintsugi::testing::examples {
namespace {

using What = SegmentCondition::What;

SegmentCondition Leaf(What what, std::string name, Comparison comparison = Comparison::kExists) {
  SegmentCondition leaf;
  leaf.what = what;
  leaf.name = std::move(name);
  leaf.comparison = comparison;
  return leaf;
}
SegmentCondition Is(What what, std::string name, std::string value) {
  SegmentCondition leaf = Leaf(what, std::move(name), Comparison::kIs);
  leaf.values = {std::move(value)};
  return leaf;
}
SegmentCondition IsNot(What what, std::string name, std::string value) {
  SegmentCondition leaf = Is(what, std::move(name), std::move(value));
  leaf.comparison = Comparison::kIsNot;
  return leaf;
}
SegmentCondition Bound(What what, std::string name, Comparison comparison, double bound) {
  SegmentCondition leaf = Leaf(what, std::move(name), comparison);
  leaf.bound = bound;
  return leaf;
}
SegmentCondition Exists(What what, std::string name, bool exists) {
  SegmentCondition leaf = Leaf(what, std::move(name));
  leaf.exists = exists;
  return leaf;
}
SegmentCondition All(std::vector<SegmentCondition> all) {
  SegmentCondition group;
  group.all = std::move(all);
  return group;
}

bool Fulfils(const NaivePerson& person, const SegmentCondition& condition, Schema schema = Shop()) {
  schema.segments = {{"s", All({condition})}};
  return NaiveSegments(schema, person) == std::vector<std::string>{"s"};
}

Trait Fed(std::string name, TraitKind kind) {
  Trait trait;
  trait.name = std::move(name);
  trait.kind = kind;
  trait.of = "v";
  trait.feed = true;
  return trait;
}

// Lines of a feed, numbered from 1.
std::vector<std::string> Feed(const std::vector<std::string>& entries) {
  std::vector<std::string> lines;
  for (const std::string& entry : entries) {
    lines.push_back("{\"sequence\":" + std::to_string(lines.size() + 1) +
                    ",\"recorded_at\":\"2026-03-01T10:00:00Z\",\"kind\":" + entry + "}");
  }
  return lines;
}
std::string Entry(const std::string& kind, const std::string& id, const std::string& more = "") {
  return "\"" + kind + "\",\"profile_id\":\"" + id + "\"" + (more.empty() ? "" : "," + more);
}
std::string Created(const std::string& id) {
  return Entry("PROFILE_CREATED", id);
}
std::string Entered(const std::string& id, const std::string& segment) {
  return Entry("SEGMENT_ENTERED", id, "\"segment\":\"" + segment + "\"");
}
std::string Left(const std::string& id, const std::string& segment) {
  return Entry("SEGMENT_LEFT", id, "\"segment\":\"" + segment + "\"");
}

using Profiles = std::map<std::string, ReplayedProfile>;

Profiles Replayed(const std::vector<std::string>& entries, const Schema& schema = Shop()) {
  const auto profiles = NaiveReplay(schema, Feed(entries));
  INFO(profiles.status().ToString());
  REQUIRE(profiles.ok());
  return *profiles;
}
bool IsImpossible(const std::vector<std::string>& entries) {
  // What comes before the last entry is possible.
  REQUIRE(NaiveReplay(Shop(), Feed({entries.begin(), entries.end() - 1})).ok());
  return !NaiveReplay(Shop(), Feed(entries)).ok();
}

}  // namespace

TEST_CASE("the twin's groups: all of all, one of any, none of none", "[living][reference]") {
  const NaivePerson person{.namespaces = {"email"}};
  const SegmentCondition yes = Leaf(What::kHas, "email");
  const SegmentCondition no = Leaf(What::kHas, "phone");
  const auto group = [&](std::vector<SegmentCondition> all, std::vector<SegmentCondition> any,
                         std::vector<SegmentCondition> none) {
    SegmentCondition out = All(std::move(all));
    out.any = std::move(any), out.none = std::move(none);
    return Fulfils(person, out);
  };
  CHECK(group({}, {}, {}));
  CHECK(group({yes, yes}, {}, {}));
  CHECK_FALSE(group({yes, no}, {}, {}));
  CHECK(group({}, {no, yes}, {}));
  CHECK_FALSE(group({yes}, {no, no}, {}));
  CHECK(group({}, {}, {no, no}));
  CHECK_FALSE(group({yes}, {yes}, {no, yes}));
  CHECK(group({All({yes, All({yes})})}, {}, {All({yes, no})}));
}

TEST_CASE("an absent value fulfils the twin's is_not and exists: false, and nothing else", "[living][reference]") {
  for (const What what : {What::kTrait, What::kAttribute, What::kFirstSeenDays, What::kLastSeenDays}) {
    CHECK(Fulfils({}, IsNot(what, "x", "1")));
    CHECK(Fulfils({}, Exists(what, "x", false)));
    CHECK_FALSE(Fulfils({}, Exists(what, "x", true)));
    CHECK_FALSE(Fulfils({}, Is(what, "x", "0")));
    for (const Comparison comparison :
         {Comparison::kAtLeast, Comparison::kMoreThan, Comparison::kAtMost, Comparison::kLessThan})
      CHECK_FALSE(Fulfils({}, Bound(what, "x", comparison, 0)));
    SegmentCondition matches = Leaf(what, "x", Comparison::kMatches);
    matches.pattern = ".*";
    CHECK_FALSE(Fulfils({}, matches));
  }
}

TEST_CASE("the twin's conditions compare as `where` does", "[living][reference]") {
  const NaivePerson person{
      .traits = {{"orders", "3"}, {"cart_abandoned", "true"}, {"coupons", R"(["a","b"])"}, {"cart", "[]"}},
      .attributes = {{"vip", "true"}, {"city", R"("Bonn")"}, {"sizes", R"([38,"39"])"}, {"score", "2.50"}}};
  CHECK(Fulfils(person, Bound(What::kTrait, "orders", Comparison::kAtLeast, 3)));
  CHECK_FALSE(Fulfils(person, Bound(What::kTrait, "orders", Comparison::kMoreThan, 3)));
  CHECK(Fulfils(person, Is(What::kTrait, "orders", "3.0")));
  CHECK(Fulfils(person, Is(What::kTrait, "cart_abandoned", "true")));
  CHECK(Fulfils(person, Is(What::kTrait, "coupons", "b")));
  CHECK_FALSE(Fulfils(person, IsNot(What::kTrait, "coupons", "b")));
  CHECK(Fulfils(person, Exists(What::kTrait, "cart", false)));
  CHECK_FALSE(Fulfils(person, Is(What::kTrait, "city", "Bonn")));
  CHECK(Fulfils(person, Is(What::kAttribute, "vip", "true")));
  CHECK(Fulfils(person, Is(What::kAttribute, "sizes", "38")));
  CHECK(Fulfils(person, Is(What::kAttribute, "sizes", "39")));
  CHECK(Fulfils(person, Is(What::kAttribute, "score", "2.5")));
  SegmentCondition matches = Leaf(What::kAttribute, "city", Comparison::kMatches);
  matches.pattern = "Bon";
  CHECK_FALSE(Fulfils(person, matches));
  matches.pattern = "Bon.";
  CHECK(Fulfils(person, matches));
}

TEST_CASE("a sum beyond an item's bounds is still a number to the twin's conditions", "[living][reference]") {
  Schema schema = Shop();
  schema.traits = {Fed("sum", TraitKind::kSum), Fed("last", TraitKind::kLast)};
  const NaivePerson person{.traits = {{"sum", "20000000000000000000"}, {"last", "20000000000000000000"}}};
  CHECK(Fulfils(person, Bound(What::kTrait, "sum", Comparison::kAtLeast, 1), schema));
  CHECK_FALSE(Fulfils(person, Bound(What::kTrait, "last", Comparison::kAtLeast, 1), schema));
  CHECK(Fulfils(person, Exists(What::kTrait, "sum", true), schema));
}

TEST_CASE("the twin's days since are whole ones up to now", "[living][reference]") {
  NaivePerson person{.first_seen = At("2026-03-01T10:00:00Z"), .last_seen = At("2026-03-05T10:00:00Z")};
  CHECK(Fulfils(person, Exists(What::kFirstSeenDays, "", false)));
  person.now = At("2026-03-03T09:59:59Z");
  CHECK(Fulfils(person, Is(What::kFirstSeenDays, "", "1")));
  CHECK(Fulfils(person, Is(What::kLastSeenDays, "", "0")));
  person.now = At("2026-03-07T10:00:00Z");
  CHECK(Fulfils(person, Bound(What::kFirstSeenDays, "", Comparison::kMoreThan, 5)));
  CHECK(Fulfils(person, Bound(What::kLastSeenDays, "", Comparison::kAtMost, 2)));
}

TEST_CASE("the twin's segments build on others, declared in any order", "[living][reference]") {
  Schema schema = Shop();
  SegmentCondition at_risk = All({Leaf(What::kSegment, "customers")});
  at_risk.none = {Is(What::kAttribute, "vip", "true")};
  schema.segments = {{"at_risk", at_risk},
                     {"customers", All({Bound(What::kTrait, "orders", Comparison::kAtLeast, 1)})},
                     {"everybody", {}}};
  using Names = std::vector<std::string>;
  CHECK(NaiveSegments(schema, {}) == Names{"everybody"});
  CHECK(NaiveSegments(schema, {.traits = {{"orders", "1"}}}) == Names{"at_risk", "customers", "everybody"});
  CHECK(NaiveSegments(schema, {.traits = {{"orders", "1"}}, .attributes = {{"vip", "true"}}}) ==
        Names{"customers", "everybody"});
}

TEST_CASE("a replay knows what the feed told", "[living][reference]") {
  Schema schema = Shop();
  schema.traits = {Fed("count", TraitKind::kCount), Fed("last", TraitKind::kLast), Fed("untold", TraitKind::kCount)};
  schema.traits.back().feed = false;
  const Profiles profiles = Replayed(
      {Created("a"), Entered("a", "s"), Entry("ATTRIBUTE_CHANGED", "a", R"("attribute":"x","value":[1.0, "b"])"),
       Entry("ATTRIBUTE_CHANGED", "a", R"("attribute":"y","value":1)"), Entry("TIER_CHANGED", "a", R"("tier":"gold")"),
       Entry("ATTRIBUTE_CHANGED", "a", R"("attribute":"y","value":null)"), Created("b"),
       Entry("TRAIT_CHANGED", "a", R"("trait":"count","value":20000000000000000000)"),
       Entry("TRAIT_CHANGED", "a", R"("trait":"last","value":"v")"), Entered("a", "t"), Left("a", "s")},
      schema);
  CHECK(profiles.size() == 2);
  CHECK(profiles.at("a") ==
        ReplayedProfile{{"t"},
                        {{"x", R"([1.0, "b"])"}},
                        {{"count", "20000000000000000000"}, {"last", R"("v")"}, {"tier", R"("gold")"}}});
  CHECK(profiles.at("b") == ReplayedProfile{{}, {}, {{"count", "0"}}});
  CHECK(Replayed({}).empty());
}

TEST_CASE("a replay follows merges, splits, renamings and removals", "[living][reference]") {
  const Profiles merged = Replayed({Created("a"), Created("b"), Created("c"), Entered("a", "s"), Entered("b", "s"),
                                    Left("b", "s"), Entry("PROFILES_MERGED", "a", R"("from":["b","c"])")});
  CHECK(merged == Profiles{{"a", {{"s"}, {}, {}}}});
  const Profiles split = Replayed({Created("a"), Entered("a", "s"), Entry("PROFILE_SPLIT", "a", R"("into":["b","c"])"),
                                   Entered("b", "t"), Left("a", "s"), Entry("PROFILE_REMOVED", "a")});
  CHECK(split == Profiles{{"b", {{"t"}, {}, {}}}, {"c", {}}});
  const Profiles renamed =
      Replayed({Created("a"), Entered("a", "s"), Entry("PROFILE_RENAMED", "b", R"("from":"a")"), Created("a")});
  CHECK(renamed == Profiles{{"a", {}}, {"b", {{"s"}, {}, {}}}});
}

TEST_CASE("a replay refuses what cannot be", "[living][reference]") {
  CHECK(IsImpossible({Created("a"), Created("a")}));
  CHECK(IsImpossible({Entry("PROFILE_REMOVED", "a")}));
  CHECK(IsImpossible({Entered("a", "s")}));
  CHECK(IsImpossible({Created("a"), Entered("a", "s"), Entered("a", "s")}));
  CHECK(IsImpossible({Created("a"), Left("a", "s")}));
  CHECK(IsImpossible({Created("a"), Entry("PROFILES_MERGED", "a", R"("from":["b"])")}));
  CHECK(IsImpossible({Created("b"), Entry("PROFILES_MERGED", "a", R"("from":["b"])")}));
  CHECK(IsImpossible({Created("a"), Entry("PROFILES_MERGED", "a", R"("from":["a"])")}));
  CHECK(IsImpossible({Created("a"), Entry("PROFILES_MERGED", "a", R"("from":[])")}));
  CHECK(
      IsImpossible({Created("a"), Created("b"), Entered("b", "s"), Entry("PROFILES_MERGED", "a", R"("from":["b"])")}));
  CHECK(IsImpossible({Created("a"), Created("b"), Entry("PROFILE_SPLIT", "a", R"("into":["b"])")}));
  CHECK(IsImpossible({Created("a"), Entry("PROFILE_SPLIT", "a", R"("into":["b","b"])")}));
  CHECK(IsImpossible({Entry("PROFILE_SPLIT", "a", R"("into":["b"])")}));
  CHECK(IsImpossible({Created("a"), Created("b"), Entry("PROFILE_RENAMED", "b", R"("from":"a")")}));
  CHECK(IsImpossible({Entry("PROFILE_RENAMED", "b", R"("from":"a")")}));
  CHECK(IsImpossible({Created("a"), Entry("ATTRIBUTE_CHANGED", "a", R"("attribute":"x","value":null)")}));
  CHECK(IsImpossible({Created("a"), Entry("ATTRIBUTE_CHANGED", "a", R"("attribute":"x","value":1)"),
                      Entry("ATTRIBUTE_CHANGED", "a", R"("attribute":"x","value":1)")}));
  CHECK(IsImpossible({Created("a"), Entry("ATTRIBUTE_CHANGED", "a", R"("attribute":"x")")}));
  CHECK(IsImpossible({Created("a"), Entry("SEGMENT_ENTERED", "a")}));
  CHECK(IsImpossible({Created("a"), Entry("TIER_CHANGED", "a", R"("tier":null)")}));
  CHECK(IsImpossible({Created("a"), Entry("PROFILE_PAINTED", "a")}));
  CHECK(IsImpossible({"\"PROFILE_CREATED\""}));
}

TEST_CASE("a replay says in which line the sequence goes back or there is no entry", "[living][reference]") {
  std::vector<std::string> lines = Feed({Created("a"), Created("b")});
  lines.push_back(Feed({Created("c")}).front());
  CHECK(NaiveReplay(Shop(), lines).status().message() == "line 3 does not come after sequence 2: " + lines.back());
  lines.back() = "{\"sequence\":3,";
  CHECK(NaiveReplay(Shop(), lines).status().message() == "line 3 is no JSON object: {\"sequence\":3,");
}

}  // namespace kintsugi::testing::examples
