// The database's counters, as of the last group that was written.

#pragma once

#include <cstdint>
#include <mutex>
#include <utility>

#include "format/stored.pb.h"

namespace kintsugi::write {

// Those of a source, by its catalog number; new ones if there are none yet.
inline stored::Counters::Source& CountersOf(stored::Counters& counters, uint16_t number) {
  for (auto& known : *counters.mutable_sources()) {
    if (known.source() == number) return known;
  }
  stored::Counters::Source& fresh = *counters.add_sources();
  fresh.set_source(number);
  return fresh;
}

// Safe from many threads.
class Counters {
 public:
  explicit Counters(stored::Counters counters) : counters_(std::move(counters)) {}

  stored::Counters Get() const {
    std::lock_guard lock(mutex_);
    return counters_;
  }
  void Set(stored::Counters counters) {
    std::lock_guard lock(mutex_);
    counters_ = std::move(counters);
  }

 private:
  mutable std::mutex mutex_;
  stored::Counters counters_;
};

}  // namespace kintsugi::write
