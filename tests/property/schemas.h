// Schemas for random steps.

#pragma once

#include <string>
#include <vector>

namespace kintsugi::testing {

// A trait of every kind, over the few names and properties that steps bring.
inline std::string AllTraits() {
  return R"(
    calendar { zone: "Europe/Berlin" }
    retention { name: "n1" days: 2 } retention { name: "n2" days: 1 }
    activities { name: "order" events: "n1" once_per: "id" number { name: "money" field: "sum" field: "total" } }
    activities { name: "view" events: "n0" source: "web" where { property: "kind" exists: true } }
    traits { name: "items" count {} }
    traits { name: "bought" activity: "order" count {} }
    traits { name: "orders_app" activity: "order" source: "app" count {} }
    traits { name: "spent" activity: "order" sum { of: "money" } }
    traits { name: "revenue_lately" activity: "order" sum { of: "money" } window { hours: 12 } }
    traits { name: "order_kinds" activity: "order" top { of: "kind" k: 2 } }
    traits { name: "mean" events: "n0" average { of: "total" } }
    traits { name: "least" min { of: "total" } window { hours: 12 } }
    traits { name: "most" max { of: "total" } window { days: 2 until_days: 1 } }
    traits { name: "first" first { of: "kind" } }
    traits { name: "last" last { of: "$name" } }
    traits { name: "favourite" most_frequent { of: "kind" } }
    traits { name: "kinds" distinct { of: "kind" } window { calendar: DAY } }
    traits { name: "values" values { of: "total" limit: 2 } }
    traits { name: "top" top { of: "$source" k: 1 } window { calendar: WEEK back: 1 } }
    traits { name: "kept" activity: "view" followed { by: "order" within_hours: 10 } }
    traits { name: "left" activity: "view" not_followed { by: "order" within_hours: 5 } }
    traits { name: "days" activity: "order" days_since_last {} }
    traits { name: "big" where { property: "total" at_least: 2 } count {} window { calendar: DAY back: 1 } }
    traits { name: "per_order" ratio { of: "spent" to: "bought" } }
    traits { name: "spread" difference { of: "most" minus: "least" } }
    traits { name: "sum" total { of: "bought" of: "items" of: "orders" } }
    traits { name: "points_each" ratio { of: "points" to: "sum" } }
    traits { name: "band" band { of: "spent" at: 0.1 at: 2 at: 10 } }
    traits { name: "cart_band" band { of: "cart_value" at: 1 at: 2 } }
    visits { gap_minutes: 300 source: "web" source: "pos" }
    retention { name: "Product Viewed" days: 1 }
    commerce { abandoned_after_minutes: 300 }
    loyalty {
      earn { activity: "order" of: "money" points_per: 1.5 }
      earn { events: "Cart Viewed" points: 2 at_most { times: 1 days: 1 } }
      spend { events: "Order Refunded" events: "Coupon Applied" of: "total" }
      expire_days: 2
      tiers { name: "silver" earned: 2 days: 2 }
      tiers { name: "gold" earned: 6 days: 1 }
    })";
}

// Segments of everything that a condition can ask for; several change by time alone.
inline std::string SomeSegments() {
  return R"(
    segments { name: "rested" all { segment: "buyers" } none { trait: "days" at_most: 0 } }
    segments { name: "buyers" any { trait: "orders" at_least: 1 } any { trait: "band" more_than: 0 } }
    segments { name: "young" all { first_seen_days {} less_than: 1 } }
    segments { name: "seen" all { last_seen_days {} at_least: 1 } all { last_seen_days {} at_most: 1 } }
    segments { name: "aa" any { attribute: "name" is: "aa" } any { attribute: "all" is: "aa" is: "5" }
               any { all { attribute: "high" at_least: 3 } none { attribute: "city" exists: true } } }
    segments { name: "quiet" none { has: "user" } all { trait: "revenue_lately" at_most: 0 } }
    segments { name: "listed" all { trait: "values" is: "1" } none { segment: "young" } })";
}

// Schemas that make every rule of resolution bite. `timed`: every source has version times, so that the order of
// arrival cannot matter.
inline std::vector<std::string> ConflictSchemas(bool timed) {
  const std::string sources = std::string(R"(
    sources { name: "web" trust: 0.5 events { format: NATIVE } }
    sources { name: "app" trust: 0.6 events { format: NATIVE } }
    sources { name: "crm" trust: 0.9 table { key: "id" updated_at: "at" identifiers { field: "u" namespace: "user" } } }
    sources { name: "pos" trust: 0.7 duplicate_free: true table { key: "id" identifiers { field: "u" namespace: "user" } )") +
                              (timed ? "updated_at: \"at\"" : "") + R"(
              event { name: "n1" time: "t" properties { field: "total" type: NUMBER } } } }
    golden {
      attributes { name: "name" keep: MOST_RECENT } attributes { name: "oldest" keep: OLDEST }
      attributes { name: "often" keep: MOST_FREQUENT } attributes { name: "trust" keep: HIGHEST_TRUST }
      attributes { name: "long" keep: LONGEST } attributes { name: "all" keep: ALL }
      attributes { name: "low" keep: MIN } attributes { name: "high" keep: MAX }
      attributes { name: "order" keep: SOURCE_ORDER source_order: "crm" source_order: "app" }
      groups { name: "address" keep: MOST_RECENT attributes: "street" attributes: "city" }
    })";
  // The same, but only few different values are kept.
  std::string bounded = sources;
  size_t rules = 0;
  for (size_t at = 0; (at = bounded.find(" keep:", at)) != std::string::npos; at += 20)
    bounded.insert(at, " max_values: " + std::to_string(1 + rules++ % 2));
  return {
      R"(namespaces { name: "user" max_per_profile: 1 } namespaces { name: "email" max_per_profile: 2 }
         namespaces { name: "device" })" +
          sources,
      R"(namespaces { name: "user" max_per_profile: 1 } namespaces { name: "email" max_per_profile: 1 }
         namespaces { name: "device" max_per_profile: 3 } identity { on_conflict: KEEP_OLDEST })" +
          sources,
      R"(namespaces { name: "user" max_per_profile: 2 } namespaces { name: "email" generic_above: 2 }
         namespaces { name: "device" generic_above: 1 } identity { max_identifiers: 6 })" +
          sources,
      R"(namespaces { name: "user" } namespaces { name: "email" } namespaces { name: "device" })" + bounded,
      R"(namespaces { name: "user" max_per_profile: 1 } namespaces { name: "email" max_per_profile: 3 generic_above: 1 }
         namespaces { name: "device" })" +
          sources,
      R"(namespaces { name: "user" max_per_profile: 1 } namespaces { name: "email" generic_above: 1 }
         namespaces { name: "device" max_per_profile: 2 generic_above: 2 }
         identity { on_conflict: KEEP_OLDEST max_identifiers: 8 })" +
          sources,
      R"(namespaces { name: "user" max_per_profile: 1 } namespaces { name: "email" max_per_profile: 2 }
         namespaces { name: "device" })" +
          sources + AllTraits() + SomeSegments(),
  };
}

}  // namespace kintsugi::testing
