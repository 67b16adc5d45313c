// A memory-mapped B+ tree: two trees in one environment. One writer at a time, and readers that wait for nobody.

#include <algorithm>
#include <string>
#include <vector>

#include "bench/directory.h"
#include "bench/lmdb_call.h"
#include "bench/workload/memory.h"
#include "bench/workload/targets.h"
#include "bench/workload/value.h"

namespace kintsugi::bench {
namespace {

struct Trees {
  MDB_env* env = nullptr;
  MDB_dbi identifiers = 0;
  MDB_dbi profiles = 0;

  // The view is valid until the transaction writes or ends.
  std::string_view Get(MDB_txn* txn, MDB_dbi tree, std::string_view key) const {
    MDB_val k = ToVal(key);
    MDB_val v;
    CheckLmdb(mdb_get(txn, tree, &k, &v));
    return {static_cast<const char*>(v.mv_data), v.mv_size};
  }
  void Put(MDB_txn* txn, MDB_dbi tree, std::string_view key, std::string_view value) const {
    MDB_val k = ToVal(key);
    MDB_val v = ToVal(value);
    CheckLmdb(mdb_put(txn, tree, &k, &v, 0));
  }
};

// A session's look-ups share one read transaction, renewed for each.
class LmdbSession : public Session {
 public:
  explicit LmdbSession(const Trees& trees) : trees_(trees) {
    CheckLmdb(mdb_txn_begin(trees_.env, nullptr, MDB_RDONLY, &reader_));
    mdb_txn_reset(reader_);
  }
  ~LmdbSession() override { mdb_txn_abort(reader_); }

  void LookUp(std::span<const Operation> operations) override {
    for (const Operation& operation : operations) {
      CheckLmdb(mdb_txn_renew(reader_));
      Read(trees_.Get(reader_, trees_.profiles, trees_.Get(reader_, trees_.identifiers, ToView(operation.probe.key))));
      mdb_txn_reset(reader_);
    }
  }

  void Apply(const Operation& operation) override {
    MDB_txn* txn = nullptr;
    CheckLmdb(mdb_txn_begin(trees_.env, nullptr, 0, &txn));
    const std::string profile(trees_.Get(txn, trees_.identifiers, ToView(operation.probe.key)));
    trees_.Put(txn, trees_.profiles, profile, bytes_.For(operation));
    CheckLmdb(mdb_txn_commit(txn));
  }

 private:
  const Trees& trees_;
  MDB_txn* reader_ = nullptr;
  EventBytes bytes_;
};

class Lmdb : public Target {
 public:
  Lmdb() {
    constexpr size_t kMapBytes = size_t{64} << 30;  // addresses, not memory
    CheckLmdb(mdb_env_create(&trees_.env));
    CheckLmdb(mdb_env_set_mapsize(trees_.env, kMapBytes));
    CheckLmdb(mdb_env_set_maxdbs(trees_.env, 2));
    CheckLmdb(mdb_env_open(trees_.env, directory_.path().c_str(), MDB_NOSYNC | MDB_NORDAHEAD | MDB_NOTLS, 0600));
    InTransaction([this](MDB_txn* txn) {
      CheckLmdb(mdb_dbi_open(txn, "identifiers", MDB_CREATE, &trees_.identifiers));
      CheckLmdb(mdb_dbi_open(txn, "profiles", MDB_CREATE, &trees_.profiles));
    });
  }
  ~Lmdb() override { mdb_env_close(trees_.env); }

  // In order of key, which is quickest and packs best.
  void Load(uint64_t begin, uint64_t end) override {
    std::vector<std::pair<Key, uint64_t>> identifiers;
    std::vector<std::pair<Key, uint64_t>> profiles;
    for (uint64_t profile = begin; profile < end; ++profile) {
      profiles.emplace_back(ProfileKey(profile), profile);
      for (size_t i = 0; i < kIdentifiersPerProfile; ++i) {
        identifiers.emplace_back(KeyOf(profile * kIdentifiersPerProfile + i), profile);
      }
    }
    std::sort(identifiers.begin(), identifiers.end());
    std::sort(profiles.begin(), profiles.end());
    InTransaction([&](MDB_txn* txn) {
      for (const auto& [key, profile] : identifiers) {
        trees_.Put(txn, trees_.identifiers, ToView(key), ToView(ProfileKey(profile)));
      }
      for (const auto& [key, profile] : profiles) trees_.Put(txn, trees_.profiles, ToView(key), ProfileBytes(profile));
    });
  }

  void Settle() override { CheckLmdb(mdb_env_sync(trees_.env, 1)); }
  std::unique_ptr<Session> NewSession() override { return std::make_unique<LmdbSession>(trees_); }
  std::optional<uint64_t> DiskBytes() override { return BytesBelow(directory_.path()); }

 private:
  void InTransaction(auto&& work) {
    MDB_txn* txn = nullptr;
    CheckLmdb(mdb_txn_begin(trees_.env, nullptr, 0, &txn));
    work(txn);
    CheckLmdb(mdb_txn_commit(txn));
  }

  Directory directory_;
  Trees trees_;
};

}  // namespace

std::unique_ptr<Target> NewLmdb(const Servers&) {
  return std::make_unique<Lmdb>();
}

}  // namespace kintsugi::bench
