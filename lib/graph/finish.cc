// Graph: resolving what was loaded, and writing what differs.

#include <algorithm>

#include "absl/container/btree_map.h"
#include "graph/graph.h"
#include "identity/union_find.h"

namespace kintsugi::graph {

using format::CrossingKind;
using format::Family;
using identity::Node;

// ---- resolving

std::vector<std::vector<Graph::ProfileSlot>> Graph::Components() const {
  identity::UnionFind sets(profiles_.size());
  const auto join = [&](NodeId a, NodeId b) {
    const uint32_t x = sets.Find(nodes_[a].slot);
    const uint32_t y = sets.Find(nodes_[b].slot);
    if (x != y) sets.Union(x, y);
  };
  for (const Association& association : associations_) {
    const size_t active = ActivePart(association.members, [&](NodeId id) { return IsGeneric(id); });
    for (size_t i = 1; i < active; ++i) {
      if (!IsElsewhere(association.members[i])) join(association.members.front(), association.members[i]);
    }
  }
  for (const Profile& profile : profiles_) {
    for (NodeId id : profile.members) {
      for (const Pair& pair : nodes_[id].pairs) {
        if (pair.kind == identity::Assertion::Kind::kSame && nodes_[pair.other].slot != kNone) join(id, pair.other);
      }
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

// When each identifier was seen, and which are still spoken of at all. What was stored stays true where evidence was
// only added; where some was withdrawn, all that is left says it again.
absl::Status Graph::SeeAgain() {
  crossed_elsewhere_.clear();
  for (const Profile& profile : profiles_) {
    for (NodeId id : profile.members) {
      NodeState& node = nodes_[id];
      node.alive = profile.stored && !node.withdrawn;
      if (!node.withdrawn) continue;
      node.first_seen = kNeverFirst;
      node.last_seen = kNeverLast;
    }
  }
  for (const Association& association : associations_) {
    for (const Sighting& s : association.sightings) {
      for (NodeId id : association.members) {
        nodes_[id].alive = true;
        nodes_[id].first_seen = std::min(nodes_[id].first_seen, s.first_seen);
        nodes_[id].last_seen = std::max(nodes_[id].last_seen, s.last_seen);
      }
    }
  }
  for (ProfileSlot slot = 0; slot < profiles_.size(); ++slot) {
    for (NodeId id : profiles_[slot].members) {
      if (!nodes_[id].crossed || !nodes_[id].was_generic) continue;
      if (auto status = SeeElsewhere(id); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

// A generic identifier was seen in associations of profiles that are not loaded, too. The first crossing in each order
// of time says when.
absl::Status Graph::SeeElsewhere(NodeId id) {
  const auto first_of = [&](CrossingKind kind) {
    return ScanCrossings(id, kind, [&](NodeId home, Time time, std::string_view) {
      NodeState& node = nodes_[id];
      if (nodes_[home].slot != kNone) return true;
      crossed_elsewhere_.insert(id);
      node.alive = true;
      if (kind == CrossingKind::kByFirstSeen) node.first_seen = std::min(node.first_seen, time);
      if (kind == CrossingKind::kByLastSeen) node.last_seen = std::max(node.last_seen, time);
      return false;
    });
  };
  if (auto status = first_of(CrossingKind::kByFirstSeen); !status.ok()) return status;
  return nodes_[id].withdrawn ? first_of(CrossingKind::kByLastSeen) : absl::OkStatus();
}

identity::Component Graph::ComponentOf(const std::vector<NodeId>& ids, const std::vector<AssociationId>& associations,
                                       const absl::flat_hash_map<NodeId, uint32_t>& index, Extent extent) const {
  const bool before = extent == Extent::kBefore;
  const auto is_generic = [&](NodeId id) { return before ? nodes_[id].was_generic : IsGeneric(id); };
  const auto is_alive = [&](NodeId id) {
    return before ? !IsElsewhere(id) && profiles_[nodes_[id].slot].stored : nodes_[id].alive;
  };
  identity::Component component;
  for (uint32_t i = 0; i < ids.size(); ++i) {
    component.identifiers.push_back(nodes_[ids[i]].node);
    if (is_generic(ids[i])) component.generic.push_back(i);
    if (IsElsewhere(ids[i])) component.elsewhere.push_back(i);
    if (!is_alive(ids[i])) continue;
    for (const Pair& pair : nodes_[ids[i]].pairs) {
      const auto other = index.find(pair.other);
      if (other == index.end() || other->second < i || !is_alive(pair.other)) continue;  // each is at both ends
      component.assertions.push_back({pair.kind, i, other->second});
    }
  }
  for (AssociationId a : associations) {
    const Association& association = associations_[a];
    const std::vector<NodeId>& members = association.members;
    const bool as_stored = before && association.changed;
    const size_t size = extent == Extent::kWhole ? members.size() : ActivePart(members, is_generic);
    identity::SeenTogether& seen = component.associations.emplace_back();
    for (size_t i = 0; i < size; ++i) seen.members.push_back(index.at(members[i]));
    for (const Sighting& s : as_stored ? association.before : association.sightings) {
      seen.first_seen = std::min(seen.first_seen, s.first_seen);
      seen.last_seen = std::max(seen.last_seen, s.last_seen);
    }
  }
  return component;
}

absl::flat_hash_map<Graph::NodeId, uint32_t> Graph::SortAndNumber(std::vector<NodeId>& ids) const {
  std::sort(ids.begin(), ids.end(), [&](NodeId a, NodeId b) { return nodes_[a].node < nodes_[b].node; });
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  absl::flat_hash_map<NodeId, uint32_t> index;
  for (uint32_t i = 0; i < ids.size(); ++i) index.emplace(ids[i], i);
  return index;
}

std::vector<Graph::Resolved> Graph::ResolveComponent(const std::vector<ProfileSlot>& slots) {
  std::vector<NodeId> ids;
  std::vector<AssociationId> associations;
  for (ProfileSlot slot : slots) {
    for (NodeId id : profiles_[slot].members) {
      if (nodes_[id].alive) ids.push_back(id);
    }
    for (AssociationId a : profiles_[slot].homed) {
      if (associations_[a].sightings.empty()) continue;
      associations.push_back(a);
      for (NodeId id : associations_[a].members) {
        if (IsElsewhere(id)) ids.push_back(id);
      }
    }
  }
  const absl::flat_hash_map<NodeId, uint32_t> index = SortAndNumber(ids);

  const identity::Resolution resolution =
      identity::Resolve(context_.identity_rules, ComponentOf(ids, associations, index, Extent::kNow));
  NoteRefusals(ids, resolution);
  std::vector<Resolved> out(resolution.profile_count);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (IsElsewhere(ids[i])) continue;
    Resolved& profile = out[resolution.profile_of[i]];
    profile.members.push_back(ids[i]);
    // In order of strength and bytes, so an earlier one wins a tie.
    if (profile.anchor == kNone || nodes_[ids[i]].first_seen < nodes_[profile.anchor].first_seen)
      profile.anchor = ids[i];
  }
  for (AssociationId a : associations) {
    out[resolution.profile_of[index.at(associations_[a].members.front())]].homed.push_back(a);
  }
  std::erase_if(out, [](const Resolved& profile) { return profile.members.empty(); });
  for (Resolved& profile : out) profile.id = context_.IdOf(nodes_[profile.anchor].node);
  return out;
}

Graph::Part Graph::GetPart() {
  std::vector<NodeId> ids;
  std::vector<AssociationId> associations;
  for (AssociationId a = 0; a < associations_.size(); ++a) {
    associations.push_back(a);
    ids.insert(ids.end(), associations_[a].members.begin(), associations_[a].members.end());
  }
  // A generic identifier may be in no association that is loaded: all of them are its users'.
  for (const Profile& profile : profiles_) {
    if (profile.stored) ids.insert(ids.end(), profile.members.begin(), profile.members.end());
  }
  const absl::flat_hash_map<NodeId, uint32_t> index = SortAndNumber(ids);

  Part part;
  part.component = ComponentOf(ids, associations, index, Extent::kWhole);
  part.resolution = identity::Resolve(context_.identity_rules, ComponentOf(ids, associations, index, Extent::kNow));
  for (NodeId id : ids) {
    const ProfileSlot slot = nodes_[id].slot;
    part.profiles.push_back(slot == kNone ? std::nullopt : std::optional(profiles_[slot].id));
    part.first_seen.push_back(nodes_[id].first_seen);
    for (const Pair& pair : nodes_[id].pairs) {
      const auto other = index.find(pair.other);
      if (other != index.end() && other->second > index.at(id)) part.assertion_ids.push_back(pair.id);
    }
  }
  for (AssociationId a : associations) part.sightings.push_back(associations_[a].sightings);
  return part;
}

// ---- writing

template <typename IsOutside, typename IsGenericNode>
void Graph::CollectCrossings(const std::vector<AssociationId>& homed, IsOutside is_outside, IsGenericNode is_generic,
                             Crossings& out) const {
  for (AssociationId a : homed) {
    const std::vector<NodeId>& members = associations_[a].members;
    const size_t active = ActivePart(members, is_generic);
    for (size_t i = 1; i < members.size(); ++i) {
      if (!is_outside(members[i])) continue;
      CrossingState& state = out[{members[i], members.front()}];
      state.generic = is_generic(members[i]);
      state.active |= i < active;
      state.stronger.insert(state.stronger.end(), members.begin() + 1, members.begin() + static_cast<ptrdiff_t>(i));
      for (const Sighting& s : associations_[a].sightings) {
        state.first_seen = std::min(state.first_seen, s.first_seen);
        state.last_seen = std::max(state.last_seen, s.last_seen);
      }
    }
  }
}

void Graph::NormaliseCrossings(Crossings& crossings) const {
  for (auto& [crossing, state] : crossings) {
    if (!state.generic) state = {};
    std::sort(state.stronger.begin(), state.stronger.end(),
              [&](NodeId a, NodeId b) { return nodes_[a].node < nodes_[b].node; });
    state.stronger.erase(std::unique(state.stronger.begin(), state.stronger.end()), state.stronger.end());
  }
}

// What the profile's row says of crossings, before anything changes.
void Graph::RememberCrossings(ProfileSlot slot) {
  Crossings stored;
  CollectCrossings(
      profiles_[slot].homed, [&](NodeId id) { return nodes_[id].slot != slot; },
      [&](NodeId id) { return nodes_[id].was_generic; }, stored);
  NormaliseCrossings(stored);
  stored_crossings_.merge(stored);
}

Graph::Crossings Graph::CrossingsOf(const std::vector<Resolved>& resolved) const {
  std::vector<uint32_t> profile_of(nodes_.size(), kNone);
  for (uint32_t i = 0; i < resolved.size(); ++i) {
    for (NodeId id : resolved[i].members) profile_of[id] = i;
  }
  Crossings out;
  for (uint32_t i = 0; i < resolved.size(); ++i) {
    CollectCrossings(
        resolved[i].homed, [&](NodeId id) { return profile_of[id] != i; }, [&](NodeId id) { return IsGeneric(id); },
        out);
  }
  NormaliseCrossings(out);
  return out;
}

void Graph::WriteCrossings(const Crossings& now, RowSink& sink) const {
  const auto for_each_row = [&](const Crossings& crossings, const Crossings& others, auto visit) {
    for (const auto& [crossing, state] : crossings) {
      const auto at = others.find(crossing);
      if (at != others.end() && at->second == state) continue;
      const format::NodeKey member = context_.KeyOf(nodes_[crossing.first].node);
      const format::NodeKey home = context_.KeyOf(nodes_[crossing.second].node);
      if (!state.generic) {
        visit(format::CrossingKey(member, CrossingKind::kByHome, kNeverFirst, home), std::string());
        continue;
      }
      visit(format::CrossingKey(member, CrossingKind::kByFirstSeen, state.first_seen, home), EncodeCrossing(state));
      visit(format::CrossingKey(member, CrossingKind::kByLastSeen, state.last_seen, home), std::string());
    }
  };
  // One of the two times may be as it was, and so its row's key: what is put is not deleted.
  // In order, since neighbours are written faster than keys here and there.
  absl::btree_map<std::string, std::optional<std::string>> rows;
  for_each_row(stored_crossings_, now, [&](std::string key, std::string) { rows[std::move(key)] = std::nullopt; });
  for_each_row(now, stored_crossings_,
               [&](std::string key, std::string row) { rows[std::move(key)] = std::move(row); });
  for (const auto& [key, row] : rows) {
    if (row)
      sink.Put(Family::kCrossings, key, *row);
    else
      sink.Delete(Family::kCrossings, key);
  }
}

void Graph::WriteProfile(const Resolved& profile, const absl::flat_hash_set<NodeId>& crossed, RowSink& sink) const {
  const std::string_view key = format::ProfileKey(profile.id);
  const auto before = slots_.find(profile.id);
  std::string row = EncodeEvidence(profile, crossed);
  if (before == slots_.end() || profiles_[before->second].row != row) {
    sink.Put(Family::kEvidence, key, row);
    sink.Put(Family::kProfiles, key, EncodeGolden(profile));
  }
  for (NodeId node : profile.members) {
    const Profile& held_by = profiles_[nodes_[node].slot];
    if (held_by.stored && held_by.id == profile.id) continue;
    sink.Put(Family::kIdentifiers, format::IdentifierKey(context_.KeyOf(nodes_[node].node)), key);
  }
}

// What is stored and is no more: identifiers that nothing speaks of, and profiles that became part of another.
void Graph::WriteVanished(const absl::flat_hash_set<ProfileId, ProfileIdHash>& ids, RowSink& sink,
                          Outcome& outcome) const {
  for (const Profile& profile : profiles_) {
    for (NodeId id : profile.members) {
      if (nodes_[id].alive || !profile.stored) continue;
      sink.Delete(Family::kIdentifiers, format::IdentifierKey(context_.KeyOf(nodes_[id].node)));
      --outcome.identifiers;
    }
    if (!profile.stored || ids.contains(profile.id)) continue;
    const std::string_view key = format::ProfileKey(profile.id);
    sink.Delete(Family::kEvidence, key);
    sink.Delete(Family::kProfiles, key);
    // The id was handed out, so it goes on leading to whoever holds its anchor.
    sink.Put(Family::kFormerIds, key, format::IdentifierKey(context_.KeyOf(nodes_[profile.anchor].node)));
    --outcome.profiles;
  }
}

void Graph::WritePairs(RowSink& sink) const {
  for (const NodeState& node : nodes_) {
    if (!node.pairs_changed) continue;
    const std::string key = format::IdentifierKey(context_.KeyOf(node.node));
    if (node.pairs.empty())
      sink.Delete(Family::kAsserted, key);
    else
      sink.Put(Family::kAsserted, key, EncodePairs(node.pairs));
  }
}

absl::Status Graph::LoadAndSee() {
  if (auto status = LoadConnected(); !status.ok()) return status;
  if (auto status = LoadRefusals(); !status.ok()) return status;
  return SeeAgain();
}

absl::Status Graph::Finish(RowSink& sink, Outcome& outcome) {
  for (NodeId id = 0; id < nodes_.size(); ++id) {
    if (auto status = FindOutGeneric(id); !status.ok()) return status;
  }
  LookPastEdgesOfChanged();
  if (auto status = LoadAndSee(); !status.ok()) return status;
  if (const std::vector<NodeId> ends = EndsOfOpenEdges(); !ends.empty()) {
    for (NodeId end : ends) MakeWhole(nodes_[end].slot);
    if (auto status = LoadAndSee(); !status.ok()) return status;
  }
  std::vector<Resolved> resolved;
  for (const std::vector<ProfileSlot>& slots : Components()) {
    for (Resolved& profile : ResolveComponent(slots)) resolved.push_back(std::move(profile));
  }

  const Crossings crossings = CrossingsOf(resolved);
  absl::flat_hash_set<NodeId> crossed = crossed_elsewhere_;
  for (const auto& [crossing, state] : crossings) crossed.insert(crossing.first);
  absl::flat_hash_set<ProfileId, ProfileIdHash> ids;
  for (const Resolved& profile : resolved) {
    if (!slots_.contains(profile.id)) ++outcome.profiles;
    ids.insert(profile.id);
    WriteProfile(profile, crossed, sink);
  }
  for (const Profile& profile : profiles_) {
    if (!profile.stored && nodes_[profile.members.front()].alive) ++outcome.identifiers;
  }
  for (const Association& association : associations_) {
    outcome.associations += int{!association.sightings.empty()} - int{association.stored};
  }
  WriteVanished(ids, sink, outcome);
  WriteCrossings(crossings, sink);
  WritePairs(sink);
  WriteHubs(sink, outcome);
  outcome.values_left_out = std::move(values_left_out_);
  TellRegroupings(resolved, outcome);
  return absl::OkStatus();
}

}  // namespace kintsugi::graph
