// What RocksDB does for a call.

#pragma once

#include <rocksdb/perf_context.h>
#include <rocksdb/perf_level.h>

namespace kintsugi {

// What it counts in this thread while `call` runs.
template <typename Call>
rocksdb::PerfContext CountedWhile(const Call& call) {
  const auto level = rocksdb::GetPerfLevel();
  rocksdb::SetPerfLevel(rocksdb::kEnableCount);
  rocksdb::get_perf_context()->Reset();
  call();
  rocksdb::PerfContext counted = *rocksdb::get_perf_context();
  rocksdb::SetPerfLevel(level);
  return counted;
}

}  // namespace kintsugi
