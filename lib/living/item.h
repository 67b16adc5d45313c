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

// The order of a timeline.
inline bool IsEarlier(const Item& a, const Item& b) {
  return std::tie(a.time, a.source, a.id) < std::tie(b.time, b.source, b.id);
}

}  // namespace kintsugi::living
