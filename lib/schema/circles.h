// Things of a schema that are made of themselves: traits of other traits, segments of other segments.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace kintsugi::schema {

// What has a name, and names others that it is made of.
struct Made {
  std::string_view name;
  std::vector<std::string_view> of;
};

// Indices: each is made of the next, and the last of the first, which is declared before the others.
using Circle = std::vector<size_t>;

// Circles, each once and at most ten; empty only if there are none. If some have things in common, some may be missing.
// In time and stack of the names; of two things with one name the first is meant, and a name that nothing has leads
// nowhere.
std::vector<Circle> FindCircles(const std::vector<Made>& all);
// "a → b → a", of a long one its beginning and end.
std::string TextOf(const Circle& circle, const std::vector<Made>& all);

}  // namespace kintsugi::schema
