// Look-ups by identifier, as a host program makes them.

#include <algorithm>

#include "bench/allocations.h"
#include "bench/harness.h"
#include "bench/people.h"

namespace kintsugi::bench {
namespace {

// Three rounds: a cache that others have filled keeps what is asked for a second time.
void WarmUp(const Engine& engine, Probes& probes) {
  for (size_t i = 3 * std::min(probes.size(), kWarmUp); i > 0; --i) LookUp(engine, probes.Next());
}

void Run(benchmark::State& state, Probes& probes) {
  const Engine& engine = Shared<People>().engine();
  bool found = true;
  uint64_t answer = 0;
  const uint64_t allocations = ThreadAllocations();
  for (auto _ : state) {
    answer = LookUp(engine, probes.NextAfter(answer));
    found &= answer != 0;
  }
  state.counters["allocs"] =
      benchmark::Counter(static_cast<double>(ThreadAllocations() - allocations), benchmark::Counter::kAvgIterations);
  if (!found) state.SkipWithError("an identifier was not found");
}

void Hot(benchmark::State& state) {
  static Probes probes = Probes::Hot(IdentifierCount());
  WarmUp(Shared<People>().engine(), probes);  // each time: uniform look-ups may have come between
  Run(state, probes);
}

void Uniform(benchmark::State& state) {
  static Probes probes = Probes::Uniform(IdentifierCount());
  static const bool warm = (WarmUp(Shared<People>().engine(), probes), true);
  benchmark::DoNotOptimize(warm);
  Run(state, probes);
}

// Only the reading, of a profile that was looked up before.
void ThreeAttributes(benchmark::State& state) {
  const Event person = PersonEvent(0);
  const Identifier& user = person.identifiers.front();
  const Profile profile = ValueOf(Shared<People>().engine().Lookup(user));
  const uint64_t allocations = ThreadAllocations();
  for (auto _ : state) {
    benchmark::DoNotOptimize(ReadThreeAttributes(profile));
  }
  state.counters["allocs"] =
      benchmark::Counter(static_cast<double>(ThreadAllocations() - allocations), benchmark::Counter::kAvgIterations);
}

const auto* const kHot = benchmark::RegisterBenchmark("lookup/hot", Hot);
const auto* const kUniform = benchmark::RegisterBenchmark("lookup/uniform", Uniform);
const auto* const kThree = benchmark::RegisterBenchmark("lookup/three_attributes", ThreeAttributes);

}  // namespace
}  // namespace kintsugi::bench
