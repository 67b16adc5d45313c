// What a schema says of what people do: which items mean what, and what is computed from a person's items.
// docs/living.md explains it with examples.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace kintsugi {

enum class Weekday { kMonday, kTuesday, kWednesday, kThursday, kFriday, kSaturday, kSunday };

// For all calendar windows.
struct Calendar {
  std::string zone = "UTC";  // of the IANA time zone database
  Weekday week_starts = Weekday::kMonday;
  friend bool operator==(const Calendar&, const Calendar&) = default;
};

// How a condition compares.
enum class Comparison { kIs, kIsNot, kAtLeast, kMoreThan, kAtMost, kLessThan, kExists, kMatches };

// What an item's property must be like.
struct Condition {
  std::string property;  // an activity's own name, or a dotted path into the properties, or $name, $source, $time
  Comparison comparison = Comparison::kExists;
  std::vector<std::string> values;  // kIs: one of them; kIsNot: one
  double bound = 0;                 // kAtLeast, kMoreThan, kAtMost, kLessThan; a decimal of six places
  bool exists = true;               // kExists
  std::string pattern;              // kMatches: an RE2 expression for the whole value
  friend bool operator==(const Condition&, const Condition&) = default;
};

// Which items: those of any of the events, from any of the sources, that fulfil all conditions. None named: all.
struct ItemFilter {
  std::vector<std::string> events;
  std::vector<std::string> sources;
  std::vector<Condition> where;
  friend bool operator==(const ItemFilter&, const ItemFilter&) = default;
};

// A number or text of an activity, under one name whatever its sources call it.
struct ActivityField {
  std::string name;
  std::vector<std::string> fields;  // dotted paths; the first that is there counts
};

// What several sources' items mean, under one name.
struct Activity {
  std::string name;
  ItemFilter items;
  std::string once_per;  // of a profile's items with one value there only the earliest counts; empty: all count
  std::vector<ActivityField> numbers;
  std::vector<ActivityField> texts;
};

enum class CalendarUnit { kDay, kWeek, kMonth, kQuarter, kYear };

// The items of a sliding window are later than `now` minus `age_hours`, and not later than `now` minus `until_hours`.
struct SlidingWindow {
  uint32_t age_hours = 0;
  uint32_t until_hours = 0;  // 0: no such bound
  friend bool operator==(const SlidingWindow&, const SlidingWindow&) = default;
};
// Those of a calendar window are in the calendar's period of `now`, or in the `back`-th before it.
struct CalendarWindow {
  CalendarUnit unit = CalendarUnit::kMonth;
  uint32_t back = 0;
  friend bool operator==(const CalendarWindow&, const CalendarWindow&) = default;
};

enum class TraitKind {
  kCount,
  kSum,
  kAverage,
  kMin,
  kMax,
  kFirst,
  kLast,
  kMostFrequent,
  kDistinct,
  kValues,
  kTop,
  kFollowed,
  kNotFollowed,
  kDaysSinceLast,
  // Of other traits.
  kRatio,
  kDifference,
  kTotal,
  kBand,
};

// Whether a trait of the kind is computed from items; else from other traits.
constexpr bool IsOfItems(TraitKind kind) {
  return kind < TraitKind::kRatio;
}

inline constexpr uint32_t kDefaultMaxListed = 100;

// A value that is computed from a profile's items.
struct Trait {
  std::string name;
  TraitKind kind = TraitKind::kCount;
  // Of items. With `activity`, `items` has no events, for the activity names them.
  std::string activity;
  ItemFilter items;
  std::string of;                        // kSum to kTop: what of an item
  uint32_t limit = kDefaultMaxListed;    // kValues, kTop: how many at most
  std::string by;                        // kFollowed, kNotFollowed: an activity
  uint32_t within_hours = 0;             // kFollowed, kNotFollowed
  std::optional<SlidingWindow> sliding;  // at most one of the two windows
  std::optional<CalendarWindow> calendar;
  // Of other traits: kRatio (of, to), kDifference (of, minus), kTotal (any number), kBand (one).
  std::vector<std::string> operands;
  std::vector<double> bounds;  // kBand: ascending
  bool feed = false;           // the feed tells when it changes
};

// A visit is a longest run of a profile's items of these sources in which no two neighbours are further apart.
struct Visits {
  uint32_t gap_minutes = 30;
  std::vector<std::string> sources;  // none named: all
};

// Events of the name are items for so many days.
struct Retention {
  std::string name;  // empty: all that no other retention names
  uint32_t days = 0;
};

// What a profile must be like, to be a member of a segment: one thing about it, or again a group of conditions.
struct SegmentCondition {
  enum class What { kGroup, kTrait, kAttribute, kSegment, kHas, kFirstSeenDays, kLastSeenDays };
  What what = What::kGroup;
  std::string name;  // kTrait, kAttribute, kSegment: its name; kHas: a namespace
  // kTrait, kAttribute, kFirstSeenDays, kLastSeenDays: as in Condition.
  Comparison comparison = Comparison::kExists;
  std::vector<std::string> values;
  double bound = 0;
  bool exists = true;
  std::string pattern;
  // kGroup: all of `all`, at least one of `any` if there are any, none of `none`.
  std::vector<SegmentCondition> all;
  std::vector<SegmentCondition> any;
  std::vector<SegmentCondition> none;
  friend bool operator==(const SegmentCondition&, const SegmentCondition&) = default;
};

// The profiles that are like that, at each moment.
struct Segment {
  std::string name;
  SegmentCondition members;  // kGroup
};

// Ready-made traits of what people put into carts and order, from events named as Segment's e-commerce specification
// names them. docs/living.md lists the traits.
struct Commerce {
  uint32_t abandoned_after_minutes = 30;
};

// Points, in a ledger that is folded from the profile's items in order.
struct Loyalty {
  // Items that bring points: a number for each (`points`), or so many for each unit of what they say (`of`).
  struct Earn {
    std::string activity;
    ItemFilter items;  // with `activity` it has no events
    std::string of;
    double points_per = 1;  // with `of`; a decimal of six places
    uint32_t points = 0;    // without `of`
    uint32_t times = 0;     // of the rule's items, no more than so many earn in `times_days`; 0: all do
    uint32_t times_days = 0;
  };
  // Items that cost as many points as they say.
  struct Spend {
    std::string activity;
    ItemFilter items;
    std::string of;
  };
  // Reached by what was earned in so many days, whatever became of it.
  struct Tier {
    std::string name;
    uint64_t earned = 0;
    uint32_t days = 0;
  };
  std::vector<Earn> earn;
  std::vector<Spend> spend;
  uint32_t expire_days = 0;  // points are gone so long after they were earned; 0: never
  std::vector<Tier> tiers;   // the last one that is reached counts
};

// What a feed of changes tells.
struct Feed {
  bool attributes = true;
  uint32_t keep_days = 0;  // entries older than that go; 0: none do
};

}  // namespace kintsugi
