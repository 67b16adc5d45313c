#include "golden/shared_profile.h"

#include <cstring>
#include <new>

namespace kintsugi::golden {

SharedProfile* SharedProfile::Make(const ProfileId& id, std::string_view bytes, std::shared_ptr<const Names> names) {
  void* memory = ::operator new(sizeof(SharedProfile) + bytes.size(), std::align_val_t(alignof(SharedProfile)));
  auto* profile = new (memory) SharedProfile(id, static_cast<uint32_t>(bytes.size()), std::move(names));
  if (!bytes.empty()) std::memcpy(static_cast<void*>(profile + 1), bytes.data(), bytes.size());
  return profile;
}

void SharedProfile::Release() const {
  // Whoever frees it must have seen what all others did with it.
  if (references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  this->~SharedProfile();
  ::operator delete(const_cast<SharedProfile*>(this), std::align_val_t(alignof(SharedProfile)));
}

}  // namespace kintsugi::golden
