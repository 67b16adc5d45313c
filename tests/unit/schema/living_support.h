// A schema of what people do, for tests of its text.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catch.h"
#include "kintsugi/schema.h"

namespace kintsugi::schema {

using Strings = std::vector<std::string>;

// A schema of two sources and an activity, in three lines. Tests add the fourth.
inline constexpr std::string_view kBase =
    "namespaces { name: 'email' }\n"
    "sources { name: 'web' events {} } sources { name: 'pos' table { key: 'id' } }\n"
    "activities { name: 'order' events: 'Order Completed' }\n";

inline std::string WithBase(std::string_view text) {
  return std::string(kBase) + std::string(text);
}

inline Schema Read(std::string_view text) {
  auto schema = Schema::Parse(WithBase(text), "s");
  if (!schema.ok()) FAIL(schema.status());
  return *std::move(schema);
}

// Of a text with one trait.
inline Trait TraitIn(std::string_view text) {
  const Schema schema = Read(text);
  REQUIRE_FALSE(schema.traits.empty());
  return schema.traits.back();
}

inline std::string ErrorsOf(std::string_view text) {
  const auto schema = Schema::Parse(WithBase(text), "s");
  if (schema.ok()) return "no error";
  CHECK(schema.status().code() == absl::StatusCode::kInvalidArgument);
  return std::string(schema.status().message());
}

// The text has one mistake, which is told at `place` in words that hold `hint`.
inline void CheckOneError(std::string_view text, std::string_view place, std::string_view hint) {
  const std::string errors = ErrorsOf(text);
  INFO(text);
  INFO(errors);
  CHECK(errors.starts_with("s:" + std::string(place) + ": "));
  CHECK(errors.find(hint) != std::string::npos);
  CHECK(errors.find('\n') == std::string::npos);
}

// The examples of the contract, as they stand there.
inline constexpr std::string_view kPage = R"(
sources { name: "till" table { key: "id" event { name: "Order Completed" time: "sold_at" properties { field: "total" name: "total" type: NUMBER } } } }
retention { name: "Page Viewed" days: 90 }
visits { gap_minutes: 30 source: "web" source: "pos" }
calendar { zone: "Europe/Berlin"  week_starts: MONDAY }      # for all calendar windows; default UTC, Monday
activities {
  name: "purchase"  events: "Order Completed"  events: "Receipt"  source: "web" source: "pos"   # no source: all
  where { property: "total" more_than: 0 }
  once_per: "order_id"
  number { name: "total" field: "revenue" field: "total" }
}
traits { name: "orders"        activity: "order"          count {} }
traits { name: "revenue"       activity: "order"          sum { of: "total" } }
traits { name: "revenue_90d"   activity: "order"          sum { of: "total" }  window { days: 90 } }
traits { name: "year_before"   activity: "order"          count {}  window { days: 730 until_days: 365 } }
traits { name: "orders_before" activity: "order"          count {}  window { calendar: MONTH  back: 1 } }
traits { name: "favourite"     events: "Product Viewed"   most_frequent { of: "category" } }
traits { name: "big_orders"    activity: "order"          where { property: "total" at_least: 100 }  count {} }
traits { name: "average_order" ratio { of: "revenue" to: "orders" } }
traits { name: "days_since_order" activity: "order"       days_since_last {} }
traits { name: "left_checkouts"   events: "Checkout Started" not_followed { by: "order" within_hours: 4 } }
traits { name: "frequency_score"  band { of: "orders" at: 1 at: 2 at: 5 at: 10 } }
)";

// Those of segments, commerce, loyalty and the feed.
inline constexpr std::string_view kSegmentsPage = R"(
commerce {}
feed { attributes: NONE keep_days: 30 }
traits { name: "carts"            events: "Product Added" count {} feed: true }
traits { name: "days_since_order" activity: "order"       days_since_last {} }
segments { name: "customers"  all { trait: "orders" at_least: 1 } }
segments { name: "at_risk"    all { segment: "customers" }  all { trait: "days_since_order" more_than: 60 }  none { attribute: "vip" is: "true" } }
segments { name: "cart_left"  any { trait: "cart_abandoned" is: "true" }  any { all { trait: "carts" at_least: 1 } all { trait: "orders" at_most: 0 } } }
loyalty {
  earn { events: "Order Completed" of: "total" points_per: 1 }      # one point per full unit
  earn { events: "Review Written" points: 50 at_most { times: 1 days: 30 } }
  spend { events: "Reward Redeemed" of: "points" }
  expire_days: 365
  tiers { name: "silver" earned: 500 days: 365 }  tiers { name: "gold" earned: 2000 days: 365 }
}
)";

}  // namespace kintsugi::schema
