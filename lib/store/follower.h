// Follower reads a database that another process may be writing.

#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace kintsugi::store {

// Opens an instance of the database and brings in what is written meanwhile. Whoever calls it keeps others from reading
// the instance.
class Follower {
 public:
  Follower(rocksdb::Options base, std::string path, std::vector<rocksdb::ColumnFamilyDescriptor> families);
  // In place of the instance that is open, if there is one.
  absl::Status Open(std::vector<rocksdb::ColumnFamilyHandle*>& handles, std::unique_ptr<rocksdb::DB>& db);
  // `is_same`: certainly nothing was written.
  absl::Status CatchUp(std::vector<rocksdb::ColumnFamilyHandle*>& handles, std::unique_ptr<rocksdb::DB>& db,
                       bool& is_same);
  // Catching up broke off half way: the instance may hold half a group, and must not be read.
  bool is_torn() const { return is_torn_; }

 private:
  rocksdb::Options base_;
  const std::string path_;
  const std::vector<rocksdb::ColumnFamilyDescriptor> families_;
  std::string identity_;  // a migrated database has another
  std::string manifest_;  // as of when the instance was opened
  bool is_torn_ = false;
};

}  // namespace kintsugi::store
