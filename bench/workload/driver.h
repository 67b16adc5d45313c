// Makes look-ups and events come, and says how long they took.

#pragma once

#include <atomic>
#include <cstdint>

#include "bench/workload/chooser.h"
#include "bench/workload/histogram.h"
#include "bench/workload/target.h"

namespace kintsugi::bench {

// What is to come.
struct Load {
  uint64_t identifiers = 0;  // to choose from
  double lookup_percent = 95;
  Distribution distribution = Distribution::kUniform;
  size_t threads = 1;
  double seconds = 10;
  // Operations per second, spaced evenly over the threads. A latency then counts from when the operation was due:
  // one that waits because the one before it took long has waited (no "coordinated omission"). 0: each thread begins
  // the next operation when the last has ended, and a latency counts from there.
  double rate = 0;
};

// What came of it.
struct Outcome {
  Histogram lookups_ns;
  Histogram events_ns;
  double per_second = 0;  // operations of both kinds
  bool kept_up = true;    // false: the rate was too high and the run was broken off
};

// Driver sends one load after another to a target. Each thread has a session and choices of its own, the same in every
// run with the same number of threads.
class Driver {
 public:
  explicit Driver(Target& target) : target_(target) {}

  Outcome Run(const Load& load);

 private:
  Target& target_;
  std::atomic<uint64_t> events_ = 0;  // each has a number of its own
  uint64_t runs_ = 0;
};

}  // namespace kintsugi::bench
