// Tallies: whatever way items are split and added up, they come to the same, and so do the bytes.

#include "living/tally.h"

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "unit/living/trait_examples.h"

namespace kintsugi::living::examples {
namespace {

// A trait of each kind that is told from tallies.
Schema AllTallied() {
  Schema schema = Shop();
  for (int kind = 0; kind <= static_cast<int>(TraitKind::kTop); ++kind) {
    schema.traits.push_back({.name = "t" + std::to_string(kind), .kind = static_cast<TraitKind>(kind), .of = "p"});
    schema.traits.push_back({.name = "w" + std::to_string(kind),
                             .kind = static_cast<TraitKind>(kind),
                             .of = "p",
                             .limit = 2,
                             .sliding = SlidingWindow{.age_hours = 30, .until_hours = 2}});
  }
  schema.traits.push_back({.name = "days", .kind = TraitKind::kDaysSinceLast});
  return schema;
}

std::vector<Item> AnyItems(std::mt19937& random) {
  static const std::vector<Value> kValues = {int64_t{1},        2.5,  int64_t{-3},     std::string("a"), Null(),
                                             Json{"[1,\"b\"]"}, true, std::string("1")};
  std::vector<Item> items;
  for (uint32_t i = random() % 12; i > 0; --i) {
    items.push_back({At("2026-03-01") + std::chrono::hours(random() % 48),
                     static_cast<golden::SourceIndex>(random() % 3),
                     std::to_string(i),
                     "x",
                     {{"p", kValues[random() % kValues.size()]}}});
  }
  return items;
}

std::string TextOf(const TraitValues& traits) {
  std::string text = FormatTime(Known(traits.due));
  for (const auto& value : traits.values) text += " " + (value ? ToJson(*value) : "-");
  return text;
}

// What tallies alone tell.
TraitValues ReadAll(const TraitRules& rules, const Tallies& sum, const TraitRules::Moment& moment) {
  TraitValues out = rules.Untold();
  rules.Finish(sum, false, moment, out);
  return out;
}

}  // namespace

TEST_CASE("Tallies of parts, added up in any order, are those of the whole, and rows say them", "[living]") {
  const Schema schema = AllTallied();
  const TraitRules rules(schema);
  for (uint32_t seed = 0; seed < 500; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const auto moment = rules.At(seed % 5 == 0 ? kNeverLast : At("2026-03-02") + std::chrono::hours(random() % 60));
    std::vector<Item> items = AnyItems(random);
    Tallies whole = rules.Nothing();
    for (const Item& item : items) rules.Add(item, moment, TraitRules::Which::kAll, {}, whole);
    rules.Settle(whole);
    std::shuffle(items.begin(), items.end(), random);
    std::vector<Tallies> parts(3, rules.Nothing());
    for (const Item& item : items) rules.Add(item, moment, TraitRules::Which::kAll, {}, parts[random() % 3]);
    Tallies sum = rules.Nothing();
    for (Tallies& part : parts) {
      rules.Settle(part);
      Tallies read;
      REQUIRE(rules.Decode(rules.Encode(part), read));
      CHECK(rules.Encode(read) == rules.Encode(part));
      rules.Add(read, sum);
    }
    CHECK(rules.Encode(sum) == rules.Encode(whole));
    CHECK(TextOf(ReadAll(rules, sum, moment)) == TextOf(rules.Evaluate(InOrder(items), moment.now)));
  }
}

TEST_CASE("What windows hold is taken out of tallies and put in again as of a later time", "[living]") {
  const Schema schema = AllTallied();
  const TraitRules rules(schema);
  for (uint32_t seed = 0; seed < 300; ++seed) {
    INFO("seed " << seed);
    std::mt19937 random(seed);
    const std::vector<Item> items = AnyItems(random);
    const auto before = rules.At(seed % 5 == 0 ? kNeverLast : At("2026-03-01"));
    const auto now = rules.At(At("2026-03-02") + std::chrono::hours(random() % 60));
    Tallies tallies = rules.Nothing();
    for (const Item& item : items) rules.Add(item, before, TraitRules::Which::kAll, {}, tallies);
    rules.Settle(tallies);
    const auto begin = rules.ForgetWindows(now, tallies);
    REQUIRE(begin);
    for (const Item& item : items) {
      if (item.time >= *begin) rules.Add(item, now, TraitRules::Which::kWindowed, {}, tallies);
    }
    Tallies anew = rules.Nothing();
    for (const Item& item : items) rules.Add(item, now, TraitRules::Which::kAll, {}, anew);
    rules.Settle(tallies);
    rules.Settle(anew);
    CHECK(rules.Encode(tallies) == rules.Encode(anew));
  }
}

TEST_CASE("Of very many values those with the smallest hashes stay, in whatever order they come", "[living]") {
  Schema schema = Shop();
  schema.traits = {{.name = "t", .kind = TraitKind::kDistinct, .of = "p"}};
  const TraitRules rules(schema);
  const auto moment = rules.At(At("2026-03-01"));
  std::vector<Item> items;
  for (size_t i = 0; i < kMostValues + 300; ++i)
    items.push_back({At("2026-01-01") + std::chrono::seconds(i), 0, std::to_string(i), "x", {{"p", int64_t(i)}}});
  std::vector<std::string> rows;
  for (const uint32_t seed : {1u, 2u}) {
    std::mt19937 random(seed);
    std::shuffle(items.begin(), items.end(), random);
    Tallies tallies = rules.Nothing();
    for (const Item& item : items) {
      rules.Add(item, moment, TraitRules::Which::kAll, {}, tallies);
      if (random() % (seed * 1000) == 0) rules.Settle(tallies);
    }
    rules.Settle(tallies);
    rows.push_back(rules.Encode(tallies));
    const TraitValues told = ReadAll(rules, tallies, moment);
    CHECK(told.values[0] == Value(int64_t{kMostValues}));
    CHECK(told.is_approximate[0]);
  }
  CHECK(rows[0] == rows[1]);
}

TEST_CASE("A damaged row of tallies is told", "[living]") {
  const TraitRules rules(AllTallied());
  Tallies tallies = rules.Nothing();
  for (const Item& item : {ItemAt("2026-03-01T10:00:00Z", "x", {{"p", int64_t{1}}})})
    rules.Add(item, rules.At(At("2026-03-01")), TraitRules::Which::kAll, {}, tallies);
  rules.Settle(tallies);
  const std::string row = rules.Encode(tallies);
  Tallies read;
  for (size_t size = 0; size < row.size(); ++size) CHECK_FALSE(rules.Decode(row.substr(0, size), read));
  CHECK_FALSE(rules.Decode(row + "x", read));
  CHECK(rules.Decode(row, read));
}

}  // namespace kintsugi::living::examples
