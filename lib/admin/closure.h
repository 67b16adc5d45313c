// Whose evidence decides about some identifiers as of some time: found from what is stored now.

#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "admin/decisions.h"
#include "admin/record_versions.h"
#include "graph/evidence_source.h"
#include "graph/loaded.h"
#include "graph/loader.h"
#include "graph/row_sink.h"
#include "identity/node.h"
#include "ingest/context.h"
#include "ingest/prepare.h"

namespace kintsugi::admin {

// Closure goes from identifier to identifier, over all that connects two of them as of any time from `earliest` to
// `latest`: what was seen together by then, also where the link is refused today; versions of records that are kept;
// and assertions, also those that were taken back later. What it reaches is at least the components of where it began.
//
// It does not go on beyond an identifier that is generic as of all these times, so that whoever used a kiosk does not
// lead to all who did. A few associations show that it is: witnesses, who have to be told beside the evidence. Where it
// is not certain, it goes on.
//
// Not thread-safe. Errors are the source's, and kDataLoss for damaged rows. Cost: that of what it reaches, each row
// read once, and of the witnesses. Of a generic identifier that it reaches itself, all that it was ever seen with is
// read.
class Closure {
 public:
  // The references outlive it.
  Closure(const ingest::Context& context, const graph::EvidenceSource& rows, const Decisions& decisions, Time earliest,
          Time latest);

  absl::Status Reach(std::span<const identity::Node> from);

  // The evidence of all that was reached, up to the latest time: rows of `events`, `records`, `versions` and
  // `assertions`, as they are stored.
  absl::Status CopyEvidence(graph::RowSink& out);

  // Somebody who was seen with a generic identifier, and is not reached.
  struct Witness {
    std::vector<identity::Node> identifiers;
    graph::Sighting sighting;
  };
  std::vector<Witness> Witnesses() const;

 private:
  using NodeId = graph::NodeId;
  using AssociationId = graph::AssociationId;

  void Add(NodeId id);
  absl::Status GoOnFrom(NodeId id);
  absl::Status FollowAssociations(NodeId id);
  absl::Status FollowVersions(NodeId record);
  absl::Status FollowVersionsThatSay(NodeId id);
  void FollowDecisions(NodeId id);
  // `members`: of an association that holds the identifier, strongest first.
  absl::Status Connect(NodeId id, const std::vector<NodeId>& members);

  // An identifier's links to stronger ones as of the earliest time, as far as it takes to tell whether it was generic.
  struct LinksThen {
    bool is_generic = false;  // certainly
    size_t counted = 0;       // of the associations that hold it
    absl::flat_hash_map<identity::NamespaceIndex, absl::flat_hash_set<NodeId>> stronger;
    std::vector<std::pair<AssociationId, graph::Sighting>> witnesses;
  };
  absl::StatusOr<bool> IsGenericThen(NodeId id);
  absl::Status FindWitnesses(NodeId id, LinksThen& links);
  absl::Status CountLoaded(NodeId id, LinksThen& links);

  // What is stored of the graph: an identifier's profile, and the associations that hold an identifier.
  absl::Status Load(NodeId id);
  absl::Status LoadHomes(NodeId id);
  using VisitHome = std::function<VisitResult(NodeId home, Time first_seen)>;
  absl::Status ScanHomes(NodeId id, const VisitHome& visit);
  // Somebody who says the association as of a time; null if nobody does.
  absl::StatusOr<const graph::Sighting*> SeenBy(AssociationId id, Time time);
  // Null if there is no such record.
  absl::StatusOr<const RecordVersions*> VersionsOf(NodeId record);
  absl::StatusOr<std::vector<NodeId>> IdentifiersOf(NodeId record, const stored::Record& version);
  golden::SourceIndex SourceOf(NodeId record) const;

  absl::Status CopyEvents(NodeId id, graph::RowSink& out) const;
  absl::Status CopyRecord(NodeId record, graph::RowSink& out) const;
  void CopyDecisions(NodeId id, graph::RowSink& out);

  const ingest::Context& context_;
  const graph::EvidenceSource& rows_;
  const Decisions& decisions_;
  const ingest::Preparer preparer_;
  const Time earliest_;
  const Time latest_;
  bool has_tables_ = false;
  bool keeps_versions_ = false;

  graph::Loaded loaded_;
  graph::Loader loader_;
  size_t indexed_ = 0;  // of the associations that are loaded
  absl::flat_hash_map<NodeId, std::vector<AssociationId>> associations_of_;
  std::map<NodeId, std::optional<RecordVersions>> versions_of_;

  absl::flat_hash_set<NodeId> reached_;
  std::deque<NodeId> waiting_;
  std::map<NodeId, LinksThen> links_;
  std::set<NodeId> beyond_;  // generic ones, where it did not go on
};

}  // namespace kintsugi::admin
