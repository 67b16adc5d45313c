// Graph's rows: `evidence` and `profiles` as bytes, and back. docs/data_layout.md describes them; change both together.

#include <algorithm>
#include <utility>

#include "graph/graph.h"

namespace kintsugi::graph {

namespace {

constexpr uint8_t kEvidenceFormat = 2;

// Flags of an identifier.
constexpr uint8_t kCrossed = 1;  // an association of another profile holds it: look into `crossings`
constexpr uint8_t kGeneric = 2;
constexpr uint8_t kAsserted = 4;  // look into `asserted`

void EncodeObservation(format::Encoder& e, const format::Catalog& catalog, const golden::Observation& o) {
  e.String(o.attribute);
  e.String(o.value);
  e.Varint(catalog.source_number(o.source));
  e.SortableTime(o.first_observed);
  e.SortableTime(o.last_observed);
  e.Varint(o.count);
}

// False if the source is not in the schema any more: it cannot happen while a schema keeps its sources.
bool DecodeSource(format::Decoder& d, const format::Catalog& catalog, golden::SourceIndex& source) {
  return catalog.FindSource(static_cast<uint16_t>(d.Varint()), source);
}

bool DecodeObservation(format::Decoder& d, const format::Catalog& catalog, golden::Observation& o) {
  o.attribute = d.String();
  o.value = d.String();
  if (!DecodeSource(d, catalog, o.source)) return false;
  o.first_observed = d.SortableTime();
  o.last_observed = d.SortableTime();
  o.count = d.Varint();
  return d.ok();
}

bool DecodeSighting(format::Decoder& d, const format::Catalog& catalog, Sighting& s) {
  if (!DecodeSource(d, catalog, s.source)) return false;
  s.first_seen = d.SortableTime();
  s.last_seen = d.SortableTime();
  s.count = d.Varint();
  return d.ok();
}

}  // namespace

absl::Status Graph::DecodeEvidence(ProfileSlot slot, std::string_view row) {
  const absl::Status damaged = absl::DataLossError("a damaged row in `evidence`; run `kintsugi verify`");
  const format::Catalog& catalog = context_.catalog;
  format::Decoder d(row);
  if (d.Byte() != kEvidenceFormat) return damaged;
  const uint64_t anchor = d.Varint();
  std::vector<NodeId> local;  // the row's own numbering: members, then identifiers of other profiles
  const auto intern = [&]() {
    const uint16_t number = static_cast<uint16_t>(d.Varint());
    const std::string_view value = d.String();
    uint16_t position = 0;
    if (!d.ok() || !catalog.Find(number, position)) return false;
    local.push_back(Intern(position, value));
    return true;
  };

  std::vector<NodeId> asserted;
  const uint64_t member_count = d.Varint();
  for (uint64_t i = 0; i < member_count; ++i) {
    if (!intern()) return damaged;
    NodeState& node = nodes_[local.back()];
    node.slot = slot;
    node.alive = true;
    node.first_seen = d.SortableTime();
    node.last_seen = d.SortableTime();
    const uint8_t flags = d.Byte();
    node.crossed = (flags & kCrossed) != 0;
    node.was_generic = (flags & kGeneric) != 0;
    if ((flags & kAsserted) != 0) asserted.push_back(local.back());
    node.observations.resize(std::min<uint64_t>(d.Varint(), d.rest().size()));
    for (golden::Observation& o : node.observations) {
      if (!DecodeObservation(d, catalog, o)) return damaged;
    }
  }
  if (anchor >= member_count) return damaged;
  profiles_[slot].anchor = local[anchor];
  profiles_[slot].members = local;

  for (uint64_t others = d.Varint(); others > 0; --others) {
    if (!intern()) return damaged;
    nodes_[local.back()].was_generic = (d.Byte() & kGeneric) != 0;
  }
  for (uint64_t count = d.Varint(); count > 0; --count) {
    std::vector<NodeId> members;
    for (uint64_t k = d.Varint(); k > 0; --k) {
      const uint64_t index = d.Varint();
      if (!d.ok() || index >= local.size()) return damaged;
      members.push_back(local[index]);
    }
    const AssociationId id = InternAssociation(std::move(members));
    associations_[id].stored = true;
    associations_[id].homed = true;
    profiles_[slot].homed.push_back(id);
    associations_[id].sightings.resize(std::min<uint64_t>(d.Varint(), d.rest().size()));
    for (Sighting& s : associations_[id].sightings) {
      if (!DecodeSighting(d, catalog, s)) return damaged;
    }
  }
  if (!d.ok() || !d.done()) return damaged;
  RememberCrossings(slot);
  for (NodeId id : asserted) {
    if (auto status = LoadPairs(id); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Graph::DecodePairs(NodeId id, std::string_view row) {
  format::Decoder d(row);
  while (!d.done()) {
    Pair pair{.id = std::string(d.String())};
    pair.kind = d.Byte() != 0 ? identity::Assertion::Kind::kNever : identity::Assertion::Kind::kSame;
    const uint16_t number = static_cast<uint16_t>(d.Varint());
    const std::string_view value = d.String();
    uint16_t position = 0;
    if (!d.ok() || !context_.catalog.Find(number, position))
      return absl::DataLossError("a damaged row in `asserted`; run `kintsugi verify`");
    pair.other = Intern(position, value);
    nodes_[id].pairs.push_back(std::move(pair));
  }
  return absl::OkStatus();
}

std::string Graph::EncodePairs(const std::vector<Pair>& pairs) const {
  std::string row;
  format::Encoder e(row);
  for (const Pair& pair : pairs) {
    e.String(pair.id);
    e.Byte(pair.kind == identity::Assertion::Kind::kNever ? 1 : 0);
    e.Varint(context_.catalog.number(nodes_[pair.other].node.ns));
    e.String(nodes_[pair.other].node.value);
  }
  return row;
}

std::string Graph::EncodeCrossing(const CrossingState& state) const {
  std::string row;
  format::Encoder e(row);
  e.Byte(state.active ? 1 : 0);
  for (NodeId id : state.stronger) {
    e.Varint(context_.catalog.number(nodes_[id].node.ns));
    e.String(nodes_[id].node.value);
  }
  return row;
}

std::string Graph::EncodeEvidence(const Resolved& profile, const absl::flat_hash_set<NodeId>& crossed) const {
  const format::Catalog& catalog = context_.catalog;
  absl::flat_hash_map<NodeId, uint32_t> local;
  std::vector<NodeId> others;
  for (NodeId id : profile.members) local.emplace(id, static_cast<uint32_t>(local.size()));
  for (AssociationId a : profile.homed) {
    for (NodeId id : associations_[a].members) {
      if (!local.contains(id)) others.push_back(id);
    }
  }
  std::sort(others.begin(), others.end(), [&](NodeId a, NodeId b) { return nodes_[a].node < nodes_[b].node; });
  others.erase(std::unique(others.begin(), others.end()), others.end());
  for (NodeId id : others) local.emplace(id, static_cast<uint32_t>(local.size()));

  std::string row;
  format::Encoder e(row);
  const auto encode_node = [&](NodeId id) {
    e.Varint(catalog.number(nodes_[id].node.ns));
    e.String(nodes_[id].node.value);
  };
  e.Byte(kEvidenceFormat);
  e.Varint(local.at(profile.anchor));
  e.Varint(profile.members.size());
  for (NodeId id : profile.members) {
    const NodeState& node = nodes_[id];
    encode_node(id);
    e.SortableTime(node.first_seen);
    e.SortableTime(node.last_seen);
    e.Byte(static_cast<uint8_t>((crossed.contains(id) ? kCrossed : 0) | (IsGeneric(id) ? kGeneric : 0) |
                                (node.pairs.empty() ? 0 : kAsserted)));
    e.Varint(node.observations.size());
    for (const golden::Observation& o : node.observations) EncodeObservation(e, catalog, o);
  }
  e.Varint(others.size());
  for (NodeId id : others) {
    encode_node(id);
    e.Byte(IsGeneric(id) ? kGeneric : 0);
  }

  std::vector<std::pair<std::vector<uint32_t>, AssociationId>> associations;
  for (AssociationId a : profile.homed) {
    std::vector<uint32_t> members;
    for (NodeId id : associations_[a].members) members.push_back(local.at(id));
    associations.emplace_back(std::move(members), a);
  }
  std::sort(associations.begin(), associations.end());
  e.Varint(associations.size());
  for (const auto& [members, a] : associations) {
    e.Varint(members.size());
    for (uint32_t index : members) e.Varint(index);
    e.Varint(associations_[a].sightings.size());
    for (const Sighting& s : associations_[a].sightings) {
      e.Varint(catalog.source_number(s.source));
      e.SortableTime(s.first_seen);
      e.SortableTime(s.last_seen);
      e.Varint(s.count);
    }
  }
  return row;
}

std::string Graph::EncodeGolden(const Resolved& profile) const {
  golden::Parts parts;
  std::vector<const golden::Observation*> observations;
  for (NodeId id : profile.members) {
    const NodeState& node = nodes_[id];
    parts.first_seen = std::min(parts.first_seen, node.first_seen);
    parts.last_seen = std::max(parts.last_seen, node.last_seen);
    parts.identifiers.push_back({context_.catalog.number(node.node.ns), node.node.value});
    for (const golden::Observation& o : node.observations) observations.push_back(&o);
  }
  const std::vector<golden::Survivor> survivors = context_.golden_rules.Survive(std::move(observations));
  for (const golden::Survivor& s : survivors) {
    parts.attributes.push_back({s.attribute, s.value, context_.catalog.source_number(s.source), s.observed_at, s.rule});
  }
  return golden::EncodeRecord(parts);
}

}  // namespace kintsugi::graph
