// Graph: loading what is connected with what was touched, and finding out which identifiers are generic.

#include <fmt/format.h>

#include <algorithm>

#include "graph/graph.h"
#include "identity/union_find.h"

namespace kintsugi::graph {

using format::CrossingKind;
using format::Family;

absl::StatusOr<std::optional<std::string>> Graph::Get(Family family, std::string_view key) const {
  if (place_.store == nullptr) return std::nullopt;
  return place_.store->Get(family, key, place_.snapshot);
}

absl::Status Graph::LoadNode(NodeId id) {
  if (nodes_[id].slot != kNone) return absl::OkStatus();
  const auto row = Get(Family::kIdentifiers, format::IdentifierKey(context_.KeyOf(nodes_[id].node)));
  if (!row.ok()) return row.status();
  if (!*row) {  // a new identifier is a profile of its own until Finish()
    nodes_[id].slot = static_cast<ProfileSlot>(profiles_.size());
    profiles_.push_back({.anchor = id, .members = {id}});
    return LoadPairs(id);
  }
  ProfileId profile;
  if (!format::ParseProfileKey(**row, profile)) return absl::DataLossError("a damaged row in `identifiers`");
  if (auto status = LoadProfile(profile); !status.ok()) return status;
  if (nodes_[id].slot == kNone) {
    return absl::DataLossError(
        fmt::format("profile {} does not hold its identifier; run `kintsugi verify`", profile.ToString()));
  }
  return absl::OkStatus();
}

absl::Status Graph::LoadProfile(const ProfileId& id) {
  const auto slot = static_cast<ProfileSlot>(profiles_.size());
  if (!slots_.try_emplace(id, slot).second) return absl::OkStatus();
  ++profiles_loaded_;
  profiles_.push_back({.id = id, .stored = true});
  auto row = Get(Family::kEvidence, format::ProfileKey(id));
  if (!row.ok()) return row.status();
  if (!*row)
    return absl::DataLossError(fmt::format("profile {} has no evidence row; run `kintsugi verify`", id.ToString()));
  profiles_[slot].row = **std::move(row);
  return DecodeEvidence(slot, profiles_[slot].row);
}

absl::Status Graph::LoadPairs(NodeId id) {
  if (!place_.has_assertions) return absl::OkStatus();
  const auto row = Get(Family::kAsserted, format::IdentifierKey(context_.KeyOf(nodes_[id].node)));
  if (!row.ok()) return row.status();
  return *row ? DecodePairs(id, **row) : absl::OkStatus();
}

absl::Status Graph::ScanCrossings(NodeId member, CrossingKind kind,
                                  const std::function<bool(NodeId, Time, std::string_view)>& visit) {
  if (place_.store == nullptr) return absl::OkStatus();
  bool damaged = false;
  const std::string prefix = format::CrossingPrefix(context_.KeyOf(nodes_[member].node), kind);
  const auto status = place_.store->Scan(
      Family::kCrossings, prefix,
      [&](std::string_view key, std::string_view value) {
        Time time = kNeverFirst;
        format::NodeKey home;
        uint16_t position = 0;
        damaged = !format::ParseCrossing(key.substr(prefix.size()), kind, home, time) ||
                  !context_.catalog.Find(home.number, position);
        return !damaged && visit(Intern(position, home.value), time, value);
      },
      place_.snapshot);
  return damaged ? absl::DataLossError("a damaged row in `crossings`; run `kintsugi verify`") : status;
}

// The profiles from which crossings lead to a member. Of a generic one those with active links; or all.
absl::StatusOr<std::vector<Graph::NodeId>> Graph::HomesOf(NodeId member, bool inactive_too) {
  const bool was_generic = nodes_[member].was_generic;
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
absl::Status Graph::FindOutGeneric(NodeId id) {
  if (!nodes_[id].touched || !CanBeGeneric(id)) return absl::OkStatus();
  bool is_generic = nodes_[id].was_generic;
  if (!is_generic || nodes_[id].withdrawn) {
    if (nodes_[id].crossed && !is_generic) {
      const auto homes = HomesOf(id, true);
      if (!homes.ok()) return homes.status();
      for (NodeId home : *homes) {
        if (auto status = LoadNode(home); !status.ok()) return status;
      }
    }
    const uint32_t limit = context_.identity_rules.namespaces[nodes_[id].node.ns].generic_above;
    absl::flat_hash_map<identity::NamespaceIndex, absl::flat_hash_set<NodeId>> stronger;
    is_generic = false;
    // Ends as soon as the limit is passed, and until then each crossing that is read brings another stronger
    // identifier: so as many rows are read as the limits of all namespaces allow.
    const auto status = ForEachStronger(id, [&](NodeId other) {
      auto& known = stronger[nodes_[other].node.ns];
      known.insert(other);
      is_generic = known.size() > limit;
      return !is_generic;
    });
    if (!status.ok()) return status;
  }
  nodes_[id].generic = is_generic;
  return absl::OkStatus();
}

// Those of a stronger namespace that are linked with an identifier, some of them several times. What is loaded says so
// itself, and for the rest the crossings do. `visit` returns false to stop.
absl::Status Graph::ForEachStronger(NodeId id, const std::function<bool(NodeId)>& visit) {
  const identity::NamespaceIndex own = nodes_[id].node.ns;
  for (AssociationId a : nodes_[id].held_by) {
    if (associations_[a].sightings.empty()) continue;
    for (NodeId member : associations_[a].members) {
      if (nodes_[member].node.ns == own) break;
      if (!visit(member)) return absl::OkStatus();
    }
  }
  if (!nodes_[id].was_generic) return absl::OkStatus();
  bool damaged = false;
  const auto status = ScanCrossings(id, CrossingKind::kByFirstSeen, [&](NodeId home, Time, std::string_view value) {
    if (nodes_[home].slot != kNone) return true;  // visited above, as it is now
    bool go_on = nodes_[home].node.ns == own || visit(home);
    format::Decoder d(value);
    d.Byte();
    while (go_on && !d.done()) {
      const auto number = static_cast<uint16_t>(d.Varint());
      const std::string_view text = d.String();
      uint16_t position = 0;
      damaged = !d.ok() || !context_.catalog.Find(number, position);
      go_on = !damaged && (position == own || visit(Intern(position, text)));
    }
    return go_on;
  });
  return damaged ? absl::DataLossError("a damaged row in `crossings`; run `kintsugi verify`") : status;
}

absl::StatusOr<std::map<identity::NamespaceIndex, uint64_t>> Graph::CountStronger(const identity::Node& node) {
  const auto id = Touch(node);
  if (!id.ok()) return id.status();
  absl::flat_hash_set<NodeId> distinct;
  std::map<identity::NamespaceIndex, uint64_t> counts;
  const auto status = ForEachStronger(*id, [&](NodeId other) {
    if (distinct.insert(other).second) ++counts[nodes_[other].node.ns];
    return true;
  });
  if (!status.ok()) return status;
  return counts;
}

// Everything that is connected with the profile will be loaded, past refused links too.
void Graph::MakeWhole(ProfileSlot slot) {
  if (std::exchange(profiles_[slot].is_whole, true)) return;
  has_whole_ = true;
  if (slot < next_to_look_round_) whole_to_look_round_.push_back(slot);
}

void Graph::MakeAllWhole() {
  for (ProfileSlot slot = 0; slot < profiles_.size(); ++slot) MakeWhole(slot);
}

// The profiles that active links connect with this one, or connected before the changes; of one that is not whole
// those without which it cannot be resolved. What is connected with a whole one is whole.
absl::Status Graph::LoadNeighbours(ProfileSlot slot) {
  const bool is_whole = profiles_[slot].is_whole;
  std::vector<NodeId> neighbours;
  if (is_whole) {
    for (AssociationId a : profiles_[slot].homed) {
      const std::vector<NodeId>& members = associations_[a].members;
      const size_t active = ActivePart(members, [&](NodeId id) { return IsHub(id); });
      neighbours.insert(neighbours.end(), members.begin(), members.begin() + static_cast<ptrdiff_t>(active));
    }
  }
  for (NodeId id : profiles_[slot].members) {
    for (const Pair& pair : nodes_[id].pairs) neighbours.push_back(pair.other);
    if (!nodes_[id].crossed || (IsHub(id) && !is_whole)) continue;
    const auto homes = HomesOf(id, !IsGeneric(id));
    if (!homes.ok()) return homes.status();
    neighbours.insert(neighbours.end(), homes->begin(), homes->end());
  }
  for (NodeId id : neighbours) {
    if (auto status = LoadNode(id); !status.ok()) return status;
    if (is_whole) MakeWhole(nodes_[id].slot);
  }
  return absl::OkStatus();
}

// What is stored leads from a whole profile to all that are connected with it. What this group adds is loaded, and
// leads on from there. Returns whether more is whole than before.
bool Graph::SpreadWholeness() {
  if (!has_whole_) return false;
  identity::UnionFind sets(profiles_.size());
  const auto join = [&](NodeId a, NodeId b) {
    const uint32_t x = sets.Find(nodes_[a].slot);
    const uint32_t y = sets.Find(nodes_[b].slot);
    if (x != y) sets.Union(x, y);
  };
  for (const Association& association : associations_) {
    const size_t active = ActivePart(association.members, [&](NodeId id) { return IsHub(id); });
    for (size_t i = 1; i < active; ++i) {
      if (!IsElsewhere(association.members[i])) join(association.members.front(), association.members[i]);
    }
  }
  std::vector<bool> is_whole(profiles_.size(), false);  // by root
  for (ProfileSlot slot = 0; slot < profiles_.size(); ++slot) {
    if (profiles_[slot].is_whole) is_whole[sets.Find(slot)] = true;
  }
  const size_t known = whole_to_look_round_.size();
  for (ProfileSlot slot = 0; slot < profiles_.size(); ++slot) {
    if (is_whole[sets.Find(slot)]) MakeWhole(slot);
  }
  return whole_to_look_round_.size() > known;
}

// Loading appends, so everything that is connected with what was touched has its turn, and what becomes whole later
// has another.
absl::Status Graph::LoadConnected() {
  do {
    while (next_to_look_round_ < profiles_.size() || !whole_to_look_round_.empty()) {
      ProfileSlot slot = next_to_look_round_;
      if (slot < profiles_.size()) {
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

absl::Status Graph::LoadComponents(const std::vector<identity::Node>& nodes) {
  if (const auto touched = TouchAll(nodes); !touched.ok()) return touched.status();
  MakeAllWhole();
  return LoadConnected();
}

absl::Status Graph::LoadComponent(const ProfileId& profile) {
  if (auto status = LoadProfile(profile); !status.ok()) return status;
  MakeAllWhole();
  return LoadConnected();
}

}  // namespace kintsugi::graph
