// Batch is what is written together.

#pragma once

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <functional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "format/family.h"

namespace kintsugi::store {

// A group of writes that happens whole or not at all.
class Batch {
 public:
  void Put(format::Family family, std::string_view key, std::string_view value);
  void Delete(format::Family family, std::string_view key);
  void Clear() { batch_.Clear(); }

  // Visits the keys that are put or deleted, in their order. The views are valid as long as the batch does not change.
  absl::Status ForEachKey(const std::function<void(format::Family, std::string_view key)>& visit) const;

 private:
  friend class Store;
  explicit Batch(const std::vector<rocksdb::ColumnFamilyHandle*>& handles) : handles_(handles) {}
  const std::vector<rocksdb::ColumnFamilyHandle*>& handles_;
  rocksdb::WriteBatch batch_;
};

}  // namespace kintsugi::store
