// How RocksDB is set up: for point reads and writes of single rows (docs/decisions/0017-options-for-point-reads.md and
// 0019-rows-in-a-hash-table.md), and so that it leaves errors to whoever called.

#pragma once

#include <rocksdb/db.h>

#include <vector>

#include "kintsugi/options.h"

namespace kintsugi::store {

// `env` is RocksDB's default if null; it must outlive the database.
rocksdb::Options DatabaseOptions(const Options& options, rocksdb::Env* env);
// In the order of Family. They share the block cache of `database`.
std::vector<rocksdb::ColumnFamilyDescriptor> FamiliesFor(const rocksdb::Options& database);

}  // namespace kintsugi::store
