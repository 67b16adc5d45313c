#include "golden/survivorship.h"

#include <rapidcheck.h>

#include <algorithm>
#include <ostream>
#include <tuple>

#include "catch.h"
#include "golden/value_codec.h"

namespace kintsugi::golden {

// For the messages of tests that fail, and for comparing.
static bool operator==(const Survivor& a, const Survivor& b) {
  return std::tie(a.attribute, a.value, a.source, a.observed_at, a.rule) ==
         std::tie(b.attribute, b.value, b.source, b.observed_at, b.rule);
}

static std::ostream& operator<<(std::ostream& out, const Survivor& s) {
  return out << s.attribute << "=" << s.value << " of source " << s.source << " at "
             << s.observed_at.time_since_epoch().count() << " by " << ToString(s.rule);
}

namespace {

constexpr SourceIndex kCrm = 0;   // trust 0.9
constexpr SourceIndex kPos = 1;   // trust 0.6
constexpr SourceIndex kWeb = 2;   // trust 0.3
constexpr SourceIndex kList = 3;  // trust 0: a bought list

Time Day(int day) {
  return Time(std::chrono::days(20000 + day));
}

Schema SchemaWith(Survivorship rule) {
  Schema schema;
  schema.namespaces = {{.name = "id"}};
  const std::pair<const char*, double> sources[] = {{"crm", 0.9}, {"pos", 0.6}, {"web", 0.3}, {"list", 0.0}};
  for (const auto& [name, trust] : sources) schema.sources.push_back({.name = name, .trust = trust});
  (rule.members.empty() ? schema.golden.attributes : schema.golden.groups).push_back(std::move(rule));
  return schema;
}

Schema SchemaWith(Keep keep) {
  return SchemaWith({.name = "a", .keep = keep});
}

Observation Of(Value value, SourceIndex source, Time first, Time last, uint64_t count = 1) {
  return {"a", EncodeValue(value), source, first, last, count};
}
Observation Of(Value value, SourceIndex source, Time at) {
  return Of(std::move(value), source, at, at);
}
Observation Of(const char* value, SourceIndex source, Time at) {
  return Of(std::string(value), source, at);
}

std::vector<Survivor> Survive(const Schema& schema, const std::vector<Observation>& observations) {
  std::vector<const Observation*> pointers;
  for (const Observation& o : observations) pointers.push_back(&o);
  return Rules(schema).Survive(std::move(pointers));
}

// The one value of attribute `a`.
Survivor TheOne(const Schema& schema, const std::vector<Observation>& observations) {
  const auto survivors = Survive(schema, observations);
  REQUIRE(survivors.size() == 1);
  CHECK(survivors[0].attribute == "a");
  return survivors[0];
}

std::string TextOf(const Survivor& survivor) {
  return ViewToJson(DecodeValue(survivor.value).value());
}
std::string Winner(const Schema& schema, const std::vector<Observation>& observations) {
  return TextOf(TheOne(schema, observations));
}

// The newest sighting of a value counts, not its first.
TEST_CASE("MOST_RECENT keeps what was seen last", "[golden]") {
  const Schema schema = SchemaWith(Keep::kMostRecent);
  const Survivor kept = TheOne(schema, {Of("Jane", kCrm, Day(3)), Of("Janet", kWeb, Day(5)), Of("J.", kPos, Day(4))});
  CHECK(kept == Survivor{"a", "sJanet", kWeb, Day(5), Keep::kMostRecent});
  CHECK(Winner(schema, {Of(std::string("Jane"), kCrm, Day(1), Day(9), 2), Of("Janet", kWeb, Day(5))}) == "\"Jane\"");
}

// The first sighting counts, and is the time that the golden record tells.
TEST_CASE("OLDEST keeps what was seen first", "[golden]") {
  const Survivor kept =
      TheOne(SchemaWith(Keep::kOldest), {Of(std::string("Jane"), kCrm, Day(1), Day(9), 2), Of("Janet", kWeb, Day(5))});
  CHECK(kept == Survivor{"a", "sJane", kCrm, Day(1), Keep::kOldest});
}

// A better source wins whatever its age; within a source, and among those that are not listed, the newest.
TEST_CASE("SOURCE_ORDER keeps the best source's newest value", "[golden]") {
  const Schema schema = SchemaWith({.name = "a", .keep = Keep::kSourceOrder, .source_order = {"pos", "crm"}});
  CHECK(Winner(schema, {Of("crm", kCrm, Day(9)), Of("pos", kPos, Day(1)), Of("web", kWeb, Day(8))}) == "\"pos\"");
  CHECK(Winner(schema, {Of("old", kPos, Day(1)), Of("new", kPos, Day(2))}) == "\"new\"");
  CHECK(Winner(schema, {Of("crm", kCrm, Day(1)), Of("web", kWeb, Day(8))}) == "\"crm\"");
  CHECK(Winner(schema, {Of("list", kList, Day(1)), Of("web", kWeb, Day(8))}) == "\"web\"");
}

// Counts add up over sources and identifiers; the newest sighting says where the value is from.
TEST_CASE("MOST_FREQUENT counts a value across sources", "[golden]") {
  const Schema schema = SchemaWith(Keep::kMostFrequent);
  const Survivor kept = TheOne(schema, {Of(std::string("Rome"), kCrm, Day(1), Day(2), 2), Of("Rome", kPos, Day(4)),
                                        Of("Rome", kWeb, Day(3)), Of(std::string("Oslo"), kWeb, Day(5), Day(9), 3)});
  CHECK(kept == Survivor{"a", "sRome", kPos, Day(4), Keep::kMostFrequent});
  CHECK(Winner(schema, {Of("Rome", kCrm, Day(1)), Of("Oslo", kWeb, Day(2))}) == "\"Oslo\"");
}

// Of names the one that says most; letters count, not their bytes.
TEST_CASE("LONGEST counts code points", "[golden]") {
  const Schema schema = SchemaWith(Keep::kLongest);
  CHECK(Winner(schema, {Of("Zoé", kCrm, Day(9)), Of("Zoes", kWeb, Day(1))}) == "\"Zoes\"");
  CHECK(Winner(schema, {Of("ÉÉÉ", kCrm, Day(1)), Of("Eve", kWeb, Day(9))}) == "\"Eve\"");
}

// Without a half-life the most trusted source wins for ever.
TEST_CASE("HIGHEST_TRUST keeps the most trusted source's newest value", "[golden]") {
  const Schema schema = SchemaWith(Keep::kHighestTrust);
  CHECK(Winner(schema, {Of("crm", kCrm, Day(1)), Of("web", kWeb, Day(9000))}) == "\"crm\"");
  CHECK(Winner(schema, {Of("list", kList, Day(9)), Of("web", kWeb, Day(1))}) == "\"web\"");
  CHECK(Winner(schema, {Of("old", kCrm, Day(1)), Of("new", kCrm, Day(2))}) == "\"new\"");
}

// Trust 0.6 halves to 0.3 in one half-life: from then on the fresh value of a source with trust 0.3 wins.
TEST_CASE("HIGHEST_TRUST ages with the half-life", "[golden]") {
  const Schema schema = SchemaWith({.name = "a", .keep = Keep::kHighestTrust, .half_life_days = 30});
  CHECK(Winner(schema, {Of("pos", kPos, Day(0)), Of("web", kWeb, Day(29))}) == "\"pos\"");
  CHECK(Winner(schema, {Of("pos", kPos, Day(0)), Of("web", kWeb, Day(31))}) == "\"web\"");
  // log2(0.9 / 0.3) = 1.58 half-lives
  CHECK(Winner(schema, {Of("crm", kCrm, Day(0)), Of("web", kWeb, Day(47))}) == "\"crm\"");
  CHECK(Winner(schema, {Of("crm", kCrm, Day(0)), Of("web", kWeb, Day(48))}) == "\"web\"");
  // Exactly as much trust: the more recent one.
  CHECK(Winner(schema, {Of("pos", kPos, Day(0)), Of("web", kWeb, Day(30))}) == "\"web\"");
}

// However old the others are.
TEST_CASE("A source without trust wins only alone", "[golden]") {
  const Schema schema = SchemaWith({.name = "a", .keep = Keep::kHighestTrust, .half_life_days = 1});
  CHECK(Winner(schema, {Of("list", kList, Day(9)), Of("web", kWeb, Day(-19000))}) == "\"web\"");
  CHECK(Winner(schema, {Of("list", kList, Day(9))}) == "\"list\"");
}

// An unknown time is an infinite age.
TEST_CASE("A value without a time is older than every other", "[golden]") {
  const Observation timeless = Of(std::string("timeless"), kCrm, kNeverFirst, kNeverLast);
  CHECK(Winner(SchemaWith(Keep::kMostRecent), {timeless, Of("web", kWeb, Day(-19000))}) == "\"web\"");
  CHECK(Winner(SchemaWith(Keep::kOldest), {timeless, Of("web", kWeb, Day(9))}) == "\"web\"");
  CHECK(Winner(SchemaWith({.name = "a", .keep = Keep::kHighestTrust, .half_life_days = 1}),
               {timeless, Of("web", kWeb, Day(1))}) == "\"web\"");
  const Survivor alone = TheOne(SchemaWith(Keep::kMostRecent), {timeless});
  CHECK_FALSE(IsKnown(alone.observed_at));
}

// Numbers by value: 9 is less than 10.
TEST_CASE("MIN and MAX compare numbers by value", "[golden]") {
  const std::vector<Observation> values = {Of(int64_t{9}, kCrm, Day(1)), Of(int64_t{10}, kWeb, Day(2)),
                                           Of(9.5, kPos, Day(3))};
  CHECK(TheOne(SchemaWith(Keep::kMin), values) == Survivor{"a", "i9", kCrm, Day(1), Keep::kMin});
  CHECK(TheOne(SchemaWith(Keep::kMax), values) == Survivor{"a", "i10", kWeb, Day(2), Keep::kMax});
  const std::vector<Observation> dates = {Of("2026-03-01", kCrm, Day(1)), Of("2025-12-31", kWeb, Day(2))};
  CHECK(Winner(SchemaWith(Keep::kMin), dates) == "\"2025-12-31\"");
  CHECK(Winner(SchemaWith(Keep::kMax), dates) == "\"2026-03-01\"");
}

// The same least value of two sources is told with its newest sighting.
TEST_CASE("Equal values of MIN and MAX are told with their newest source", "[golden]") {
  for (const Keep keep : {Keep::kMin, Keep::kMax}) {
    CHECK(TheOne(SchemaWith(keep), {Of("x", kCrm, Day(1)), Of("x", kWeb, Day(2))}).source == kWeb);
  }
}

// Each value once, numbers first and by value, then text by bytes; source and time of the newest.
TEST_CASE("ALL lists the distinct values in order", "[golden]") {
  const Survivor kept =
      TheOne(SchemaWith(Keep::kAll),
             {Of("b", kCrm, Day(3)), Of("a", kWeb, Day(1)), Of("b", kPos, Day(5)), Of(int64_t{10}, kPos, Day(1)),
              Of(int64_t{9}, kPos, Day(1)), Of(Json{"[1]"}, kPos, Day(1)), Of(true, kPos, Day(1))});
  CHECK(TextOf(kept) == R"([9,10,true,[1],"a","b"])");
  CHECK(kept.source == kPos);
  CHECK(kept.observed_at == Day(5));
  CHECK(std::holds_alternative<JsonView>(*DecodeValue(kept.value)));
}

// A list of blanks would tell nobody anything.
TEST_CASE("ALL leaves nulls and empty values out", "[golden]") {
  CHECK(Winner(SchemaWith(Keep::kAll), {Of("a", kCrm, Day(1)), Of("", kWeb, Day(2)), Of(Null(), kPos, Day(3))}) ==
        R"(["a"])");
  CHECK(Winner(SchemaWith(Keep::kAll), {Of("", kWeb, Day(2))}) == R"([""])");
}

// Whatever the rule: somebody's blank field says nothing.
TEST_CASE("An empty value never wins over a present one", "[golden]") {
  for (int keep = 0; keep < static_cast<int>(Keep::kIgnore); ++keep) {
    if (static_cast<Keep>(keep) == Keep::kAll) continue;
    const Schema schema = SchemaWith({.name = "a", .keep = static_cast<Keep>(keep), .source_order = {"crm"}});
    INFO(ToString(static_cast<Keep>(keep)));
    CHECK(Winner(schema, {Of("", kCrm, Day(9)), Of("x", kList, Day(5)), Of("", kCrm, Day(1))}) == "\"x\"");
    CHECK(Winner(schema, {Of("", kCrm, Day(9)), Of(Value(int64_t{0}), kList, Day(5))}) == "0");
    CHECK(Winner(schema, {Of("", kCrm, Day(9))}) == "\"\"");
  }
}

// A null takes back what its source said until then, and nothing of another source.
TEST_CASE("A null deletes its own source's earlier values", "[golden]") {
  const Schema schema = SchemaWith(Keep::kMostRecent);
  CHECK(Survive(schema, {Of("Jane", kCrm, Day(1)), Of(Null(), kCrm, Day(2))}).empty());
  CHECK(Survive(schema, {Of("Jane", kCrm, Day(2)), Of(Null(), kCrm, Day(2))}).empty());
  CHECK(Winner(schema, {Of("Jane", kCrm, Day(3)), Of(Null(), kCrm, Day(2))}) == "\"Jane\"");
  CHECK(Winner(schema, {Of("Jane", kWeb, Day(1)), Of(Null(), kCrm, Day(2))}) == "\"Jane\"");
  CHECK(Winner(schema, {Of("Jane", kWeb, Day(1)), Of("Janet", kCrm, Day(2)), Of(Null(), kCrm, Day(3))}) == "\"Jane\"");
  CHECK(Survive(schema, {Of(Null(), kCrm, Day(2))}).empty());
  // The newest of several nulls counts.
  CHECK(Survive(schema, {Of("Jane", kCrm, Day(3)), Of(Null(), kCrm, Day(1)), Of(Null(), kCrm, Day(4))}).empty());
}

// A null of one attribute leaves the others.
TEST_CASE("A null deletes one attribute", "[golden]") {
  Observation other = Of("x", kCrm, Day(1));
  other.attribute = "b";
  const auto kept = Survive(SchemaWith(Keep::kMostRecent), {Of("Jane", kCrm, Day(1)), Of(Null(), kCrm, Day(2)), other});
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].attribute == "b");
}

// After the rule, the more recent; then the bytes of the value; then the source that is declared first.
TEST_CASE("Ties end in recency, bytes and the source's position", "[golden]") {
  for (const Keep keep :
       {Keep::kMostRecent, Keep::kSourceOrder, Keep::kMostFrequent, Keep::kLongest, Keep::kHighestTrust}) {
    Survivorship rule = {.name = "a", .keep = keep};
    if (keep == Keep::kSourceOrder) rule.source_order = {"list"};
    Schema schema = SchemaWith(rule);
    for (Source& source : schema.sources) source.trust = 0.5;
    INFO(ToString(keep));
    CHECK(Winner(schema, {Of("x", kCrm, Day(1)), Of("y", kWeb, Day(2))}) == "\"y\"");
    CHECK(Winner(schema, {Of("y", kCrm, Day(1)), Of("x", kWeb, Day(1))}) == "\"x\"");
    CHECK(TheOne(schema, {Of("x", kWeb, Day(1)), Of("x", kPos, Day(1))}).source == kPos);
  }
  CHECK(Winner(SchemaWith(Keep::kOldest), {Of("y", kCrm, Day(1)), Of("x", kWeb, Day(1))}) == "\"x\"");
}

// Listed in no rule: the schema's `others`.
TEST_CASE("Attributes that are not listed follow `others`", "[golden]") {
  Schema schema = SchemaWith({.name = "listed", .keep = Keep::kMin});
  schema.golden.others = Keep::kLongest;
  const Survivor kept = TheOne(schema, {Of("Alexandra", kWeb, Day(1)), Of("Alex", kWeb, Day(2))});
  CHECK(kept == Survivor{"a", "sAlexandra", kWeb, Day(1), Keep::kLongest});
  schema.golden.others = Keep::kIgnore;
  CHECK(Survive(schema, {Of("Alex", kWeb, Day(2))}).empty());
  CHECK(Rules(schema).Observe({{"a", std::string("x")}}, kWeb, Day(1), true).empty());
}

// Also what was stored before the schema said so.
TEST_CASE("IGNORE never reaches the golden record, nor the stored observations", "[golden]") {
  const Schema schema = SchemaWith(Keep::kIgnore);
  CHECK(Survive(schema, {Of("secret", kCrm, Day(1))}).empty());
  CHECK(Rules(schema).Observe({{"a", std::string("secret")}}, kCrm, Day(1), true).empty());
  CHECK(Rules(schema).Observe({{"a", std::string("secret")}, {"b", std::string("x")}}, kCrm, Day(1), true).size() == 1);
}

// The golden record is searched by name.
TEST_CASE("Survivors come by the names of their attributes", "[golden]") {
  std::vector<Observation> observations;
  for (const char* name : {"b", "c", "a"}) observations.push_back({name, "sx", kCrm, Day(1), Day(1), 1});
  const auto kept = Survive(SchemaWith(Keep::kMostRecent), observations);
  REQUIRE(kept.size() == 3);
  CHECK(kept[0].attribute == "a");
  CHECK(kept[2].attribute == "c");
  CHECK(Survive(SchemaWith(Keep::kMostRecent), {}).empty());
}

Schema AddressSchema(Keep keep) {
  return SchemaWith({.name = "address", .keep = keep, .source_order = {"crm"}, .members = {"street", "city", "zip"}});
}

std::vector<NamedValue> Address(const char* street, const char* city) {
  return {{"street", std::string(street)}, {"city", std::string(city)}};
}

std::vector<Observation> operator+(std::vector<Observation> a, const std::vector<Observation>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// Half of one address and half of another is no address. What the winner does not say stays unsaid.
TEST_CASE("A group is taken whole from one observation", "[golden]") {
  const Schema schema = AddressSchema(Keep::kMostRecent);
  const Rules rules(schema);
  auto full = Address("Elm 1", "Rome");
  full.emplace_back("zip", std::string("00100"));
  const auto kept = Survive(
      schema, rules.Observe(full, kCrm, Day(1), true) + rules.Observe(Address("Oak 2", "Oslo"), kWeb, Day(2), true));
  REQUIRE(kept.size() == 2);
  CHECK(kept[0] == Survivor{"city", "sOslo", kWeb, Day(2), Keep::kMostRecent});
  CHECK(kept[1] == Survivor{"street", "sOak 2", kWeb, Day(2), Keep::kMostRecent});
}

// A group obeys its rule like an attribute.
TEST_CASE("A group follows its rule", "[golden]") {
  const auto city = [](Keep keep) {
    const Schema schema = AddressSchema(keep);
    const Rules rules(schema);
    const auto kept = Survive(schema, rules.Observe(Address("Elm 1", "Rome"), kCrm, Day(1), true) +
                                          rules.Observe(Address("Oak Street 22", "Oslo"), kWeb, Day(2), true) +
                                          rules.Observe(Address("Elm 1", "Rome"), kPos, Day(0), true));
    return kept.empty() ? "none" : kept[0].value;
  };
  CHECK(city(Keep::kMostRecent) == "sOslo");
  CHECK(city(Keep::kOldest) == "sRome");
  CHECK(city(Keep::kSourceOrder) == "sRome");
  CHECK(city(Keep::kMostFrequent) == "sRome");
  CHECK(city(Keep::kLongest) == "sOslo");
  CHECK(city(Keep::kHighestTrust) == "sRome");
  CHECK(city(Keep::kIgnore) == "none");
}

// An address of blanks says nothing; one that is partly blank is an address.
TEST_CASE("A group of empty values never wins over a present one", "[golden]") {
  const Schema schema = AddressSchema(Keep::kMostRecent);
  const Rules rules(schema);
  const auto kept = Survive(schema, rules.Observe(Address("Elm 1", ""), kCrm, Day(1), true) +
                                        rules.Observe(Address("", ""), kWeb, Day(2), true));
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].value == "s");
  CHECK(kept[1].value == "sElm 1");
}

// A null of every attribute that is said takes the group back; a null among values is an absent one.
TEST_CASE("Nulls of a group delete it whole", "[golden]") {
  const Schema schema = AddressSchema(Keep::kMostRecent);
  const Rules rules(schema);
  const auto address = rules.Observe(Address("Elm 1", "Rome"), kWeb, Day(1), true);
  CHECK(Survive(schema, address + rules.Observe({{"street", Null()}}, kWeb, Day(2), true)).empty());
  const auto partly =
      Survive(schema, address + rules.Observe({{"street", Null()}, {"city", std::string("Oslo")}}, kWeb, Day(2), true));
  REQUIRE(partly.size() == 1);
  CHECK(partly[0] == Survivor{"city", "sOslo", kWeb, Day(2), Keep::kMostRecent});
}

// Events keep nulls, for they take values back; a record's null is an absent value, since the record is replaced whole.
TEST_CASE("Observe keeps the nulls of events only", "[golden]") {
  const Rules rules(SchemaWith(Keep::kMostRecent));
  CHECK(rules.Observe({{"a", Null()}}, kWeb, Day(1), true) == std::vector{Of(Null(), kWeb, Day(1))});
  CHECK(rules.Observe({{"a", Null()}}, kWeb, Day(1), false).empty());
}

// In a list the last of equal names counts, a null too.
TEST_CASE("Observe takes the last of equal names", "[golden]") {
  const Rules rules(SchemaWith(Keep::kMostRecent));
  const std::vector<NamedValue> twice = {{"a", std::string("x")}, {"a", std::string("y")}};
  CHECK(rules.Observe(twice, kWeb, Day(1), true) == std::vector{Of("y", kWeb, Day(1))});
  CHECK(rules.Observe({{"a", std::string("x")}, {"a", Null()}}, kWeb, Day(1), false).empty());
  CHECK(rules.Observe({{"a", Null()}, {"a", std::string("x")}}, kWeb, Day(1), false) ==
        std::vector{Of("x", kWeb, Day(1))});
}

// As a first sighting an unknown time is later than all, as a last one earlier.
TEST_CASE("Observe keeps an unknown time unknown", "[golden]") {
  const auto observed = Rules(SchemaWith(Keep::kMostRecent)).Observe({{"a", std::string("x")}}, kWeb, kNeverLast, true);
  REQUIRE(observed.size() == 1);
  CHECK(observed[0].first_observed == kNeverFirst);
  CHECK(observed[0].last_observed == kNeverLast);
}

// The stored list grows with what is different, not with what is seen.
TEST_CASE("Add makes equal observations one with wider times", "[golden]") {
  std::vector<Observation> list;
  AddObservation(list, Of("x", kWeb, Day(5)));
  AddObservation(list, Of("x", kWeb, Day(2)));
  AddObservation(list, Of("x", kCrm, Day(2)));
  AddObservation(list, Of(std::string("x"), kWeb, kNeverFirst, kNeverLast));
  CHECK(list == std::vector{Of("x", kCrm, Day(2)), Of(std::string("x"), kWeb, Day(2), Day(5), 3)});
  CHECK(std::is_sorted(list.begin(), list.end(), InOrder));
}

Survivorship ArbitraryRule() {
  Survivorship rule = {.name = "a", .keep = static_cast<Keep>(*rc::gen::inRange(0, 10))};
  if (rule.keep == Keep::kSourceOrder) rule.source_order = {"web", "crm"};
  if (rule.keep == Keep::kHighestTrust) rule.half_life_days = *rc::gen::element(0.0, 0.5, 30.0);
  return rule;
}

// Few values, sources and days, so that ties are common.
Observation ArbitraryObservation() {
  static const std::vector<Value> values = {
      Null(), std::string(), std::string("x"), std::string("y"), std::string("é"), int64_t{1},
      1.0,    2.5,           Json{"[1]"},      std::string("xx")};
  const auto source = static_cast<SourceIndex>(*rc::gen::inRange(0, 4));
  Observation out = Of(*rc::gen::elementOf(values), source, kNeverFirst, kNeverLast);
  out.attribute = *rc::gen::element<std::string>("a", "a", "b");
  if (*rc::gen::inRange(0, 5) > 0) out.first_observed = out.last_observed = Day(*rc::gen::inRange(0, 4));
  return out;
}

// A profile is a function of the evidence, so neither the order of what was observed nor the identifier that it was
// stored with may show.
TEST_CASE("Survive depends neither on the order of observations nor on how identifiers share them", "[golden]") {
  CHECK(rc::check("shuffled, and dealt out to identifiers", [] {
    const Schema schema = SchemaWith(ArbitraryRule());
    const auto sightings = *rc::gen::container<std::vector<Observation>>(rc::gen::exec(ArbitraryObservation));
    std::vector<Observation> of_one;  // identifier
    std::vector<std::vector<Observation>> of_three(3);
    for (const Observation& sighting : sightings) {
      AddObservation(of_one, sighting);
      AddObservation(of_three[*rc::gen::inRange<size_t>(0, 3)], sighting);
    }
    const auto expected = Survive(schema, of_one);
    RC_ASSERT(Survive(schema, of_three[2] + of_three[0] + of_three[1]) == expected);
    RC_ASSERT(Survive(schema, sightings) == expected);
    std::vector<Observation> reversed = sightings;
    std::reverse(reversed.begin(), reversed.end());
    RC_ASSERT(Survive(schema, reversed) == expected);
    const size_t turn = *rc::gen::inRange<size_t>(0, sightings.size() + 1);
    std::rotate(reversed.begin(), reversed.begin() + static_cast<std::ptrdiff_t>(turn), reversed.end());
    RC_ASSERT(Survive(schema, reversed) == expected);
  }));
}

// Nothing is made up: each survivor is what somebody said (or the list of it), at a time at which they said it.
TEST_CASE("Every survivor was observed", "[golden]") {
  CHECK(rc::check("value, source and time belong to one observation", [] {
    const Schema schema = SchemaWith(ArbitraryRule());
    const auto sightings = *rc::gen::container<std::vector<Observation>>(rc::gen::exec(ArbitraryObservation));
    for (const Survivor& s : Survive(schema, sightings)) {
      RC_ASSERT(std::any_of(sightings.begin(), sightings.end(), [&](const Observation& o) {
        const bool same_value = s.rule == Keep::kAll || o.value == s.value;
        const Time at = s.rule == Keep::kOldest ? o.first_observed : o.last_observed;
        return o.attribute == s.attribute && o.source == s.source && same_value && at == s.observed_at;
      }));
    }
  }));
}

}  // namespace
}  // namespace kintsugi::golden
