// Graph is the writer's view of the identity graph: the part of it that one group of evidence touches.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "golden/observation.h"
#include "graph/component_delta.h"
#include "graph/evidence_source.h"
#include "graph/loaded.h"
#include "graph/loader.h"
#include "graph/resolver.h"
#include "graph/row_sink.h"
#include "identity/node.h"
#include "identity/resolve.h"
#include "ingest/context.h"

namespace kintsugi::graph {

// All that the sources say of one set of identifiers, which are sorted and distinct.
struct Seen {
  std::vector<identity::Node> identifiers;
  std::vector<Sighting> sightings;
};

// What a group of evidence did, in numbers.
struct Outcome {
  int64_t profiles = 0;  // how many more than before
  int64_t identifiers = 0;
  int64_t associations = 0;
  // What keeps the refused links of generic identifiers apart: for each, different sets of limits
  // (RefusedLink::broken).
  std::map<identity::Node, std::set<uint64_t>> broken_at_hubs;
  // Values that were said and not kept, by source and attribute: SourceStats::values_left_out.
  std::map<std::pair<golden::SourceIndex, std::string>, uint64_t> values_left_out;
};

// Graph loads the profiles that changed evidence touches, and the profiles that active links connect them with
// (loader); takes the changes; resolves each component that they make (resolver); writes the rows of the graph that
// differ; and tells listeners what became of each component.
//
// Conflicts do not make it walk far. A generic identifier's links to stronger ones are inactive, so who they lead to
// does not matter. Refused links are assumed to stay refused, and edges.cc checks that they do. So a hub costs what its
// limit is, and not what its users are.
//
// Use: changes, then Finish() once. Not thread-safe. Errors are the source's, and kDataLoss for damaged rows; after one
// the graph must be thrown away, and what the sink has been given with it.
class Graph {
 public:
  // `has_assertions` false: nothing is asserted, and no identifier needs to be asked. The references outlive it.
  Graph(const ingest::Context& context, const EvidenceSource& source, bool has_assertions)
      : source_(source), loaded_(context), loader_(source, has_assertions, loaded_), observations_(loaded_, source) {}

  // Numbers what the following changes are caused by.
  void BeginCause(uint32_t cause) { cause_ = cause; }

  // Adds what an event says: a sighting of an association, and what was observed of the strongest identifier. A person
  // who was seen like that before, and is in no conflict, need not be loaded for it.
  absl::Status AddEvent(const std::vector<identity::Node>& identifiers, const Sighting& sighting,
                        const std::vector<golden::Observation>& observations);

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

  // Resolves what was touched, writes the rows that changed, and tells the listeners, each in turn, of each component.
  absl::Status Finish(RowSink& sink, std::span<DeltaListener* const> listeners, Outcome& outcome);

  // Loads the components of identifiers that are stored, for explaining them: no change may have been made. Kept as
  // evidence says it, with the links of generic identifiers; the parts can then be asked for.
  absl::Status LoadComponents(const std::vector<identity::Node>& nodes);
  absl::Status LoadComponent(const ProfileId& profile);
  Part GetPart() const { return ResolvePart(loaded_); }
  // How many stronger identifiers of each namespace it has links to.
  absl::StatusOr<std::map<identity::NamespaceIndex, uint64_t>> CountStronger(const identity::Node& node) {
    return loader_.CountStronger(node);
  }

  // How many profiles were read: what a test of bounded cost counts.
  size_t profiles_loaded() const { return loader_.profiles_loaded(); }

 private:
  absl::Status LoadAllConnected();

  // Taking changes: graph.cc
  absl::StatusOr<std::vector<NodeId>> LoadAll(const std::vector<identity::Node>& nodes);
  void NoteTouched(const std::vector<NodeId>& members);
  absl::StatusOr<bool> Observe(Observed& observed, const std::vector<golden::Observation>& observations);
  absl::StatusOr<AssociationId> OwnAssociation(const std::vector<identity::Node>& identifiers);

  // People who are seen again: seen_again.cc
  struct Again {
    std::vector<identity::Node> identifiers;
    std::vector<Sighting> stored;
    std::vector<Sighting> added;
    NodeId home = kNone;
    ProfileId profile;
    uint32_t cause = 0;  // the first that added
  };
  absl::StatusOr<Again*> FindAgain(const std::vector<identity::Node>& identifiers, const Sighting& sighting);
  absl::StatusOr<bool> IsPlainAndSeen(const std::string& key, Again& again);
  absl::StatusOr<bool> MayObserveAgain(NodeId home, const std::vector<golden::Observation>& observations);
  absl::Status LoadSeenAgain();
  absl::Status WriteSeenAgain(RowSink& sink, std::span<DeltaListener* const> listeners);

  // Finishing: finish.cc
  void MarkWithdrawn();
  absl::Status LoadSightingsOf(const std::function<bool(const Association&)>& is_needed);
  absl::Status LoadWhatDecides();
  absl::Status Resolve(const std::vector<std::vector<ProfileSlot>>& components,
                       std::vector<std::vector<Resolved>>& resolved, BrokenAtHubs& broken);
  absl::Status LoadAndSee();
  void MakeChangedWhole();
  // Makes sure that it can be told when each was last seen.
  absl::Status SeeLast(std::span<Resolved> profiles);
  // What touched each component, one component after the other; and where each one's begins, and the last one's ends.
  struct TouchedByComponent {
    std::vector<Touched> touched;
    std::vector<size_t> begins;
    std::span<const Touched> of(size_t component) const {
      return {touched.data() + begins[component], begins[component + 1] - begins[component]};
    }
  };
  TouchedByComponent SortTouched(const std::vector<std::vector<ProfileSlot>>& components) const;
  // `is_kept`, by place: a stored profile whose id a profile has now.
  void WriteProfiles(std::span<Resolved> after, const absl::flat_hash_set<NodeId>& crossed, std::vector<bool>& is_kept,
                     RowSink& sink, Outcome& outcome) const;
  bool IsSaidOtherwise(const Resolved& profile) const;
  void WriteSightings(RowSink& sink) const;
  std::vector<ProfileSlot> WriteVanished(std::span<const ProfileSlot> before, const std::vector<bool>& is_kept,
                                         RowSink& sink, Outcome& outcome) const;
  void WritePairs(RowSink& sink) const;
  void WriteHubs(const BrokenAtHubs& broken, RowSink& sink, Outcome& outcome) const;

  const EvidenceSource& source_;
  Loaded loaded_;
  Loader loader_;
  Observations observations_;
  uint32_t cause_ = 0;
  std::vector<Touched> touched_;
  absl::btree_map<std::string, Again> again_;                     // by the association's key
  absl::flat_hash_map<ProfileId, bool, ProfileIdHash> is_plain_;  // what `evidence` says of those that are not loaded
  std::map<std::pair<golden::SourceIndex, std::string>, uint64_t> values_left_out_;
};

}  // namespace kintsugi::graph
