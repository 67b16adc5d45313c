#include "living/activity.h"

#include <string>

#include "absl/container/flat_hash_set.h"
#include "golden/value_codec.h"

namespace kintsugi::living {

std::optional<size_t> FindActivity(const Schema& schema, std::string_view name) {
  for (size_t i = 0; i < schema.activities.size(); ++i) {
    if (schema.activities[i].name == name) return i;
  }
  return std::nullopt;
}

ActivityRules::ActivityRules(const Activity& activity, const Schema& schema)
    : items_(activity.items, &activity, schema) {
  if (!activity.once_per.empty()) once_per_.emplace(activity.once_per, &activity, schema);
}

std::vector<size_t> ActivityRules::Select(std::span<const Item> items) const {
  std::vector<size_t> selected;
  absl::flat_hash_set<std::string> seen;  // the values of `once_per` so far; asked only whether they are there
  for (size_t i = 0; i < items.size(); ++i) {
    if (!items_.Holds(items[i])) continue;
    const std::optional<Value> value = OnceValueOf(items[i]);
    if (value && !seen.insert(golden::EncodeValue(*value)).second) continue;
    selected.push_back(i);
  }
  return selected;
}

}  // namespace kintsugi::living
