// A shared mutex for readers who read again while they read.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>

namespace kintsugi::store {

// Like a std::shared_mutex, but a thread may hold it shared more than once, as in a look-up inside a visit: whoever
// wants it shared gets it, also while somebody waits to have it alone. So the latter waits until nobody reads.
class ReadersFirstMutex {
 public:
  void lock_shared() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !is_alone_; });
    ++readers_;
  }
  void unlock_shared() {
    std::lock_guard lock(mutex_);
    if (--readers_ == 0 && awaiting_ > 0) changed_.notify_all();
  }
  void lock() {
    std::unique_lock lock(mutex_);
    ++awaiting_;
    changed_.wait(lock, [&] { return !is_alone_ && readers_ == 0; });
    --awaiting_;
    is_alone_ = true;
  }
  void unlock() {
    std::lock_guard lock(mutex_);
    is_alone_ = false;
    changed_.notify_all();
  }
  // Somebody waits to have it alone.
  bool is_awaited() const {
    std::lock_guard lock(mutex_);
    return awaiting_ > 0;
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  size_t readers_ = 0;
  size_t awaiting_ = 0;
  bool is_alone_ = false;
};

}  // namespace kintsugi::store
