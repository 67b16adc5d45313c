// What is observed of an identifier stays bounded, and stays a function of all that was said of it.

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "catch.h"
#include "golden/survivorship.h"
#include "golden/value_codec.h"

namespace kintsugi::golden {
namespace {

Schema SchemaOf(const std::string& golden) {
  return *Schema::Parse("namespaces { name: 'id' } sources { name: 'web' events { format: NATIVE } } golden { " +
                        golden + " }");
}

Time At(int minute) {
  return Time(std::chrono::minutes(minute));
}

Observation Said(const std::string& attribute, Value value, int minute) {
  return {attribute, EncodeValue(value), 0, At(minute), At(minute), 1};
}

struct Kept {
  std::vector<Observation> observations;
  size_t left_out = 0;
};

Kept KeptOf(const Rules& rules, const std::vector<Observation>& said) {
  Kept kept;
  for (const Observation& o : said)
    rules.AddObservations(kept.observations, std::span(&o, 1), [&](const Observation&) { ++kept.left_out; });
  return kept;
}

std::string Survivor(const Rules& rules, const Kept& kept) {
  std::vector<const Observation*> all;
  for (const Observation& o : kept.observations) all.push_back(&o);
  const auto survivors = rules.Survive(all);
  return survivors.empty() ? "" : survivors.front().value;
}

// A visitor's last page: a fresh value with each event.
std::vector<Observation> FreshValues(int count) {
  std::vector<Observation> said;
  for (int i = 0; i < count; ++i) said.push_back(Said("page", std::string("/page/") + std::to_string(i), i));
  return said;
}

TEST_CASE("A fresh value in each event leaves as many values as the bound says, and what decides", "[golden]") {
  const Rules rules(SchemaOf("attributes { name: 'page' keep: MOST_RECENT }"));
  const Kept kept = KeptOf(rules, FreshValues(5000));
  CHECK(kept.observations.size() <= kDefaultMaxValues + 1);
  CHECK(kept.observations.size() >= kDefaultMaxValues);
  CHECK(kept.left_out == 5000 - kept.observations.size());
  CHECK(Survivor(rules, kept) == "s/page/4999");
}

TEST_CASE("Up to the bound every value is kept with all its times", "[golden]") {
  const Rules rules(SchemaOf("attributes { name: 'page' keep: MOST_RECENT max_values: 3 }"));
  const Kept kept = KeptOf(rules, {Said("page", std::string("a"), 1), Said("page", std::string("b"), 2),
                                   Said("page", std::string("c"), 3), Said("page", std::string("a"), 4)});
  REQUIRE(kept.observations.size() == 3);
  CHECK(kept.left_out == 0);
  CHECK(kept.observations[0].first_observed == At(1));
  CHECK(kept.observations[0].last_observed == At(4));
  CHECK(kept.observations[0].count == 2);
}

// The survivor of the rule is as if everything were kept.
TEST_CASE("What a rule asks for survives beyond the bound", "[golden]") {
  std::vector<Observation> said;
  for (int i = 0; i < 300; ++i) said.push_back(Said("n", int64_t{(i * 7919) % 1000}, i));
  const auto survivor = [&](const char* keep) {
    const std::string rule = std::string("attributes { name: 'n' keep: ") + keep;
    const Rules bounded(SchemaOf(rule + " max_values: 1 }"));
    const Rules all(SchemaOf(rule + " max_values: 1000 }"));
    CHECK(KeptOf(all, said).left_out == 0);
    CHECK(Survivor(bounded, KeptOf(bounded, said)) == Survivor(all, KeptOf(all, said)));
    return Survivor(bounded, KeptOf(bounded, said));
  };
  CHECK(survivor("MOST_RECENT") == said.back().value);
  CHECK(survivor("OLDEST") == said.front().value);
  CHECK(survivor("MIN") == "i0");
  survivor("MAX");
  survivor("HIGHEST_TRUST");
}

TEST_CASE("A null and an empty value take no room, and do what they do", "[golden]") {
  const Rules rules(SchemaOf("attributes { name: 'page' keep: MOST_RECENT max_values: 1 }"));
  std::vector<Observation> said = FreshValues(10);
  said.push_back(Said("page", std::string(), 20));
  CHECK(Survivor(rules, KeptOf(rules, said)) == "s/page/9");
  said.push_back(Said("page", Null(), 21));
  CHECK(Survivor(rules, KeptOf(rules, said)) == "");
}

TEST_CASE("Attributes that the schema does not list are bounded by their names, and listed ones are not", "[golden]") {
  const Rules rules(SchemaOf("attributes { name: 'z' keep: MOST_RECENT }"));
  std::vector<Observation> said = {Said("z", std::string("stays"), 0)};
  for (int i = 0; i < 2000; ++i) said.push_back(Said("a" + std::to_string(i), true, i));
  const Kept kept = KeptOf(rules, said);
  CHECK(kept.observations.size() == kMaxUnlistedAttributes + 1);
  CHECK(kept.observations.back().attribute == "z");
}

TEST_CASE("What is kept does not depend on the order in which it was said", "[golden]") {
  for (const char* keep : {"MOST_RECENT", "OLDEST", "MOST_FREQUENT", "LONGEST", "MIN", "MAX", "ALL"}) {
    const Rules rules(SchemaOf(std::string("attributes { name: 'page' keep: ") + keep + " max_values: 3 }"));
    std::mt19937 random(7);
    std::vector<Observation> said;
    for (int i = 0; i < 60; ++i) {
      const int page = static_cast<int>(random() % 12);
      said.push_back(Said("page", std::string(static_cast<size_t>(page % 4 + 1), static_cast<char>('a' + page)),
                          static_cast<int>(random() % 30)));
    }
    for (int i = 0; i < 600; ++i) said.push_back(Said("x" + std::to_string(random() % 900), true, i));
    const std::vector<Observation> once = KeptOf(rules, said).observations;
    for (int times = 0; times < 5; ++times) {
      std::shuffle(said.begin(), said.end(), random);
      INFO(keep);
      CHECK(KeptOf(rules, said).observations == once);
    }
  }
}

}  // namespace
}  // namespace kintsugi::golden
