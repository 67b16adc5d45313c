// What RocksDB keeps rows in until they are flushed, where they are asked for by key.

#pragma once

#include <rocksdb/memtablerep.h>

#include <cstddef>
#include <memory>

namespace kintsugi::store {

// Makes memory tables that find and add a key in constant time, and that put their rows in order only when somebody
// wants them so: a flush, once, or a scan, each time (n log n). RocksDB's hash table does the first but makes a skip
// list for the second, which takes longer than having had one from the start; its vector does the second only. Here
// both lead to each row (docs/decisions/0019-rows-in-a-hash-table.md).
//
// Who chooses keys cannot choose their buckets; and a bucket of more than 256 rows is a skip list.
//
// One thread writes at a time (Options::allow_concurrent_memtable_write is off), any number read. Iterators go
// forwards. `buckets`: as many as rows are expected; eight bytes each are set to zero when a table is made. The vector
// takes 8 to 16 bytes a row, which RocksDB's budget for all memory tables does not count.
std::unique_ptr<rocksdb::MemTableRepFactory> NewKeyedTableFactory(size_t buckets);

}  // namespace kintsugi::store
