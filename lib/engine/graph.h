// Graph is the writer's view of the identity graph: the part of it that one group of evidence touches.

#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/context.h"
#include "golden/observation.h"
#include "identity/node.h"
#include "storage/store.h"

namespace kintsugi::engine {

// Where changed rows go: a batch of the store, or a collection to compare with what is stored.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void Put(storage::Family family, std::string_view key, std::string_view value) = 0;
  virtual void Delete(storage::Family family, std::string_view key) = 0;
};

// Ids are hashes already.
struct ProfileIdHash {
  size_t operator()(const ProfileId& id) const {
    size_t hash = 0;
    std::memcpy(&hash, id.bytes.data(), sizeof(hash));
    return hash;
  }
};

// How a group of evidence changed the counts.
struct CountChanges {
  int64_t profiles = 0;
  int64_t identifiers = 0;
  int64_t associations = 0;
};

// What one source says of one association.
struct Sighting {
  golden::SourceIndex source = 0;
  Time first_seen = kNeverFirst;
  Time last_seen = kNeverLast;
  uint64_t count = 0;
};

// Graph loads the profiles that changed evidence touches, and the profiles that refused links connect them with;
// takes the changes; resolves each component that they make; and writes the rows that differ.
//
// Storage is by profile: one `evidence` row holds a profile's identifiers, what was observed of them, and the
// associations whose strongest identifier it holds. An association whose identifiers ended up in several profiles
// (a link was refused) is found from the others by its `crossings` rows. So evidence inside one profile, nearly
// all of it, costs one row read and one written, and only conflicts make the graph walk.
//
// Use: changes, then Finish() once. Not thread-safe. Errors are the store's, and kDataLoss for damaged rows;
// after one the graph must be thrown away, and nothing has been written.
class Graph {
 public:
  // A null store is an empty database.
  Graph(const Context& context, const storage::Store* store) : context_(context), store_(store) {}

  // Adds a sighting of an association. `identifiers` are sorted and distinct. Equal sets are one association, and
  // what one source says of it is merged.
  absl::Status AddSighting(const std::vector<identity::Node>& identifiers, const Sighting& sighting);
  // Withdraws all that a source says of an association; one that nobody speaks of any more is gone.
  absl::Status WithdrawSightings(const std::vector<identity::Node>& identifiers, golden::SourceIndex source);

  // Adds to what was observed of an identifier (events), or replaces it (a record's new version). The identifier
  // must be part of an association that was added.
  absl::Status AddObservations(const identity::Node& node, const std::vector<golden::Observation>& observations);
  absl::Status SetObservations(const identity::Node& node, std::vector<golden::Observation> observations);

  // Resolves what was touched and writes the rows that changed.
  absl::Status Finish(RowSink& sink, CountChanges& changes);

 private:
  using NodeId = uint32_t;
  using AssociationId = uint32_t;
  using ProfileSlot = uint32_t;
  static constexpr uint32_t kNone = ~uint32_t{0};

  struct NodeState {
    identity::Node node;
    ProfileSlot slot = kNone;  // kNone: not loaded
    bool crossed = false;      // stored: an association of another profile holds it
    bool alive = false;        // an association holds it
    Time first_seen = kNeverFirst;
    Time last_seen = kNeverLast;
    std::vector<golden::Observation> observations;
  };

  struct Association {
    std::vector<NodeId> members;  // strongest first
    std::vector<Sighting> sightings;
    bool stored = false;
    bool homed = false;  // in its home profile's list
  };

  // A profile as it is stored, or a new identifier that has none yet.
  struct Profile {
    ProfileId id;
    bool stored = false;
    std::string row;  // its evidence, as stored
    NodeId anchor = kNone;
    std::vector<NodeId> members;
    std::vector<AssociationId> homed;  // those whose strongest identifier it holds
  };

  // A profile as resolved, and the rows it becomes.
  struct Resolved {
    std::vector<NodeId> members;  // in order
    std::vector<AssociationId> homed;
    NodeId anchor = kNone;
  };

  // A member of an association and that association's strongest identifier, in different profiles.
  using Crossing = std::pair<NodeId, NodeId>;

  NodeId Intern(identity::NamespaceIndex ns, std::string_view value);
  AssociationId InternAssociation(std::vector<NodeId> members);
  absl::StatusOr<std::vector<NodeId>> TouchAll(const std::vector<identity::Node>& nodes);
  absl::StatusOr<NodeId> Touch(const identity::Node& node);
  absl::Status LoadNode(NodeId id);
  absl::Status LoadProfile(const ProfileId& id, ProfileSlot& slot);
  absl::Status DecodeEvidence(ProfileSlot slot, std::string_view row);

  absl::Status LoadNeighbours(ProfileSlot slot);
  absl::Status LoadConnected();
  std::vector<std::vector<ProfileSlot>> Components() const;
  std::vector<Resolved> ResolveComponent(const std::vector<ProfileSlot>& slots);
  void SeeAgain(const std::vector<ProfileSlot>& slots);
  std::string EncodeEvidence(const Resolved& profile, const absl::flat_hash_set<NodeId>& crossed) const;
  std::string EncodeGolden(const Resolved& profile) const;
  void WriteCrossings(const absl::flat_hash_set<Crossing>& now, RowSink& sink) const;
  void WriteProfile(const Resolved& profile, const ProfileId& id, const absl::flat_hash_set<NodeId>& crossed,
                    RowSink& sink) const;
  void WriteVanished(const absl::flat_hash_set<ProfileId, ProfileIdHash>& ids, RowSink& sink,
                     CountChanges& changes) const;

  const Context& context_;
  const storage::Store* store_;

  std::vector<NodeState> nodes_;
  std::vector<Association> associations_;
  std::vector<Profile> profiles_;
  absl::flat_hash_map<identity::Node, NodeId> node_ids_;
  absl::flat_hash_map<std::vector<NodeId>, AssociationId> association_ids_;
  absl::flat_hash_map<ProfileId, ProfileSlot, ProfileIdHash> slots_;  // of stored profiles
  absl::flat_hash_set<Crossing> stored_crossings_;                    // of the profiles that are loaded
};

}  // namespace kintsugi::engine
