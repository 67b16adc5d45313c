// What examples of the living profile are made of: few words for items, and for what a trait says of them.

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "reference/living.h"

namespace kintsugi::testing::examples {

using living::Item;

inline constexpr golden::SourceIndex kWeb = 0;
inline constexpr golden::SourceIndex kApp = 1;
inline constexpr golden::SourceIndex kPos = 2;

inline Time At(const char* text) {
  const auto time = ParseTime(text);
  REQUIRE(time.has_value());
  return *time;
}

inline Schema Shop() {
  Schema schema;
  for (const char* name : {"web", "app", "pos"}) schema.sources.push_back({.name = name});
  return schema;
}

inline Item ItemAt(const char* time, std::string name, std::vector<NamedValue> properties = {},
                   golden::SourceIndex source = kWeb) {
  return {At(time), source, std::string("at ") + time, std::move(name), std::move(properties)};
}

inline std::vector<NamedValue> Of(std::string name, Value value) {
  return {{std::move(name), std::move(value)}};
}

// What the one trait says; "absent" if it says nothing.
inline std::string Says(Schema schema, Trait trait, const std::vector<Item>& items,
                        std::optional<Time> now = std::nullopt) {
  trait.name = "t";
  schema.traits.push_back(std::move(trait));
  const auto traits = NaiveTraits(schema, items, now);
  return traits.contains("t") ? traits.at("t") : "absent";
}
inline std::string Says(Trait trait, const std::vector<Item>& items, std::optional<Time> now = std::nullopt) {
  return Says(Shop(), std::move(trait), items, now);
}

}  // namespace kintsugi::testing::examples
