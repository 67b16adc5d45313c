// Rows on their way into a batch.

#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "absl/container/btree_map.h"
#include "graph/row_sink.h"
#include "store/store.h"
#include "write/cache_marks.h"

namespace kintsugi::write {

// Hands rows on to a batch, and notes what they change for those who look up, if anybody does. Both must outlive it.
//
// Rows of `due` and `members` wait for Finish(), to come in order of their keys: profiles are due at any time, and
// RocksDB's skip list takes rows that lie close to one another for a third of what finding each one's place costs.
class BatchRows : public graph::RowSink {
 public:
  explicit BatchRows(store::Batch& batch, CacheMarks* marks = nullptr) : batch_(batch), marks_(marks) {}
  void Put(format::Family family, std::string_view key, std::string_view value) override {
    if (Waits(family)) {
      waiting_.insert_or_assign({family, std::string(key)}, true);
      return;
    }
    batch_.Put(family, key, value);
    if (marks_ != nullptr) marks_->Note(family, key);
  }
  void Delete(format::Family family, std::string_view key) override {
    if (Waits(family)) {
      waiting_.insert_or_assign({family, std::string(key)}, false);
      return;
    }
    batch_.Delete(family, key);
    if (marks_ != nullptr) marks_->Note(family, key);
  }
  // After the last row, before the batch is written. Then it is as it was made.
  void Finish() {
    for (const auto& [row, is_there] : waiting_) {
      if (is_there)
        batch_.Put(row.first, row.second, {});
      else
        batch_.Delete(row.first, row.second);
    }
    waiting_.clear();
  }

 private:
  // Both have keys only.
  static bool Waits(format::Family family) {
    return family == format::Family::kDue || family == format::Family::kMembers;
  }

  store::Batch& batch_;
  CacheMarks* marks_;
  absl::btree_map<std::pair<format::Family, std::string>, bool> waiting_;  // whether it is there
};

}  // namespace kintsugi::write
