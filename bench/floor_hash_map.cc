// floor/hash_map: what any look-up of identifier, then profile, costs in memory.

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "bench/data.h"
#include "bench/harness.h"

namespace kintsugi::bench {
namespace {

// The profile's key has the 16 bytes of a profile id.
class Maps {
 public:
  Maps() {
    const uint64_t identifiers = IdentifierCount();
    profile_of_.reserve(identifiers);
    for (uint64_t i = 0; i < identifiers; ++i) {
      const uint64_t profile = i / kIdentifiersPerProfile;
      profile_of_.emplace(ToView(KeyOf(i)), KeyOf(~profile));
      if (i % kIdentifiersPerProfile == 0) profiles_.emplace(KeyOf(~profile), ProfileBytes(profile));
    }
  }

  uint64_t LookUp(const Key& identifier) const {
    const auto holder = profile_of_.find(absl::string_view(identifier.data(), identifier.size()));
    if (holder == profile_of_.end()) return 0;
    const auto profile = profiles_.find(holder->second);
    return profile == profiles_.end() ? 0 : ReadThreePlaces(profile->second);
  }

 private:
  absl::flat_hash_map<std::string, Key> profile_of_;
  absl::flat_hash_map<Key, std::string> profiles_;
};

void Run(benchmark::State& state, Probes& probes) {
  const Maps& maps = Shared<Maps>();
  for (size_t i = std::min(probes.size(), kWarmUp); i > 0; --i)
    benchmark::DoNotOptimize(maps.LookUp(probes.Next().key));
  bool found = true;
  uint64_t answer = 0;
  for (auto _ : state) {
    answer = maps.LookUp(probes.NextAfter(answer).key);
    found &= answer != 0;
  }
  if (!found) state.SkipWithError("an identifier was not found");
}

void Hot(benchmark::State& state) {
  static Probes probes = Probes::Hot(IdentifierCount());
  Run(state, probes);
}

void Uniform(benchmark::State& state) {
  static Probes probes = Probes::Uniform(IdentifierCount());
  Run(state, probes);
}

// What this machine lets two threads gain, for threads/lookup_hot.
void Threads(benchmark::State& state) {
  auto& maps = Shared<Maps>();
  Probes probes = Probes::Hot(IdentifierCount());
  for (size_t i = probes.size() + probes.size() / 2 * state.thread_index(); i > 0; --i) {
    benchmark::DoNotOptimize(maps.LookUp(probes.Next().key));
  }
  bool found = true;
  for (auto _ : state) found &= maps.LookUp(probes.Next().key) != 0;
  state.SetItemsProcessed(state.iterations());
  if (!found) state.SkipWithError("an identifier was not found");
}

const auto* const kHot = benchmark::RegisterBenchmark("floor/hash_map/hot", Hot);
const auto* const kUniform = benchmark::RegisterBenchmark("floor/hash_map/uniform", Uniform);
const auto* const kThreads =
    benchmark::RegisterBenchmark("threads/floor/hash_map", Threads) -> ThreadRange(1, 2) -> UseRealTime();

}  // namespace
}  // namespace kintsugi::bench
