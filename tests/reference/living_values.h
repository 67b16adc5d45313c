// What an item holds under a name, and whether it is as a condition says.

#pragma once

#include <string>
#include <vector>

#include "kintsugi/schema.h"
#include "living/item.h"
#include "reference/living_decimal.h"

namespace kintsugi::testing {

struct ItemValue {
  enum class Type { kNumber, kText, kOther };
  Type type = Type::kOther;
  std::string json;        // equal values have equal texts: a whole number has no point, members are in order
  std::string characters;  // of a text

  // What values are sorted by: a text's characters, anything else's JSON text. 5 comes before "5".
  friend bool operator<(const ItemValue& a, const ItemValue& b);
};

// All that is there, in order; of an array each element. `of` is a number or text of the activity (null: there is
// none), a dotted path into the properties, or one of $name, $source, $time.
std::vector<ItemValue> ValuesOf(const Schema& schema, const Activity* activity, const std::string& of,
                                const living::Item& item);

bool Holds(const Condition& condition, const std::vector<ItemValue>& values);

}  // namespace kintsugi::testing
