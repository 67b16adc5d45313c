#include "query/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace kintsugi::query {

using storage::Family;

absl::StatusOr<std::optional<ProfileId>> Reader::FindId(storage::NodeKey node) const {
  auto holder = store_.Get(Family::kIdentifiers, storage::IdentifierKey(node));
  if (!holder.ok()) return holder.status();
  if (!*holder) return std::nullopt;
  ProfileId id;
  if (!storage::ParseProfileKey(**holder, id)) return absl::DataLossError("a damaged row in `identifiers`");
  return id;
}

absl::StatusOr<std::optional<Profile>> Reader::Find(storage::NodeKey node) const {
  return Find(node, Snapshot(store_));
}

absl::StatusOr<std::optional<Profile>> Reader::Find(storage::NodeKey node, const Snapshot& snapshot) const {
  auto holder = store_.Get(Family::kIdentifiers, storage::IdentifierKey(node), &snapshot);
  if (!holder.ok()) return holder.status();
  if (!*holder) return std::nullopt;
  ProfileId id;
  if (!storage::ParseProfileKey(**holder, id)) return absl::DataLossError("a damaged row in `identifiers`");
  auto row = store_.Get(Family::kProfiles, **holder, &snapshot);
  if (!row.ok()) return row.status();
  if (!*row) return absl::DataLossError(fmt::format("profile {} is missing; run `kintsugi verify`", id.ToString()));
  return Profile(id, **std::move(row), names_);
}

absl::StatusOr<std::optional<Profile>> Reader::Find(const ProfileId& id) const {
  const Snapshot snapshot(store_);
  auto row = store_.Get(Family::kProfiles, storage::ProfileKey(id), &snapshot);
  if (!row.ok()) return row.status();
  if (*row) return Profile(id, **std::move(row), names_);
  auto anchor = store_.Get(Family::kFormerIds, storage::ProfileKey(id), &snapshot);
  if (!anchor.ok()) return anchor.status();
  if (!*anchor) return std::nullopt;
  return Find(storage::ParseIdentifierKey(**anchor), snapshot);
}

absl::Status Reader::ForEachProfile(const std::function<bool(const Profile&)>& visit) const {
  const Snapshot snapshot(store_);
  bool damaged = false;
  const auto status = store_.Scan(
      Family::kProfiles, "",
      [&](std::string_view key, std::string_view row) {
        ProfileId id;
        damaged = !storage::ParseProfileKey(key, id);
        return !damaged && visit(Profile(id, std::string(row), names_));
      },
      &snapshot);
  return damaged ? absl::DataLossError("a damaged row in `profiles`") : status;
}

absl::Status Reader::ForEachIdentifier(
    const std::function<bool(std::string_view, std::string_view, const ProfileId&)>& visit) const {
  // The colon that follows a name takes part in the order, and no name contains one.
  std::vector<std::pair<std::string, uint16_t>> order;
  for (uint16_t position = 0; position < catalog_.position_count(); ++position) {
    order.emplace_back(catalog_.name(position) + ':', position);
  }
  std::sort(order.begin(), order.end());

  const Snapshot snapshot(store_);
  bool go_on = true;
  bool damaged = false;
  for (const auto& [name, position] : order) {
    if (!go_on) break;
    const auto status = store_.Scan(
        Family::kIdentifiers, storage::IdentifierKey({catalog_.number(position), ""}),
        [&](std::string_view key, std::string_view holder) {
          ProfileId id;
          damaged = !storage::ParseProfileKey(holder, id);
          return go_on = !damaged && visit(catalog_.name(position), storage::ParseIdentifierKey(key).value, id);
        },
        &snapshot);
    if (!status.ok()) return status;
  }
  return damaged ? absl::DataLossError("a damaged row in `identifiers`") : absl::OkStatus();
}

}  // namespace kintsugi::query
