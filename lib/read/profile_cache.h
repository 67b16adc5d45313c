// ProfileCache keeps the golden records that were asked for in memory, under the very text that they were asked by.

#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "format/keys.h"
#include "golden/shared_profile.h"
#include "kintsugi/ids.h"

namespace kintsugi::read {

// Maps the text of an identifier, raw as the host wrote it, to the golden record of the profile that has it, or to the
// knowledge that nobody does. A hit normalises nothing, reads no row and allocates nothing.
//
// Never stale. A text leads to a shared profile, and a shared profile says whether it is what is stored (`is_current`).
// Before a group is written, whatever it changes stops being current; while it is written, answers to do with it are
// not kept; so a look-up sees the group whole or not at all, and sees it once the write has returned. (A profile's row
// names its identifiers, so that whoever comes or goes changes it: texts that lead to it need not be known.)
//
// Who is looked up while events come in stays here: what is written of a profile that was asked for takes the place of
// what was, and a text that led there leads to it, if the profile has the same identifiers still.
//
// Keeping an answer: take the Moment of its key, read the row, keep what it says. If a group has touched the key
// since, nothing is kept. A write changes the moment first and looks into the bucket then, and who keeps an answer
// looks at the moment with the bucket locked: so either sees the other.
//
// Threads: everything from many threads, but only one Write at a time. A bucket of six places fills two cache lines.
// Readers lock it in a stripe of their own, for some dozens of instructions; writers lock all stripes. Profiles are
// shared and immutable, and outlive the cache.
//
// Memory: stays within the budget, its own table included. As long as there is room, everything is kept; then only
// what is asked for a second time before others that share its bucket, so that looking up everybody once costs little.
// What is dropped is chosen by CLOCK (Corbató 1968), as the places come. What the host still holds is the host's. Cost
// of a hit: the bucket's cache lines, then text and profile side by side.
class ProfileCache {
 public:
  // A budget too small for a table keeps nothing; moments and writes work all the same.
  explicit ProfileCache(size_t budget_bytes);
  ~ProfileCache();
  ProfileCache(const ProfileCache&) = delete;
  ProfileCache& operator=(const ProfileCache&) = delete;

  struct Answer {
    enum Kind { kUnknown, kNobody, kProfile } kind = kUnknown;
    const golden::SharedProfile* profile = nullptr;  // with a reference of its own, if kProfile
    bool is_worth_keeping = true;                    // of an unknown text, what will be read for it
  };
  Answer Find(std::string_view ns, std::string_view text);
  Answer Find(const ProfileId& id);

  // How often the rows behind a key have changed so far, and how many writes to them are under way.
  struct Moment {
    uint32_t version = 0;
    uint32_t writers = 0;
    bool is_quiet() const { return writers == 0; }
    friend bool operator==(const Moment&, const Moment&) = default;
  };
  Moment MomentOf(format::NodeKey node) const;
  Moment MomentOf(const ProfileId& id) const;
  // Nothing has changed since, and nothing is changing.
  bool IsStill(format::NodeKey node, Moment then) const;

  // Of a profile that nobody else knows yet.
  void KeepProfile(const golden::SharedProfile& profile, Moment then);
  // Returns what texts may lead to, with a reference; null if nothing was kept.
  const golden::SharedProfile* KeepNobody(format::NodeKey node, Moment then);
  // Another text that leads to what is kept.
  void KeepText(std::string_view ns, std::string_view text, const golden::SharedProfile& answer);

  // The keys whose rows a group changes. They are named before it is written; destroy this afterwards.
  class Write {
   public:
    explicit Write(ProfileCache& cache) : cache_(cache) {}
    ~Write();
    Write(const Write&) = delete;
    Write& operator=(const Write&) = delete;
    void Change(format::NodeKey node);
    void Change(const ProfileId& id);
    // Those of the profiles that were here, and asked for since the hand came by.
    const std::vector<ProfileId>& wanted() const { return wanted_; }
    // What is stored of one of them now that the group is written.
    void Keep(const golden::SharedProfile& profile);

   private:
    ProfileCache& cache_;
    std::vector<uint64_t> hashes_;
    std::vector<ProfileId> wanted_;
  };

  // Forgets everything; answers that are being read now are not kept.
  void Clear();

  size_t memory_bytes() const;

 private:
  struct Text;
  struct Place;
  struct Bucket;
  class ReadLocked;
  class Locked;
  class Dropped;
  static constexpr size_t kPlaces = 6;
  // Keys whose hashes end alike share a moment: one that changes keeps the answers to the others from being kept, too.
  static constexpr size_t kMoments = 4096;
  // Buckets whose numbers end alike share a lock.
  static constexpr size_t kLocks = 64;

  Bucket& BucketOf(uint64_t hash);
  size_t table_bytes() const;
  Moment MomentOf(uint64_t hash) const;
  bool Keep(uint64_t hash, const Place& place, const Moment* then);
  bool Insert(uint64_t hash, Place entry, const Moment* then);
  const golden::SharedProfile* FindUnder(uint64_t hash, const ProfileId* id, std::string_view key);
  Answer FindSuccessor(const golden::SharedProfile& stale, std::string_view ns, std::string_view text);
  void LeadTo(const golden::SharedProfile& answer, std::string_view ns, std::string_view text);
  static bool TakePlace(const golden::SharedProfile& answer);
  bool Change(uint64_t hash, const ProfileId* id, std::string_view key);
  bool KeepFirst(uint64_t hash, const golden::SharedProfile& answer, const Moment* then);
  void LetGo(const Place& place);
  void Sweep();

  const size_t budget_bytes_;
  std::array<std::atomic<Moment>, kMoments> moments_{};
  // By stripe, as SharedProfile counts them: a thread that reads writes to no memory that other stripes read.
  struct alignas(128) Locks : std::array<std::atomic<bool>, kLocks> {};
  std::array<Locks, golden::SharedProfile::kStripes> locks_{};
  size_t mask_;
  std::unique_ptr<Bucket[]> buckets_;
  std::atomic<size_t> bytes_ = 0;  // of texts and profiles
  std::atomic<size_t> hand_ = 0;   // the bucket that is swept next
};

}  // namespace kintsugi::read
