// floor/rocksdb_two_gets: what a look-up costs in RocksDB itself, with the library's own options.

#include <rocksdb/write_batch.h>

#include <algorithm>
#include <memory>

#include "bench/data.h"
#include "bench/directory.h"
#include "bench/harness.h"
#include "bench/raw_rocksdb.h"

namespace kintsugi::bench {
namespace {

rocksdb::Slice ToSlice(const Key& key) {
  return {key.data(), key.size()};
}

class TwoFamilies {
 public:
  TwoFamilies() : raw_(RawRocksDb::CreateLikeLibrary(directory_.path())) {
    const uint64_t identifiers = IdentifierCount();
    rocksdb::WriteBatch batch;
    for (uint64_t i = 0; i < identifiers; ++i) {
      const uint64_t profile = i / kIdentifiersPerProfile;
      const Key key = KeyOf(~profile);
      batch.Put(identifiers_, ToSlice(KeyOf(i)), ToSlice(key));
      if (i % kIdentifiersPerProfile == 0) batch.Put(profiles_, ToSlice(key), ProfileBytes(profile));
      if (i % 10'000 == 0) Write(batch);
    }
    Write(batch);
    raw_->Settle();
  }

  uint64_t LookUp(const Key& identifier) {
    rocksdb::PinnableSlice holder;
    rocksdb::PinnableSlice profile;
    if (!raw_->db().Get({}, identifiers_, ToSlice(identifier), &holder).ok()) return 0;
    if (!raw_->db().Get({}, profiles_, holder, &profile).ok()) return 0;
    return ReadThreePlaces({profile.data(), profile.size()});
  }

 private:
  void Write(rocksdb::WriteBatch& batch) {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    Check(raw_->db().Write(options, &batch).ok(), "RocksDB cannot write");
    batch.Clear();
  }

  Directory directory_;
  std::unique_ptr<RawRocksDb> raw_;
  rocksdb::ColumnFamilyHandle* const identifiers_ = raw_->family("identifiers");
  rocksdb::ColumnFamilyHandle* const profiles_ = raw_->family("profiles");
};

void WarmUp(TwoFamilies& families, Probes& probes) {
  for (size_t i = std::min(probes.size(), kWarmUp); i > 0; --i) families.LookUp(probes.Next().key);
}

void Run(benchmark::State& state, Probes& probes) {
  auto& families = Shared<TwoFamilies>();
  bool found = true;
  uint64_t answer = 0;
  for (auto _ : state) {
    answer = families.LookUp(probes.NextAfter(answer).key);
    found &= answer != 0;
  }
  if (!found) state.SkipWithError("an identifier was not found");
}

void Hot(benchmark::State& state) {
  static Probes probes = Probes::Hot(IdentifierCount());
  WarmUp(Shared<TwoFamilies>(), probes);  // each time: uniform look-ups may have come between
  Run(state, probes);
}

void Uniform(benchmark::State& state) {
  static Probes probes = Probes::Uniform(IdentifierCount());
  static const bool warm = (WarmUp(Shared<TwoFamilies>(), probes), true);
  benchmark::DoNotOptimize(warm);
  Run(state, probes);
}

// What this machine lets two threads gain, for threads/lookup_hot.
void Threads(benchmark::State& state) {
  auto& families = Shared<TwoFamilies>();
  Probes probes = Probes::Hot(IdentifierCount());
  for (size_t i = probes.size() + probes.size() / 2 * state.thread_index(); i > 0; --i) {
    benchmark::DoNotOptimize(families.LookUp(probes.Next().key));
  }
  bool found = true;
  for (auto _ : state) found &= families.LookUp(probes.Next().key) != 0;
  state.SetItemsProcessed(state.iterations());
  if (!found) state.SkipWithError("an identifier was not found");
}

const auto* const kHot = benchmark::RegisterBenchmark("floor/rocksdb_two_gets/hot", Hot);
const auto* const kUniform = benchmark::RegisterBenchmark("floor/rocksdb_two_gets/uniform", Uniform);
const auto* const kThreads =
    benchmark::RegisterBenchmark("threads/floor/rocksdb_two_gets", Threads) -> ThreadRange(1, 2) -> UseRealTime();

}  // namespace
}  // namespace kintsugi::bench
