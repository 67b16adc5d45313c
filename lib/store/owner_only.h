// Files that are their owner's alone: a database holds what people are known by.

#pragma once

#include <rocksdb/env.h>

#include <memory>
#include <string>

namespace kintsugi::store {

// Makes the file if it is not there; in either case nobody but its owner may read or write it afterwards, whatever the
// umask. False, with `errno`, if that cannot be.
bool MakeOwnerOnly(const std::string& path);

// `base` (RocksDB's default if null, and it must outlive the result), but each file that is made is its owner's alone
// from its first moment. RocksDB itself takes the umask's word for it.
std::unique_ptr<rocksdb::Env> OwnerOnlyEnv(rocksdb::Env* base);

}  // namespace kintsugi::store
