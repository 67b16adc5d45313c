// Graph: taking changes. Loading is in graph_load.cc, resolving in graph_finish.cc, rows in graph_rows.cc.

#include "graph/graph.h"

#include <algorithm>

namespace kintsugi::graph {

using identity::Node;

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

Graph::NodeId Graph::Intern(identity::NamespaceIndex ns, std::string_view value) {
  const auto [at, fresh] = node_ids_.try_emplace(Node{ns, std::string(value)}, static_cast<NodeId>(nodes_.size()));
  if (fresh) nodes_.push_back({.node = at->first});
  return at->second;
}

Graph::AssociationId Graph::InternAssociation(std::vector<NodeId> members) {
  const auto id = static_cast<AssociationId>(associations_.size());
  const auto [at, fresh] = association_ids_.try_emplace(std::move(members), id);
  if (!fresh) return at->second;
  associations_.push_back({.members = at->first});
  for (NodeId member : at->first) {
    if (CanBeGeneric(member)) nodes_[member].held_by.push_back(id);
  }
  return id;
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

void Graph::NoteTouched(const std::vector<NodeId>& members, bool withdrawn) {
  Touched touched{cause_, members.front(), members.front()};
  for (NodeId id : members) {
    nodes_[id].touched = true;
    nodes_[id].withdrawn |= withdrawn;
    if (nodes_[id].slot != nodes_[touched.a].slot) touched.b = id;
  }
  touched_.push_back(touched);
}

// The association of these identifiers, in the list of its home's profile.
absl::StatusOr<Graph::AssociationId> Graph::OwnAssociation(const std::vector<Node>& identifiers, bool withdrawn) {
  auto members = TouchAll(identifiers);
  if (!members.ok()) return members.status();
  NoteTouched(*members, withdrawn);
  const ProfileSlot home = nodes_[members->front()].slot;
  const AssociationId id = InternAssociation(*std::move(members));
  if (!std::exchange(associations_[id].homed, true)) profiles_[home].homed.push_back(id);
  KeepBefore(associations_[id]);
  return id;
}

absl::Status Graph::AddSighting(const std::vector<Node>& identifiers, const Sighting& sighting) {
  const auto id = OwnAssociation(identifiers, false);
  if (!id.ok()) return id.status();
  Add(associations_[*id].sightings, sighting);
  return absl::OkStatus();
}

absl::Status Graph::WithdrawSightings(const std::vector<Node>& identifiers, golden::SourceIndex source) {
  const auto id = OwnAssociation(identifiers, true);
  if (!id.ok()) return id.status();
  if (std::erase_if(associations_[*id].sightings, [&](const Sighting& s) { return s.source == source; }) == 0)
    return absl::DataLossError("a record's association is missing; run `kintsugi verify`");
  return absl::OkStatus();
}

absl::Status Graph::AddObservations(const Node& node, const std::vector<golden::Observation>& observations) {
  auto id = Touch(node);
  if (!id.ok()) return id.status();
  context_.golden_rules.Add(nodes_[*id].observations, observations, [&](const golden::Observation& left_out) {
    const bool is_listed = context_.golden_rules.IsListed(left_out);
    ++values_left_out_[{left_out.source, is_listed ? left_out.attribute : "*"}];
  });
  return absl::OkStatus();
}

absl::Status Graph::SetObservations(const Node& node, std::vector<golden::Observation> observations) {
  auto id = Touch(node);
  if (!id.ok()) return id.status();
  nodes_[*id].observations = std::move(observations);
  return absl::OkStatus();
}

absl::Status Graph::NoteWithdrawn(const std::vector<Node>& identifiers) {
  const auto members = TouchAll(identifiers);
  if (members.ok()) NoteTouched(*members, true);
  return members.status();
}

absl::Status Graph::ReplaceEvents(const Node& node, const std::vector<Seen>& seen,
                                  std::vector<golden::Observation> observations) {
  const auto home = Touch(node);
  if (!home.ok()) return home.status();
  nodes_[*home].observations = std::move(observations);
  absl::flat_hash_map<AssociationId, const Seen*> said;
  for (const Seen& one : seen) {
    auto members = TouchAll(one.identifiers);
    if (!members.ok()) return members.status();
    const auto known = association_ids_.find(*members);
    if (known == association_ids_.end())
      return absl::DataLossError("an event's association is missing; run `kintsugi verify`");
    said.emplace(known->second, &one);
  }
  const std::vector<AssociationId> homed = profiles_[nodes_[*home].slot].homed;
  for (AssociationId id : homed) {
    const std::vector<NodeId> members = associations_[id].members;
    if (members.front() != *home || context_.IsRecord(nodes_[members.back()].node.ns)) continue;
    const auto now = said.find(id);
    std::vector<Sighting> sightings = now == said.end() ? std::vector<Sighting>() : now->second->sightings;
    if (associations_[id].sightings == sightings) continue;
    for (NodeId member : members) {
      if (auto status = LoadNode(member); !status.ok()) return status;
    }
    NoteTouched(members, true);
    KeepBefore(associations_[id]);
    associations_[id].sightings = std::move(sightings);
  }
  return absl::OkStatus();
}

absl::Status Graph::AddAssertion(identity::Assertion::Kind kind, const Node& a, const Node& b, const std::string& id) {
  const auto ends = TouchAll({a, b});
  if (!ends.ok()) return ends.status();
  touched_.push_back({cause_, ends->front(), ends->back()});
  for (const auto& [end, other] : {std::pair(ends->front(), ends->back()), {ends->back(), ends->front()}}) {
    std::vector<Pair>& pairs = nodes_[end].pairs;
    const auto at = std::find_if(pairs.begin(), pairs.end(), [&](const Pair& pair) { return pair.id >= id; });
    pairs.insert(at, {id, kind, other});
    nodes_[end].pairs_changed = true;
  }
  return absl::OkStatus();
}

absl::Status Graph::RemoveAssertion(const Node& a, const Node& b, const std::string& id) {
  const auto ends = TouchAll({a, b});
  if (!ends.ok()) return ends.status();
  touched_.push_back({cause_, ends->front(), ends->back()});
  for (NodeId end : *ends) {
    if (std::erase_if(nodes_[end].pairs, [&](const Pair& pair) { return pair.id == id; }) == 0)
      return absl::DataLossError("an assertion is missing; run `kintsugi verify`");
    nodes_[end].pairs_changed = true;
  }
  return absl::OkStatus();
}

}  // namespace kintsugi::graph
