// What examples of commerce are made of.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "living/commerce.h"
#include "unit/living/trait_examples.h"

namespace kintsugi::living::examples {

inline Value Text(std::string text) {
  return text;
}
inline Value Number(int64_t number) {
  return number;
}
inline Value List(std::string json) {
  return Json{std::move(json)};
}

// Somebody's items, all of one day, and what commerce says of them.
struct Shopper {
  Schema schema = Shop();
  std::vector<Item> items;

  // `time` is "10:00:00". Items of one time and source stand as they were added.
  Shopper& Did(const std::string& time, std::string name, std::vector<NamedValue> properties = {},
               golden::SourceIndex source = kWeb) {
    const std::string id = std::to_string(1000 + items.size());
    items.push_back({OfDay(time), source, id, std::move(name), std::move(properties)});
    return *this;
  }
  Shopper& Added(const std::string& time, const std::string& product, std::vector<NamedValue> properties = {}) {
    properties.emplace_back("product_id", product);
    return Did(time, "Product Added", std::move(properties));
  }
  Shopper& Removed(const std::string& time, const std::string& product, std::vector<NamedValue> properties = {}) {
    properties.emplace_back("product_id", product);
    return Did(time, "Product Removed", std::move(properties));
  }
  Shopper& Ordered(const std::string& time, const std::string& order, std::vector<NamedValue> properties = {}) {
    if (!order.empty()) properties.emplace_back("order_id", order);
    return Did(time, "Order Completed", std::move(properties));
  }

  static Time OfDay(const std::string& time) { return At("2026-03-01T" + time + "Z"); }

  CommerceValues TellAt(Time now) const { return CommerceRules(schema).Evaluate(InOrder(items), now); }
  // A trait at the end of the day; "absent".
  std::string Tell(CommerceValues::Trait trait) const { return Tell(trait, OfDay("23:59:59")); }
  std::string Tell(CommerceValues::Trait trait, Time now) const {
    const auto value = TellAt(now).values[trait];
    return value ? ToJson(*value) : "absent";
  }
};

}  // namespace kintsugi::living::examples
