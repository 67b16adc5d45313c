// RocksDB without the library, for floors and for settling a database before it is measured.

#pragma once

#include <rocksdb/db.h>

#include <memory>
#include <string>
#include <vector>

namespace kintsugi::bench {

// An open database. Fails by ending the program.
class RawRocksDb {
 public:
  // A database that exists, with all of its families, as its own options file describes it.
  static std::unique_ptr<RawRocksDb> OpenExisting(const std::string& path);
  // A new one with the families and options that the library gives its own: a floor that is fair by construction.
  static std::unique_ptr<RawRocksDb> CreateLikeLibrary(const std::string& path);
  ~RawRocksDb();

  rocksdb::DB& db() { return *db_; }
  rocksdb::ColumnFamilyHandle* family(const std::string& name) const;

  // Writes out what is in memory and compacts every family, so that no background work is left over and every
  // key is in one place.
  void Settle();

 private:
  RawRocksDb() = default;
  void Open(const std::string& options_path, const std::string& path);

  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
};

}  // namespace kintsugi::bench
