// The memory of a golden record that was read: shared by those who look at it, and never changed.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>

#include "golden/record_codec.h"
#include "kintsugi/profile.h"

namespace kintsugi::golden {

// SharedProfile holds a golden record's bytes behind its own head: one piece of memory, one allocation. Frees itself
// when nobody refers to it any more. Safe from many threads.
//
// References are counted in stripes, a cache line each, and a thread counts in its own: threads that look the same
// person up do not take turns in writing one line. A reference is given back in the stripe in which it was taken, and
// copied there. As long as a cache hands the profile out, stripes are open and nobody asks whether all are empty. Once
// the cache lets go they are closed, and each that is not empty yet counts one in `alive_` until it is.
class alignas(64) SharedProfile {
 public:
  static constexpr uint32_t kStripes = 4;
  // That of this thread; always the same.
  static uint32_t ThisStripe();

  // With one reference, in this thread's stripe.
  static SharedProfile* Make(const ProfileId& id, std::string_view bytes, std::shared_ptr<const Names> names);
  SharedProfile(const SharedProfile&) = delete;
  SharedProfile& operator=(const SharedProfile&) = delete;

  // For somebody who has a reference in this stripe, or a cache.
  void Share(uint32_t stripe) const { stripes_[stripe].count.fetch_add(1, std::memory_order_relaxed); }
  void Release(uint32_t stripe) const;

  const ProfileId& id() const { return id_; }
  // Without names it is no profile, but a cache's note that there is none.
  bool has_names() const { return names_ != nullptr; }
  std::string_view bytes() const { return {reinterpret_cast<const char*>(this + 1), size_}; }
  ProfileView view() const { return {id_, bytes(), *names_}; }
  // What it takes in memory.
  size_t memory_bytes() const { return sizeof(SharedProfile) + size_; }

  // Begins to fetch the head and what follows it, side by side. How long it is, is not known before the head is here:
  // most golden records are no longer than this, and fetching what is behind one does no harm.
  void Prefetch() const {
    for (size_t line = 0; line < kPrefetchedLines; ++line) {
      __builtin_prefetch(reinterpret_cast<const char*>(&size_) + 64 * line);
    }
  }

  // What a cache notes about it. `is_current`: these are the bytes that are stored. `is_used`: somebody asked lately.
  // `places`: how many places of the cache lead here.
  struct CacheNotes {
    std::atomic<bool> is_current = false;
    std::atomic<bool> is_used = false;
    std::atomic<uint32_t> places = 0;
  };
  CacheNotes& notes() const { return notes_; }
  // A cache takes it up, once: nobody but the caller refers to it yet.
  void Open() const;
  // The cache lets go of it: nobody finds it there any more.
  void Close() const;

 private:
  static constexpr size_t kPrefetchedLines = 16;
  static constexpr uint32_t kClosed = uint32_t{1} << 31;
  struct alignas(64) Stripe {
    std::atomic<uint32_t> count = kClosed;
  };

  SharedProfile(const ProfileId& id, uint32_t size, std::shared_ptr<const Names> names);
  ~SharedProfile() = default;
  void Die(uint32_t reasons_gone) const;

  mutable std::array<Stripe, kStripes> stripes_;
  alignas(64) const uint32_t size_;          // from here on nothing is written by those who only read
  mutable std::atomic<uint32_t> alive_ = 1;  // closed stripes that are not empty, and the cache
  mutable CacheNotes notes_;
  const ProfileId id_;
  const std::shared_ptr<const Names> names_;
};

}  // namespace kintsugi::golden
