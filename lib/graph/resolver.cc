#include "graph/resolver.h"

#include <algorithm>

namespace kintsugi::graph {

std::vector<std::vector<ProfileSlot>> ComponentsOf(const Loaded& loaded) {
  identity::UnionFind sets = loaded.JoinProfiles([&](NodeId id) { return loaded.IsGeneric(id); });
  for (const StoredProfile& profile : loaded.profiles) {
    for (NodeId id : profile.members) {
      for (const Pair& pair : loaded.nodes[id].pairs) {
        if (pair.kind == identity::Assertion::Kind::kSame && !loaded.IsElsewhere(pair.other))
          sets.Join(loaded.nodes[id].slot, loaded.nodes[pair.other].slot);
      }
    }
  }
  std::vector<std::vector<ProfileSlot>> components;
  std::vector<uint32_t> number(loaded.profiles.size(), kNone);
  for (ProfileSlot slot = 0; slot < loaded.profiles.size(); ++slot) {
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
absl::Status SeeEvidence(Loaded& loaded, Loader& loader) {
  loader.ForgetElsewhere();
  for (const StoredProfile& profile : loaded.profiles) {
    for (NodeId id : profile.members) {
      NodeState& node = loaded.nodes[id];
      node.alive = profile.stored && !node.withdrawn;
      if (!node.withdrawn) continue;
      node.first_seen = kNeverFirst;
      node.last_seen = kNeverLast;
    }
  }
  for (const Association& association : loaded.associations) {
    if (!association.is_alive()) continue;
    for (NodeId id : association.members) loaded.nodes[id].alive = true;
    for (const Sighting& s : association.sightings) {
      for (NodeId id : association.members) {
        loaded.nodes[id].first_seen = std::min(loaded.nodes[id].first_seen, s.first_seen);
        loaded.nodes[id].last_seen = std::max(loaded.nodes[id].last_seen, s.last_seen);
      }
    }
  }
  for (ProfileSlot slot = 0; slot < loaded.profiles.size(); ++slot) {
    for (NodeId id : loaded.profiles[slot].members) {
      if (!loaded.nodes[id].crossed || !loaded.nodes[id].was_generic) continue;
      if (auto status = loader.SeeElsewhere(id); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

identity::Component ComponentOf(const Loaded& loaded, const std::vector<NodeId>& ids,
                                const std::vector<AssociationId>& associations,
                                const absl::flat_hash_map<NodeId, uint32_t>& index, Extent extent) {
  const bool before = extent == Extent::kBefore;
  const auto is_generic = [&](NodeId id) { return before ? loaded.nodes[id].was_generic : loaded.IsGeneric(id); };
  const auto is_alive = [&](NodeId id) {
    return before ? !loaded.IsElsewhere(id) && loaded.profiles[loaded.nodes[id].slot].stored : loaded.nodes[id].alive;
  };
  identity::Component component;
  for (uint32_t i = 0; i < ids.size(); ++i) {
    component.identifiers.push_back(loaded.nodes[ids[i]].node);
    if (is_generic(ids[i])) component.generic.push_back(i);
    if (loaded.IsElsewhere(ids[i])) component.elsewhere.push_back(i);
    if (!is_alive(ids[i])) continue;
    for (const Pair& pair : loaded.nodes[ids[i]].pairs) {
      const auto other = index.find(pair.other);
      if (other == index.end() || other->second < i || !is_alive(pair.other)) continue;  // each is at both ends
      component.assertions.push_back({pair.kind, i, other->second});
    }
  }
  for (AssociationId a : associations) {
    const Association& association = loaded.associations[a];
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

namespace {

void NoteRefusals(const Loaded& loaded, const std::vector<NodeId>& ids, const identity::Resolution& resolution,
                  BrokenAtHubs& broken) {
  for (const identity::RefusedLink& refused : resolution.refused) {
    const NodeId hub = ids[refused.link.stronger];
    // Whom a `never` keeps apart, it also makes load each other.
    if (refused.link.kind == identity::LinkKind::kObserved && loaded.IsGeneric(hub) && refused.broken != 0)
      broken[hub].insert(refused.broken);
  }
}

// Whether the order of links, or who is spoken of at all, may matter here: when somebody was seen then decides.
bool MayDependOnTimes(const Loaded& loaded, const std::vector<ProfileSlot>& slots) {
  const auto is_simple = [&](NodeId id) {
    const NodeState& node = loaded.nodes[id];
    return node.slot != kNone && !node.crossed && !node.was_generic && !loaded.IsGeneric(id) && !node.withdrawn &&
           std::all_of(node.pairs.begin(), node.pairs.end(), [&](const Pair& pair) {
             return pair.kind == identity::Assertion::Kind::kSame && !loaded.IsElsewhere(pair.other);
           });
  };
  return std::any_of(slots.begin(), slots.end(), [&](ProfileSlot slot) {
    const StoredProfile& profile = loaded.profiles[slot];
    return profile.is_whole || !std::all_of(profile.members.begin(), profile.members.end(), is_simple) ||
           std::any_of(profile.homed.begin(), profile.homed.end(), [&](AssociationId a) {
             const std::vector<NodeId>& members = loaded.associations[a].members;
             return !std::all_of(members.begin(), members.end(), is_simple);
           });
  });
}

}  // namespace

std::optional<std::vector<Resolved>> ResolveComponent(const Loaded& loaded, const std::vector<ProfileSlot>& slots,
                                                      BrokenAtHubs& broken) {
  std::vector<NodeId> ids;
  std::vector<AssociationId> associations;
  bool is_timed = true;
  for (ProfileSlot slot : slots) {
    for (NodeId id : loaded.profiles[slot].members) {
      if (loaded.nodes[id].alive) ids.push_back(id);
    }
    for (AssociationId a : loaded.profiles[slot].homed) {
      if (!loaded.associations[a].is_alive()) continue;
      is_timed &= loaded.associations[a].is_timed;
      associations.push_back(a);
      for (NodeId id : loaded.associations[a].members) {
        if (loaded.IsElsewhere(id)) ids.push_back(id);
      }
    }
  }
  const absl::flat_hash_map<NodeId, uint32_t> index = loaded.SortAndNumber(ids);

  const identity::Rules& rules = loaded.context.identity_rules;
  const identity::Component component = ComponentOf(loaded, ids, associations, index, Extent::kNow);
  if (!is_timed && (MayDependOnTimes(loaded, slots) || !identity::IsFreeOfConflict(rules, component)))
    return std::nullopt;
  const identity::Resolution resolution = identity::Resolve(rules, component);
  NoteRefusals(loaded, ids, resolution, broken);
  std::vector<Resolved> out(resolution.profile_count);
  for (size_t i = 0; i < ids.size(); ++i) {
    if (loaded.IsElsewhere(ids[i])) continue;
    Resolved& profile = out[resolution.profile_of[i]];
    profile.members.push_back(ids[i]);
    // In order of strength and bytes, so an earlier one wins a tie.
    if (profile.anchor == kNone || loaded.nodes[ids[i]].first_seen < loaded.nodes[profile.anchor].first_seen)
      profile.anchor = ids[i];
  }
  for (AssociationId a : associations) {
    out[resolution.profile_of[index.at(loaded.associations[a].members.front())]].homed.push_back(a);
  }
  std::erase_if(out, [](const Resolved& profile) { return profile.members.empty(); });
  for (Resolved& profile : out) {
    profile.id = loaded.context.IdOf(loaded.nodes[profile.anchor].node);
    profile.is_timed = is_timed;
  }
  return out;
}

const StoredProfile* ProfileBefore(const Loaded& loaded, const Resolved& profile) {
  const StoredProfile* before = nullptr;
  size_t stored = 0;
  for (NodeId id : profile.members) {
    const StoredProfile& holder = loaded.profiles[loaded.nodes[id].slot];
    if (!holder.stored) continue;
    if (before != nullptr && before != &holder) return nullptr;
    before = &holder;
    ++stored;
  }
  return before != nullptr && stored == before->members.size() ? before : nullptr;
}

Part ResolvePart(const Loaded& loaded) {
  std::vector<NodeId> ids;
  std::vector<AssociationId> associations;
  for (AssociationId a = 0; a < loaded.associations.size(); ++a) {
    associations.push_back(a);
    ids.insert(ids.end(), loaded.associations[a].members.begin(), loaded.associations[a].members.end());
  }
  // A generic identifier may be in no association that is loaded: all of them are its users'.
  for (const StoredProfile& profile : loaded.profiles) {
    if (profile.stored) ids.insert(ids.end(), profile.members.begin(), profile.members.end());
  }
  const absl::flat_hash_map<NodeId, uint32_t> index = loaded.SortAndNumber(ids);

  Part part;
  part.component = ComponentOf(loaded, ids, associations, index, Extent::kWhole);
  part.resolution =
      identity::Resolve(loaded.context.identity_rules, ComponentOf(loaded, ids, associations, index, Extent::kNow));
  for (NodeId id : ids) {
    const ProfileSlot slot = loaded.nodes[id].slot;
    part.profiles.push_back(slot == kNone ? std::nullopt : std::optional(loaded.profiles[slot].id));
    part.first_seen.push_back(loaded.nodes[id].first_seen);
    for (const Pair& pair : loaded.nodes[id].pairs) {
      const auto other = index.find(pair.other);
      if (other != index.end() && other->second > index.at(id)) part.assertion_ids.push_back(pair.id);
    }
  }
  for (AssociationId a : associations) part.sightings.push_back(loaded.associations[a].sightings);
  return part;
}

}  // namespace kintsugi::graph
