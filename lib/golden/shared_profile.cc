#include "golden/shared_profile.h"

#include <cstring>
#include <new>

namespace kintsugi::golden {

uint32_t SharedProfile::ThisStripe() {
  static std::atomic<uint32_t> threads = 0;
  thread_local const uint32_t stripe = threads.fetch_add(1, std::memory_order_relaxed) % kStripes;
  return stripe;
}

SharedProfile::SharedProfile(const ProfileId& id, uint32_t size, std::shared_ptr<const Names> names)
    : size_(size), id_(id), names_(std::move(names)) {
  stripes_[ThisStripe()].count = kClosed | 1;
}

SharedProfile* SharedProfile::Make(const ProfileId& id, std::string_view bytes, std::shared_ptr<const Names> names) {
  void* memory = ::operator new(sizeof(SharedProfile) + bytes.size(), std::align_val_t(alignof(SharedProfile)));
  auto* profile = new (memory) SharedProfile(id, static_cast<uint32_t>(bytes.size()), std::move(names));
  if (!bytes.empty()) std::memcpy(static_cast<void*>(profile + 1), bytes.data(), bytes.size());
  return profile;
}

void SharedProfile::Release(uint32_t stripe) const {
  // An open stripe is not looked at after this: others may close it, and free all.
  if (stripes_[stripe].count.fetch_sub(1, std::memory_order_acq_rel) == (kClosed | 1)) Die(1);
}

void SharedProfile::Open() const {
  for (Stripe& stripe : stripes_) stripe.count.fetch_and(~kClosed, std::memory_order_relaxed);
  // The caller's stripe does not count any more, the cache does: `alive_` stays 1.
}

void SharedProfile::Close() const {
  alive_.fetch_add(kStripes, std::memory_order_relaxed);
  uint32_t empty = 0;
  for (Stripe& stripe : stripes_) {
    if (stripe.count.fetch_or(kClosed, std::memory_order_acq_rel) == 0) ++empty;
  }
  Die(empty + 1);
}

// Whoever frees it must have seen what all others did with it.
void SharedProfile::Die(uint32_t reasons_gone) const {
  if (alive_.fetch_sub(reasons_gone, std::memory_order_acq_rel) != reasons_gone) return;
  this->~SharedProfile();
  ::operator delete(const_cast<SharedProfile*>(this), std::align_val_t(alignof(SharedProfile)));
}

}  // namespace kintsugi::golden
