// An item of a timeline, as traits and visits look at it.

#pragma once

#include <string>
#include <tuple>
#include <vector>

#include "golden/observation.h"
#include "kintsugi/value.h"

namespace kintsugi::living {

// An event, or a record that is one.
struct Item {
  Time time;
  golden::SourceIndex source = 0;  // its position in the schema
  std::string id;                  // message id; of a record SOURCE:KEY
  std::string name;
  std::vector<NamedValue> properties;  // distinct names
  bool is_event = true;                // else a record
  uint32_t identifier = 0;             // of those of the profile, the one that it stands by
};

// An id of up to 64 bytes is itself. Of a longer one the first 48 bytes stand, and a hash for the rest: an item may
// bring thousands of values, and each keeps a place (living/tally.h). So of one instant and source only those ids are
// not in order that are long and begin alike.
inline constexpr size_t kMostWholeId = 64;
std::string ShortId(const std::string& id);

// The order in which items count.
inline bool IsEarlier(const Item& a, const Item& b) {
  if (a.time != b.time || a.source != b.source) return std::tie(a.time, a.source) < std::tie(b.time, b.source);
  if (a.id.size() <= kMostWholeId && b.id.size() <= kMostWholeId) return a.id < b.id;
  const std::string short_a = ShortId(a.id), short_b = ShortId(b.id);
  return std::tie(short_a, a.id) < std::tie(short_b, b.id);
}

}  // namespace kintsugi::living
