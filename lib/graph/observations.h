// Observations are what was observed of identifiers that are loaded.

#pragma once

#include "absl/container/node_hash_map.h"
#include "absl/status/status.h"
#include "graph/evidence_source.h"
#include "graph/loaded.h"
#include "graph/observed.h"
#include "graph/row_sink.h"

namespace kintsugi::graph {

// By identifier; each is loaded when it is first asked for. Not thread-safe. The references outlive it.
class Observations {
 public:
  Observations(const Loaded& loaded, const EvidenceSource& source) : loaded_(loaded), source_(source) {}

  Observed& of(NodeId id) {
    const NodeState& node = loaded_.nodes[id];
    return by_node_.try_emplace(id, loaded_.context, source_, node.node, node.was_observed).first->second;
  }
  // Of an identifier that is not loaded, and of which something may be stored.
  Observed& OfUnloaded(NodeId id) {
    return by_node_.try_emplace(id, loaded_.context, source_, loaded_.nodes[id].node, true).first->second;
  }
  // Null unless it was asked for.
  const Observed* Find(NodeId id) const {
    const auto at = by_node_.find(id);
    return at == by_node_.end() ? nullptr : &at->second;
  }

  // Null unless it was changed.
  const Observed* FindChanged(NodeId id) const {
    const Observed* observed = Find(id);
    return observed != nullptr && observed->is_changed() ? observed : nullptr;
  }

  // As it is now; after Settle(), if there were changes.
  bool IsAny(NodeId id) const {
    const Observed* changed = FindChanged(id);
    return changed != nullptr ? !changed->is_empty() : loaded_.nodes[id].was_observed;
  }
  bool HasNulls(NodeId id) const {
    const Observed* changed = FindChanged(id);
    return changed != nullptr ? changed->has_nulls() : loaded_.nodes[id].had_nulls;
  }

  absl::Status Settle() {
    for (auto& [id, observed] : by_node_) {
      if (auto status = observed.Settle(); !status.ok()) return status;
    }
    return absl::OkStatus();
  }
  void Write(RowSink& sink) const {
    for (const auto& [id, observed] : by_node_) observed.Write(sink);
  }

 private:
  const Loaded& loaded_;
  const EvidenceSource& source_;
  absl::node_hash_map<NodeId, Observed> by_node_;
};

}  // namespace kintsugi::graph
