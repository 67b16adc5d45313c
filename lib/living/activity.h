// Activities: what several sources' items mean.

#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "kintsugi/schema.h"
#include "living/fields.h"
#include "living/item.h"

namespace kintsugi::living {

// The position of the activity of that name in the schema; nothing if it is not declared.
std::optional<size_t> FindActivity(const Schema& schema, std::string_view name);

// An activity, ready to use. Immutable, safe from many threads.
class ActivityRules {
 public:
  ActivityRules(const Activity& activity, const Schema& schema);

  // Whether the item is one of its, before `once_per`.
  bool Holds(const Item& item) const { return items_.Holds(item); }
  // Of each value only the earliest item counts. An array's first value decides: an item is once, or not at all.
  // Nothing: there is no `once_per`, or the item has no value there.
  std::optional<Value> OnceValueOf(const Item& item) const {
    return once_per_ ? once_per_->ValueOf(item) : std::nullopt;
  }
  // The positions of its items among all items of a profile, which are in order. One pass.
  std::vector<size_t> Select(std::span<const Item> items) const;

 private:
  CompiledFilter items_;
  std::optional<Field> once_per_;
};

}  // namespace kintsugi::living
