// The least that finding and changing costs: memory, and a lock against others who do the same.

#include <array>
#include <cstring>
#include <string>
#include <type_traits>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "bench/workload/targets.h"
#include "bench/workload/value.h"

namespace kintsugi::bench {
namespace {

// A map in parts, each with a lock that readers share, so that threads seldom meet.
template <typename MapKey, typename Value>
class LockedMap {
 public:
  // Calls visit(value) while the lock is held for reading.
  void Read(const Key& key, auto&& visit) {
    Part& part = PartOf(key);
    absl::ReaderMutexLock lock(&part.mutex);
    const auto at = part.map.find(ToMapKey(key));
    Check(at != part.map.end(), "a key was not found");
    visit(at->second);
  }

  void Write(const Key& key, const auto& value) {
    Part& part = PartOf(key);
    absl::WriterMutexLock lock(&part.mutex);
    part.map[ToMapKey(key)] = value;
  }

 private:
  struct alignas(64) Part {
    absl::Mutex mutex;
    absl::flat_hash_map<MapKey, Value> map;
  };

  static auto ToMapKey(const Key& key) {
    if constexpr (std::is_same_v<MapKey, Key>) {
      return key;
    } else {
      return absl::string_view(key.data(), key.size());
    }
  }

  Part& PartOf(const Key& key) {
    uint64_t word = 0;
    std::memcpy(&word, key.data(), sizeof(word));
    return parts_[(word * 0x9e3779b97f4a7c15) >> 58];
  }

  std::array<Part, 64> parts_;
};

struct Maps {
  LockedMap<std::string, Key> profile_of;
  LockedMap<Key, std::string> profiles;
};

class HashMapSession : public Session {
 public:
  explicit HashMapSession(Maps& maps) : maps_(maps) {}

  void LookUp(std::span<const Operation> operations) override {
    for (const Operation& operation : operations) {
      maps_.profiles.Read(ProfileOf(operation), [](const std::string& bytes) { Read(bytes); });
    }
  }

  void Apply(const Operation& operation) override { maps_.profiles.Write(ProfileOf(operation), bytes_.For(operation)); }

 private:
  Key ProfileOf(const Operation& operation) {
    Key profile;
    maps_.profile_of.Read(operation.probe.key, [&](const Key& key) { profile = key; });
    return profile;
  }

  Maps& maps_;
  EventBytes bytes_;
};

class HashMap : public Target {
 public:
  void Load(uint64_t begin, uint64_t end) override {
    for (uint64_t profile = begin; profile < end; ++profile) {
      for (size_t i = 0; i < kIdentifiersPerProfile; ++i) {
        maps_->profile_of.Write(KeyOf(profile * kIdentifiersPerProfile + i), ProfileKey(profile));
      }
      maps_->profiles.Write(ProfileKey(profile), ProfileBytes(profile));
    }
  }

  std::unique_ptr<Session> NewSession() override { return std::make_unique<HashMapSession>(*maps_); }
  std::optional<uint64_t> DiskBytes() override { return std::nullopt; }

 private:
  const std::unique_ptr<Maps> maps_ = std::make_unique<Maps>();
};

}  // namespace

std::unique_ptr<Target> NewHashMap(const Servers&) {
  return std::make_unique<HashMap>();
}

}  // namespace kintsugi::bench
