// Between RocksDB's types and ours.

#pragma once

#include <rocksdb/slice.h>
#include <rocksdb/status.h>

#include <string_view>

#include "absl/status/status.h"

namespace kintsugi::store {

inline rocksdb::Slice ToSlice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
inline std::string_view ToView(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

// What RocksDB's status means to a caller.
absl::Status ToStatus(const rocksdb::Status& status, std::string_view what);

}  // namespace kintsugi::store
