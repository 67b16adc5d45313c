// Graph: taking changes. Resolving them is in finish.cc.

#include "graph/graph.h"

#include <algorithm>
#include <iterator>

namespace kintsugi::graph {

using identity::Node;

absl::StatusOr<std::vector<NodeId>> Graph::LoadAll(const std::vector<Node>& nodes) {
  std::vector<NodeId> ids;
  ids.reserve(nodes.size());
  for (const Node& node : nodes) {
    auto id = loader_.Load(node);
    if (!id.ok()) return id.status();
    ids.push_back(*id);
  }
  return ids;
}

void Graph::NoteTouched(const std::vector<NodeId>& members) {
  Touched touched{cause_, members.front(), members.front()};
  for (NodeId id : members) {
    loaded_.nodes[id].touched = true;
    if (loaded_.nodes[id].slot != loaded_.nodes[touched.a].slot) touched.b = id;
  }
  touched_.push_back(touched);
}

// The association of these identifiers, in the list of its home's profile.
absl::StatusOr<AssociationId> Graph::OwnAssociation(const std::vector<Node>& identifiers) {
  auto members = LoadAll(identifiers);
  if (!members.ok()) return members.status();
  NoteTouched(*members);
  const ProfileSlot home = loaded_.nodes[members->front()].slot;
  const AssociationId id = loaded_.InternAssociation(*std::move(members));
  if (!std::exchange(loaded_.associations[id].homed, true)) loaded_.profiles[home].homed.push_back(id);
  if (auto status = loader_.LoadSightings({id}); !status.ok()) return status;
  loaded_.associations[id].KeepBefore();
  return id;
}

absl::Status Graph::AddSighting(const std::vector<Node>& identifiers, const Sighting& sighting) {
  const auto id = OwnAssociation(identifiers);
  if (!id.ok()) return id.status();
  Add(loaded_.associations[*id].sightings, sighting);
  return absl::OkStatus();
}

absl::Status Graph::WithdrawSightings(const std::vector<Node>& identifiers, golden::SourceIndex source) {
  const auto id = OwnAssociation(identifiers);
  if (!id.ok()) return id.status();
  if (std::erase_if(loaded_.associations[*id].sightings, [&](const Sighting& s) { return s.source == source; }) == 0)
    return absl::DataLossError("a record's association is missing; run `kintsugi verify`");
  return absl::OkStatus();
}

absl::StatusOr<bool> Graph::Observe(Observed& observed, const std::vector<golden::Observation>& observations) {
  return observed.Add(observations, [&](const golden::Observation& left_out) {
    const bool is_listed = loaded_.context.golden_rules.IsListed(left_out.attribute);
    ++values_left_out_[{left_out.source, is_listed ? left_out.attribute : "*"}];
  });
}

absl::Status Graph::AddObservations(const Node& node, const std::vector<golden::Observation>& observations) {
  auto id = loader_.Load(node);
  if (!id.ok()) return id.status();
  return observations.empty() ? absl::OkStatus() : Observe(observations_.of(*id), observations).status();
}

absl::Status Graph::SetObservations(const Node& node, std::vector<golden::Observation> observations) {
  auto id = loader_.Load(node);
  if (!id.ok()) return id.status();
  return observations_.of(*id).Replace(std::move(observations));
}

absl::Status Graph::NoteWithdrawn(const std::vector<Node>& identifiers) {
  const auto members = LoadAll(identifiers);
  if (members.ok()) NoteTouched(*members);
  return members.status();
}

absl::Status Graph::ReplaceEvents(const Node& node, const std::vector<Seen>& seen,
                                  std::vector<golden::Observation> observations) {
  const auto home = loader_.Load(node);
  if (!home.ok()) return home.status();
  if (auto status = observations_.of(*home).Replace(std::move(observations)); !status.ok()) return status;
  absl::flat_hash_map<AssociationId, const Seen*> said;
  for (const Seen& one : seen) {
    auto members = LoadAll(one.identifiers);
    if (!members.ok()) return members.status();
    const AssociationId known = loaded_.FindAssociation(*members);
    if (known == kNone) return absl::DataLossError("an event's association is missing; run `kintsugi verify`");
    said.emplace(known, &one);
  }
  const std::vector<AssociationId> homed = loaded_.profiles[loaded_.nodes[*home].slot].homed;
  std::vector<AssociationId> own;
  std::copy_if(homed.begin(), homed.end(), std::back_inserter(own),
               [&](AssociationId id) { return loaded_.associations[id].members.front() == *home; });
  if (auto status = loader_.LoadSightings(own); !status.ok()) return status;
  for (AssociationId id : own) {
    const std::vector<NodeId> members = loaded_.associations[id].members;
    if (loaded_.context.IsRecord(loaded_.nodes[members.back()].node.ns)) continue;
    const auto now = said.find(id);
    std::vector<Sighting> sightings = now == said.end() ? std::vector<Sighting>() : now->second->sightings;
    if (loaded_.associations[id].sightings == sightings) continue;
    for (NodeId member : members) {
      if (auto status = loader_.LoadNode(member); !status.ok()) return status;
    }
    NoteTouched(members);
    loaded_.associations[id].KeepBefore();
    loaded_.associations[id].sightings = std::move(sightings);
  }
  return absl::OkStatus();
}

absl::Status Graph::AddAssertion(identity::Assertion::Kind kind, const Node& a, const Node& b, const std::string& id) {
  const auto ends = LoadAll({a, b});
  if (!ends.ok()) return ends.status();
  touched_.push_back({cause_, ends->front(), ends->back()});
  for (const auto& [end, other] : {std::pair(ends->front(), ends->back()), {ends->back(), ends->front()}}) {
    std::vector<Pair>& pairs = loaded_.nodes[end].pairs;
    const auto at = std::find_if(pairs.begin(), pairs.end(), [&](const Pair& pair) { return pair.id >= id; });
    pairs.insert(at, {id, kind, other});
    loaded_.nodes[end].pairs_changed = true;
  }
  return absl::OkStatus();
}

absl::Status Graph::RemoveAssertion(const Node& a, const Node& b, const std::string& id) {
  const auto ends = LoadAll({a, b});
  if (!ends.ok()) return ends.status();
  touched_.push_back({cause_, ends->front(), ends->back()});
  for (NodeId end : *ends) {
    if (std::erase_if(loaded_.nodes[end].pairs, [&](const Pair& pair) { return pair.id == id; }) == 0)
      return absl::DataLossError("an assertion is missing; run `kintsugi verify`");
    loaded_.nodes[end].pairs_changed = true;
  }
  return absl::OkStatus();
}

absl::Status Graph::LoadComponents(const std::vector<Node>& nodes) {
  if (const auto ids = LoadAll(nodes); !ids.ok()) return ids.status();
  return LoadAllConnected();
}

absl::Status Graph::LoadAllConnected() {
  loader_.MakeAllWhole();
  if (auto status = loader_.LoadConnected(); !status.ok()) return status;
  return LoadSightingsOf([](const Association&) { return true; });
}

absl::Status Graph::LoadComponent(const ProfileId& profile) {
  if (auto status = loader_.LoadProfile(profile); !status.ok()) return status;
  return LoadAllConnected();
}

}  // namespace kintsugi::graph
