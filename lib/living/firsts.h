// `once_per`: of a profile's items with one value only the earliest counts.

#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "living/tally.h"

namespace kintsugi::living {

// The value of `once_per` that an item has in one of the activities that have one.
struct OnceValue {
  size_t activity = 0;  // by TraitRules::once_activities()
  std::string key;      // of the activity and the value: equal for equal ones, and for no others; not long
};

// `encoded_value`: golden::EncodeValue.
std::string OnceKey(size_t activity, std::string_view encoded_value);
// What those of one activity begin with.
std::string OncePrefix(size_t activity);
// Of which activity a key is.
size_t ActivityOf(std::string_view once_key);

// Where the earliest item of each value stands, by OnceValue::key.
using Firsts = std::map<std::string, Place, std::less<>>;

// In which of the activities an item only repeats a value that an earlier one had. Few, and in no order.
using Repeated = std::vector<size_t>;

// Items may come in any order.
void AddFirsts(const Item& item, std::span<const OnceValue> values, Firsts& firsts);
// Of an item that was added, after all were.
Repeated RepeatedBy(const Item& item, std::span<const OnceValue> values, const Firsts& firsts);

}  // namespace kintsugi::living
