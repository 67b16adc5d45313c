#include "graph/crossings.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/container/btree_map.h"
#include "format/codec.h"
#include "format/keys.h"

namespace kintsugi::graph {
namespace {

using format::CrossingKind;
using format::Family;

template <typename IsOutside, typename IsGeneric>
void Collect(const Loaded& loaded, const std::vector<AssociationId>& homed, IsOutside is_outside, IsGeneric is_generic,
             Crossings& out) {
  for (AssociationId a : homed) {
    const std::vector<NodeId>& members = loaded.associations[a].members;
    const size_t active = ActivePart(members, is_generic);
    for (size_t i = 1; i < members.size(); ++i) {
      if (!is_outside(members[i])) continue;
      CrossingState& state = out[{members[i], members.front()}];
      state.generic = is_generic(members[i]);
      state.active |= i < active;
      state.stronger.insert(state.stronger.end(), members.begin() + 1, members.begin() + static_cast<ptrdiff_t>(i));
      for (const Sighting& s : loaded.associations[a].sightings) {
        state.first_seen = std::min(state.first_seen, s.first_seen);
        state.last_seen = std::max(state.last_seen, s.last_seen);
      }
    }
  }
}

void Normalise(const Loaded& loaded, Crossings& crossings) {
  for (auto& [crossing, state] : crossings) {
    if (!state.generic) state = {};
    std::sort(state.stronger.begin(), state.stronger.end(),
              [&](NodeId a, NodeId b) { return loaded.nodes[a].node < loaded.nodes[b].node; });
    state.stronger.erase(std::unique(state.stronger.begin(), state.stronger.end()), state.stronger.end());
  }
}

std::string Encode(const Loaded& loaded, const CrossingState& state) {
  std::string row;
  format::Encoder e(row);
  e.Byte(state.active ? 1 : 0);
  for (NodeId id : state.stronger) {
    const format::NodeKey key = loaded.KeyOf(id);
    e.Varint(key.number);
    e.String(key.value);
  }
  return row;
}

}  // namespace

Crossings StoredCrossings(const Loaded& loaded, ProfileSlot slot) {
  Crossings stored;
  Collect(
      loaded, loaded.profiles[slot].homed, [&](NodeId id) { return loaded.nodes[id].slot != slot; },
      [&](NodeId id) { return loaded.nodes[id].was_generic; }, stored);
  Normalise(loaded, stored);
  return stored;
}

Crossings CrossingsOf(const Loaded& loaded, const std::vector<Resolved>& resolved) {
  std::vector<uint32_t> profile_of(loaded.nodes.size(), kNone);
  for (uint32_t i = 0; i < resolved.size(); ++i) {
    for (NodeId id : resolved[i].members) profile_of[id] = i;
  }
  Crossings out;
  for (uint32_t i = 0; i < resolved.size(); ++i) {
    Collect(
        loaded, resolved[i].homed, [&](NodeId id) { return profile_of[id] != i; },
        [&](NodeId id) { return loaded.IsGeneric(id); }, out);
  }
  Normalise(loaded, out);
  return out;
}

void WriteCrossings(const Loaded& loaded, const Crossings& stored, const Crossings& now, RowSink& sink) {
  const auto for_each_row = [&](const Crossings& crossings, const Crossings& others, auto visit) {
    for (const auto& [crossing, state] : crossings) {
      const auto at = others.find(crossing);
      if (at != others.end() && at->second == state) continue;
      const format::NodeKey member = loaded.KeyOf(crossing.first);
      const format::NodeKey home = loaded.KeyOf(crossing.second);
      if (!state.generic) {
        visit(format::CrossingKey(member, CrossingKind::kByHome, kNeverFirst, home), std::string());
        continue;
      }
      visit(format::CrossingKey(member, CrossingKind::kByFirstSeen, state.first_seen, home), Encode(loaded, state));
      visit(format::CrossingKey(member, CrossingKind::kByLastSeen, state.last_seen, home), std::string());
    }
  };
  // One of the two times may be as it was, and so its row's key: what is put is not deleted.
  // In order, since neighbours are written faster than keys here and there.
  absl::btree_map<std::string, std::optional<std::string>> rows;
  for_each_row(stored, now, [&](std::string key, std::string) { rows[std::move(key)] = std::nullopt; });
  for_each_row(now, stored, [&](std::string key, std::string row) { rows[std::move(key)] = std::move(row); });
  for (const auto& [key, row] : rows) {
    if (row)
      sink.Put(Family::kCrossings, key, *row);
    else
      sink.Delete(Family::kCrossings, key);
  }
}

}  // namespace kintsugi::graph
