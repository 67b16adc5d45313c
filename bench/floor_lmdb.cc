// floor/lmdb: the same look-up in a memory-mapped B+ tree.

#include <algorithm>
#include <vector>

#include "bench/data.h"
#include "bench/directory.h"
#include "bench/harness.h"
#include "bench/lmdb_call.h"

namespace kintsugi::bench {
namespace {

// Two databases in one environment; look-ups share one read transaction, renewed for each.
class TwoTrees {
 public:
  TwoTrees() {
    const uint64_t identifiers = IdentifierCount();
    CheckLmdb(mdb_env_create(&env_));
    CheckLmdb(mdb_env_set_mapsize(env_, (identifiers + 100'000) * 2048));
    CheckLmdb(mdb_env_set_maxdbs(env_, 2));
    CheckLmdb(mdb_env_open(env_, directory_.path().c_str(), MDB_NOSYNC | MDB_NORDAHEAD, 0600));
    MDB_txn* txn = nullptr;
    CheckLmdb(mdb_txn_begin(env_, nullptr, 0, &txn));
    CheckLmdb(mdb_dbi_open(txn, "identifiers", MDB_CREATE, &identifiers_));
    CheckLmdb(mdb_dbi_open(txn, "profiles", MDB_CREATE, &profiles_));
    Fill(txn, identifiers);
    CheckLmdb(mdb_txn_commit(txn));
    CheckLmdb(mdb_txn_begin(env_, nullptr, MDB_RDONLY, &reader_));
    mdb_txn_reset(reader_);
  }

  ~TwoTrees() {
    mdb_txn_abort(reader_);
    mdb_env_close(env_);
  }

  uint64_t LookUp(const Key& identifier) {
    if (mdb_txn_renew(reader_) != 0) return 0;
    MDB_val key = ToVal(ToView(identifier));
    MDB_val holder;
    MDB_val profile;
    uint64_t read = 0;
    if (mdb_get(reader_, identifiers_, &key, &holder) == 0 && mdb_get(reader_, profiles_, &holder, &profile) == 0) {
      read = ReadThreePlaces({static_cast<const char*>(profile.mv_data), profile.mv_size});
    }
    mdb_txn_reset(reader_);
    return read;
  }

 private:
  // In order of key, which is what LMDB packs best.
  static void Fill(MDB_txn* txn, MDB_dbi tree, std::vector<std::pair<Key, uint64_t>>& rows, auto value_of) {
    std::sort(rows.begin(), rows.end());
    for (const auto& [key, number] : rows) {
      MDB_val k = ToVal(ToView(key));
      const auto bytes = value_of(number);
      MDB_val v = ToVal({bytes.data(), bytes.size()});
      CheckLmdb(mdb_put(txn, tree, &k, &v, MDB_APPEND));
    }
  }

  void Fill(MDB_txn* txn, uint64_t identifiers) {
    std::vector<std::pair<Key, uint64_t>> rows;
    for (uint64_t i = 0; i < identifiers; ++i) rows.emplace_back(KeyOf(i), i);
    Fill(txn, identifiers_, rows, [](uint64_t i) { return KeyOf(~(i / kIdentifiersPerProfile)); });
    rows.clear();
    for (uint64_t p = 0; p * kIdentifiersPerProfile < identifiers; ++p) rows.emplace_back(KeyOf(~p), p);
    Fill(txn, profiles_, rows, ProfileBytes);
  }

  Directory directory_;
  MDB_env* env_ = nullptr;
  MDB_dbi identifiers_ = 0;
  MDB_dbi profiles_ = 0;
  MDB_txn* reader_ = nullptr;
};

void Run(benchmark::State& state, Probes& probes) {
  auto& trees = Shared<TwoTrees>();
  for (size_t i = std::min(probes.size(), kWarmUp); i > 0; --i) trees.LookUp(probes.Next().key);
  bool found = true;
  uint64_t answer = 0;
  for (auto _ : state) {
    answer = trees.LookUp(probes.NextAfter(answer).key);
    found &= answer != 0;
  }
  if (!found) state.SkipWithError("an identifier was not found");
}

void Hot(benchmark::State& state) {
  static Probes probes = Probes::Hot(IdentifierCount());
  Run(state, probes);
}

void Uniform(benchmark::State& state) {
  static Probes probes = Probes::Uniform(IdentifierCount());
  Run(state, probes);
}

const auto* const kHot = benchmark::RegisterBenchmark("floor/lmdb/hot", Hot);
const auto* const kUniform = benchmark::RegisterBenchmark("floor/lmdb/uniform", Uniform);

}  // namespace
}  // namespace kintsugi::bench
