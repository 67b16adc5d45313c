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
#include "bench/harness.h"
#include "bench/living_shop.h"
#include "bench/new_database.h"
#include "kintsugi/engine.h"

namespace kintsugi::bench {
namespace {

// One more item of each person in turn, of whom so many are known.
void KnownPerson(benchmark::State& state, Living living, uint64_t people, uint64_t past) {
  NewDatabase database(SchemaWith(living));
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
void Groups(benchmark::State& state, Living living) {
  constexpr uint64_t kPeople = 10'000;
  constexpr uint64_t kGroup = 1000;
  NewDatabase database(SchemaWith(living));
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
  OneWithAPast() : database_(SchemaWith(Living::kTraits)) { Fill(database_, 1, kPast), database_.Settle(); }
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
  NewDatabase database(SchemaWith(Living::kTraits));
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
  NewDatabase database(SchemaWith(Living::kNone) +
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

constexpr Living kAllOfIt[] = {Living::kNone, Living::kTraits, Living::kSegments, Living::kFeed};

[[maybe_unused]] const auto* const kWritten = [] {
  benchmark::internal::Benchmark* last = nullptr;
  for (const Living living : kAllOfIt) {
    const std::string name = "living/batch_1000/" + ToString(living);
    last = benchmark::RegisterBenchmark(name.c_str(), Groups, living)->Iterations(200);
  }
  for (const uint64_t past : {10, 100, 1000, 10'000}) {
    for (const Living living : kAllOfIt) {
      const uint64_t people = past > 1000 ? 10 : 100;
      const std::string name = fmt::format("living/known/{}/{}", past, ToString(living));
      last = benchmark::RegisterBenchmark(name.c_str(), KnownPerson, living, people, past)->Iterations(1000);
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
