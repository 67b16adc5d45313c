// Over random items and traits: from one due instant to the next nothing changes.

#include <random>

#include "unit/living/trait_examples.h"

namespace kintsugi::living::examples {
namespace {

using namespace std::chrono_literals;

constexpr auto kInstant = 1us;
constexpr TraitKind kLastOfItems = TraitKind::kDaysSinceLast;

// Few values and few times, so that much happens at one instant. A seed gives the same on every machine.
class Random {
 public:
  explicit Random(uint32_t seed) : random_(seed) {}

  uint32_t Below(uint32_t end) { return static_cast<uint32_t>(random_() % end); }
  bool OneIn(uint32_t n) { return Below(n) == 0; }
  template <typename T>
  T OneOf(const std::vector<T>& choice) {
    return choice[Below(static_cast<uint32_t>(choice.size()))];
  }

  Example AnExample() {
    Example example;
    example.schema.calendar.zone = OneOf<const char*>(
        {"UTC", "Europe/Berlin", "America/Sao_Paulo", "Pacific/Apia", "Australia/Lord_Howe", "America/New_York"});
    example.schema.calendar.week_starts = static_cast<Weekday>(Below(7));
    example.schema.activities = {{.name = "order", .items = {.events = {"a", "b"}}}, {.name = "once", .once_per = "p"}};
    example.trait = ATrait();
    begin_ = At(OneOf<const char*>({"2026-03-27", "2026-10-23", "2018-11-02", "2011-12-28", "2024-12-30"}));
    // Of weeks and longer periods some items are in others.
    const auto step = OneOf<std::chrono::minutes>({30min, 6h, 24h * 20});
    for (uint32_t i = Below(20); i > 0; --i) example.items.push_back(AnItem(step, i));
    return example;
  }
  Time ANow() { return begin_ + 12h * Below(10); }

 private:
  Trait ATrait() {
    Trait trait{.name = "t", .kind = static_cast<TraitKind>(Below(static_cast<uint32_t>(kLastOfItems) + 1))};
    trait.activity = OneOf<const char*>({"", "order", "once"});
    trait.of = OneOf<const char*>({"p", "p", "$name"});
    trait.limit = 1 + Below(3);
    trait.by = OneOf<const char*>({"order", "once"});
    trait.within_hours = 1 + Below(50);
    if (OneIn(2)) {
      trait.sliding = SlidingWindow{.age_hours = 1 + Below(100)};
      if (OneIn(2)) trait.sliding->until_hours = Below(trait.sliding->age_hours);
    } else if (!OneIn(5)) {
      trait.calendar = CalendarWindow{static_cast<CalendarUnit>(Below(5)), OneOf<uint32_t>({0, 1, 2, 5, 40})};
    }
    return trait;
  }

  Item AnItem(std::chrono::minutes step, uint32_t i) {
    static const std::vector<Value> values = {int64_t{0},  int64_t{1}, int64_t{1},       int64_t{2},
                                              int64_t{-1}, 1.5,        std::string("1"), std::string("x"),
                                              true,        Null(),     Json{"[]"},       Json{"[1,2]"}};
    Item item{begin_ + step * Below(40), static_cast<golden::SourceIndex>(Below(3)), std::to_string(i)};
    item.name = OneOf<const char*>({"a", "b", "c"});
    item.properties = {{"p", OneOf(values)}};
    return item;
  }

  std::mt19937 random_;
  Time begin_;
};

// Goes from due instant to due instant, and looks between them.
class Journey {
 public:
  Journey(const Example& example, Random& random) : example_(example), random_(random), rules_(SchemaOf(example)) {
    items_ = InOrder(example.items);
  }

  void GoFrom(Time now) {
    for (int step = 0; step < 300; ++step) {
      const TraitValues told = rules_.Evaluate(items_, now);
      INFO("at " << FormatTime(now) << " due " << FormatTime(Known(told.due)));
      CheckQuiet(now, told);
      if (told.due == kNeverFirst) return;
      REQUIRE(told.due > now);
      now = told.due;
    }
  }

 private:
  static Schema SchemaOf(const Example& example) {
    Schema schema = example.schema;
    schema.traits = {example.trait};
    return schema;
  }

  void CheckQuiet(Time now, const TraitValues& told) {
    const Time end = Known(told.due).value_or(now + 24h * 365 * 50);
    std::vector<Time> between = {end - kInstant};
    for (int i = 0; i < 6; ++i) between.push_back(now + (end - now) / 1000 * random_.Below(1000));
    for (const auto hours : {1h, 24h, 24h * 7, 24h * 31}) between.push_back(now + hours);
    for (const Time then : between) {
      if (then >= end) continue;
      INFO("then " << FormatTime(then));
      REQUIRE(rules_.Evaluate(items_, then).values == told.values);
    }
  }

  const Example& example_;
  Random& random_;
  TraitRules rules_;
  std::vector<Item> items_;
};

}  // namespace

TEST_CASE("Between due instants no trait changes", "[living]") {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    Random random(seed);
    const Example example = random.AnExample();
    INFO("seed " << seed << ", kind " << static_cast<int>(example.trait.kind));
    Journey journey(example, random);
    journey.GoFrom(random.ANow());
  }
}

}  // namespace kintsugi::living::examples
