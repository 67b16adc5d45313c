// Rows on their way into a batch.

#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "engine/graph.h"
#include "storage/store.h"

namespace kintsugi::engine {

// Hands rows to a batch in order of key: RocksDB inserts neighbours far faster than keys here and there.
class SortedRows : public RowSink {
 public:
  void Put(storage::Family family, std::string_view key, std::string_view value) override {
    rows_.push_back({family, std::string(key), std::string(value)});
  }
  void Delete(storage::Family family, std::string_view key) override {
    rows_.push_back({family, std::string(key), std::nullopt});
  }

  void MoveTo(storage::Batch& batch) {
    std::sort(rows_.begin(), rows_.end(),
              [](const Row& a, const Row& b) { return std::tie(a.family, a.key) < std::tie(b.family, b.key); });
    for (const Row& row : rows_) {
      if (row.value)
        batch.Put(row.family, row.key, *row.value);
      else
        batch.Delete(row.family, row.key);
    }
    rows_.clear();
  }

 private:
  struct Row {
    storage::Family family;
    std::string key;
    std::optional<std::string> value;  // none: deleted
  };
  std::vector<Row> rows_;
};

}  // namespace kintsugi::engine
