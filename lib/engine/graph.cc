#include "engine/graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "identity/union_find.h"

namespace kintsugi::engine {
namespace {

using identity::Node;
using storage::Family;

void Merge(Sighting& into, const Sighting& other) {
  into.first_seen = std::min(into.first_seen, other.first_seen);
  into.last_seen = std::max(into.last_seen, other.last_seen);
  into.count += other.count;
}

}  // namespace

// ---- taking changes

Graph::NodeId Graph::Intern(identity::NamespaceIndex ns, std::string_view value) {
  const auto [at, fresh] = node_ids_.try_emplace(Node{ns, std::string(value)}, static_cast<NodeId>(nodes_.size()));
  if (fresh) nodes_.push_back({.node = at->first});
  return at->second;
}

Graph::AssociationId Graph::InternAssociation(std::vector<NodeId> members) {
  const auto [at, fresh] =
      association_ids_.try_emplace(std::move(members), static_cast<AssociationId>(associations_.size()));
  if (fresh) associations_.push_back({.members = at->first});
  return at->second;
}

absl::StatusOr<Graph::NodeId> Graph::Touch(const Node& node) {
  const NodeId id = Intern(node.ns, node.value);
  if (auto status = LoadNode(id); !status.ok()) return status;
  return id;
}

absl::StatusOr<std::vector<Graph::NodeId>> Graph::TouchAll(const std::vector<Node>& nodes) {
  std::vector<NodeId> ids;
  ids.reserve(nodes.size());
  for (const Node& node : nodes) {
    auto id = Touch(node);
    if (!id.ok()) return id.status();
    ids.push_back(*id);
  }
  return ids;
}

absl::Status Graph::AddSighting(const std::vector<Node>& identifiers, const Sighting& sighting) {
  auto members = TouchAll(identifiers);
  if (!members.ok()) return members.status();
  const ProfileSlot home = nodes_[members->front()].slot;
  const AssociationId id = InternAssociation(*std::move(members));
  Association& association = associations_[id];
  if (!std::exchange(association.homed, true)) profiles_[home].homed.push_back(id);
  auto at = std::find_if(association.sightings.begin(), association.sightings.end(),
                         [&](const Sighting& s) { return s.source >= sighting.source; });
  if (at == association.sightings.end() || at->source != sighting.source) {
    association.sightings.insert(at, sighting);
  } else {
    Merge(*at, sighting);
  }
  return absl::OkStatus();
}

absl::Status Graph::WithdrawSightings(const std::vector<Node>& identifiers, golden::SourceIndex source) {
  auto members = TouchAll(identifiers);
  if (!members.ok()) return members.status();
  const auto at = association_ids_.find(*members);
  if (at == association_ids_.end())
    return absl::DataLossError("a record's association is missing; run `kintsugi verify`");
  std::erase_if(associations_[at->second].sightings, [&](const Sighting& s) { return s.source == source; });
  return absl::OkStatus();
}

absl::Status Graph::AddObservations(const Node& node, const std::vector<golden::Observation>& observations) {
  auto id = Touch(node);
  if (!id.ok()) return id.status();
  for (const golden::Observation& observation : observations) golden::Add(nodes_[*id].observations, observation);
  return absl::OkStatus();
}

absl::Status Graph::SetObservations(const Node& node, std::vector<golden::Observation> observations) {
  auto id = Touch(node);
  if (!id.ok()) return id.status();
  nodes_[*id].observations = std::move(observations);
  return absl::OkStatus();
}

// ---- loading

absl::Status Graph::LoadNode(NodeId id) {
  if (nodes_[id].slot != kNone) return absl::OkStatus();
  std::optional<std::string> row;
  if (store_ != nullptr) {
    auto got = store_->Get(Family::kIdentifiers, storage::IdentifierKey(context_.KeyOf(nodes_[id].node)));
    if (!got.ok()) return got.status();
    row = *std::move(got);
  }
  if (!row) {  // a new identifier is a profile of its own until Finish()
    nodes_[id].slot = static_cast<ProfileSlot>(profiles_.size());
    profiles_.push_back({.anchor = id, .members = {id}});
    return absl::OkStatus();
  }
  ProfileId profile;
  if (!storage::ParseProfileKey(*row, profile)) return absl::DataLossError("a damaged row in `identifiers`");
  ProfileSlot slot = kNone;
  if (auto status = LoadProfile(profile, slot); !status.ok()) return status;
  if (nodes_[id].slot == kNone) {
    return absl::DataLossError(
        fmt::format("profile {} does not hold its identifier; run `kintsugi verify`", profile.ToString()));
  }
  return absl::OkStatus();
}

absl::Status Graph::LoadProfile(const ProfileId& id, ProfileSlot& slot) {
  const auto [at, fresh] = slots_.try_emplace(id, static_cast<ProfileSlot>(profiles_.size()));
  slot = at->second;
  if (!fresh) return absl::OkStatus();
  profiles_.push_back({.id = id, .stored = true});
  auto row = store_->Get(Family::kEvidence, storage::ProfileKey(id));
  if (!row.ok()) return row.status();
  if (!*row)
    return absl::DataLossError(fmt::format("profile {} has no evidence row; run `kintsugi verify`", id.ToString()));
  profiles_[slot].row = **std::move(row);
  return DecodeEvidence(slot, profiles_[slot].row);
}

// ---- resolving

// The profiles that share an association with this one.
absl::Status Graph::LoadNeighbours(ProfileSlot slot) {
  const std::vector<AssociationId> homed = profiles_[slot].homed;
  for (AssociationId a : homed) {
    const std::vector<NodeId> members = associations_[a].members;
    for (NodeId id : members) {
      if (auto status = LoadNode(id); !status.ok()) return status;
    }
  }
  const std::vector<NodeId> members = profiles_[slot].members;
  for (NodeId id : members) {
    if (!nodes_[id].crossed) continue;
    const std::string prefix = storage::CrossingPrefix(context_.KeyOf(nodes_[id].node));
    std::vector<NodeId> homes;
    const auto status = store_->Scan(Family::kCrossings, prefix, [&](std::string_view key, std::string_view) {
      storage::Decoder d(key.substr(prefix.size()));
      const storage::NodeKey home = storage::DecodeNode(d);
      uint16_t position = 0;
      if (context_.catalog.Find(home.number, position)) homes.push_back(Intern(position, home.value));
      return true;
    });
    if (!status.ok()) return status;
    for (NodeId home : homes) {
      if (auto loaded = LoadNode(home); !loaded.ok()) return loaded;
    }
  }
  return absl::OkStatus();
}

// Loading appends to profiles_, so the loop reaches everything that is connected with what was touched.
absl::Status Graph::LoadConnected() {
  for (ProfileSlot slot = 0; slot < profiles_.size(); ++slot) {
    if (auto status = LoadNeighbours(slot); !status.ok()) return status;
  }
  return absl::OkStatus();
}

std::vector<std::vector<Graph::ProfileSlot>> Graph::Components() const {
  identity::UnionFind sets(profiles_.size());
  for (const Association& association : associations_) {
    const uint32_t first = sets.Find(nodes_[association.members.front()].slot);
    for (NodeId id : association.members) {
      const uint32_t home = sets.Find(first);
      const uint32_t other = sets.Find(nodes_[id].slot);
      if (home != other) sets.Union(home, other);
    }
  }
  std::vector<std::vector<ProfileSlot>> components;
  std::vector<uint32_t> number(profiles_.size(), kNone);
  for (ProfileSlot slot = 0; slot < profiles_.size(); ++slot) {
    uint32_t& of_root = number[sets.Find(slot)];
    if (of_root == kNone) {
      of_root = static_cast<uint32_t>(components.size());
      components.emplace_back();
    }
    components[of_root].push_back(slot);
  }
  return components;
}

// Recomputes from the associations when each identifier was seen, and which are still spoken of at all.
void Graph::SeeAgain(const std::vector<ProfileSlot>& slots) {
  for (ProfileSlot slot : slots) {
    for (NodeId id : profiles_[slot].members) {
      nodes_[id].alive = false;
      nodes_[id].first_seen = kNeverFirst;
      nodes_[id].last_seen = kNeverLast;
    }
  }
  for (ProfileSlot slot : slots) {
    for (AssociationId a : profiles_[slot].homed) {
      for (const Sighting& s : associations_[a].sightings) {
        for (NodeId id : associations_[a].members) {
          nodes_[id].alive = true;
          nodes_[id].first_seen = std::min(nodes_[id].first_seen, s.first_seen);
          nodes_[id].last_seen = std::max(nodes_[id].last_seen, s.last_seen);
        }
      }
    }
  }
}

std::vector<Graph::Resolved> Graph::ResolveComponent(const std::vector<ProfileSlot>& slots) {
  SeeAgain(slots);
  std::vector<NodeId> ids;
  for (ProfileSlot slot : slots) {
    for (NodeId id : profiles_[slot].members) {
      if (nodes_[id].alive) ids.push_back(id);
    }
  }
  std::sort(ids.begin(), ids.end(), [&](NodeId a, NodeId b) { return nodes_[a].node < nodes_[b].node; });

  identity::Component component;
  absl::flat_hash_map<NodeId, uint32_t> index;
  for (NodeId id : ids) {
    index.emplace(id, static_cast<uint32_t>(component.identifiers.size()));
    component.identifiers.push_back(nodes_[id].node);
  }
  std::vector<AssociationId> associations;
  for (ProfileSlot slot : slots) {
    for (AssociationId a : profiles_[slot].homed) {
      if (associations_[a].sightings.empty()) continue;
      associations.push_back(a);
      identity::SeenTogether& seen = component.associations.emplace_back();
      for (NodeId id : associations_[a].members) seen.members.push_back(index.at(id));
      for (const Sighting& s : associations_[a].sightings) {
        seen.first_seen = std::min(seen.first_seen, s.first_seen);
        seen.last_seen = std::max(seen.last_seen, s.last_seen);
      }
    }
  }

  const identity::Resolution resolution = identity::Resolve(context_.identity_rules, component);
  std::vector<Resolved> out(resolution.profile_count);
  for (size_t i = 0; i < ids.size(); ++i) {
    Resolved& profile = out[resolution.profile_of[i]];
    profile.members.push_back(ids[i]);
    // In order of strength and bytes, so an earlier one wins a tie.
    if (profile.anchor == kNone || nodes_[ids[i]].first_seen < nodes_[profile.anchor].first_seen)
      profile.anchor = ids[i];
  }
  for (AssociationId a : associations) {
    out[resolution.profile_of[index.at(associations_[a].members.front())]].homed.push_back(a);
  }
  return out;
}

// ---- writing

void Graph::WriteCrossings(const absl::flat_hash_set<Crossing>& now, RowSink& sink) const {
  const auto key = [&](const Crossing& c) {
    return storage::CrossingKey(context_.KeyOf(nodes_[c.first].node), context_.KeyOf(nodes_[c.second].node));
  };
  for (const Crossing& c : stored_crossings_) {
    if (!now.contains(c)) sink.Delete(Family::kCrossings, key(c));
  }
  for (const Crossing& c : now) {
    if (!stored_crossings_.contains(c)) sink.Put(Family::kCrossings, key(c), "");
  }
}

void Graph::WriteProfile(const Resolved& profile, const ProfileId& id, const absl::flat_hash_set<NodeId>& crossed,
                         RowSink& sink) const {
  const std::string_view key = storage::ProfileKey(id);
  const auto before = slots_.find(id);
  std::string row = EncodeEvidence(profile, crossed);
  if (before == slots_.end() || profiles_[before->second].row != row) {
    sink.Put(Family::kEvidence, key, row);
    sink.Put(Family::kProfiles, key, EncodeGolden(profile));
  }
  for (NodeId node : profile.members) {
    const Profile& held_by = profiles_[nodes_[node].slot];
    if (held_by.stored && held_by.id == id) continue;
    sink.Put(Family::kIdentifiers, storage::IdentifierKey(context_.KeyOf(nodes_[node].node)), key);
  }
}

// What is stored and is no more: identifiers that nothing speaks of, and profiles that became part of another.
void Graph::WriteVanished(const absl::flat_hash_set<ProfileId, ProfileIdHash>& ids, RowSink& sink,
                          CountChanges& changes) const {
  for (const Profile& profile : profiles_) {
    for (NodeId id : profile.members) {
      if (nodes_[id].alive || !profile.stored) continue;
      sink.Delete(Family::kIdentifiers, storage::IdentifierKey(context_.KeyOf(nodes_[id].node)));
      --changes.identifiers;
    }
    if (!profile.stored || ids.contains(profile.id)) continue;
    const std::string_view key = storage::ProfileKey(profile.id);
    sink.Delete(Family::kEvidence, key);
    sink.Delete(Family::kProfiles, key);
    // The id was handed out, so it goes on leading to whoever holds its anchor.
    sink.Put(Family::kFormerIds, key, storage::IdentifierKey(context_.KeyOf(nodes_[profile.anchor].node)));
    --changes.profiles;
  }
}

absl::Status Graph::Finish(RowSink& sink, CountChanges& changes) {
  if (auto status = LoadConnected(); !status.ok()) return status;
  std::vector<Resolved> resolved;
  for (const std::vector<ProfileSlot>& slots : Components()) {
    for (Resolved& profile : ResolveComponent(slots)) resolved.push_back(std::move(profile));
  }

  std::vector<uint32_t> profile_of(nodes_.size(), kNone);
  for (size_t i = 0; i < resolved.size(); ++i) {
    for (NodeId id : resolved[i].members) profile_of[id] = static_cast<uint32_t>(i);
  }
  absl::flat_hash_set<Crossing> crossings;
  absl::flat_hash_set<NodeId> crossed;
  for (const Resolved& profile : resolved) {
    for (AssociationId a : profile.homed) {
      const std::vector<NodeId>& members = associations_[a].members;
      for (NodeId id : members) {
        if (profile_of[id] == profile_of[members.front()]) continue;
        crossings.insert({id, members.front()});
        crossed.insert(id);
      }
    }
  }

  absl::flat_hash_set<ProfileId, ProfileIdHash> ids;
  for (const Resolved& profile : resolved) {
    const ProfileId id = context_.IdOf(nodes_[profile.anchor].node);
    if (!slots_.contains(id)) ++changes.profiles;
    ids.insert(id);
    WriteProfile(profile, id, crossed, sink);
  }
  for (const Profile& profile : profiles_) {
    if (!profile.stored && nodes_[profile.members.front()].alive) ++changes.identifiers;
  }
  for (const Association& association : associations_) {
    changes.associations += int{!association.sightings.empty()} - int{association.stored};
  }
  WriteVanished(ids, sink, changes);
  WriteCrossings(crossings, sink);
  return absl::OkStatus();
}

}  // namespace kintsugi::engine
