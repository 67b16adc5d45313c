// What examples of segments are made of: few words for conditions, and for the profile that they are asked of.

#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "golden/value_codec.h"
#include "living/segment_rules.h"
#include "living/trait_names.h"

namespace kintsugi::living::segment_examples {

using namespace std::chrono_literals;
using What = SegmentCondition::What;

inline constexpr auto kInstant = 1us;
inline constexpr auto kDay = 24h;
inline const Time kNow = ParseTime("2026-03-01T10:00:00Z").value();
inline const std::vector<uint16_t> kNumbers = {7, 3};  // of the namespaces below

struct Person {
  std::vector<uint16_t> namespaces;
  std::map<std::string, Value> attributes;
  std::map<std::string, Value> traits;
  Time first_seen = kNeverFirst;
  Time last_seen = kNeverLast;
};

inline Schema ShopWith(std::vector<Segment> segments = {}) {
  Schema schema;
  schema.namespaces = {{.name = "customer"}, {.name = "email"}};
  schema.traits = {{.name = "total"}, {.name = "favourites"}};
  schema.commerce = Commerce();
  schema.segments = std::move(segments);
  return schema;
}

inline Membership MembershipOf(const Schema& schema, const Person& person, Time now = kNow) {
  std::vector<std::string> traits;
  for (const std::string& name : TraitNamesOf(schema)) {
    const auto trait = person.traits.find(name);
    traits.push_back(trait != person.traits.end() ? golden::EncodeValue(trait->second) : "");
  }
  std::map<std::string, std::string> attributes;
  for (const auto& [name, value] : person.attributes) attributes[name] = golden::EncodeValue(value);
  golden::Parts parts{.first_seen = person.first_seen, .last_seen = person.last_seen};
  for (const uint16_t number : person.namespaces) parts.identifiers.push_back({number, "x"});
  for (const auto& [name, value] : attributes) parts.attributes.push_back({.name = name, .value = value});
  return SegmentRules(schema, kNumbers).Evaluate(parts, traits, now);
}

inline Segment With(std::string name, SegmentCondition condition) {
  return {std::move(name), {.all = {std::move(condition)}}};
}

inline SegmentCondition Leaf(What what, std::string name = {}) {
  return {.what = what, .name = std::move(name)};
}
inline SegmentCondition Is(SegmentCondition leaf, std::vector<std::string> values) {
  leaf.comparison = Comparison::kIs;
  leaf.values = std::move(values);
  return leaf;
}
inline SegmentCondition IsNot(SegmentCondition leaf, std::string value) {
  leaf.comparison = Comparison::kIsNot;
  leaf.values = {std::move(value)};
  return leaf;
}
inline SegmentCondition Bound(SegmentCondition leaf, Comparison comparison, double bound) {
  leaf.comparison = comparison;
  leaf.bound = bound;
  return leaf;
}
inline SegmentCondition AtLeast(SegmentCondition leaf, double bound) {
  return Bound(std::move(leaf), Comparison::kAtLeast, bound);
}
inline SegmentCondition Exists(SegmentCondition leaf, bool exists = true) {
  leaf.exists = exists;
  return leaf;
}
inline SegmentCondition Matches(SegmentCondition leaf, std::string pattern) {
  leaf.comparison = Comparison::kMatches;
  leaf.pattern = std::move(pattern);
  return leaf;
}

}  // namespace kintsugi::living::segment_examples
