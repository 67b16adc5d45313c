// Attribute values as bytes. Ties of survivorship end in these bytes, so they must never change.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kintsugi/value.h"

namespace kintsugi::golden {

// A tag, then the value as text: equal values give equal bytes, and nothing else does.
std::string EncodeValue(const Value& value);
// A view into `bytes`. Nothing if they are damaged, or are a group's.
std::optional<ValueView> DecodeValue(std::string_view bytes);

inline constexpr char kStringTag = 's';

// The same in a hot look-up, where most values are text; a null for what DecodeValue does not take.
inline ValueView ReadValue(std::string_view bytes) {
  if (!bytes.empty() && bytes[0] == kStringTag) return bytes.substr(1);
  return DecodeValue(bytes).value_or(ValueView(Null()));
}

// A group's attributes that were observed together, by name.
using GroupValue = std::vector<std::pair<std::string, std::string>>;  // name, encoded value
std::string EncodeGroup(const GroupValue& group);
std::optional<GroupValue> DecodeGroup(std::string_view bytes);

bool IsNull(std::string_view bytes);
bool IsGroup(std::string_view bytes);
// An empty string, or a group of nothing else.
bool IsEmpty(std::string_view bytes);
// Unicode code points of a string, bytes of any other value's text, the sum for a group.
size_t LengthOf(std::string_view bytes);
// Numbers by value, everything else by bytes: a total order.
bool LessThan(std::string_view a, std::string_view b);

}  // namespace kintsugi::golden
