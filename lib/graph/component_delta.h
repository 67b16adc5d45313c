// ComponentDelta is what a group of evidence made of one component: what everything that is derived is told by.

#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/status.h"
#include "graph/crossings.h"
#include "graph/loaded.h"
#include "graph/observations.h"
#include "graph/row_sink.h"

namespace kintsugi::graph {

// A change, and two identifiers that it concerns: of different profiles, if it concerns several.
struct Touched {
  uint32_t cause;  // as numbered by Graph::BeginCause
  NodeId a;
  NodeId b;
};

// A view of what the graph holds; valid during DeltaListener::OnComponent.
struct ComponentDelta {
  const Loaded& loaded;                   // every identifier as it is by now
  Observations& observations;             // what was observed of it
  std::span<const ProfileSlot> before;    // profiles that were stored, and new identifiers that had none
  std::span<const Resolved> after;        // the profiles now
  std::span<const ProfileSlot> vanished;  // those of `before` that were stored, and whose id no profile has any more
  std::span<const Touched> touched;       // what changed here, in order of causes
};

// A profile of which nothing changed but when it was last seen, and what was observed of its identifiers: values that
// ask for no others to survive (golden::Rules::SurviveWith). It was not loaded.
struct SeenAgain {
  ProfileId id;
  std::vector<NodeId> homes;  // of the associations that were seen again
  Time last_seen = kNeverLast;
};

// Turns what became of components into rows of the same batch. One for each thing that is derived: golden records,
// history. What is wrong with stored rows is returned.
class DeltaListener {
 public:
  virtual ~DeltaListener() = default;
  virtual absl::Status OnComponent(const ComponentDelta& delta, RowSink& sink) = 0;
  virtual absl::Status OnSeenAgain(const SeenAgain&, Observations&, RowSink&) { return absl::OkStatus(); }
};

}  // namespace kintsugi::graph
