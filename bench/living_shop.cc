#include "bench/living_shop.h"

#include <fmt/format.h>

#include <string_view>

#include "bench/check.h"
#include "bench/data.h"

namespace kintsugi::bench {
namespace {

constexpr std::string_view kSchema = R"(
    namespaces { name: "user"   max_per_profile: 1 }
    namespaces { name: "device" }
    sources { name: "web" events { format: NATIVE } } )";

// What a shop wants to know: sixteen of items, four of other traits.
constexpr std::string_view kTwentyTraits = R"(
    activities { name: "order" events: "Order Completed" once_per: "order_id" number { name: "total" field: "total" } }
    activities { name: "view" events: "Product Viewed" }
    traits { name: "items" count {} }
    traits { name: "views" activity: "view" count {} }
    traits { name: "orders" activity: "order" count {} }
    traits { name: "revenue" activity: "order" sum { of: "total" } }
    traits { name: "largest_order" activity: "order" max { of: "total" } }
    traits { name: "first_order" activity: "order" first { of: "$time" } }
    traits { name: "last_order" activity: "order" last { of: "$time" } }
    traits { name: "days_since_order" activity: "order" days_since_last {} }
    traits { name: "days_since_visit" days_since_last {} }
    traits { name: "favourite" activity: "view" most_frequent { of: "category" } }
    traits { name: "categories" activity: "view" distinct { of: "category" } }
    traits { name: "top_categories" activity: "view" top { of: "category" k: 3 } }
    traits { name: "views_7d" activity: "view" count {} window { days: 7 } }
    traits { name: "orders_30d" activity: "order" count {} window { days: 30 } }
    traits { name: "revenue_90d" activity: "order" sum { of: "total" } window { days: 90 } }
    traits { name: "views_this_month" activity: "view" count {} window { calendar: MONTH } }
    traits { name: "average_order" ratio { of: "revenue" to: "orders" } }
    traits { name: "views_per_order" ratio { of: "views" to: "orders" } }
    traits { name: "frequency" band { of: "orders" at: 1 at: 2 at: 5 at: 10 } }
    traits { name: "recency" band { of: "days_since_order" at: 7 at: 30 at: 90 } } )";

// Of traits, attributes, other segments, identifiers and times; most of them many people enter and leave.
constexpr std::string_view kTwentySegments = R"(
    segments { name: "customers" all { trait: "orders" at_least: 1 } }
    segments { name: "at_risk" all { segment: "customers" } all { trait: "days_since_order" more_than: 60 } }
    segments { name: "lost" all { segment: "customers" } all { trait: "days_since_order" more_than: 365 } }
    segments { name: "loyal" all { trait: "frequency" at_least: 3 } none { segment: "at_risk" } }
    segments { name: "vip" any { attribute: "vip" is: "true" } any { trait: "revenue" at_least: 1000 } }
    segments { name: "active" all { trait: "views_7d" at_least: 1 } }
    segments { name: "very_active" all { trait: "views_7d" at_least: 20 } }
    segments { name: "window_shoppers" all { trait: "views" at_least: 10 } none { segment: "customers" } }
    segments { name: "big_spenders" all { trait: "revenue_90d" at_least: 200 } }
    segments { name: "large_orders" all { trait: "largest_order" more_than: 15 } }
    segments { name: "ordered_lately" all { trait: "orders_30d" at_least: 1 } }
    segments { name: "curious" all { trait: "categories" at_least: 6 } }
    segments { name: "one_track" all { trait: "categories" at_most: 1 } all { trait: "views" at_least: 3 } }
    segments { name: "fans" all { trait: "favourite" is: "category 1" is: "category 2" } }
    segments { name: "new" all { first_seen_days {} less_than: 7 } }
    segments { name: "gone_quiet" all { last_seen_days {} more_than: 30 } none { segment: "lost" } }
    segments { name: "known" all { has: "user" } }
    segments { name: "paying" all { attribute: "plan" is: "pro" } all { trait: "average_order" at_least: 10 } }
    segments { name: "lookers" all { trait: "views_per_order" more_than: 20 } }
    segments { name: "this_month" any { trait: "views_this_month" at_least: 1 } any { segment: "new" } } )";

constexpr int64_t kFirstSecond = 1'700'000'000;
constexpr int64_t kSecondsBetween = 6 * 60 * 60;  // of one person

}  // namespace

std::string ToString(Living living) {
  switch (living) {
    case Living::kNone:
      return "none";
    case Living::kTraits:
      return "20_traits";
    case Living::kSegments:
      return "20_traits_20_segments";
    case Living::kFeed:
      return "20_traits_20_segments_feed";
  }
  return "";
}

std::string SchemaWith(Living living) {
  std::string schema(kSchema);
  if (living >= Living::kTraits) schema += kTwentyTraits;
  if (living >= Living::kSegments) schema += kTwentySegments;
  if (living >= Living::kFeed) schema += "feed {}";
  return schema;
}

Time TimeOf(uint64_t item) {
  return Time(std::chrono::seconds(kFirstSecond + kSecondsBetween * static_cast<int64_t>(item)));
}

Event ItemOf(uint64_t person, uint64_t item) {
  Event event{.source = "web",
              .id = fmt::format("{}-{}", person, item),
              .time = TimeOf(item),
              .name = item % 10 == 9 ? "Order Completed" : "Product Viewed",
              .identifiers = {{"user", std::string(ToView(KeyOf(2 * person)))},
                              {"device", std::string(ToView(KeyOf(2 * person + 1)))}}};
  if (item % 10 == 9)
    event.properties = {{"order_id", fmt::format("o-{}", item)}, {"total", 12.5 + static_cast<double>(item % 7)}};
  else
    event.properties = {{"category", fmt::format("category {}", item % 12)}, {"product_id", int64_t(item % 1000)}};
  return event;
}

void Fill(NewDatabase& database, uint64_t people, uint64_t past) {
  {
    Loader<Event> loader(database);
    for (uint64_t item = 0; item < past; ++item) {
      for (uint64_t person = 0; person < people; ++person) loader.Add(ItemOf(person, item));
    }
  }
  Check(database.engine().Advance(TimeOf(past)));
}

}  // namespace kintsugi::bench
