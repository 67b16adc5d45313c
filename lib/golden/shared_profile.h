// The memory of a golden record that was read: shared by those who look at it, and never changed.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "golden/record_codec.h"
#include "kintsugi/profile.h"

namespace kintsugi::golden {

// SharedProfile holds a golden record's bytes behind its own head: one piece of memory, one allocation. Begins with one
// reference, and frees itself when the last is given back. Safe from many threads.
class alignas(64) SharedProfile {
 public:
  static SharedProfile* Make(const ProfileId& id, std::string_view bytes, std::shared_ptr<const Names> names);
  SharedProfile(const SharedProfile&) = delete;
  SharedProfile& operator=(const SharedProfile&) = delete;

  void Share() const { references_.fetch_add(1, std::memory_order_relaxed); }
  void Release() const;

  const ProfileId& id() const { return id_; }
  // Without names it is no profile, but a cache's note that there is none.
  bool has_names() const { return names_ != nullptr; }
  std::string_view bytes() const { return {reinterpret_cast<const char*>(this + 1), size_}; }
  // Begins to fetch the head and what follows it, side by side. How long it is, is not known before the head is here:
  // most golden records are no longer than this, and fetching what is behind one does no harm.
  void Prefetch() const {
    for (size_t line = 0; line < kPrefetchedLines; ++line)
      __builtin_prefetch(reinterpret_cast<const char*>(this) + 64 * line);
  }
  ProfileView view() const { return {id_, bytes(), *names_}; }
  // What it takes in memory.
  size_t memory_bytes() const { return sizeof(SharedProfile) + size_; }

  // What a cache notes about it. `current`: these are the bytes that are stored. `used`: somebody asked lately.
  // `slots`: how many places of the cache lead here.
  struct CacheMarks {
    std::atomic<bool> current = false;
    std::atomic<bool> used = false;
    std::atomic<uint32_t> slots = 0;
  };
  CacheMarks& marks() const { return marks_; }

 private:
  static constexpr size_t kPrefetchedLines = 16;

  SharedProfile(const ProfileId& id, uint32_t size, std::shared_ptr<const Names> names)
      : size_(size), id_(id), names_(std::move(names)) {}
  ~SharedProfile() = default;

  mutable std::atomic<uint32_t> references_ = 1;
  mutable CacheMarks marks_;
  const uint32_t size_;
  const ProfileId id_;
  const std::shared_ptr<const Names> names_;
};

}  // namespace kintsugi::golden
