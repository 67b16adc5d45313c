// Loader brings the part of the identity graph into memory that changed evidence touches.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "format/keys.h"
#include "graph/crossings.h"
#include "graph/evidence_source.h"
#include "graph/loaded.h"

namespace kintsugi::graph {

// Loads profiles, those that active links connect with them, and as little as possible of what lies beyond: what an
// identifier that many share is linked with is read from its crossings, which are in order of time and need not be read
// to the end.
//
// Storage is by profile: one `evidence` row holds a profile's identifiers and the associations whose strongest
// identifier it holds; when those were seen is a row each. An association whose identifiers ended up in several
// profiles is found from the others by its `crossings` rows. So evidence inside one profile, nearly all of it, costs
// one row read, and only conflicts make the loader walk.
//
// Not thread-safe. Errors are the source's, and kDataLoss for damaged rows; after one, what is loaded must be thrown
// away.
class Loader {
 public:
  // `has_assertions` false: nothing is asserted, and no identifier needs to be asked. The references outlive it.
  Loader(const EvidenceSource& source, bool has_assertions, Loaded& loaded)
      : source_(source), has_assertions_(has_assertions), loaded_(loaded) {}

  // The identifier, with the profile that holds it; a new one is a profile of its own.
  absl::StatusOr<NodeId> Load(const identity::Node& node);
  absl::Status LoadNode(NodeId id);
  // One of which nothing is stored, and who is not loaded.
  absl::Status AddNew(NodeId id);
  absl::Status LoadProfile(const ProfileId& id);

  // Everything that is connected with the profile will be loaded, past refused links too.
  void MakeWhole(ProfileSlot slot);
  void MakeAllWhole();
  // What is connected with what is loaded.
  absl::Status LoadConnected();

  // The sightings of those that have none yet.
  absl::Status LoadSightings(const std::vector<AssociationId>& associations);

  // Whether a touched identifier is generic by the evidence as it is now.
  absl::Status FindOutGeneric(NodeId id);
  // How many stronger identifiers of each namespace it has links to.
  absl::StatusOr<std::map<identity::NamespaceIndex, uint64_t>> CountStronger(const identity::Node& node);
  // What refuses the links of generic identifiers to weaker ones: NodeState::refused_by.
  absl::Status LoadRefusals();
  // Adds to when a generic identifier was seen what profiles that are not loaded know of it.
  absl::Status SeeElsewhere(NodeId id);
  absl::Status SeeLastElsewhere(NodeId id);
  void ForgetElsewhere() { crossed_elsewhere_.clear(); }

  // Crossings of the profiles that are loaded, as stored; and identifiers that others cross, too.
  const Crossings& stored_crossings() const { return stored_crossings_; }
  const absl::flat_hash_set<NodeId>& crossed_elsewhere() const { return crossed_elsewhere_; }
  size_t profiles_loaded() const { return profiles_loaded_; }

 private:
  absl::Status LoadCrossings(ProfileSlot slot);
  absl::Status LoadPairs(NodeId id);
  absl::Status LoadNeighbours(ProfileSlot slot);
  bool SpreadWholeness();
  // The homes of a member's stored crossings of one kind, in order of key.
  using VisitCrossing = std::function<VisitResult(NodeId home, Time time, std::string_view row)>;
  absl::Status ScanCrossings(NodeId member, format::CrossingKind kind, const VisitCrossing& visit);
  absl::StatusOr<std::vector<NodeId>> HomesOf(NodeId member, bool inactive_too);
  absl::Status ForEachStronger(NodeId id, const std::function<bool(NodeId stronger)>& visit);

  const EvidenceSource& source_;
  const bool has_assertions_;
  Loaded& loaded_;
  Crossings stored_crossings_;
  absl::flat_hash_set<NodeId> crossed_elsewhere_;
  ProfileSlot next_to_look_round_ = 0;            // those before it have been, unless they are here:
  std::vector<ProfileSlot> whole_to_look_round_;  // they are whole since
  bool has_whole_ = false;
  size_t profiles_loaded_ = 0;
};

}  // namespace kintsugi::graph
