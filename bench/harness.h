// What every benchmark needs: data sets that are made when first used, and honest rates.

#pragma once

#include <benchmark/benchmark.h>

#include <chrono>
#include <functional>

#include "bench/check.h"

namespace kintsugi::bench {

// Runs before main() returns, last registered first: a database must not outlive RocksDB's own globals.
void OnExit(std::function<void()> action);

// The one T of this process, made when a benchmark first asks for it: a filter that selects none of its
// benchmarks does not pay for a data set.
template <typename T>
T& Shared() {
  static T* const object = [] {
    auto* made = new T();
    OnExit([made] { delete made; });
    return made;
  }();
  return *object;
}

// Sets `items_per_second` by the wall clock. (Google Benchmark's own divides by this thread's processor time,
// which leaves out the disk and the threads that RocksDB compacts on.)
class WallClockRate {
 public:
  explicit WallClockRate(benchmark::State& state) : state_(state), begin_(Clock::now()) {}

  void SetItems(size_t items_per_iteration) {
    const std::chrono::duration<double> elapsed = Clock::now() - begin_;
    state_.counters["items_per_second"] =
        static_cast<double>(state_.iterations()) * static_cast<double>(items_per_iteration) / elapsed.count();
  }

 private:
  using Clock = std::chrono::steady_clock;
  benchmark::State& state_;
  const Clock::time_point begin_;
};

}  // namespace kintsugi::bench
