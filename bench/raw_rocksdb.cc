#include "bench/raw_rocksdb.h"

#include <rocksdb/cache.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/options_util.h>

#include "bench/check.h"
#include "bench/data.h"
#include "bench/directory.h"
#include "kintsugi/engine.h"

namespace kintsugi::bench {
namespace {

void Check(const rocksdb::Status& status) {
  bench::Check(status.ok(), status.ToString());
}

}  // namespace

void RawRocksDb::Open(const std::string& options_path, const std::string& path) {
  rocksdb::DBOptions options;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  Check(rocksdb::LoadLatestOptions(rocksdb::ConfigOptions(), options_path, &options, &families));
  // The options file does not hold the cache.
  const auto cache = rocksdb::NewLRUCache(Options().block_cache_bytes);
  for (rocksdb::ColumnFamilyDescriptor& family : families) {
    auto table = *family.options.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
    table.block_cache = cache;
    family.options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  }
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  rocksdb::DB* db = nullptr;
  Check(rocksdb::DB::Open(options, path, families, &families_, &db));
  db_.reset(db);
}

std::unique_ptr<RawRocksDb> RawRocksDb::OpenExisting(const std::string& path) {
  std::unique_ptr<RawRocksDb> out(new RawRocksDb());
  out->Open(path, path);
  return out;
}

std::unique_ptr<RawRocksDb> RawRocksDb::CreateLikeLibrary(const std::string& path) {
  const Directory model;
  ValueOf(Engine::Open({.schema = ValueOf(Schema::Parse(kPeopleSchema))}, model.path())).reset();
  std::unique_ptr<RawRocksDb> out(new RawRocksDb());
  out->Open(model.path(), path);
  return out;
}

RawRocksDb::~RawRocksDb() {
  for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family);
}

rocksdb::ColumnFamilyHandle* RawRocksDb::family(const std::string& name) const {
  for (rocksdb::ColumnFamilyHandle* family : families_) {
    if (family->GetName() == name) return family;
  }
  bench::Check(false, "the library has no family `" + name + "` any more");
  return nullptr;
}

void RawRocksDb::Settle() {
  Check(db_->Flush(rocksdb::FlushOptions(), families_));
  rocksdb::CompactRangeOptions options;
  options.max_subcompactions = 2;
  for (rocksdb::ColumnFamilyHandle* family : families_) Check(db_->CompactRange(options, family, nullptr, nullptr));
}

}  // namespace kintsugi::bench
