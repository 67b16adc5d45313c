#include "query/profile_cache.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <new>
#include <string>
#include <thread>
#include <utility>

#include "absl/hash/hash.h"
#include "absl/strings/string_view.h"

namespace kintsugi::query {

using golden::SharedProfile;

namespace {

// A bucket for each 400 bytes of the budget: with a text of 64 bytes each for the three identifiers of a profile of
// 1,000, buckets are a quarter full, and one in 300 overflows.
constexpr size_t kBytesPerBucket = 400;
constexpr size_t kLeastBuckets = 64;

absl::string_view ToAbsl(std::string_view text) {
  return {text.data(), text.size()};
}
uint64_t HashOf(std::string_view ns, std::string_view text) {
  return absl::HashOf(ToAbsl(ns), ToAbsl(text));
}
uint64_t HashOf(storage::NodeKey node) {
  return absl::HashOf(node.number, ToAbsl(node.value));
}
uint64_t HashOf(const ProfileId& id) {
  return absl::HashOf(id.bytes);
}
uint16_t MarkOf(uint64_t hash) {
  return static_cast<uint16_t>(hash >> 48);
}

// Of what nobody has: its key instead of a golden record.
bool IsNobody(const SharedProfile& answer) {
  return !answer.has_names();
}

}  // namespace

// What was asked for, and where it leads. Its characters follow it; mostly all is in one cache line.
struct alignas(64) ProfileCache::Text {
  const uint64_t hash;
  const SharedProfile* const answer;
  const uint32_t ns_size;
  const uint32_t text_size;

  static constexpr size_t kHeadBytes = 24;
  static size_t BytesFor(size_t characters) { return std::max(sizeof(Text), kHeadBytes + characters); }

  static Text* Make(uint64_t hash, std::string_view ns, std::string_view text, const SharedProfile& answer) {
    void* memory = ::operator new(BytesFor(ns.size() + text.size()), std::align_val_t(alignof(Text)));
    auto* made = new (memory) Text{hash, &answer, static_cast<uint32_t>(ns.size()), static_cast<uint32_t>(text.size())};
    if (!ns.empty()) std::memcpy(made->characters(), ns.data(), ns.size());
    if (!text.empty()) std::memcpy(made->characters() + ns.size(), text.data(), text.size());
    return made;
  }

  char* characters() { return reinterpret_cast<char*>(this) + kHeadBytes; }
  size_t memory_bytes() const { return BytesFor(size_t{ns_size} + text_size); }
  bool Is(uint64_t wanted, std::string_view ns, std::string_view text) {
    return hash == wanted && ns_size == ns.size() && text_size == text.size() &&
           std::memcmp(characters(), ns.data(), ns_size) == 0 &&
           std::memcmp(characters() + ns_size, text.data(), text_size) == 0;
  }
};

// A cache line. Everything but the lock itself is read and written under the lock.
struct alignas(64) ProfileCache::Bucket {
  std::atomic<bool> is_locked = false;
  uint8_t texts = 0;     // a bit for each place: it holds a Text, not a SharedProfile
  uint8_t used = 0;      // texts that were asked for since the hand came by
  uint8_t next = 0;      // the place to be taken next, if all are wanted
  uint32_t writers = 0;  // keys here that are being written
  uint32_t version = 0;
  std::array<uint16_t, kPlaces> marks{};  // of the hashes: most places need not be looked into
  std::array<void*, kPlaces> places{};

  bool IsText(size_t i) const { return (texts >> i & 1) != 0; }
  SharedProfile* profile(size_t i) const { return static_cast<SharedProfile*>(places[i]); }
  Text* text(size_t i) const { return static_cast<Text*>(places[i]); }

  // Somebody asked for what is here since the hand came by.
  bool IsWanted(size_t i) const {
    if (!IsText(i)) return profile(i)->marks().used.load(std::memory_order_relaxed);
    return (used >> i & 1) != 0 && text(i)->answer->marks().current.load(std::memory_order_relaxed);
  }

  // The place of a text; kPlaces if it is not here.
  size_t PlaceOf(uint64_t hash, std::string_view ns, std::string_view wanted) const {
    for (size_t i = 0; i < kPlaces; ++i) {
      if (marks[i] == MarkOf(hash) && IsText(i) && text(i)->Is(hash, ns, wanted)) return i;
    }
    return kPlaces;
  }

  // The same for a profile, or for what nobody has, which is known by its key.
  size_t PlaceOf(uint64_t hash, const ProfileId* id, std::string_view nobody) const {
    for (size_t i = 0; i < kPlaces; ++i) {
      if (marks[i] != MarkOf(hash) || places[i] == nullptr || IsText(i)) continue;
      const SharedProfile& answer = *profile(i);
      if (id != nullptr ? !IsNobody(answer) && answer.id() == *id : IsNobody(answer) && answer.bytes() == nobody)
        return i;
    }
    return kPlaces;
  }
};

class ProfileCache::Locked {
 public:
  explicit Locked(Bucket& bucket) : bucket_(bucket) {
    for (int spins = 0; bucket.is_locked.exchange(true, std::memory_order_acquire); ++spins) {
      // Whoever has it needs some nanoseconds, unless it was put to sleep.
      if (spins > 100) std::this_thread::yield();
    }
  }
  ~Locked() { bucket_.is_locked.store(false, std::memory_order_release); }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  Bucket& bucket_;
};

// What was taken out of a bucket, to be let go of when its lock is.
class ProfileCache::Dropped {
 public:
  explicit Dropped(ProfileCache& cache) : cache_(cache) {}
  ~Dropped() {
    for (size_t i = 0; i < count_; ++i) {
      const auto& [entry, is_text] = entries_[i];
      if (!is_text) {
        cache_.LetGo(*static_cast<SharedProfile*>(entry));
        continue;
      }
      auto* text = static_cast<Text*>(entry);
      cache_.LetGo(*text->answer);
      cache_.bytes_.fetch_sub(text->memory_bytes(), std::memory_order_relaxed);
      text->~Text();
      ::operator delete(text, std::align_val_t(alignof(Text)));
    }
  }
  Dropped(const Dropped&) = delete;
  Dropped& operator=(const Dropped&) = delete;

  // The bucket is locked. A profile that cannot be found by its id any more could not be told that it changes.
  void Take(Bucket& bucket, size_t place) {
    const bool is_text = bucket.IsText(place);
    if (!is_text) bucket.profile(place)->marks().current.store(false, std::memory_order_release);
    entries_[count_++] = {std::exchange(bucket.places[place], nullptr), is_text};
    bucket.marks[place] = 0;
    bucket.texts &= static_cast<uint8_t>(~(1u << place));
    bucket.used &= static_cast<uint8_t>(~(1u << place));
  }

 private:
  ProfileCache& cache_;
  std::array<std::pair<void*, bool>, kPlaces> entries_;
  size_t count_ = 0;
};

ProfileCache::ProfileCache(size_t budget_bytes)
    : budget_bytes_(budget_bytes / kBytesPerBucket < kLeastBuckets ? 0 : budget_bytes),
      mask_(std::max(kLeastBuckets, std::bit_floor(budget_bytes / kBytesPerBucket)) - 1),
      buckets_(new Bucket[mask_ + 1]) {}

inline ProfileCache::Bucket& ProfileCache::BucketOf(uint64_t hash) {
  return buckets_[hash & mask_];
}

ProfileCache::~ProfileCache() {
  Clear();
}

size_t ProfileCache::memory_bytes() const {
  return (mask_ + 1) * sizeof(Bucket) + bytes_.load(std::memory_order_relaxed);
}

ProfileCache::Answer ProfileCache::Find(std::string_view ns, std::string_view text) {
  const uint64_t hash = HashOf(ns, text);
  Bucket& bucket = BucketOf(hash);
  Dropped dropped(*this);
  const Locked locked(bucket);
  const size_t place = bucket.PlaceOf(hash, ns, text);
  if (place == kPlaces) return {};
  const SharedProfile& answer = *bucket.text(place)->answer;
  answer.Prefetch();
  SharedProfile::CacheMarks& marks = answer.marks();
  if (!marks.current.load(std::memory_order_acquire)) {
    dropped.Take(bucket, place);
    return {};
  }
  bucket.used |= static_cast<uint8_t>(1u << place);
  if (!marks.used.load(std::memory_order_relaxed)) marks.used.store(true, std::memory_order_relaxed);
  if (IsNobody(answer)) return {Answer::kNobody, nullptr};
  answer.Share();
  return {Answer::kProfile, &answer};
}

ProfileCache::Answer ProfileCache::Find(const ProfileId& id) {
  const uint64_t hash = HashOf(id);
  Bucket& bucket = BucketOf(hash);
  const Locked locked(bucket);
  const size_t place = bucket.PlaceOf(hash, &id, {});
  if (place == kPlaces) return {};
  const SharedProfile& answer = *bucket.profile(place);
  answer.marks().used.store(true, std::memory_order_relaxed);
  answer.Share();
  return {Answer::kProfile, &answer};
}

ProfileCache::Moment ProfileCache::MomentOf(uint64_t hash) {
  Bucket& bucket = BucketOf(hash);
  const Locked locked(bucket);
  return {bucket.version, bucket.writers == 0};
}

ProfileCache::Moment ProfileCache::MomentOf(storage::NodeKey node) {
  return MomentOf(HashOf(node));
}

ProfileCache::Moment ProfileCache::MomentOf(const ProfileId& id) {
  return MomentOf(HashOf(id));
}

bool ProfileCache::IsStill(storage::NodeKey node, Moment then) {
  const Moment now = MomentOf(node);
  return then.is_quiet && now.is_quiet && now.version == then.version;
}

// False, and nothing happens, if the key changed since `then`.
bool ProfileCache::Insert(uint64_t hash, void* entry, bool is_text, const Moment* then) {
  Bucket& bucket = BucketOf(hash);
  Dropped dropped(*this);
  const Locked locked(bucket);
  if (then != nullptr && (!then->is_quiet || bucket.writers != 0 || bucket.version != then->version)) return false;
  // What is there under the same key makes room first: another thread may have read the same.
  size_t place = kPlaces;
  if (is_text) {
    auto* text = static_cast<Text*>(entry);
    const std::string_view characters(text->characters(), text->ns_size + text->text_size);
    place = bucket.PlaceOf(hash, characters.substr(0, text->ns_size), characters.substr(text->ns_size));
  } else {
    const auto* profile = static_cast<const SharedProfile*>(entry);
    place =
        IsNobody(*profile) ? bucket.PlaceOf(hash, nullptr, profile->bytes()) : bucket.PlaceOf(hash, &profile->id(), {});
  }
  for (size_t i = 0; place == kPlaces && i < kPlaces; ++i) {
    if (bucket.places[i] == nullptr) place = i;
  }
  for (size_t i = 0; place == kPlaces && i < kPlaces; ++i) {
    if (!bucket.IsWanted(i)) place = i;
  }
  if (place == kPlaces) {
    place = bucket.next;
    bucket.next = static_cast<uint8_t>((bucket.next + 1) % kPlaces);
  }
  if (bucket.places[place] != nullptr) dropped.Take(bucket, place);
  bucket.places[place] = entry;
  bucket.marks[place] = MarkOf(hash);
  if (is_text) bucket.texts |= static_cast<uint8_t>(1u << place);
  if (!is_text) static_cast<SharedProfile*>(entry)->marks().current.store(true, std::memory_order_release);
  return true;
}

void ProfileCache::Hold(const SharedProfile& profile) {
  profile.Share();
  if (profile.marks().slots.fetch_add(1, std::memory_order_acq_rel) == 0)
    bytes_.fetch_add(profile.memory_bytes(), std::memory_order_relaxed);
}

void ProfileCache::LetGo(const SharedProfile& profile) {
  if (profile.marks().slots.fetch_sub(1, std::memory_order_acq_rel) == 1)
    bytes_.fetch_sub(profile.memory_bytes(), std::memory_order_relaxed);
  profile.Release();
}

void ProfileCache::KeepProfile(const SharedProfile& profile, Moment then) {
  // A giant would push out everybody else.
  if (!then.is_quiet || profile.memory_bytes() > budget_bytes_ / 16) return;
  Hold(profile);
  if (!Insert(HashOf(profile.id()), const_cast<SharedProfile*>(&profile), false, &then)) LetGo(profile);
  Sweep();
}

const SharedProfile* ProfileCache::KeepNobody(storage::NodeKey node, Moment then) {
  if (!then.is_quiet || budget_bytes_ == 0) return nullptr;
  SharedProfile* nobody = SharedProfile::Make({}, storage::IdentifierKey(node), nullptr);
  Hold(*nobody);
  const bool is_kept = Insert(HashOf(node), nobody, false, &then);
  if (!is_kept) {
    LetGo(*nobody);
    nobody->Release();
    return nullptr;
  }
  Sweep();
  return nobody;
}

void ProfileCache::KeepText(std::string_view ns, std::string_view text, const SharedProfile& answer) {
  if (!answer.marks().current.load(std::memory_order_acquire)) return;
  const uint64_t hash = HashOf(ns, text);
  Text* made = Text::Make(hash, ns, text, answer);
  Hold(answer);
  bytes_.fetch_add(made->memory_bytes(), std::memory_order_relaxed);
  Insert(hash, made, true, nullptr);
  Sweep();
}

// Goes round until there is room: what was asked for since the last round stays once more.
void ProfileCache::Sweep() {
  const size_t table_bytes = (mask_ + 1) * sizeof(Bucket);
  while (bytes_.load(std::memory_order_relaxed) + table_bytes > budget_bytes_) {
    Bucket& bucket = buckets_[hand_.fetch_add(1, std::memory_order_relaxed) & mask_];
    Dropped dropped(*this);
    const Locked locked(bucket);
    for (size_t i = 0; i < kPlaces; ++i) {
      if (bucket.places[i] == nullptr) continue;
      if (!bucket.IsWanted(i)) {
        dropped.Take(bucket, i);
      } else if (bucket.IsText(i)) {
        bucket.used &= static_cast<uint8_t>(~(1u << i));
      } else {
        bucket.profile(i)->marks().used.store(false, std::memory_order_relaxed);
      }
    }
  }
}

void ProfileCache::Change(uint64_t hash, const ProfileId* id, std::string_view nobody) {
  Bucket& bucket = BucketOf(hash);
  Dropped dropped(*this);
  const Locked locked(bucket);
  ++bucket.version;
  ++bucket.writers;
  if (const size_t place = bucket.PlaceOf(hash, id, nobody); place != kPlaces) dropped.Take(bucket, place);
}

void ProfileCache::Write::Change(storage::NodeKey node) {
  hashes_.push_back(HashOf(node));
  cache_.Change(hashes_.back(), nullptr, storage::IdentifierKey(node));
}

void ProfileCache::Write::Change(const ProfileId& id) {
  hashes_.push_back(HashOf(id));
  cache_.Change(hashes_.back(), &id, {});
}

ProfileCache::Write::~Write() {
  for (const uint64_t hash : hashes_) {
    Bucket& bucket = cache_.BucketOf(hash);
    const Locked locked(bucket);
    --bucket.writers;
  }
}

void ProfileCache::Clear() {
  for (size_t b = 0; b <= mask_; ++b) {
    Dropped dropped(*this);
    const Locked locked(buckets_[b]);
    ++buckets_[b].version;
    for (size_t i = 0; i < kPlaces; ++i) {
      if (buckets_[b].places[i] != nullptr) dropped.Take(buckets_[b], i);
    }
  }
}

}  // namespace kintsugi::query
