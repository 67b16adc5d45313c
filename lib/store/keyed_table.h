// What RocksDB keeps rows in until they are flushed, where they are asked for by key.

#pragma once

#include <rocksdb/memtablerep.h>

#include <cstddef>
#include <memory>

namespace kintsugi::store {

// Makes memory tables that find and add a key in constant time, and that put their rows in order only when somebody
// wants them so: a flush, once, or a scan, which sorts the rows that came since the last one and merges the two.
// RocksDB has tables that do either well, and none that does both (docs/decisions/0028-gains-on-the-write-path.md).
//
// For RocksDB's usual order of keys, that of their bytes, and no timestamps in them. Who chooses keys cannot choose
// their buckets. The newest row of a key is found first, and an older one, for a snapshot, by way of all newer ones.
//
// One thread writes at a time (Options::allow_concurrent_memtable_write is off), any number read. `buckets`: as many as
// rows are expected; eight bytes each are set to zero when a table is made. What is sorted takes 24 bytes a row that
// RocksDB does not count, while a table is flushed or from when it is scanned.
std::unique_ptr<rocksdb::MemTableRepFactory> NewKeyedTableFactory(size_t buckets);

// How many keys the fullest bucket has of a table that such a factory made. Not beside a writer.
size_t FullestBucketForTesting(const rocksdb::MemTableRep& table);

}  // namespace kintsugi::store
