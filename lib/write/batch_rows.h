// Rows on their way into a batch.

#pragma once

#include <string_view>

#include "graph/row_sink.h"
#include "store/store.h"
#include "write/cache_marks.h"

namespace kintsugi::write {

// Hands rows on to a batch, and notes what they change for those who look up, if anybody does. Both must outlive it.
class BatchRows : public graph::RowSink {
 public:
  explicit BatchRows(store::Batch& batch, CacheMarks* marks = nullptr) : batch_(batch), marks_(marks) {}
  void Put(format::Family family, std::string_view key, std::string_view value) override {
    batch_.Put(family, key, value);
    if (marks_ != nullptr) marks_->Note(family, key);
  }
  void Delete(format::Family family, std::string_view key) override {
    batch_.Delete(family, key);
    if (marks_ != nullptr) marks_->Note(family, key);
  }

 private:
  store::Batch& batch_;
  CacheMarks* marks_;
};

}  // namespace kintsugi::write
