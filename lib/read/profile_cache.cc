#include "read/profile_cache.h"

#include <algorithm>
#include <bit>
#include <string>
#include <thread>
#include <utility>

#include "base/table_hash.h"
#include "golden/record_codec.h"
#include "read/profile_cache_bucket.h"

namespace kintsugi::read {

using golden::SharedProfile;

namespace {

// A bucket of 128 bytes for each 800 bytes of the budget or more: with a text for each of the three identifiers of a
// profile of 1,000 bytes, buckets are a third full, and one in 200 overflows.
constexpr size_t kBytesPerBucket = 800;
constexpr size_t kLeastBuckets = 64;
// Longer ones are no identifiers but mischief, and would push out everybody else.
constexpr size_t kLongestText = 1024;

uint64_t HashOf(std::string_view ns, std::string_view text) {
  return TableHash().Add(ns).Add(text).Finish();
}
uint64_t HashOf(format::NodeKey node) {
  return TableHash().Add(node.number).Add(node.value).Finish();
}
uint64_t HashOf(const ProfileId& id) {
  return TableHash().Add({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}).Finish();
}

// Whoever has it needs some nanoseconds, unless it was put to sleep.
void Lock(std::atomic<bool>& lock) {
  for (int spins = 0; lock.exchange(true, std::memory_order_acquire); ++spins) {
    if (spins > 100) std::this_thread::yield();
  }
}

}  // namespace

// Others may read the bucket, nobody writes it. Writes to memory that is this stripe's alone.
class ProfileCache::ReadLocked {
 public:
  ReadLocked(ProfileCache& cache, uint64_t hash) : lock_(cache.locks_[SharedProfile::ThisStripe()][hash % kLocks]) {
    Lock(lock_);
  }
  ~ReadLocked() { lock_.store(false, std::memory_order_release); }
  ReadLocked(const ReadLocked&) = delete;
  ReadLocked& operator=(const ReadLocked&) = delete;

 private:
  std::atomic<bool>& lock_;
};

// Nobody else reads or writes the bucket.
class ProfileCache::Locked {
 public:
  Locked(ProfileCache& cache, uint64_t hash) : cache_(cache), number_(hash % kLocks) {
    for (Locks& stripe : cache_.locks_) Lock(stripe[number_]);
  }
  ~Locked() {
    for (Locks& stripe : cache_.locks_) stripe[number_].store(false, std::memory_order_release);
  }
  Locked(const Locked&) = delete;
  Locked& operator=(const Locked&) = delete;

 private:
  ProfileCache& cache_;
  const size_t number_;
};

// What was taken out of a bucket, to be let go of when its lock is.
class ProfileCache::Dropped {
 public:
  explicit Dropped(ProfileCache& cache) : cache_(cache) {}
  ~Dropped() {
    for (size_t i = 0; i < count_; ++i) cache_.LetGo(places_[i]);
  }
  Dropped(const Dropped&) = delete;
  Dropped& operator=(const Dropped&) = delete;

  // The bucket is locked. A profile that cannot be found by its id any more could not be told that it changes.
  void Take(Bucket& bucket, size_t i) {
    const Place place = std::exchange(bucket.places[i], {});
    if (place.text == nullptr) place.answer->notes().is_current.store(false, std::memory_order_release);
    places_[count_++] = place;
    bucket.used.fetch_and(static_cast<uint8_t>(~(1u << i)), std::memory_order_relaxed);
  }

 private:
  ProfileCache& cache_;
  std::array<Place, kPlaces> places_;
  size_t count_ = 0;
};

ProfileCache::ProfileCache(size_t budget_bytes)
    : budget_bytes_(budget_bytes / kBytesPerBucket < kLeastBuckets ? 0 : budget_bytes),
      mask_(std::max(kLeastBuckets, std::bit_floor(budget_bytes / kBytesPerBucket)) - 1),
      buckets_(new Bucket[mask_ + 1]) {
  static_assert(kLeastBuckets % kLocks == 0);
}

inline ProfileCache::Bucket& ProfileCache::BucketOf(uint64_t hash) {
  return buckets_[hash & mask_];
}

ProfileCache::~ProfileCache() {
  Clear();
}

size_t ProfileCache::table_bytes() const {
  return (mask_ + 1) * sizeof(Bucket);
}

size_t ProfileCache::memory_bytes() const {
  return table_bytes() + bytes_.load(std::memory_order_relaxed);
}

ProfileCache::Answer ProfileCache::Find(std::string_view ns, std::string_view text) {
  const uint64_t hash = HashOf(ns, text);
  Bucket& bucket = BucketOf(hash);
  __builtin_prefetch(&bucket);
  __builtin_prefetch(reinterpret_cast<const char*>(&bucket) + 64);
  const SharedProfile* stale = nullptr;
  {
    const ReadLocked locked(*this, hash);
    const size_t place = bucket.PlaceOf(hash, ns, text);
    if (place == kPlaces) {
      const bool is_full = bytes_.load(std::memory_order_relaxed) + table_bytes() > budget_bytes_ / 16 * 15;
      const bool is_second = bucket.IsSecondMiss(TagOf(hash));
      return {.is_worth_keeping = is_second || !is_full};
    }
    const SharedProfile& answer = *bucket.places[place].answer;
    SharedProfile::CacheNotes& notes = answer.notes();
    if (notes.is_current.load(std::memory_order_acquire)) [[likely]] {
      const auto bit = static_cast<uint8_t>(1u << place);
      if ((bucket.used.load(std::memory_order_relaxed) & bit) == 0)
        bucket.used.fetch_or(bit, std::memory_order_relaxed);
      if (!notes.is_used.load(std::memory_order_relaxed)) notes.is_used.store(true, std::memory_order_relaxed);
      if (IsNobody(answer)) return {Answer::kNobody, nullptr};
      answer.Share(SharedProfile::ThisStripe());
      return {Answer::kProfile, &answer};
    }
    // What will be read takes its place.
    if (IsNobody(answer)) return {};
    answer.Share(SharedProfile::ThisStripe());
    stale = &answer;
  }
  return FindSuccessor(*stale, ns, text);
}

// What took the place of a profile that a text led to. If its identifiers are the same, the text's is one of them.
ProfileCache::Answer ProfileCache::FindSuccessor(const SharedProfile& stale, std::string_view ns,
                                                 std::string_view text) {
  const SharedProfile* now = Find(stale.id()).profile;
  const std::string_view identifiers = golden::RecordView(stale.bytes()).identifier_bytes();
  if (now != nullptr && (identifiers.empty() || identifiers != golden::RecordView(now->bytes()).identifier_bytes())) {
    now->Release(SharedProfile::ThisStripe());
    now = nullptr;
  }
  stale.Release(SharedProfile::ThisStripe());
  if (now == nullptr) return {};
  LeadTo(*now, ns, text);
  return {Answer::kProfile, now};
}

const SharedProfile* ProfileCache::FindUnder(uint64_t hash, const ProfileId* id, std::string_view key) {
  Bucket& bucket = BucketOf(hash);
  const ReadLocked locked(*this, hash);
  const size_t place = bucket.PlaceOf(hash, id, key);
  if (place == kPlaces) return nullptr;
  const SharedProfile* answer = bucket.places[place].answer;
  SharedProfile::CacheNotes& notes = answer->notes();
  if (!notes.is_used.load(std::memory_order_relaxed)) notes.is_used.store(true, std::memory_order_relaxed);
  answer->Share(SharedProfile::ThisStripe());
  return answer;
}

ProfileCache::Answer ProfileCache::Find(const ProfileId& id) {
  const SharedProfile* answer = FindUnder(HashOf(id), &id, {});
  return {answer == nullptr ? Answer::kUnknown : Answer::kProfile, answer};
}

ProfileCache::Moment ProfileCache::MomentOf(uint64_t hash) const {
  return moments_[hash % kMoments].load(std::memory_order_acquire);
}

ProfileCache::Moment ProfileCache::MomentOf(format::NodeKey node) const {
  return MomentOf(HashOf(node));
}

ProfileCache::Moment ProfileCache::MomentOf(const ProfileId& id) const {
  return MomentOf(HashOf(id));
}

bool ProfileCache::IsStill(format::NodeKey node, Moment then) const {
  return then.is_quiet() && MomentOf(node) == then;
}

// False, and nothing happens, if the key changed since `then`.
bool ProfileCache::Insert(uint64_t hash, Place entry, const Moment* then) {
  Bucket& bucket = BucketOf(hash);
  Dropped dropped(*this);
  const Locked locked(*this, hash);
  if (then != nullptr && (!then->is_quiet() || MomentOf(hash) != *then)) return false;
  // What is there under the same key makes room first: another thread may have read the same.
  size_t place = kPlaces;
  if (entry.text != nullptr) {
    place = bucket.PlaceOf(hash, entry.text->ns(), entry.text->text());
  } else if (IsNobody(*entry.answer)) {
    place = bucket.PlaceOf(hash, nullptr, entry.answer->bytes());
  } else {
    place = bucket.PlaceOf(hash, &entry.answer->id(), {});
  }
  for (size_t i = 0; place == kPlaces && i < kPlaces; ++i) {
    if (bucket.places[i].answer == nullptr) place = i;
  }
  for (size_t i = 0; place == kPlaces && i < kPlaces; ++i) {
    if (!bucket.IsWanted(i)) place = i;
  }
  if (place == kPlaces) {
    place = bucket.next;
    bucket.next = static_cast<uint8_t>((bucket.next + 1) % kPlaces);
  }
  if (bucket.places[place].answer != nullptr) dropped.Take(bucket, place);
  bucket.places[place] = entry;
  bucket.tags[place] = TagOf(hash);
  if (entry.text == nullptr) entry.answer->notes().is_current.store(true, std::memory_order_release);
  return true;
}

void ProfileCache::LetGo(const Place& place) {
  const SharedProfile& answer = *place.answer;
  if (place.text != nullptr) {
    bytes_.fetch_sub(place.text->memory_bytes(), std::memory_order_relaxed);
    Text::Destroy(place.text);
  }
  if (answer.notes().places.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  bytes_.fetch_sub(answer.memory_bytes(), std::memory_order_relaxed);
  answer.Close();
}

bool ProfileCache::Keep(uint64_t hash, const Place& place, const Moment* then) {
  const bool is_kept = Insert(hash, place, then);
  if (!is_kept) LetGo(place);
  Sweep();
  return is_kept;
}

bool ProfileCache::KeepFirst(uint64_t hash, const SharedProfile& answer, const Moment* then) {
  answer.Open();
  answer.notes().places.store(1, std::memory_order_relaxed);
  bytes_.fetch_add(answer.memory_bytes(), std::memory_order_relaxed);
  return Keep(hash, {nullptr, &answer}, then);
}

void ProfileCache::KeepProfile(const SharedProfile& profile, Moment then) {
  // A giant would push out everybody else.
  if (!then.is_quiet() || profile.memory_bytes() > budget_bytes_ / 16) return;
  KeepFirst(HashOf(profile.id()), profile, &then);
}

const SharedProfile* ProfileCache::KeepNobody(format::NodeKey node, Moment then) {
  if (!then.is_quiet() || budget_bytes_ == 0 || node.value.size() > kLongestText) return nullptr;
  // Another text may have led here before: they share one note.
  const std::string key = format::IdentifierKey(node);
  if (const SharedProfile* known = FindUnder(HashOf(node), nullptr, key)) return known;
  const SharedProfile* nobody = SharedProfile::Make({}, key, nullptr);
  if (KeepFirst(HashOf(node), *nobody, &then)) return nobody;
  nobody->Release(SharedProfile::ThisStripe());
  return nullptr;
}

// A text that is here leads to another answer now.
void ProfileCache::LeadTo(const SharedProfile& answer, std::string_view ns, std::string_view text) {
  if (!TakePlace(answer)) return;
  const SharedProfile* dropped = &answer;
  const uint64_t hash = HashOf(ns, text);
  {
    Bucket& bucket = BucketOf(hash);
    const Locked locked(*this, hash);
    const size_t place = bucket.PlaceOf(hash, ns, text);
    if (place != kPlaces) dropped = std::exchange(bucket.places[place].answer, &answer);
  }
  LetGo({nullptr, dropped});
}

// What the cache has let go of, it does not take up again.
bool ProfileCache::TakePlace(const SharedProfile& answer) {
  std::atomic<uint32_t>& places = answer.notes().places;
  uint32_t count = places.load(std::memory_order_relaxed);
  do {
    if (count == 0) return false;
  } while (!places.compare_exchange_weak(count, count + 1, std::memory_order_acq_rel));
  return true;
}

void ProfileCache::KeepText(std::string_view ns, std::string_view text, const SharedProfile& answer) {
  if (text.size() > kLongestText || !answer.notes().is_current.load(std::memory_order_acquire)) return;
  if (!TakePlace(answer)) return;
  const uint64_t hash = HashOf(ns, text);
  Text* made = Text::Make(hash, ns, text);
  bytes_.fetch_add(made->memory_bytes(), std::memory_order_relaxed);
  Keep(hash, {made, &answer}, nullptr);
}

// Goes round until there is room: what was asked for since the last round stays once more.
void ProfileCache::Sweep() {
  while (bytes_.load(std::memory_order_relaxed) + table_bytes() > budget_bytes_) {
    const size_t number = hand_.fetch_add(1, std::memory_order_relaxed) & mask_;
    Bucket& bucket = buckets_[number];
    Dropped dropped(*this);
    const Locked locked(*this, number);
    for (size_t i = 0; i < kPlaces; ++i) {
      if (bucket.places[i].answer == nullptr) continue;
      if (!bucket.IsWanted(i)) {
        dropped.Take(bucket, i);
      } else if (bucket.places[i].text != nullptr) {
        bucket.used.fetch_and(static_cast<uint8_t>(~(1u << i)), std::memory_order_relaxed);
      } else {
        bucket.places[i].answer->notes().is_used.store(false, std::memory_order_relaxed);
      }
    }
  }
}

namespace {

static_assert(std::atomic<ProfileCache::Moment>::is_always_lock_free);

template <typename Moment>
void Alter(std::atomic<Moment>& moment, auto change) {
  Moment before = moment.load(std::memory_order_relaxed);
  Moment after = before;
  do {
    after = before;
    change(after);
  } while (!moment.compare_exchange_weak(before, after, std::memory_order_acq_rel));
}

}  // namespace

// Whether it was here, and asked for since the hand came by.
bool ProfileCache::Change(uint64_t hash, const ProfileId* id, std::string_view key) {
  Alter(moments_[hash % kMoments], [](Moment& moment) {
    ++moment.version;
    ++moment.writers;
  });
  Bucket& bucket = BucketOf(hash);
  Dropped dropped(*this);
  const Locked locked(*this, hash);
  const size_t place = bucket.PlaceOf(hash, id, key);
  if (place == kPlaces) return false;
  const bool was_wanted = bucket.IsWanted(place);
  dropped.Take(bucket, place);
  return was_wanted;
}

void ProfileCache::Write::Change(format::NodeKey node) {
  const std::string key = format::IdentifierKey(node);
  hashes_.push_back(HashOf(node));
  cache_.Change(hashes_.back(), nullptr, key);
}

void ProfileCache::Write::Change(const ProfileId& id) {
  hashes_.push_back(HashOf(id));
  if (cache_.Change(hashes_.back(), &id, {})) wanted_.push_back(id);
}

// No moment is asked for: there is one write at a time, and this is it.
void ProfileCache::Write::Keep(const SharedProfile& profile) {
  if (profile.memory_bytes() > cache_.budget_bytes_ / 16) return;
  profile.notes().is_used.store(true, std::memory_order_relaxed);
  cache_.KeepFirst(HashOf(profile.id()), profile, nullptr);
}

ProfileCache::Write::~Write() {
  for (const uint64_t hash : hashes_) {
    Alter(cache_.moments_[hash % kMoments], [](Moment& moment) { --moment.writers; });
  }
}

void ProfileCache::Clear() {
  for (std::atomic<Moment>& moment : moments_) Alter(moment, [](Moment& changed) { ++changed.version; });
  for (size_t number = 0; number <= mask_; ++number) {
    Dropped dropped(*this);
    const Locked locked(*this, number);
    for (size_t i = 0; i < kPlaces; ++i) {
      if (buckets_[number].places[i].answer != nullptr) dropped.Take(buckets_[number], i);
    }
  }
}

}  // namespace kintsugi::read
