// Which of a profile's items an activity or a trait is about.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "kintsugi/schema.h"
#include "living/item.h"

namespace kintsugi::testing {

// One profile, as everything below looks at it.
struct Person {
  const Schema& schema;
  std::vector<living::Item> items;  // in order
  std::optional<Time> now;          // nothing: before all times
};

// Null if the schema has none of that name.
const Activity* FindActivity(const Schema& schema, const std::string& name);

// Those below are in order.
std::vector<living::Item> ItemsOf(const Person& person, const Activity& activity);
std::vector<living::Item> ItemsOf(const Person& person, const Trait& trait);

// The hours as a duration, which is never longer than time is.
Time::duration Hours(uint32_t hours);

}  // namespace kintsugi::testing
