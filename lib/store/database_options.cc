#include "store/database_options.h"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/perf_level.h>
#include <rocksdb/slice_transform.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "format/family.h"
#include "store/keyed_table.h"

namespace kintsugi::store {
namespace {

// About what a row takes in memory, in the families that are asked for single keys; 0 for all others.
size_t BytesOfKeyedRow(format::Family family) {
  switch (family) {
    case format::Family::kIdentifiers:
    case format::Family::kMessages:
    case format::Family::kSightings:
      return 128;
    case format::Family::kProfiles:
    case format::Family::kEvidence:
    case format::Family::kTallies:
    case format::Family::kItemTallies:
    case format::Family::kRecords:
      return 512;
    default:
      return 0;
  }
}

bool HasZstd() {
  const std::vector<rocksdb::CompressionType> supported = rocksdb::GetSupportedCompressions();
  return std::find(supported.begin(), supported.end(), rocksdb::kZSTD) != supported.end();
}

// Evidence and history are written once and seldom read: what takes longer to read may be smaller there.
bool IsSeldomRead(format::Family family) {
  switch (family) {
    case format::Family::kEvents:
    case format::Family::kChanges:
    case format::Family::kQuarantine:
    case format::Family::kAskedItems:
      return true;
    default:
      return false;
  }
}

// Of these a group's rows come in order of their keys, so that the place of one is found from that of the one before.
bool ComesInOrder(format::Family family) {
  return family == format::Family::kEvents || family == format::Family::kItems || family == format::Family::kDue ||
         family == format::Family::kItemFirsts || family == format::Family::kAskedItems ||
         family == format::Family::kMembers || family == format::Family::kFeed;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const rocksdb::Options& base, format::Family family) {
  rocksdb::ColumnFamilyOptions options(base);
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = static_cast<const rocksdb::BlockBasedTableOptions*>(
                          base.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>())
                          ->block_cache;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.format_version = 5;
  // Indexes and filters count as memory of the cache and cannot be pushed out of it: fetched like data they cost a
  // quarter of a get, and with a small cache each get reads them again (decision 0017, as for what follows).
  table.cache_index_and_filter_blocks = true;
  table.metadata_cache_options.unpartitioned_pinning = rocksdb::PinningTier::kAll;
  const bool is_looked_up = family == format::Family::kIdentifiers || family == format::Family::kProfiles;
  if (is_looked_up) table.block_size = 2048;
  if (family == format::Family::kIdentifiers)
    options.compression = rocksdb::kNoCompression;  // ids are hashes, and do not compress
  if (IsSeldomRead(family) && HasZstd()) options.compression = rocksdb::kZSTD;
  // Of these a write asks for single keys, many of which are not there yet (decision 0019).
  if (const size_t row_bytes = BytesOfKeyedRow(family); row_bytes != 0)
    options.memtable_factory = NewKeyedTableFactory(base.write_buffer_size / row_bytes);
  if (ComesInOrder(family))
    options.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

// RocksDB's own log would stand in the database's directory, and some builds abort when a full disk keeps them from
// writing to it. What goes wrong comes back as a status anyway.
class NoLog : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

// After a failed write RocksDB tries in the background to recover, and meanwhile refuses to be asked. Recovery is for
// the next write to ask for: then it is known whether it worked.
class RecoverOnDemand : public rocksdb::EventListener {
 public:
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* auto_recovery) override {
    *auto_recovery = false;
  }
};

// RocksDB counts each comparison in memory of the thread, which a shared library finds by a call. Nobody reads what its
// background threads count. They may be another database's, too, so they count again afterwards.
class UncountedInBackground : public rocksdb::EventListener {
 public:
  void OnFlushBegin(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { Stop(); }
  void OnFlushCompleted(rocksdb::DB*, const rocksdb::FlushJobInfo&) override { GoOn(); }
  void OnCompactionBegin(rocksdb::DB*, const rocksdb::CompactionJobInfo&) override { Stop(); }
  void OnCompactionCompleted(rocksdb::DB*, const rocksdb::CompactionJobInfo&) override { GoOn(); }

 private:
  static void Stop() {
    if (rocksdb::GetPerfLevel() == rocksdb::kDisable) return;  // a job that failed before told of no end
    Before() = rocksdb::GetPerfLevel();
    rocksdb::SetPerfLevel(rocksdb::kDisable);
  }
  static void GoOn() { rocksdb::SetPerfLevel(Before()); }
  static rocksdb::PerfLevel& Before() {
    thread_local rocksdb::PerfLevel before = rocksdb::kEnableCount;
    return before;
  }
};

}  // namespace

rocksdb::Options DatabaseOptions(const Options& options, rocksdb::Env* env) {
  rocksdb::Options base;
  if (env != nullptr) base.env = env;
  base.compression = rocksdb::kLZ4Compression;
  base.atomic_flush = true;  // without the log, too, all families are of one moment after a crash
  base.max_background_jobs = 2;
  base.allow_concurrent_memtable_write = false;  // keyed tables do not take it, and one thread writes anyway
  base.listeners.push_back(std::make_shared<RecoverOnDemand>());
  base.listeners.push_back(std::make_shared<UncountedInBackground>());
  base.bytes_per_sync = 1 << 20;
  base.max_open_files = 1000;
  base.max_file_opening_threads = 1;  // starting threads takes longer than opening files does
  base.info_log = std::make_shared<NoLog>();
  // An embedded database is opened and closed often, also by short-lived commands.
  base.skip_stats_update_on_db_open = true;
  base.stats_dump_period_sec = 0;
  base.stats_persist_period_sec = 0;
  base.write_buffer_size = std::max<size_t>(options.write_buffer_bytes / 4, size_t{1} << 20);
  base.db_write_buffer_size = options.write_buffer_bytes;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  base.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return base;
}

std::vector<rocksdb::ColumnFamilyDescriptor> FamiliesFor(const rocksdb::Options& database) {
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (size_t i = 0; i < format::kFamilyCount; ++i) {
    const auto family = static_cast<format::Family>(i);
    // RocksDB has one of its own, which must be the first.
    const std::string name = i == 0 ? rocksdb::kDefaultColumnFamilyName : std::string(format::NameOf(family));
    families.emplace_back(name, FamilyOptions(database, family));
  }
  return families;
}

}  // namespace kintsugi::store
