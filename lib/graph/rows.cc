#include "graph/rows.h"

#include <algorithm>
#include <utility>

#include "format/evidence_row.h"

namespace kintsugi::graph {
namespace {

// False if the source is not in the schema any more: it cannot happen while a schema keeps its sources.
bool Decode(format::Decoder& d, const format::Catalog& catalog, Sighting& s) {
  const format::SightingRow row = format::DecodeSighting(d);
  s.first_seen = row.first_seen;
  s.last_seen = row.last_seen;
  s.count = row.count;
  return catalog.FindSource(row.source, s.source) && d.ok();
}

}  // namespace

absl::Status DecodeEvidence(std::string_view row, ProfileSlot slot, Loaded& loaded, std::vector<NodeId>& asserted) {
  const absl::Status damaged = format::DamagedRow(format::Family::kEvidence);
  const format::Catalog& catalog = loaded.context.catalog;
  format::Decoder d(row);
  if (d.Byte() != format::kEvidenceRowFormat) return damaged;
  d.Byte();  // what it says of the row is said of each identifier
  const uint64_t anchor = d.Varint();
  std::vector<NodeId> local;  // the row's own numbering: members, then identifiers of other profiles
  const auto intern = [&]() {
    const uint16_t number = static_cast<uint16_t>(d.Varint());
    const std::string_view value = d.String();
    uint16_t position = 0;
    if (!d.ok() || !catalog.Find(number, position)) return false;
    local.push_back(loaded.Intern(position, value));
    return true;
  };

  const uint64_t member_count = d.Varint();
  for (uint64_t i = 0; i < member_count; ++i) {
    if (!intern()) return damaged;
    NodeState& node = loaded.nodes[local.back()];
    node.slot = slot;
    node.alive = true;
    node.first_seen = d.SortableTime();
    const uint8_t flags = d.Byte();
    node.crossed = (flags & format::kCrossed) != 0;
    node.was_generic = (flags & format::kGeneric) != 0;
    node.was_observed = (flags & format::kObserved) != 0;
    node.had_nulls = (flags & format::kNulls) != 0;
    if ((flags & format::kAsserted) != 0) asserted.push_back(local.back());
  }
  if (anchor >= member_count) return damaged;
  loaded.profiles[slot].anchor = local[anchor];
  loaded.profiles[slot].members = local;

  for (uint64_t others = d.Varint(); others > 0; --others) {
    if (!intern()) return damaged;
    loaded.nodes[local.back()].was_generic = (d.Byte() & format::kGeneric) != 0;
  }
  for (uint64_t count = d.Varint(); count > 0; --count) {
    std::vector<NodeId> members;
    for (uint64_t k = d.Varint(); k > 0; --k) {
      const uint64_t index = d.Varint();
      if (!d.ok() || index >= local.size()) return damaged;
      members.push_back(local[index]);
      if (members.size() == 1 && index >= member_count) return damaged;  // its home is the profile's own
    }
    if (members.empty()) return damaged;
    const AssociationId id = loaded.InternAssociation(std::move(members));
    loaded.associations[id].stored = true;
    loaded.associations[id].homed = true;
    loaded.associations[id].is_timed = false;
    loaded.profiles[slot].homed.push_back(id);
  }
  if (!d.ok() || !d.done()) return damaged;
  return absl::OkStatus();
}

absl::Status DecodePairs(std::string_view row, NodeId id, Loaded& loaded) {
  format::Decoder d(row);
  while (!d.done()) {
    Pair pair{.id = std::string(d.String())};
    pair.kind = d.Byte() != 0 ? identity::Assertion::Kind::kNever : identity::Assertion::Kind::kSame;
    const uint16_t number = static_cast<uint16_t>(d.Varint());
    const std::string_view value = d.String();
    uint16_t position = 0;
    if (!d.ok() || !loaded.context.catalog.Find(number, position)) return format::DamagedRow(format::Family::kAsserted);
    pair.other = loaded.Intern(position, value);
    loaded.nodes[id].pairs.push_back(std::move(pair));
  }
  return absl::OkStatus();
}

std::string EncodePairs(const Loaded& loaded, const std::vector<Pair>& pairs) {
  std::string row;
  format::Encoder e(row);
  for (const Pair& pair : pairs) {
    e.String(pair.id);
    e.Byte(pair.kind == identity::Assertion::Kind::kNever ? 1 : 0);
    e.Varint(loaded.context.catalog.number(loaded.nodes[pair.other].node.ns));
    e.String(loaded.nodes[pair.other].node.value);
  }
  return row;
}

std::string EncodeEvidence(const Loaded& loaded, const Observations& observations, const Resolved& profile,
                           const absl::flat_hash_set<NodeId>& crossed) {
  const format::Catalog& catalog = loaded.context.catalog;
  absl::flat_hash_map<NodeId, uint32_t> local;
  std::vector<NodeId> others;
  for (NodeId id : profile.members) local.emplace(id, static_cast<uint32_t>(local.size()));
  for (AssociationId a : profile.homed) {
    for (NodeId id : loaded.associations[a].members) {
      if (!local.contains(id)) others.push_back(id);
    }
  }
  std::sort(others.begin(), others.end(),
            [&](NodeId a, NodeId b) { return loaded.nodes[a].node < loaded.nodes[b].node; });
  others.erase(std::unique(others.begin(), others.end()), others.end());
  for (NodeId id : others) local.emplace(id, static_cast<uint32_t>(local.size()));

  std::string row;
  format::Encoder e(row);
  const auto encode_node = [&](NodeId id) {
    e.Varint(catalog.number(loaded.nodes[id].node.ns));
    e.String(loaded.nodes[id].node.value);
  };
  const auto flags_of = [&](NodeId id) {
    return static_cast<uint8_t>(
        (crossed.contains(id) ? format::kCrossed : 0) | (loaded.IsGeneric(id) ? format::kGeneric : 0) |
        (loaded.nodes[id].pairs.empty() ? 0 : format::kAsserted) | (observations.IsAny(id) ? format::kObserved : 0) |
        (observations.HasNulls(id) ? format::kNulls : 0));
  };
  std::vector<uint8_t> flags;
  for (NodeId id : profile.members) flags.push_back(flags_of(id));
  const bool is_plain = others.empty() && std::all_of(flags.begin(), flags.end(),
                                                      [](uint8_t one) { return (one & ~format::kObserved) == 0; });
  e.Byte(format::kEvidenceRowFormat);
  e.Byte(is_plain ? format::kPlain : 0);
  e.Varint(local.at(profile.anchor));
  e.Varint(profile.members.size());
  for (size_t i = 0; i < profile.members.size(); ++i) {
    encode_node(profile.members[i]);
    e.SortableTime(loaded.nodes[profile.members[i]].first_seen);
    e.Byte(flags[i]);
  }
  e.Varint(others.size());
  for (NodeId id : others) {
    encode_node(id);
    e.Byte(loaded.IsGeneric(id) ? format::kGeneric : 0);
  }

  std::vector<std::vector<uint32_t>> associations;
  for (AssociationId a : profile.homed) {
    std::vector<uint32_t> members;
    for (NodeId id : loaded.associations[a].members) members.push_back(local.at(id));
    associations.push_back(std::move(members));
  }
  std::sort(associations.begin(), associations.end());
  e.Varint(associations.size());
  for (const std::vector<uint32_t>& members : associations) {
    e.Varint(members.size());
    for (uint32_t index : members) e.Varint(index);
  }
  return row;
}

bool DecodeSightings(std::string_view row, const format::Catalog& catalog, std::vector<Sighting>& sightings) {
  format::Decoder d(row);
  while (d.ok() && !d.done()) {
    if (!Decode(d, catalog, sightings.emplace_back())) return false;
  }
  return d.ok() && !sightings.empty();
}

std::string EncodeSightings(const format::Catalog& catalog, const std::vector<Sighting>& sightings) {
  std::string row;
  format::Encoder e(row);
  for (const Sighting& s : sightings)
    format::EncodeSighting(e, {catalog.source_number(s.source), s.first_seen, s.last_seen, s.count});
  return row;
}

}  // namespace kintsugi::graph
