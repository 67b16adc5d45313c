#include "graph/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "format/codec.h"
#include "graph/rows.h"

namespace kintsugi::graph {

using format::CrossingKind;
using format::Family;

absl::StatusOr<NodeId> Loader::Load(const identity::Node& node) {
  const NodeId id = loaded_.Intern(node.ns, node.value);
  if (auto status = LoadNode(id); !status.ok()) return status;
  return id;
}

absl::Status Loader::LoadNode(NodeId id) {
  if (loaded_.nodes[id].slot != kNone) return absl::OkStatus();
  const auto row = source_.Get(Family::kIdentifiers, format::IdentifierKey(loaded_.KeyOf(id)));
  if (!row.ok()) return row.status();
  if (!*row) return AddNew(id);
  ProfileId profile;
  if (!format::ParseProfileKey(**row, profile)) return format::DamagedRow(format::Family::kIdentifiers);
  if (auto status = LoadProfile(profile); !status.ok()) return status;
  if (loaded_.nodes[id].slot == kNone) {
    return absl::DataLossError(
        fmt::format("profile {} does not hold its identifier; run `kintsugi verify`", profile.ToString()));
  }
  return absl::OkStatus();
}

// A new identifier is a profile of its own until Finish().
absl::Status Loader::AddNew(NodeId id) {
  loaded_.nodes[id].slot = static_cast<ProfileSlot>(loaded_.profiles.size());
  loaded_.profiles.push_back({.anchor = id, .members = {id}});
  return LoadPairs(id);
}

absl::Status Loader::LoadProfile(const ProfileId& id) {
  const auto slot = static_cast<ProfileSlot>(loaded_.profiles.size());
  if (!loaded_.slots.try_emplace(id, slot).second) return absl::OkStatus();
  ++profiles_loaded_;
  loaded_.profiles.push_back({.id = id, .stored = true});
  auto row = source_.Get(Family::kEvidence, format::ProfileKey(id));
  if (!row.ok()) return row.status();
  if (!*row)
    return absl::DataLossError(fmt::format("profile {} has no evidence row; run `kintsugi verify`", id.ToString()));
  loaded_.profiles[slot].row = **std::move(row);
  std::vector<NodeId> asserted;
  if (auto status = DecodeEvidence(loaded_.profiles[slot].row, slot, loaded_, asserted); !status.ok()) return status;
  if (auto status = LoadCrossings(slot); !status.ok()) return status;
  for (NodeId one : asserted) {
    if (auto status = LoadPairs(one); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// Those to a generic identifier are in order of time.
absl::Status Loader::LoadCrossings(ProfileSlot slot) {
  std::vector<AssociationId> timed;
  for (AssociationId a : loaded_.profiles[slot].homed) {
    const std::vector<NodeId>& members = loaded_.associations[a].members;
    const bool is_timed = std::any_of(members.begin(), members.end(), [&](NodeId id) {
      return loaded_.nodes[id].slot != slot && loaded_.nodes[id].was_generic;
    });
    if (is_timed) timed.push_back(a);
  }
  if (auto status = LoadSightings(timed); !status.ok()) return status;
  stored_crossings_.merge(StoredCrossings(loaded_, slot));
  return absl::OkStatus();
}

absl::Status Loader::LoadSightings(const std::vector<AssociationId>& associations) {
  std::vector<std::pair<std::string, AssociationId>> missing;
  for (AssociationId a : associations) {
    if (!loaded_.associations[a].is_timed) missing.emplace_back(loaded_.KeyOf(loaded_.associations[a]), a);
  }
  if (missing.empty()) return absl::OkStatus();
  std::sort(missing.begin(), missing.end());
  missing.erase(std::unique(missing.begin(), missing.end()), missing.end());
  std::vector<std::string> keys;
  for (const auto& [key, a] : missing) keys.push_back(key);
  const auto rows = source_.GetMany(Family::kSightings, keys);
  if (!rows.ok()) return rows.status();
  for (size_t i = 0; i < missing.size(); ++i) {
    Association& association = loaded_.associations[missing[i].second];
    const auto& row = (*rows)[i];
    if (!row || !DecodeSightings(*row, loaded_.context.catalog, association.sightings))
      return format::DamagedRow(Family::kSightings);
    association.is_timed = true;
  }
  return absl::OkStatus();
}

absl::Status Loader::LoadPairs(NodeId id) {
  if (!has_assertions_) return absl::OkStatus();
  const auto row = source_.Get(Family::kAsserted, format::IdentifierKey(loaded_.KeyOf(id)));
  if (!row.ok()) return row.status();
  return *row ? DecodePairs(**row, id, loaded_) : absl::OkStatus();
}

absl::Status Loader::ScanCrossings(NodeId member, CrossingKind kind, const VisitCrossing& visit) {
  const std::string prefix = format::CrossingPrefix(loaded_.KeyOf(member), kind);
  return source_.Scan(Family::kCrossings, prefix, [&](std::string_view key, std::string_view value) -> VisitResult {
    Time time = kNeverFirst;
    format::NodeKey home;
    uint16_t position = 0;
    if (!format::ParseCrossing(key.substr(prefix.size()), kind, home, time) ||
        !loaded_.context.catalog.Find(home.number, position))
      return format::DamagedRow(Family::kCrossings);
    return visit(loaded_.Intern(position, home.value), time, value);
  });
}

// The profiles from which crossings lead to a member. Of a generic one those with active links; or all.
absl::StatusOr<std::vector<NodeId>> Loader::HomesOf(NodeId member, bool inactive_too) {
  const bool was_generic = loaded_.nodes[member].was_generic;
  std::vector<NodeId> homes;
  const auto status = ScanCrossings(member, was_generic ? CrossingKind::kByFirstSeen : CrossingKind::kByHome,
                                    [&](NodeId home, Time, std::string_view row) {
                                      const bool active = !was_generic || format::Decoder(row).Byte() != 0;
                                      if (active || inactive_too) homes.push_back(home);
                                      return true;
                                    });
  if (!status.ok()) return status;
  return homes;
}

// Only evidence that changed can change it, and evidence that was only added cannot end it.
absl::Status Loader::FindOutGeneric(NodeId id) {
  if (!loaded_.nodes[id].touched || !loaded_.CanBeGeneric(id)) return absl::OkStatus();
  bool is_generic = loaded_.nodes[id].was_generic;
  if (!is_generic || loaded_.nodes[id].withdrawn) {
    if (loaded_.nodes[id].crossed && !is_generic) {
      const auto homes = HomesOf(id, true);
      if (!homes.ok()) return homes.status();
      for (NodeId home : *homes) {
        if (auto status = LoadNode(home); !status.ok()) return status;
      }
    }
    const uint32_t limit = loaded_.context.identity_rules.namespaces[loaded_.nodes[id].node.ns].generic_above;
    absl::flat_hash_map<identity::NamespaceIndex, absl::flat_hash_set<NodeId>> stronger;
    is_generic = false;
    // Ends as soon as the limit is passed, and until then each crossing that is read brings another stronger
    // identifier: so as many rows are read as the limits of all namespaces allow.
    const auto status = ForEachStronger(id, [&](NodeId other) {
      auto& known = stronger[loaded_.nodes[other].node.ns];
      known.insert(other);
      is_generic = known.size() > limit;
      return !is_generic;
    });
    if (!status.ok()) return status;
  }
  loaded_.nodes[id].generic = is_generic;
  return absl::OkStatus();
}

// Those of a stronger namespace that are linked with an identifier, some of them several times. What is loaded says so
// itself, and for the rest the crossings do. `visit` returns false to stop.
absl::Status Loader::ForEachStronger(NodeId id, const std::function<bool(NodeId)>& visit) {
  const identity::NamespaceIndex own = loaded_.nodes[id].node.ns;
  for (AssociationId a : loaded_.nodes[id].held_by) {
    if (!loaded_.associations[a].is_alive()) continue;
    for (NodeId member : loaded_.associations[a].members) {
      if (loaded_.nodes[member].node.ns == own) break;
      if (!visit(member)) return absl::OkStatus();
    }
  }
  if (!loaded_.nodes[id].was_generic) return absl::OkStatus();
  return ScanCrossings(id, CrossingKind::kByFirstSeen, [&](NodeId home, Time, std::string_view value) -> VisitResult {
    if (loaded_.nodes[home].slot != kNone) return true;  // visited above, as it is now
    bool go_on = loaded_.nodes[home].node.ns == own || visit(home);
    format::Decoder d(value);
    d.Byte();
    while (go_on && !d.done()) {
      const auto number = static_cast<uint16_t>(d.Varint());
      const std::string_view text = d.String();
      uint16_t position = 0;
      if (!d.ok() || !loaded_.context.catalog.Find(number, position)) return format::DamagedRow(Family::kCrossings);
      go_on = position == own || visit(loaded_.Intern(position, text));
    }
    return go_on;
  });
}

absl::StatusOr<std::map<identity::NamespaceIndex, uint64_t>> Loader::CountStronger(const identity::Node& node) {
  const auto id = Load(node);
  if (!id.ok()) return id.status();
  absl::flat_hash_set<NodeId> distinct;
  std::map<identity::NamespaceIndex, uint64_t> counts;
  const auto status = ForEachStronger(*id, [&](NodeId other) {
    if (distinct.insert(other).second) ++counts[loaded_.nodes[other].node.ns];
    return true;
  });
  if (!status.ok()) return status;
  return counts;
}

// Everything that is connected with the profile will be loaded, past refused links too.
void Loader::MakeWhole(ProfileSlot slot) {
  if (std::exchange(loaded_.profiles[slot].is_whole, true)) return;
  has_whole_ = true;
  if (slot < next_to_look_round_) whole_to_look_round_.push_back(slot);
}

void Loader::MakeAllWhole() {
  for (ProfileSlot slot = 0; slot < loaded_.profiles.size(); ++slot) MakeWhole(slot);
}

// The profiles that active links connect with this one, or connected before the changes; of one that is not whole
// those without which it cannot be resolved. What is connected with a whole one is whole.
absl::Status Loader::LoadNeighbours(ProfileSlot slot) {
  const bool is_whole = loaded_.profiles[slot].is_whole;
  std::vector<NodeId> neighbours;
  if (is_whole) {
    for (AssociationId a : loaded_.profiles[slot].homed) {
      const std::vector<NodeId>& members = loaded_.associations[a].members;
      const size_t active = ActivePart(members, [&](NodeId id) { return loaded_.IsHub(id); });
      neighbours.insert(neighbours.end(), members.begin(), members.begin() + static_cast<ptrdiff_t>(active));
    }
  }
  for (NodeId id : loaded_.profiles[slot].members) {
    for (const Pair& pair : loaded_.nodes[id].pairs) neighbours.push_back(pair.other);
    if (!loaded_.nodes[id].crossed || (loaded_.IsHub(id) && !is_whole)) continue;
    const auto homes = HomesOf(id, !loaded_.IsGeneric(id));
    if (!homes.ok()) return homes.status();
    neighbours.insert(neighbours.end(), homes->begin(), homes->end());
  }
  for (NodeId id : neighbours) {
    if (auto status = LoadNode(id); !status.ok()) return status;
    if (is_whole) MakeWhole(loaded_.nodes[id].slot);
  }
  return absl::OkStatus();
}

// What is stored leads from a whole profile to all that are connected with it. What this group adds is loaded, and
// leads on from there. Returns whether more is whole than before.
bool Loader::SpreadWholeness() {
  if (!has_whole_) return false;
  identity::UnionFind sets = loaded_.JoinProfiles([&](NodeId id) { return loaded_.IsHub(id); });
  std::vector<bool> is_whole(loaded_.profiles.size(), false);  // by root
  for (ProfileSlot slot = 0; slot < loaded_.profiles.size(); ++slot) {
    if (loaded_.profiles[slot].is_whole) is_whole[sets.Find(slot)] = true;
  }
  const size_t known = whole_to_look_round_.size();
  for (ProfileSlot slot = 0; slot < loaded_.profiles.size(); ++slot) {
    if (is_whole[sets.Find(slot)]) MakeWhole(slot);
  }
  return whole_to_look_round_.size() > known;
}

// Loading appends, so everything that is connected with what was touched has its turn, and what becomes whole later
// has another.
absl::Status Loader::LoadConnected() {
  do {
    while (next_to_look_round_ < loaded_.profiles.size() || !whole_to_look_round_.empty()) {
      ProfileSlot slot = next_to_look_round_;
      if (slot < loaded_.profiles.size()) {
        ++next_to_look_round_;
      } else {
        slot = whole_to_look_round_.back();
        whole_to_look_round_.pop_back();
      }
      if (auto status = LoadNeighbours(slot); !status.ok()) return status;
    }
  } while (SpreadWholeness());
  return absl::OkStatus();
}

// A generic identifier was seen in associations of profiles that are not loaded, too. The first crossing in each order
// of time says when.
absl::Status Loader::SeeElsewhere(NodeId id) {
  return ScanCrossings(id, CrossingKind::kByFirstSeen, [&](NodeId home, Time time, std::string_view) {
    NodeState& node = loaded_.nodes[id];
    if (loaded_.nodes[home].slot != kNone) return true;
    crossed_elsewhere_.insert(id);
    node.alive = true;
    node.first_seen = std::min(node.first_seen, time);
    return false;
  });
}

// Every new sighting moves its row to the front, and leaves a deletion behind: so few should ask.
absl::Status Loader::SeeLastElsewhere(NodeId id) {
  return ScanCrossings(id, CrossingKind::kByLastSeen, [&](NodeId home, Time time, std::string_view) {
    if (loaded_.nodes[home].slot != kNone) return true;
    loaded_.nodes[id].last_seen = std::max(loaded_.nodes[id].last_seen, time);
    return false;
  });
}

absl::Status Loader::LoadRefusals() {
  for (const StoredProfile& profile : loaded_.profiles) {
    for (NodeId id : profile.members) {
      if (!loaded_.nodes[id].was_generic || !loaded_.nodes[id].crossed) continue;
      const auto row = source_.Get(Family::kHubs, format::IdentifierKey(loaded_.KeyOf(id)));
      if (!row.ok()) return row.status();
      loaded_.nodes[id].refused_by = *row ? format::Decoder(**row).Varint() : 0;
    }
  }
  return absl::OkStatus();
}

}  // namespace kintsugi::graph
