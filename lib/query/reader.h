// Reader answers questions from the stored rows: it knows nothing of how they come about.

#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "golden/record_codec.h"
#include "kintsugi/profile.h"
#include "storage/catalog.h"
#include "storage/keys.h"
#include "storage/store.h"

namespace kintsugi::query {

// Safe from many threads; every call reads one consistent snapshot. All references outlive the reader.
class Reader {
 public:
  Reader(const storage::Store& store, const storage::Catalog& catalog, std::shared_ptr<const golden::Names> names)
      : store_(store), catalog_(catalog), names_(std::move(names)) {}

  // The id of the profile that holds a normalised identifier; nothing if nobody does. One point read.
  absl::StatusOr<std::optional<ProfileId>> FindId(storage::NodeKey node) const;
  // The profile that holds a normalised identifier; nothing if nobody does. Two point reads.
  absl::StatusOr<std::optional<Profile>> Find(storage::NodeKey node) const;
  // The profile that holds the anchor of an id that was handed out some time; nothing for any other id.
  // One point read for a current id, up to four for a former one.
  absl::StatusOr<std::optional<Profile>> Find(const ProfileId& id) const;

  // In order of id.
  absl::Status ForEachProfile(const std::function<bool(const Profile&)>& visit) const;
  // In order of the bytes of "namespace:value".
  absl::Status ForEachIdentifier(
      const std::function<bool(std::string_view ns, std::string_view value, const ProfileId&)>& visit) const;

 private:
  using Snapshot = storage::Store::Snapshot;
  absl::StatusOr<std::optional<Profile>> Find(storage::NodeKey node, const Snapshot& snapshot) const;

  const storage::Store& store_;
  const storage::Catalog& catalog_;
  const std::shared_ptr<const golden::Names> names_;
};

}  // namespace kintsugi::query
