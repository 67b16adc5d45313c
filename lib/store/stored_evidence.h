// The rows of a store, for the graph.

#pragma once

#include "graph/evidence_source.h"
#include "store/store.h"

namespace kintsugi::store {

// Of a snapshot, or of what is there now, which must not change meanwhile. Both outlive it. Safe from many threads.
class StoredEvidence : public graph::EvidenceSource {
 public:
  explicit StoredEvidence(const Store& store, const Store::Snapshot* snapshot = nullptr)
      : store_(store), snapshot_(snapshot) {}

  absl::StatusOr<std::optional<std::string>> Get(format::Family family, std::string_view key) const override {
    return store_.Get(family, key, snapshot_);
  }
  absl::StatusOr<std::vector<std::optional<std::string>>> GetMany(format::Family family,
                                                                  const std::vector<std::string>& keys) const override {
    return store_.GetMany(family, keys, snapshot_);
  }
  absl::Status ScanFrom(format::Family family, std::string_view prefix, std::string_view begin,
                        const Visit& visit) const override {
    return store_.ScanFrom(family, prefix, begin, visit, snapshot_);
  }
  absl::Status ScanBack(format::Family family, std::string_view prefix, std::string_view end,
                        const Visit& visit) const override {
    return store_.ScanBetween(family, prefix, end, Store::Direction::kBackwards, visit, snapshot_);
  }

 private:
  const Store& store_;
  const Store::Snapshot* const snapshot_;
};

}  // namespace kintsugi::store
