// Reader answers questions from memory and from the stored rows: it knows nothing of how they come about.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "format/keys.h"
#include "golden/record_codec.h"
#include "ingest/context.h"
#include "kintsugi/profile.h"
#include "read/profile_cache.h"
#include "store/store.h"

namespace kintsugi::read {

// An identifier as the host wrote it: what the cache knows it by.
struct Asked {
  std::string_view ns;
  std::string_view text;
  bool is_worth_keeping = true;
};

// Safe from many threads; every answer is as of one moment. All references outlive the reader.
class Reader {
 public:
  using Snapshot = store::Store::Snapshot;

  Reader(const ingest::Context& context, const store::Store& store, ProfileCache& cache)
      : context_(context), store_(store), cache_(cache) {}

  const ingest::Context& context() const { return context_; }
  const store::Store& store() const { return store_; }

  // As Engine says. Two point reads, if it is not in memory.
  absl::StatusOr<Profile> Lookup(std::string_view ns, std::string_view value) const;
  absl::StatusOr<std::vector<std::optional<Profile>>> LookupMany(std::span<const Identifier> identifiers) const;

  // The id of the profile that holds a normalised identifier; nothing if nobody does. One point read.
  absl::StatusOr<std::optional<ProfileId>> FindId(format::NodeKey node, const Snapshot* snapshot = nullptr) const;
  // The id, as of a snapshot, of the profile that holds the anchor of an id that was handed out some time; nothing for
  // any other id. Up to three point reads.
  absl::StatusOr<std::optional<ProfileId>> FindId(const ProfileId& id, const Snapshot& snapshot) const;
  // The profile that holds a normalised identifier; nothing if nobody does. Two point reads, more only if it is
  // being written meanwhile. What is found is kept for who asks like this again.
  absl::StatusOr<std::optional<Profile>> Find(format::NodeKey node, const Asked& asked) const;
  // The same for many, in their order.
  absl::StatusOr<std::vector<std::optional<Profile>>> FindMany(const std::vector<format::NodeKey>& nodes,
                                                               const std::vector<Asked>& asked) const;
  // The profile that holds the anchor of an id that was handed out some time; nothing for any other id.
  // One point read for a current id, up to four for a former one.
  absl::StatusOr<std::optional<Profile>> Find(const ProfileId& id) const;

  // In order of id.
  absl::Status ForEachProfile(const std::function<bool(const ProfileView&)>& visit) const;
  // As Engine says. A point read for each.
  absl::Status ForEachMember(std::string_view segment, const std::function<bool(const ProfileView&)>& visit) const;
  // In order of the bytes of "namespace:value".
  absl::Status ForEachIdentifier(const std::function<bool(const IdentifierView&, const ProfileId&)>& visit) const;

 private:
  // Gives one reference to whoever asks; null if there is no such row.
  absl::StatusOr<const golden::SharedProfile*> ReadProfile(const ProfileId& id, const Snapshot* snapshot) const;
  // `snapshot`: of a database that is only read.
  absl::StatusOr<std::optional<Profile>> Find(format::NodeKey node, const Asked& asked, const Snapshot* snapshot) const;
  void KeepNobody(format::NodeKey node, ProfileCache::Moment moment, const Asked& asked) const;
  absl::StatusOr<std::optional<Profile>> FindInSnapshot(format::NodeKey node, const Snapshot& snapshot) const;

  const ingest::Context& context_;
  const store::Store& store_;
  ProfileCache& cache_;
};

}  // namespace kintsugi::read
