// Loaded is the part of the identity graph that is in memory, as it was stored and as it is by now.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/table_hash.h"
#include "base/time.h"
#include "golden/observation.h"
#include "identity/node.h"
#include "identity/resolve.h"
#include "identity/union_find.h"
#include "ingest/context.h"
#include "kintsugi/ids.h"

namespace kintsugi::graph {

using NodeId = uint32_t;
using AssociationId = uint32_t;
using ProfileSlot = uint32_t;
inline constexpr uint32_t kNone = ~uint32_t{0};

// Ids are hashes already, but not always of a secret key: whoever chooses identifiers could choose ids.
struct ProfileIdHash {
  size_t operator()(const ProfileId& id) const {
    return TableHash().Add({reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()}).Finish();
  }
};

// What one source says of one association.
struct Sighting {
  golden::SourceIndex source = 0;
  Time first_seen = kNeverFirst;
  Time last_seen = kNeverLast;
  uint64_t count = 0;

  friend bool operator==(const Sighting&, const Sighting&) = default;
};

// Adds to a list that is in order of source, and keeps it so: what one source says is one sighting.
void Add(std::vector<Sighting>& sightings, const Sighting& sighting);

// Whether a source says less than before: no longer, or not from as early or until as late.
bool IsSeenLess(const std::vector<Sighting>& before, const std::vector<Sighting>& now);

// One end of an assertion.
struct Pair {
  std::string id;
  identity::Assertion::Kind kind = identity::Assertion::Kind::kSame;
  NodeId other = kNone;
};

struct NodeState {
  identity::Node node;
  ProfileSlot slot = kNone;   // kNone: not loaded
  bool crossed = false;       // stored: an association of another profile holds it
  bool was_generic = false;   // as stored
  bool was_observed = false;  // stored: something was observed of it
  bool had_nulls = false;     // stored: a null was
  bool touched = false;       // an association that holds it was changed
  bool withdrawn = false;     // or lost sightings: it may have been seen less
  bool pairs_changed = false;
  // As stored, until the resolver has seen the evidence again; then as it is.
  bool alive = false;           // an association holds it
  uint64_t refused_by = 0;      // stored, of a generic one: limits that refuse its links to weaker ones
  std::optional<bool> generic;  // as it is now, if that had to be found out
  Time first_seen = kNeverFirst;
  Time last_seen = kNeverLast;         // by the sightings that are loaded
  std::vector<Pair> pairs;             // by id
  std::vector<AssociationId> held_by;  // filled only if it can be generic
};

struct Association {
  std::vector<NodeId> members;  // strongest first
  std::vector<Sighting> sightings;
  std::vector<Sighting> before;  // as stored, if it was changed
  bool changed = false;
  bool stored = false;
  bool homed = false;    // in its home profile's list
  bool is_timed = true;  // its sightings are loaded: few questions ask for them

  // Somebody speaks of it.
  bool is_alive() const { return !is_timed || !sightings.empty(); }
  // Before the first change of its sightings, which are loaded.
  void KeepBefore() {
    if (!std::exchange(changed, true)) before = sightings;
  }
};

// A profile as it is stored, or a new identifier that has none yet.
struct StoredProfile {
  ProfileId id;
  bool stored = false;
  bool is_whole = false;  // everything connected with it is loaded, past refused links too
  std::string row;        // its evidence, as stored
  NodeId anchor = kNone;
  std::vector<NodeId> members;
  std::vector<AssociationId> homed;  // those whose strongest identifier it holds
};

// Loaded holds identifiers, associations and profiles, and knows each by a number. Not thread-safe; never fails.
struct Loaded {
  explicit Loaded(const ingest::Context& context) : context(context) {}
  Loaded(const Loaded&) = delete;
  Loaded& operator=(const Loaded&) = delete;

  NodeId Intern(identity::NamespaceIndex ns, std::string_view value);
  AssociationId InternAssociation(std::vector<NodeId> members);
  // kNone if it is not loaded.
  AssociationId FindAssociation(const std::vector<NodeId>& members) const;

  bool CanBeGeneric(NodeId id) const { return context.identity_rules.namespaces[nodes[id].node.ns].generic_above != 0; }
  bool IsGeneric(NodeId id) const { return nodes[id].generic.value_or(nodes[id].was_generic); }
  // Generic, and it was before.
  bool IsHub(NodeId id) const { return nodes[id].was_generic && IsGeneric(id); }
  bool IsElsewhere(NodeId id) const { return nodes[id].slot == kNone; }
  bool IsWhole(const Association& association) const {
    return profiles[nodes[association.members.front()].slot].is_whole;
  }
  format::NodeKey KeyOf(NodeId id) const { return context.KeyOf(nodes[id].node); }
  std::string KeyOf(const Association& association) const;

  // Puts them in order, each once, and tells the place of each.
  absl::flat_hash_map<NodeId, uint32_t> SortAndNumber(std::vector<NodeId>& ids) const;
  // The profiles, joined over the active links of all associations.
  template <typename IsInactive>
  identity::UnionFind JoinProfiles(IsInactive is_inactive) const;

  const ingest::Context& context;
  std::vector<NodeState> nodes;
  std::vector<Association> associations;
  std::vector<StoredProfile> profiles;
  absl::flat_hash_map<ProfileId, ProfileSlot, ProfileIdHash> slots;  // of stored profiles

 private:
  struct NodeIdsHash {
    size_t operator()(const std::vector<NodeId>& ids) const {
      return TableHash().Add({reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(NodeId)}).Finish();
    }
  };
  absl::flat_hash_map<identity::Node, NodeId> node_ids_;
  absl::flat_hash_map<std::vector<NodeId>, AssociationId, NodeIdsHash> association_ids_;
};

// How many of an association's identifiers active links connect: they come first, and the rest are generic.
template <typename IsInactive>
size_t ActivePart(const std::vector<NodeId>& members, IsInactive is_inactive) {
  size_t size = members.size();
  // The first has nothing stronger here, so it cannot tell.
  while (size > 1 && is_inactive(members[size - 1])) --size;
  return size;
}

template <typename IsInactive>
identity::UnionFind Loaded::JoinProfiles(IsInactive is_inactive) const {
  identity::UnionFind sets(profiles.size());
  for (const Association& association : associations) {
    const size_t active = ActivePart(association.members, is_inactive);
    const ProfileSlot home = nodes[association.members.front()].slot;
    for (size_t i = 1; i < active; ++i) {
      if (!IsElsewhere(association.members[i])) sets.Join(home, nodes[association.members[i]].slot);
    }
  }
  return sets;
}

}  // namespace kintsugi::graph
