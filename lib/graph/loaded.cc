#include "graph/loaded.h"

#include <algorithm>

#include "format/evidence_row.h"

namespace kintsugi::graph {

void Add(std::vector<Sighting>& sightings, const Sighting& sighting) {
  const auto at =
      std::find_if(sightings.begin(), sightings.end(), [&](const Sighting& s) { return s.source >= sighting.source; });
  if (at == sightings.end() || at->source != sighting.source) {
    sightings.insert(at, sighting);
    return;
  }
  at->first_seen = std::min(at->first_seen, sighting.first_seen);
  at->last_seen = std::max(at->last_seen, sighting.last_seen);
  at->count += sighting.count;
}

bool IsSeenLess(const std::vector<Sighting>& before, const std::vector<Sighting>& now) {
  return std::any_of(before.begin(), before.end(), [&](const Sighting& was) {
    const auto is = std::find_if(now.begin(), now.end(), [&](const Sighting& s) { return s.source == was.source; });
    return is == now.end() || is->first_seen > was.first_seen || is->last_seen < was.last_seen;
  });
}

std::string Loaded::KeyOf(const Association& association) const {
  std::vector<format::NodeKey> members;
  members.reserve(association.members.size());
  for (NodeId id : association.members) members.push_back(KeyOf(id));
  return format::SightingsKey(members);
}

NodeId Loaded::Intern(identity::NamespaceIndex ns, std::string_view value) {
  const auto [at, fresh] =
      node_ids_.try_emplace(identity::Node{ns, std::string(value)}, static_cast<NodeId>(nodes.size()));
  if (fresh) nodes.push_back({.node = at->first});
  return at->second;
}

AssociationId Loaded::InternAssociation(std::vector<NodeId> members) {
  const auto id = static_cast<AssociationId>(associations.size());
  const auto [at, fresh] = association_ids_.try_emplace(std::move(members), id);
  if (!fresh) return at->second;
  associations.push_back({.members = at->first});
  for (NodeId member : at->first) {
    if (CanBeGeneric(member)) nodes[member].held_by.push_back(id);
  }
  return id;
}

AssociationId Loaded::FindAssociation(const std::vector<NodeId>& members) const {
  const auto at = association_ids_.find(members);
  return at == association_ids_.end() ? kNone : at->second;
}

absl::flat_hash_map<NodeId, uint32_t> Loaded::SortAndNumber(std::vector<NodeId>& ids) const {
  std::sort(ids.begin(), ids.end(), [&](NodeId a, NodeId b) { return nodes[a].node < nodes[b].node; });
  ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
  absl::flat_hash_map<NodeId, uint32_t> index;
  for (uint32_t i = 0; i < ids.size(); ++i) index.emplace(ids[i], i);
  return index;
}

}  // namespace kintsugi::graph
