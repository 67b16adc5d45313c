// Rows on their way into a batch.

#pragma once

#include <string_view>

#include "graph/graph.h"
#include "store/store.h"

namespace kintsugi::write {

// Hands rows on to a batch, which must outlive it.
class BatchRows : public graph::RowSink {
 public:
  explicit BatchRows(store::Batch& batch) : batch_(batch) {}
  void Put(format::Family family, std::string_view key, std::string_view value) override {
    batch_.Put(family, key, value);
  }
  void Delete(format::Family family, std::string_view key) override { batch_.Delete(family, key); }

 private:
  store::Batch& batch_;
};

}  // namespace kintsugi::write
