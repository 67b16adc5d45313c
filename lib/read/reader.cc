#include "read/reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "base/table_hash.h"

namespace kintsugi::read {

using format::Family;

namespace {

// An identifier's key without a trip to the heap, unless it is long.
class ShortKey {
 public:
  explicit ShortKey(format::NodeKey node) {
    bytes_.reserve(2 + node.value.size());
    bytes_.push_back(static_cast<char>(node.number >> 8));
    bytes_.push_back(static_cast<char>(node.number));
    bytes_.insert(bytes_.end(), node.value.begin(), node.value.end());
  }
  operator std::string_view() const { return {bytes_.data(), bytes_.size()}; }

 private:
  absl::InlinedVector<char, 96> bytes_;
};

rocksdb::Slice ToSlice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

// How often a look-up starts again because a write came between its two reads, before it takes a snapshot.
constexpr int kMaxTries = 3;

absl::Status Missing(const ProfileId& id) {
  return absl::DataLossError(fmt::format("profile {} is missing; run `kintsugi verify`", id.ToString()));
}

absl::Status NoSegment(const golden::Names& names, std::string_view segment) {
  std::string declared;
  for (const std::string& name : names.segments) declared += (declared.empty() ? "" : ", ") + name;
  return absl::InvalidArgumentError(
      fmt::format("there is no segment `{}`; the schema declares: {}", segment, declared.empty() ? "none" : declared));
}

// The id that a row of `identifiers` holds; nothing if there is no such row.
absl::StatusOr<std::optional<ProfileId>> ReadHolder(const store::Store& store, std::string_view key,
                                                    const store::Store::Snapshot* snapshot) {
  rocksdb::PinnableSlice row;
  const auto found = store.Read(Family::kIdentifiers, key, row, snapshot);
  if (!found.ok()) return found.status();
  if (!*found) return std::nullopt;
  ProfileId id;
  if (!format::ParseProfileKey({row.data(), row.size()}, id)) return format::DamagedRow(Family::kIdentifiers);
  return id;
}

}  // namespace

namespace {

// Made once: to say again that nobody is there allocates nothing.
const absl::Status& Nobody() {
  static const auto* const status = new absl::Status(absl::NotFoundError("nobody has this identifier"));
  return *status;
}

}  // namespace

absl::StatusOr<Profile> Reader::Lookup(std::string_view ns, std::string_view value) const {
  using Answer = ProfileCache::Answer;
  const Answer known = cache_.Find(ns, value);
  if (known.kind == Answer::kProfile) return Profile(known.profile);
  if (known.kind == Answer::kNobody) return Nobody();
  const auto node = context_.Normalize(ns, value);
  if (!node.ok()) return node.status();
  auto profile = Find(context_.KeyOf(*node), {ns, value, known.is_worth_keeping});
  if (!profile.ok()) return profile.status();
  if (!*profile) return Nobody();
  return **std::move(profile);
}

absl::StatusOr<std::vector<std::optional<Profile>>> Reader::LookupMany(std::span<const Identifier> identifiers) const {
  using Answer = ProfileCache::Answer;
  std::vector<std::optional<Profile>> out(identifiers.size());
  std::vector<size_t> places;  // of those that are not in memory
  std::vector<identity::Node> nodes;
  std::vector<Asked> asked;
  for (size_t i = 0; i < identifiers.size(); ++i) {
    const Answer known = cache_.Find(identifiers[i].ns, identifiers[i].value);
    if (known.kind == Answer::kProfile) out[i].emplace(known.profile);
    if (known.kind != Answer::kUnknown) continue;
    auto node = context_.Normalize(identifiers[i].ns, identifiers[i].value);
    if (!node.ok()) return node.status();
    places.push_back(i);
    nodes.push_back(*std::move(node));
    asked.push_back({identifiers[i].ns, identifiers[i].value, known.is_worth_keeping});
  }
  if (places.empty()) return out;
  std::vector<format::NodeKey> keys;
  for (const identity::Node& node : nodes) keys.push_back(context_.KeyOf(node));
  auto found = FindMany(keys, asked);
  if (!found.ok()) return found.status();
  for (size_t i = 0; i < places.size(); ++i) out[places[i]] = std::move((*found)[i]);
  return out;
}

absl::StatusOr<std::optional<ProfileId>> Reader::FindId(format::NodeKey node, const Snapshot* snapshot) const {
  return ReadHolder(store_, ShortKey(node), snapshot);
}

absl::StatusOr<std::optional<ProfileId>> Reader::FindId(const ProfileId& id, const Snapshot& snapshot) const {
  rocksdb::PinnableSlice row;
  const auto found = store_.Read(Family::kProfiles, format::ProfileKey(id), row, &snapshot);
  if (!found.ok()) return found.status();
  if (*found) return id;
  const auto anchor = store_.Get(Family::kFormerIds, format::ProfileKey(id), &snapshot);
  if (!anchor.ok()) return anchor.status();
  if (!*anchor) return std::nullopt;
  return FindId(format::ParseIdentifierKey(**anchor), &snapshot);
}

absl::StatusOr<const golden::SharedProfile*> Reader::ReadProfile(const ProfileId& id, const Snapshot* snapshot) const {
  rocksdb::PinnableSlice row;
  const auto found = store_.Read(Family::kProfiles, format::ProfileKey(id), row, snapshot);
  if (!found.ok()) return found.status();
  if (!*found) return nullptr;
  return golden::SharedProfile::Make(id, {row.data(), row.size()}, context_.names);
}

absl::StatusOr<std::optional<Profile>> Reader::Find(format::NodeKey node, const Asked& asked) const {
  if (!store_.is_read_only()) return Find(node, asked, nullptr);
  const Snapshot still(store_);  // so that it does not catch up between two reads
  return Find(node, asked, &still);
}

absl::StatusOr<std::optional<Profile>> Reader::Find(format::NodeKey node, const Asked& asked,
                                                    const Snapshot* snapshot) const {
  const ShortKey key(node);
  for (int tries = 0; tries < kMaxTries; ++tries) {
    const ProfileCache::Moment moment = cache_.MomentOf(node);
    if (!moment.is_quiet()) break;
    const auto id = ReadHolder(store_, key, snapshot);
    if (!id.ok()) return id.status();
    if (!*id) {
      KeepNobody(node, moment, asked);
      return std::nullopt;
    }
    const golden::SharedProfile* found = cache_.Find(**id).profile;
    if (found == nullptr) {
      const ProfileCache::Moment moment_of_profile = cache_.MomentOf(**id);
      const auto read = ReadProfile(**id, snapshot);
      if (!read.ok()) return read.status();
      found = *read;
      if (found != nullptr && asked.is_worth_keeping) cache_.KeepProfile(*found, moment_of_profile);
    }
    // If the identifier stayed where it is, then the profile that was read holds it, whatever else was written.
    if (found != nullptr && cache_.IsStill(node, moment)) {
      if (asked.is_worth_keeping) cache_.KeepText(asked.ns, asked.text, *found);
      return Profile(found);
    }
    if (found != nullptr) found->Release(golden::SharedProfile::ThisStripe());
  }
  return snapshot != nullptr ? FindInSnapshot(node, *snapshot) : FindInSnapshot(node, Snapshot(store_));
}

void Reader::KeepNobody(format::NodeKey node, ProfileCache::Moment moment, const Asked& asked) const {
  const golden::SharedProfile* nobody = asked.is_worth_keeping ? cache_.KeepNobody(node, moment) : nullptr;
  if (nobody == nullptr) return;
  cache_.KeepText(asked.ns, asked.text, *nobody);
  nobody->Release(golden::SharedProfile::ThisStripe());
}

// As Find does, but each step for all. Who was written meanwhile is asked for again, alone.
absl::StatusOr<std::vector<std::optional<Profile>>> Reader::FindMany(const std::vector<format::NodeKey>& nodes,
                                                                     const std::vector<Asked>& asked) const {
  std::optional<Snapshot> only_read;  // so that it does not catch up between two reads
  if (store_.is_read_only()) only_read.emplace(store_);
  const Snapshot* snapshot = only_read ? &*only_read : nullptr;
  std::vector<ProfileCache::Moment> moments;
  std::vector<ShortKey> keys(nodes.begin(), nodes.end());
  std::vector<rocksdb::Slice> slices;
  for (size_t i = 0; i < nodes.size(); ++i) {
    moments.push_back(cache_.MomentOf(nodes[i]));
    slices.push_back(ToSlice(keys[i]));
  }
  std::vector<rocksdb::PinnableSlice> holders;
  const auto held = store_.ReadMany(Family::kIdentifiers, slices, holders, snapshot);
  if (!held.ok()) return held.status();

  // Profiles that several of them share are read once.
  struct Wanted {
    ProfileCache::Moment moment;
    std::optional<Profile> profile;
    bool is_worth_keeping = false;
  };
  absl::flat_hash_map<std::string_view, Wanted, TableHashOf> profiles;
  slices.clear();
  for (size_t i = 0; i < nodes.size(); ++i) {
    const rocksdb::PinnableSlice* holder = (*held)[i];
    if (holder == nullptr) continue;
    ProfileId id;
    const std::string_view bytes(holder->data(), holder->size());
    if (!format::ParseProfileKey(bytes, id)) return format::DamagedRow(Family::kIdentifiers);
    const auto [at, is_new] = profiles.try_emplace(bytes);
    at->second.is_worth_keeping |= asked[i].is_worth_keeping;
    if (!is_new) continue;
    if (const auto known = cache_.Find(id); known.profile != nullptr) {
      at->second.profile.emplace(known.profile);
    } else {
      at->second.moment = cache_.MomentOf(id);
      slices.push_back(*holder);
    }
  }
  std::vector<rocksdb::PinnableSlice> rows;
  const auto read = store_.ReadMany(Family::kProfiles, slices, rows, snapshot);
  if (!read.ok()) return read.status();
  for (size_t i = 0; i < slices.size(); ++i) {
    if ((*read)[i] == nullptr) continue;
    ProfileId id;
    const std::string_view key(slices[i].data(), slices[i].size());
    format::ParseProfileKey(key, id);
    Wanted& wanted = profiles[key];
    const auto* made = golden::SharedProfile::Make(id, {rows[i].data(), rows[i].size()}, context_.names);
    if (wanted.is_worth_keeping) cache_.KeepProfile(*made, wanted.moment);
    wanted.profile.emplace(made);
  }

  std::vector<std::optional<Profile>> out(nodes.size());
  for (size_t i = 0; i < nodes.size(); ++i) {
    const rocksdb::PinnableSlice* holder = (*held)[i];
    if (holder != nullptr) out[i] = profiles[{holder->data(), holder->size()}].profile;
    if (out[i] && cache_.IsStill(nodes[i], moments[i])) {
      if (asked[i].is_worth_keeping) cache_.KeepText(asked[i].ns, asked[i].text, out[i]->shared());
      continue;
    }
    if (holder == nullptr && cache_.IsStill(nodes[i], moments[i])) {
      KeepNobody(nodes[i], moments[i], asked[i]);
      continue;
    }
    auto alone = Find(nodes[i], asked[i], snapshot);
    if (!alone.ok()) return alone.status();
    out[i] = *std::move(alone);
  }
  return out;
}

absl::StatusOr<std::optional<Profile>> Reader::FindInSnapshot(format::NodeKey node, const Snapshot& snapshot) const {
  const auto id = ReadHolder(store_, ShortKey(node), &snapshot);
  if (!id.ok()) return id.status();
  if (!*id) return std::nullopt;
  const auto profile = ReadProfile(**id, &snapshot);
  if (!profile.ok()) return profile.status();
  if (*profile == nullptr) return Missing(**id);
  return Profile(*profile);
}

absl::StatusOr<std::optional<Profile>> Reader::Find(const ProfileId& id) const {
  if (const auto known = cache_.Find(id); known.profile != nullptr) return Profile(known.profile);
  const ProfileCache::Moment moment = cache_.MomentOf(id);
  const Snapshot snapshot(store_);
  const auto profile = ReadProfile(id, &snapshot);
  if (!profile.ok()) return profile.status();
  if (*profile != nullptr) {
    cache_.KeepProfile(**profile, moment);
    return Profile(*profile);
  }
  auto anchor = store_.Get(Family::kFormerIds, format::ProfileKey(id), &snapshot);
  if (!anchor.ok()) return anchor.status();
  if (!*anchor) return std::nullopt;
  return FindInSnapshot(format::ParseIdentifierKey(**anchor), snapshot);
}

absl::Status Reader::ForEachProfile(const std::function<bool(const ProfileView&)>& visit) const {
  const Snapshot snapshot(store_);
  return store_.Scan(
      Family::kProfiles, "",
      [&](std::string_view key, std::string_view row) -> VisitResult {
        ProfileId id;
        if (!format::ParseProfileKey(key, id)) return format::DamagedRow(Family::kProfiles);
        return visit(ProfileView(id, row, *context_.names));
      },
      &snapshot);
}

absl::Status Reader::ForEachMember(std::string_view segment,
                                   const std::function<bool(const ProfileView&)>& visit) const {
  const auto place = context_.names->FindSegment(segment);
  if (!place) return NoSegment(*context_.names, segment);
  const Snapshot snapshot(store_);
  return store_.Scan(
      Family::kMembers, format::MembersPrefix(*place),
      [&](std::string_view key, std::string_view) -> VisitResult {
        ProfileId id;
        uint32_t of = 0;
        if (!format::ParseMemberKey(key, of, id)) return format::DamagedRow(Family::kMembers);
        rocksdb::PinnableSlice row;
        const auto found = store_.Read(Family::kProfiles, format::ProfileKey(id), row, &snapshot);
        if (!found.ok()) return found.status();
        if (!*found) return Missing(id);
        return visit(ProfileView(id, {row.data(), row.size()}, *context_.names));
      },
      &snapshot);
}

absl::Status Reader::ForEachIdentifier(
    const std::function<bool(const IdentifierView&, const ProfileId&)>& visit) const {
  // The colon that follows a name takes part in the order, and no name contains one.
  std::vector<std::pair<std::string, uint16_t>> order;
  for (uint16_t position = 0; position < context_.catalog.position_count(); ++position) {
    order.emplace_back(context_.catalog.name(position) + ':', position);
  }
  std::sort(order.begin(), order.end());

  std::vector<std::string> prefixes;
  for (const auto& [name, position] : order) {
    prefixes.push_back(format::IdentifierKey({context_.catalog.number(position), ""}));
  }

  const Snapshot snapshot(store_);
  return store_.ScanEach(
      Family::kIdentifiers, prefixes,
      [&](std::string_view key, std::string_view holder) -> VisitResult {
        const format::NodeKey node = format::ParseIdentifierKey(key);
        ProfileId id;
        uint16_t position = 0;
        if (!format::ParseProfileKey(holder, id) || !context_.catalog.Find(node.number, position))
          return format::DamagedRow(Family::kIdentifiers);
        return visit({context_.catalog.name(position), node.value}, id);
      },
      &snapshot);
}

}  // namespace kintsugi::read
