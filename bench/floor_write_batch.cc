// floor/write_batch: what RocksDB takes to write an event's worth of rows, with nothing thought about them.

#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <memory>
#include <string>

#include "bench/data.h"
#include "bench/directory.h"
#include "bench/harness.h"

namespace kintsugi::bench {
namespace {

// Four rows for an event: three of 16 bytes and one of 300, all with new keys. Written to the log without
// waiting for the disk, which is Durability::kLosesOnMachineCrash; otherwise RocksDB's default options.
void WriteBatch(benchmark::State& state, size_t events) {
  const Directory directory;
  rocksdb::Options options;
  options.create_if_missing = true;
  rocksdb::DB* opened = nullptr;
  Check(rocksdb::DB::Open(options, directory.path(), &opened).ok(), "RocksDB cannot open");
  const std::unique_ptr<rocksdb::DB> db(opened);

  const std::string small = ProfileBytes(1).substr(0, 16);
  const std::string large = ProfileBytes(2).substr(0, 300);
  uint64_t number = 0;
  bool written = true;
  WallClockRate rate(state);
  for (auto _ : state) {
    rocksdb::WriteBatch batch;
    for (size_t put = 0; put < 4 * events; ++put) {
      const Key key = KeyOf(number++);
      batch.Put({key.data(), key.size()}, put % 4 == 3 ? large : small);
    }
    written &= db->Write(rocksdb::WriteOptions(), &batch).ok();
  }
  rate.SetItems(events);
  if (!written) state.SkipWithError("RocksDB cannot write");
}

const auto* const kOne = benchmark::RegisterBenchmark("floor/write_batch/1", WriteBatch, 1);
const auto* const kThousand = benchmark::RegisterBenchmark("floor/write_batch/1000", WriteBatch, 1000);

}  // namespace
}  // namespace kintsugi::bench
