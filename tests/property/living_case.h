// Random schemas, items and times for the rules of the living profile, over so few names, numbers and hours that ties,
// edges and equal values are everywhere. A seed gives the same case on every machine.

#pragma once

#include <algorithm>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "kintsugi/schema.h"
#include "living/item.h"

namespace kintsugi::testing {

struct LivingCase {
  Schema schema;
  std::vector<living::Item> items;  // in order
  std::optional<Time> now;
};

class LivingCases {
 public:
  explicit LivingCases(uint64_t seed) : random_(seed) {}

  LivingCase Any() {
    LivingCase one;
    one.schema = AnySchema();
    base_ = *ParseTime(Pick(Bases()));
    for (size_t i = Below(16); i > 0; --i) one.items.push_back(AnyItem(i));
    std::sort(one.items.begin(), one.items.end(), living::IsEarlier);
    one.now = AnyNow(one);
    return one;
  }

 private:
  using Texts = std::vector<std::string>;

  static const Texts& EventNames() {
    static const Texts names = {"Order Completed", "Receipt", "Product Viewed", "Checkout Started"};
    return names;
  }
  static const Texts& SourceNames() {
    static const Texts names = {"web", "app", "pos"};
    return names;
  }
  static const Texts& PropertyNames() {
    static const Texts names = {"total", "revenue", "order_id", "category", "a", "a.b", "products"};
    return names;
  }
  static const Texts& Paths() {
    static const Texts paths = {"total",
                                "total",
                                "revenue",
                                "order_id",
                                "category",
                                "category",
                                "a",
                                "a.b",
                                "a.b.c",
                                "a.c",
                                "products.price",
                                "products",
                                "products.1",
                                "products.0.price",
                                "products.sku.0",
                                "missing",
                                "$name",
                                "$source",
                                "$time"};
    return paths;
  }
  // Where the data of Abseil and ICU agree, whichever releases are installed: zones that have not changed their rules
  // since 2022. Among them some whose days begin at 01:00 now and then, or have half an hour more or less.
  static const Texts& Zones() {
    static const Texts zones = {"UTC",          "Europe/Berlin",       "America/New_York", "America/Sao_Paulo",
                                "Asia/Kolkata", "Australia/Lord_Howe", "America/Havana",   "Pacific/Apia"};
    return zones;
  }
  // Items are within some days of one of these: changes of clocks, of months, of quarters and of years.
  static const Texts& Bases() {
    static const Texts bases = {"2026-03-28", "2026-10-24", "2018-11-03", "2018-02-17", "2025-12-31",
                                "2024-02-28", "2026-06-30", "2026-04-04", "2011-12-29", "1970-01-01",
                                "1500-02-27", "2100-10-30", "9990-06-30", "2045-10-29", "2026-11-01"};
    return bases;
  }
  static const std::vector<Value>& Values() {
    static const std::vector<Value> values = {
        int64_t{0},
        int64_t{1},
        int64_t{5},
        int64_t{-3},
        int64_t{100},
        int64_t{9007199254740993},
        1.0,
        5.0,
        0.1,
        0.2,
        99.99,
        -2.5,
        1e-7,
        5e-7,
        1.5e-6,
        2.5e-6,
        0.00001,
        12345678901234.5,
        9007199254740992.0,
        1e15,
        1e19,
        -1.1e19,
        std::string(),
        std::string("5"),
        std::string("a"),
        std::string("B"),
        std::string("true"),
        std::string("shoes"),
        std::string("\"ä\""),
        true,
        false,
        Null(),
        Json{"[]"},
        Json{"{}"},
        Json{R"([1,1.0,"1"])"},
        Json{R"(["a","b","a"])"},
        Json{R"([[5,"a"],null,[0.1]])"},
        Json{R"({"b":1,"c":{"d":"x"}})"},
        Json{R"({"b":{"c":5},"c":"a"})"},
        Json{R"({"b":{"c":[0.1,5.0]}})"},
        Json{R"([{"price":1.5,"sku":["p","q"]},{"price":5,"sku":"q"}])"},
        Json{R"([{"price":"5"},{"price":0.2},{"price":[1,2]}])"},
    };
    return values;
  }

  size_t Below(size_t end) { return random_() % end; }
  bool Once(size_t in) { return Below(in) == 0; }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[Below(from.size())];
  }
  template <typename T>
  T PickOf(std::vector<T> from) {
    return from[Below(from.size())];
  }
  // std::shuffle is another one in each standard library.
  template <typename T>
  void Shuffle(std::vector<T>& list) {
    for (size_t i = list.size(); i > 1; --i) std::swap(list[i - 1], list[Below(i)]);
  }
  // Mostly none.
  Texts Some(const Texts& from) {
    Texts out;
    while (Once(2)) out.push_back(Pick(from));
    return out;
  }

  Schema AnySchema() {
    Schema schema;
    schema.namespaces = {{.name = "id"}};
    for (const std::string& name : SourceNames()) schema.sources.push_back({.name = name});
    schema.calendar = {Pick(Zones()), static_cast<Weekday>(Below(7))};
    schema.activities = {AnyActivity("order"), AnyActivity("view")};
    for (size_t i = 1 + Below(6); i > 0; --i) schema.traits.push_back(AnyTraitOfItems(schema));
    for (size_t i = Below(4); i > 0; --i) schema.traits.push_back(AnyTraitOfOthers(schema));
    Shuffle(schema.traits);
    schema.visits = Visits{.gap_minutes = PickOf<uint32_t>({15, 30, 60, 24 * 60}), .sources = Some(SourceNames())};
    for (const std::string& name : EventNames()) {
      if (Once(3)) schema.retention.push_back({name, static_cast<uint32_t>(1 + Below(60))});
    }
    if (Once(2)) schema.retention.push_back({.days = static_cast<uint32_t>(1 + Below(60))});
    return schema;
  }

  Activity AnyActivity(std::string name) {
    Activity activity{.name = std::move(name)};
    while (Once(2)) activity.numbers.push_back(AnyField("n" + std::to_string(activity.numbers.size())));
    if (Once(3)) activity.numbers.push_back(AnyField("total"));  // hides the path
    while (Once(2)) activity.texts.push_back(AnyField("t" + std::to_string(activity.texts.size())));
    activity.items = AnyFilter(&activity, true);
    if (Once(2)) activity.once_per = AnyOf(&activity);
    return activity;
  }

  ActivityField AnyField(std::string name) {
    ActivityField field{.name = std::move(name)};
    field.fields = {AnyPath()};
    while (Once(2)) field.fields.push_back(AnyPath());
    return field;
  }

  std::string AnyPath() {
    std::string path = Pick(Paths());
    return path.starts_with('$') ? AnyPath() : path;
  }

  // A name of the activity, or a path. Null: no activity.
  std::string AnyOf(const Activity* activity) {
    Texts names;
    if (activity != nullptr) {
      for (const ActivityField& number : activity->numbers) names.push_back(number.name);
      for (const ActivityField& text : activity->texts) names.push_back(text.name);
    }
    return names.empty() || Once(2) ? Pick(Paths()) : Pick(names);
  }

  // What may be a number: $name, $source and $time never are.
  std::string AnyNumberOf(const Activity* activity) {
    std::string name = AnyOf(activity);
    return name.starts_with('$') ? AnyNumberOf(activity) : name;
  }

  ItemFilter AnyFilter(const Activity* activity, bool may_have_events) {
    ItemFilter filter;
    if (may_have_events) filter.events = Some(EventNames());
    if (Once(3)) filter.sources = Some(SourceNames());
    while (Once(3)) filter.where.push_back(AnyCondition(activity));
    return filter;
  }

  Condition AnyCondition(const Activity* activity) {
    static const Texts kSaid = {"0",    "5",  "5.0", "a",       "true", "0.1",  "1e-7",
                                "10e1", "05", "web", "Receipt", "",     "\"a\""};
    static const std::vector<double> kBounds = {0, 5, 0.1, 1e-6, 5e-7, 99.99, -2.5, 1234567890123.5};
    static const Texts kPatterns = {"a|B", "[0-9]+", ".*", "", "sho.*", "(web|app)", "Order.*"};
    Condition condition{.property = AnyOf(activity), .comparison = static_cast<Comparison>(Below(8))};
    switch (condition.comparison) {
      case Comparison::kIs:
        condition.values = {Pick(kSaid)};
        while (Once(2)) condition.values.push_back(Pick(kSaid));
        break;
      case Comparison::kIsNot:
        condition.values = {Pick(kSaid)};
        break;
      case Comparison::kExists:
        condition.exists = Once(2);
        break;
      case Comparison::kMatches:
        condition.pattern = Pick(kPatterns);
        break;
      default:
        if (condition.property.starts_with('$')) condition.property = AnyNumberOf(activity);
        condition.bound = Pick(kBounds);
    }
    return condition;
  }

  Trait AnyTraitOfItems(const Schema& schema) {
    Trait trait{.name = "t" + std::to_string(schema.traits.size())};
    const TraitKind end = schema.traits.empty() ? TraitKind::kValues : TraitKind::kRatio;  // the first is no list
    trait.kind = static_cast<TraitKind>(Below(static_cast<size_t>(end)));
    const Activity* activity = Once(2) ? &Pick(schema.activities) : nullptr;
    if (activity != nullptr) trait.activity = activity->name;
    trait.items = AnyFilter(activity, activity == nullptr);
    if (trait.kind >= TraitKind::kSum && trait.kind <= TraitKind::kTop)
      trait.of = trait.kind <= TraitKind::kMax ? AnyNumberOf(activity) : AnyOf(activity);
    if (Once(2)) trait.limit = static_cast<uint32_t>(1 + Below(4));
    if (trait.kind == TraitKind::kFollowed || trait.kind == TraitKind::kNotFollowed) {
      trait.by = Pick(schema.activities).name;
      trait.within_hours = AnyHours();
    }
    AddAnyWindow(trait);
    return trait;
  }

  uint32_t AnyHours() { return PickOf<uint32_t>({1, 2, 24, 48, 720}); }

  void AddAnyWindow(Trait& trait) {
    if (Once(2)) {
      trait.sliding = SlidingWindow{.age_hours = AnyHours()};
      if (Once(2)) trait.sliding->until_hours = static_cast<uint32_t>(Below(trait.sliding->age_hours));
    } else if (Once(2)) {
      trait.calendar = CalendarWindow{static_cast<CalendarUnit>(Below(5)), static_cast<uint32_t>(Below(3))};
    }
  }

  Trait AnyTraitOfOthers(const Schema& schema) {
    Trait trait{.name = "t" + std::to_string(schema.traits.size())};
    const auto first = static_cast<size_t>(TraitKind::kRatio);
    trait.kind = static_cast<TraitKind>(first + Below(static_cast<size_t>(TraitKind::kBand) + 1 - first));
    size_t operands = trait.kind == TraitKind::kBand ? 1 : 2;
    if (trait.kind == TraitKind::kTotal) operands = 1 + Below(3);
    while (trait.operands.size() < operands) trait.operands.push_back(AnyNumberTrait(schema));
    if (trait.kind == TraitKind::kBand) trait.bounds = {-3, 0.1, 1, 2.5, 5};
    return trait;
  }

  // One that can be an operand; the first is always one.
  std::string AnyNumberTrait(const Schema& schema) {
    const Trait& trait = Pick(schema.traits);
    const bool is_list = trait.kind == TraitKind::kValues || trait.kind == TraitKind::kTop;
    return is_list ? schema.traits.front().name : trait.name;
  }

  living::Item AnyItem(size_t number) {
    living::Item item;
    item.time = base_ + std::chrono::minutes(15) * Below(Once(3) ? 8 : 400);
    if (Once(10)) item.time -= std::chrono::microseconds(1);
    item.source = static_cast<golden::SourceIndex>(Below(SourceNames().size()));
    item.id = "id" + std::to_string(number);
    item.name = Pick(EventNames());
    for (const std::string& name : PropertyNames()) {
      if (Once(2)) item.properties.emplace_back(name, Pick(Values()));
    }
    Shuffle(item.properties);
    return item;
  }

  // Often one at which something begins or ends.
  std::optional<Time> AnyNow(const LivingCase& one) {
    if (Once(8)) return std::nullopt;
    const auto any = base_ + std::chrono::minutes(15) * Below(6000);
    if (one.items.empty() || Once(3)) return any;
    const Trait& trait = Pick(one.schema.traits);
    uint32_t hours = trait.sliding ? trait.sliding->age_hours : 24;
    if (trait.sliding && Once(2)) hours = trait.sliding->until_hours;
    if (trait.within_hours > 0 && Once(2)) hours = trait.within_hours;
    return Pick(one.items).time + std::chrono::hours(hours) + std::chrono::microseconds(Below(3)) -
           std::chrono::microseconds(1);
  }

  std::mt19937_64 random_;
  Time base_;
};

}  // namespace kintsugi::testing
