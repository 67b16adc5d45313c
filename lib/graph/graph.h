// Graph is the writer's view of the identity graph: the part of it that one group of evidence touches.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/table_hash.h"
#include "base/time.h"
#include "golden/observation.h"
#include "identity/node.h"
#include "identity/resolve.h"
#include "identity/union_find.h"
#include "ingest/context.h"
#include "store/store.h"

namespace kintsugi::graph {

// Where changed rows go: a batch of the store, or a collection to compare with what is stored.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void Put(format::Family family, std::string_view key, std::string_view value) = 0;
  virtual void Delete(format::Family family, std::string_view key) = 0;
};

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

// All that the sources say of one set of identifiers, which are sorted and distinct.
struct Seen {
  std::vector<identity::Node> identifiers;
  std::vector<Sighting> sightings;
};

// What a group of evidence did.
struct Outcome {
  // Profiles that were stored before, and what they became, if that is not one from one.
  struct Regrouping {
    struct Moved {
      identity::Node node;
      ProfileId from;
      ProfileId to;
    };
    std::vector<ProfileId> before;  // sorted, as all of these
    std::vector<ProfileId> after;
    std::vector<Moved> moved;
    std::vector<uint32_t> causes;  // the first few, as numbered by Graph::BeginCause
    uint64_t more_causes = 0;
  };

  int64_t profiles = 0;  // how many more than before
  int64_t identifiers = 0;
  int64_t associations = 0;
  std::vector<Regrouping> regroupings;
  std::vector<std::pair<ProfileId, ProfileId>> renamed;  // profiles that have another anchor now: from, to
  // What keeps the refused links of generic identifiers apart: for each, different sets of limits
  // (RefusedLink::broken).
  std::map<identity::Node, std::set<uint64_t>> broken_at_hubs;
  // Values that were said and not kept, by source and attribute: SourceStats::values_left_out.
  std::map<std::pair<golden::SourceIndex, std::string>, uint64_t> values_left_out;
};

// Graph loads the profiles that changed evidence touches, and the profiles that active links connect them with; takes
// the changes; resolves each component that they make; and writes the rows that differ.
//
// Storage is by profile: one `evidence` row holds a profile's identifiers, what was observed of them, and the
// associations whose strongest identifier it holds. An association whose identifiers ended up in several profiles
// is found from the others by its `crossings` rows. So evidence inside one profile, nearly all of it, costs one row
// read and one written, and only conflicts make the graph walk.
//
// Conflicts do not make it walk far either. A generic identifier's links to stronger ones are inactive, so who they
// lead to does not matter; when it was seen, and whether it still is generic, is told by its crossings, which are in
// order of time and need not be read to the end. Refused links are assumed to stay refused, and graph_edges.cc checks
// that they do. So a hub costs what its limit is, and not what its users are.
//
// Use: changes, then Finish() once. Not thread-safe. Errors are the store's, and kDataLoss for damaged rows;
// after one the graph must be thrown away, and nothing has been written.
class Graph {
 public:
  struct Place {
    const store::Store* store = nullptr;  // null: an empty database
    const store::Store::Snapshot* snapshot = nullptr;
    bool has_assertions = false;  // false: nothing is asserted, and no identifier needs to be asked
  };

  Graph(const ingest::Context& context, const Place& place) : context_(context), place_(place) {}

  // Numbers what the following changes are caused by.
  void BeginCause(uint32_t cause) { cause_ = cause; }

  // Adds a sighting of an association. `identifiers` are sorted and distinct. Equal sets are one association, and
  // what one source says of it is merged.
  absl::Status AddSighting(const std::vector<identity::Node>& identifiers, const Sighting& sighting);
  // Withdraws all that a source says of an association; one that nobody speaks of any more is gone.
  absl::Status WithdrawSightings(const std::vector<identity::Node>& identifiers, golden::SourceIndex source);

  // Adds to what was observed of an identifier (events), or replaces it (a record's new version). The identifier
  // must be part of an association that was added.
  absl::Status AddObservations(const identity::Node& node, const std::vector<golden::Observation>& observations);
  absl::Status SetObservations(const identity::Node& node, std::vector<golden::Observation> observations);

  // Says which association the cause withdraws something of, before ReplaceEvents does it.
  absl::Status NoteWithdrawn(const std::vector<identity::Node>& identifiers);
  // Replaces all that events say whose strongest identifier is `node`: every association that begins with it and has
  // no record in it, and what was observed of it.
  absl::Status ReplaceEvents(const identity::Node& node, const std::vector<Seen>& seen,
                             std::vector<golden::Observation> observations);

  // Adds or removes an assertion about two different identifiers; `id` is its own.
  absl::Status AddAssertion(identity::Assertion::Kind kind, const identity::Node& a, const identity::Node& b,
                            const std::string& id);
  absl::Status RemoveAssertion(const identity::Node& a, const identity::Node& b, const std::string& id);

  // Resolves what was touched and writes the rows that changed.
  absl::Status Finish(RowSink& sink, Outcome& outcome);

  // Loads the components of identifiers that are stored, for explaining them: no change may have been made. Kept as
  // evidence says it, with the links of generic identifiers; the parts can then be asked for.
  absl::Status LoadComponents(const std::vector<identity::Node>& nodes);
  absl::Status LoadComponent(const ProfileId& profile);

  // What is loaded, resolved: everything of the components, and the names of generic identifiers beside them.
  struct Part {
    identity::Component component;
    identity::Resolution resolution;
    std::vector<std::optional<ProfileId>> profiles;  // by identifier; none if it is not loaded
    std::vector<Time> first_seen;                    // by identifier
    std::vector<std::vector<Sighting>> sightings;    // by association
    std::vector<std::string> assertion_ids;          // by assertion
  };
  Part GetPart();
  // How many stronger identifiers of each namespace it has links to.
  absl::StatusOr<std::map<identity::NamespaceIndex, uint64_t>> CountStronger(const identity::Node& node);

  // How many profiles were read: what a test of bounded cost counts.
  size_t profiles_loaded() const { return profiles_loaded_; }

 private:
  using NodeId = uint32_t;
  using AssociationId = uint32_t;
  using ProfileSlot = uint32_t;
  static constexpr uint32_t kNone = ~uint32_t{0};
  static constexpr size_t kMaxCauses = 3;  // of one regrouping; the rest is counted

  struct NodeIdsHash {
    size_t operator()(const std::vector<NodeId>& ids) const {
      return TableHash().Add({reinterpret_cast<const char*>(ids.data()), ids.size() * sizeof(NodeId)}).Finish();
    }
  };

  // One end of an assertion.
  struct Pair {
    std::string id;
    identity::Assertion::Kind kind = identity::Assertion::Kind::kSame;
    NodeId other = kNone;
  };

  struct NodeState {
    identity::Node node;
    ProfileSlot slot = kNone;  // kNone: not loaded
    bool crossed = false;      // stored: an association of another profile holds it
    bool was_generic = false;  // as stored
    bool touched = false;      // an association that holds it was changed
    bool withdrawn = false;    // or lost sightings
    bool pairs_changed = false;
    // By the evidence now: after DecodeEvidence as stored, after SeeAgain as it is.
    bool alive = false;           // an association holds it
    uint64_t refused_by = 0;      // stored, of a generic one: limits that refuse its links to weaker ones
    std::optional<bool> generic;  // as it is now, if that had to be found out
    Time first_seen = kNeverFirst;
    Time last_seen = kNeverLast;
    std::vector<golden::Observation> observations;
    std::vector<Pair> pairs;             // by id
    std::vector<AssociationId> held_by;  // filled only if it can be generic
  };

  struct Association {
    std::vector<NodeId> members;  // strongest first
    std::vector<Sighting> sightings;
    std::vector<Sighting> before;  // as stored, if it was changed
    bool changed = false;
    bool stored = false;
    bool homed = false;  // in its home profile's list
  };

  // A profile as it is stored, or a new identifier that has none yet.
  struct Profile {
    ProfileId id;
    bool stored = false;
    bool is_whole = false;  // everything connected with it is loaded, past refused links too
    std::string row;        // its evidence, as stored
    NodeId anchor = kNone;
    std::vector<NodeId> members;
    std::vector<AssociationId> homed;  // those whose strongest identifier it holds
  };

  // A profile as resolved, and the rows it becomes.
  struct Resolved {
    ProfileId id;
    std::vector<NodeId> members;  // in order
    std::vector<AssociationId> homed;
    NodeId anchor = kNone;
  };

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

  // A change, and two identifiers that it concerns: of different profiles, if it concerns several.
  struct Touched {
    uint32_t cause;
    NodeId a;
    NodeId b;
  };

  // Taking changes: graph.cc
  NodeId Intern(identity::NamespaceIndex ns, std::string_view value);
  AssociationId InternAssociation(std::vector<NodeId> members);
  absl::StatusOr<std::vector<NodeId>> TouchAll(const std::vector<identity::Node>& nodes);
  absl::StatusOr<NodeId> Touch(const identity::Node& node);
  void NoteTouched(const std::vector<NodeId>& members, bool withdrawn);
  absl::StatusOr<AssociationId> OwnAssociation(const std::vector<identity::Node>& identifiers, bool withdrawn);

  // Loading: graph_load.cc
  absl::StatusOr<std::optional<std::string>> Get(format::Family family, std::string_view key) const;
  absl::Status LoadNode(NodeId id);
  absl::Status LoadProfile(const ProfileId& id);
  absl::Status LoadPairs(NodeId id);
  absl::Status DecodeEvidence(ProfileSlot slot, std::string_view row);
  absl::Status DecodePairs(NodeId id, std::string_view row);
  // The homes of a member's stored crossings of one kind, in order of key; `visit` returns false to stop.
  absl::Status ScanCrossings(NodeId member, format::CrossingKind kind,
                             const std::function<bool(NodeId home, Time time, std::string_view value)>& visit);
  absl::StatusOr<std::vector<NodeId>> HomesOf(NodeId member, bool inactive_too);
  absl::Status FindOutGeneric(NodeId id);
  absl::Status ForEachStronger(NodeId id, const std::function<bool(NodeId stronger)>& visit);
  void MakeWhole(ProfileSlot slot);
  void MakeAllWhole();
  bool SpreadWholeness();
  absl::Status LoadNeighbours(ProfileSlot slot);
  absl::Status LoadConnected();

  bool CanBeGeneric(NodeId id) const {
    return context_.identity_rules.namespaces[nodes_[id].node.ns].generic_above != 0;
  }
  bool IsGeneric(NodeId id) const { return nodes_[id].generic.value_or(nodes_[id].was_generic); }
  // Generic, and it was before.
  bool IsHub(NodeId id) const { return nodes_[id].was_generic && IsGeneric(id); }
  // How many of an association's identifiers active links connect: they come first, and the rest are generic.
  template <typename IsInactive>
  static size_t ActivePart(const std::vector<NodeId>& members, IsInactive is_inactive);

  // Leaving alone what cannot change: graph_edges.cc
  void KeepBefore(Association& association) const;
  void LookPastEdgesOfChanged();
  absl::Status LoadRefusals();
  bool IsElsewhere(NodeId id) const { return nodes_[id].slot == kNone; }
  bool IsWhole(const Association& association) const {
    return profiles_[nodes_[association.members.front()].slot].is_whole;
  }
  bool HasEdges() const;
  std::vector<NodeId> EndsOfOpenEdges() const;
  void NoteRefusals(const std::vector<NodeId>& ids, const identity::Resolution& resolution);
  void WriteHubs(RowSink& sink, Outcome& outcome) const;

  // Resolving: graph_finish.cc
  std::vector<std::vector<ProfileSlot>> Components() const;
  absl::Status LoadAndSee();
  absl::Status SeeAgain();
  absl::Status SeeElsewhere(NodeId id);
  // Which evidence, and how much of it: `kBefore` is what is stored, and inactive links are in `kWhole` only, for they
  // connect nobody.
  enum class Extent { kBefore, kNow, kWhole };
  identity::Component ComponentOf(const std::vector<NodeId>& ids, const std::vector<AssociationId>& associations,
                                  const absl::flat_hash_map<NodeId, uint32_t>& index, Extent extent) const;
  // Puts them in order, each once, and tells the place of each.
  absl::flat_hash_map<NodeId, uint32_t> SortAndNumber(std::vector<NodeId>& ids) const;
  std::vector<Resolved> ResolveComponent(const std::vector<ProfileSlot>& slots);

  // Writing: graph_finish.cc, graph_rows.cc
  template <typename IsOutside, typename IsGenericNode>
  void CollectCrossings(const std::vector<AssociationId>& homed, IsOutside is_outside, IsGenericNode is_generic,
                        Crossings& out) const;
  void NormaliseCrossings(Crossings& crossings) const;
  void RememberCrossings(ProfileSlot slot);
  Crossings CrossingsOf(const std::vector<Resolved>& resolved) const;
  void WriteCrossings(const Crossings& now, RowSink& sink) const;
  std::string EncodeEvidence(const Resolved& profile, const absl::flat_hash_set<NodeId>& crossed) const;
  std::string EncodeGolden(const Resolved& profile) const;
  std::string EncodeCrossing(const CrossingState& state) const;
  std::string EncodePairs(const std::vector<Pair>& pairs) const;
  void WriteProfile(const Resolved& profile, const absl::flat_hash_set<NodeId>& crossed, RowSink& sink) const;
  void WriteVanished(const absl::flat_hash_set<ProfileId, ProfileIdHash>& ids, RowSink& sink, Outcome& outcome) const;
  void WritePairs(RowSink& sink) const;
  void TellRegroupings(const std::vector<Resolved>& resolved, Outcome& outcome) const;
  void AddCauses(identity::UnionFind& sets, absl::flat_hash_map<uint32_t, Outcome::Regrouping>& groups) const;

  const ingest::Context& context_;
  const Place place_;
  uint32_t cause_ = 0;

  std::vector<NodeState> nodes_;
  std::vector<Association> associations_;
  std::vector<Profile> profiles_;
  std::vector<Touched> touched_;
  absl::flat_hash_map<identity::Node, NodeId> node_ids_;
  absl::flat_hash_map<std::vector<NodeId>, AssociationId, NodeIdsHash> association_ids_;
  absl::flat_hash_map<ProfileId, ProfileSlot, ProfileIdHash> slots_;  // of stored profiles
  Crossings stored_crossings_;                                        // of the profiles that are loaded
  absl::flat_hash_set<NodeId> crossed_elsewhere_;                     // by profiles that are not loaded
  absl::flat_hash_map<NodeId, std::set<uint64_t>> broken_at_hubs_;    // RefusedLink::broken of what was resolved
  ProfileSlot next_to_look_round_ = 0;            // those before it have been, unless they are here:
  std::vector<ProfileSlot> whole_to_look_round_;  // they are whole since
  bool has_whole_ = false;
  size_t profiles_loaded_ = 0;
  std::map<std::pair<golden::SourceIndex, std::string>, uint64_t> values_left_out_;
};

template <typename IsInactive>
size_t Graph::ActivePart(const std::vector<NodeId>& members, IsInactive is_inactive) {
  size_t size = members.size();
  // The first has nothing stronger here, so it cannot tell.
  while (size > 1 && is_inactive(members[size - 1])) --size;
  return size;
}

}  // namespace kintsugi::graph
