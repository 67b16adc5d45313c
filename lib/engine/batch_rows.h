// Rows on their way into a batch.

#pragma once

#include <string_view>

#include "engine/graph.h"
#include "storage/store.h"

namespace kintsugi::engine {

// Hands rows on to a batch, which must outlive it.
class BatchRows : public RowSink {
 public:
  explicit BatchRows(storage::Batch& batch) : batch_(batch) {}
  void Put(storage::Family family, std::string_view key, std::string_view value) override {
    batch_.Put(family, key, value);
  }
  void Delete(storage::Family family, std::string_view key) override { batch_.Delete(family, key); }

 private:
  storage::Batch& batch_;
};

}  // namespace kintsugi::engine
