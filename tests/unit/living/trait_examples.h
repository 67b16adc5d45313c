// What examples of traits and visits are made of: few words for items, and for what a trait says of them.

#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "living/trait_rules.h"

namespace kintsugi::living::examples {

inline Time At(const std::string& text) {
  return ParseTime(text).value();
}

enum ExampleSource : golden::SourceIndex { kWeb, kApp, kTill };

inline Schema Shop() {
  Schema schema;
  for (const char* name : {"web", "app", "till"}) schema.sources.push_back({.name = name});
  return schema;
}

inline Item ItemAt(const std::string& time, std::string name, std::vector<NamedValue> properties = {},
                   golden::SourceIndex source = kWeb) {
  return {At(time), source, time + name, std::move(name), std::move(properties)};
}

inline std::vector<Item> InOrder(std::vector<Item> items) {
  std::sort(items.begin(), items.end(), IsEarlier);
  return items;
}

// What traits say; "absent" of one that says nothing.
struct Told {
  std::vector<std::string> values;
  std::optional<Time> due;
};
inline Told Tell(const Schema& schema, const std::vector<Item>& items, Time now) {
  const TraitValues told = TraitRules(schema).Evaluate(InOrder(items), now);
  Told out{.values = {}, .due = Known(told.due)};
  for (const auto& value : told.values) out.values.push_back(value ? ToJson(*value) : "absent");
  return out;
}

// One trait in a schema.
struct Example {
  Schema schema = Shop();
  Trait trait;
  std::vector<Item> items;

  Told TellAt(Time now) const {
    Schema with_trait = schema;
    with_trait.traits = {trait};
    return Tell(with_trait, items, now);
  }
  std::string At(Time now) const { return TellAt(now).values.front(); }
  std::string At(const std::string& now) const { return At(examples::At(now)); }
  std::optional<Time> DueAfter(const std::string& now) const { return TellAt(examples::At(now)).due; }
};

}  // namespace kintsugi::living::examples
