// Crossings: associations whose identifiers ended up in several profiles, as rows that lead from one to the other.

#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/time.h"
#include "graph/loaded.h"
#include "graph/row_sink.h"

namespace kintsugi::graph {

// A profile as resolved.
struct Resolved {
  ProfileId id;
  std::vector<NodeId> members;  // in order
  std::vector<AssociationId> homed;
  NodeId anchor = kNone;
  bool is_timed = false;    // all sightings of its identifiers are loaded, or what they come to is
  bool is_stored = false;   // a profile of this id was
  bool is_changed = false;  // its evidence, or what was observed of it, is another than what is stored
};

// The profile that this one was, if all that was stored of either is of both. Null if there is none.
const StoredProfile* ProfileBefore(const Loaded& loaded, const Resolved& profile);

// A member of associations and the strongest identifier of them all, in different profiles.
using Crossing = std::pair<NodeId, NodeId>;

struct CrossingState {
  bool generic = false;  // the member; what follows is empty unless it is
  bool active = false;   // it has active links there
  Time first_seen = kNeverFirst;
  Time last_seen = kNeverLast;
  std::vector<NodeId> stronger;  // further identifiers that are stronger than the member; sorted, distinct

  friend bool operator==(const CrossingState&, const CrossingState&) = default;
};

using Crossings = absl::flat_hash_map<Crossing, CrossingState>;

// What a profile's row says of crossings, before anything changes.
Crossings StoredCrossings(const Loaded& loaded, ProfileSlot slot);
// Those of the profiles as resolved.
Crossings CrossingsOf(const Loaded& loaded, const std::vector<Resolved>& resolved);
// Writes what differs.
void WriteCrossings(const Loaded& loaded, const Crossings& stored, const Crossings& now, RowSink& sink);

}  // namespace kintsugi::graph
