// What a living profile costs: events with traits and without, people of whom much is known, look-ups that read traits,
// pages of timelines, and moving the clock.

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/allocations.h"
#include "bench/check.h"
#include "bench/data.h"
#include "bench/harness.h"
#include "bench/new_database.h"
#include "kintsugi/engine.h"

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

std::string SchemaWith(bool traits) {
  return std::string(kSchema) + std::string(traits ? kTwentyTraits : std::string_view());
}

constexpr int64_t kFirstSecond = 1'700'000'000;
constexpr int64_t kSecondsBetween = 6 * 60 * 60;  // of one person

Time TimeOf(uint64_t item) {
  return Time(std::chrono::seconds(kFirstSecond + kSecondsBetween * static_cast<int64_t>(item)));
}

// A person's n-th item: every tenth is an order, the others are views.
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

// People with `past` items each, and as of shortly after them.
void Fill(NewDatabase& database, uint64_t people, uint64_t past) {
  {
    Loader<Event> loader(database);
    for (uint64_t item = 0; item < past; ++item) {
      for (uint64_t person = 0; person < people; ++person) loader.Add(ItemOf(person, item));
    }
  }
  Check(database.engine().Advance(TimeOf(past)));
}

// One more item of each person in turn, of whom so many are known.
void KnownPerson(benchmark::State& state, bool traits, uint64_t people, uint64_t past) {
  NewDatabase database(SchemaWith(traits));
  Fill(database, people, past);
  uint64_t number = people * past;
  uint64_t accepted = 0;
  WallClockRate rate(state);
  for (auto _ : state) {
    const auto report = database.engine().Ingest(ItemOf(number % people, number / people));
    if (report.ok()) accepted += report->accepted;
    ++number;
  }
  rate.SetItems(1);
  Check(accepted == state.iterations(), "an event was not accepted");
}

// Groups of 1,000 of 10,000 people, from their first items on.
void Groups(benchmark::State& state, bool traits) {
  constexpr uint64_t kPeople = 10'000;
  constexpr uint64_t kGroup = 1000;
  NewDatabase database(SchemaWith(traits));
  Check(database.engine().Advance(TimeOf(0)));
  uint64_t number = 0;
  std::vector<Event> events(kGroup);
  WallClockRate rate(state);
  for (auto _ : state) {
    for (Event& event : events) {
      event = ItemOf(number % kPeople, number / kPeople);
      ++number;
    }
    Check(ValueOf(database.engine().Ingest(std::span<const Event>(events))).accepted == kGroup,
          "not all were accepted");
  }
  rate.SetItems(kGroup);
  database.Settle();
  state.counters["bytes_per_item"] =
      static_cast<double>(database.engine().GetStats().disk_bytes) / static_cast<double>(number);
}

// A person with very many items: their golden record, a page of their timeline, their latest visits.
class OneWithAPast {
 public:
  OneWithAPast() : database_(SchemaWith(true)) { Fill(database_, 1, kPast), database_.Settle(); }
  Engine& engine() { return database_.engine(); }
  static constexpr uint64_t kPast = 100'000;

 private:
  NewDatabase database_;
};

OneWithAPast& ThePerson() {
  static OneWithAPast person;
  return person;
}

void Page(benchmark::State& state, bool newest_first) {
  Engine& engine = ThePerson().engine();
  const Event event = ItemOf(0, 0);
  const TimelineQuery query{.from = TimeOf(OneWithAPast::kPast / 2), .newest_first = newest_first};
  for (auto _ : state)
    Check(ValueOf(engine.Timeline(event.identifiers[0], query)).items.size() == 100, "the page is not full");
}

void Get(benchmark::State& state) {
  Engine& engine = ThePerson().engine();
  const Event event = ItemOf(0, 0);
  for (auto _ : state) benchmark::DoNotOptimize(ValueOf(engine.Lookup(event.identifiers[0])).ToJson());
}

// Look-ups of people who are hot, reading three attributes or three traits.
void LookUp(benchmark::State& state, bool traits) {
  constexpr uint64_t kPeople = 10'000;
  NewDatabase database(SchemaWith(true));
  {
    Loader<Event> loader(database);
    for (uint64_t person = 0; person < kPeople; ++person) {
      Event event = ItemOf(person, 9);
      event.traits = {{"first_name", "Jane"}, {"plan", "pro"}, {"logins", int64_t{7}}};
      loader.Add(std::move(event));
    }
  }
  Check(database.engine().Advance(TimeOf(10)));
  database.Settle();
  std::vector<std::string> users;
  for (uint64_t person = 0; person < kPeople; ++person) users.push_back(ItemOf(person, 9).identifiers[0].value);
  uint64_t number = 0;
  const auto read = [&] {
    const auto profile = database.engine().Lookup("user", users[number++ * 7919 % kPeople]);
    size_t there = 0;
    if (traits) {
      for (const std::string_view name : {"orders", "revenue", "favourite"}) there += profile->trait(name) ? 1 : 0;
    } else {
      for (const std::string_view name : {"first_name", "plan", "logins"}) there += profile->attribute(name) ? 1 : 0;
    }
    return there;
  };
  for (uint64_t i = 0; i < 2 * kPeople; ++i) read();
  size_t there = 0;
  const uint64_t before = ThreadAllocations();
  for (auto _ : state) there += read();
  state.counters["allocs"] = static_cast<double>(ThreadAllocations() - before);
  benchmark::DoNotOptimize(there);
}

// Moves the clock by an hour: over people for whom nothing is due, and over those for whom something is.
void Advance(benchmark::State& state, uint64_t people, bool is_due) {
  NewDatabase database(std::string(kSchema) +
                       "traits { name: 'views_7d' events: 'Product Viewed' count {} window { days: 7 } }");
  constexpr uint64_t kDue = 10'000;
  const Time leaves = TimeOf(0) + std::chrono::days(7);
  {
    // The others came later, and so does what is due for them.
    Loader<Event> loader(database);
    for (uint64_t person = 0; person < people; ++person) loader.Add(ItemOf(person, person < kDue ? 0 : 1));
  }
  Check(database.engine().Advance(TimeOf(1)));
  Time now = is_due ? leaves : TimeOf(2);
  for (auto _ : state) {
    Check(database.engine().Advance(now));
    now += std::chrono::seconds(1);
  }
}

const auto* const kGroupsNone =
    benchmark::RegisterBenchmark("living/batch_1000/none", Groups, false) -> Iterations(200);
const auto* const kGroupsTraits =
    benchmark::RegisterBenchmark("living/batch_1000/20_traits", Groups, true) -> Iterations(200);
[[maybe_unused]] const auto* const kKnown = [] {
  benchmark::internal::Benchmark* last = nullptr;
  for (const uint64_t past : {10, 100, 1000, 10'000}) {
    for (const bool traits : {false, true}) {
      const uint64_t people = past > 1000 ? 10 : 100;
      const std::string name = fmt::format("living/known/{}/{}", past, traits ? "20_traits" : "none");
      last = benchmark::RegisterBenchmark(name.c_str(), KnownPerson, traits, people, past)->Iterations(1000);
    }
  }
  return last;
}();
const auto* const kOldestFirst = benchmark::RegisterBenchmark("living/timeline_page/oldest_first", Page, false);
const auto* const kNewestFirst = benchmark::RegisterBenchmark("living/timeline_page/newest_first", Page, true);
const auto* const kGet = benchmark::RegisterBenchmark("living/get", Get);
const auto* const kAttributes = benchmark::RegisterBenchmark("living/lookup/three_attributes", LookUp, false);
const auto* const kTraits = benchmark::RegisterBenchmark("living/lookup/three_traits", LookUp, true);
const auto* const kNothingDue = benchmark::RegisterBenchmark("living/advance/nothing_due", Advance, 1'000'000, false)
                                    -> Iterations(100) -> Unit(benchmark::kMillisecond);
const auto* const kDue = benchmark::RegisterBenchmark("living/advance/10000_due", Advance, 1'000'000, true)
                             -> Iterations(1) -> Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace kintsugi::bench
