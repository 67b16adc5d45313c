// The database's counters, as of the last group that was written.

#pragma once

#include <mutex>
#include <utility>

#include "format/stored.pb.h"

namespace kintsugi::write {

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
