#include "bench/workload/targets.h"

#include <array>

#include "bench/workload/memory.h"

#ifndef KINTSUGI_BENCH_LMDB
#define KINTSUGI_BENCH_LMDB nullptr
#endif
#ifndef KINTSUGI_BENCH_SQLITE
#define KINTSUGI_BENCH_SQLITE nullptr
#endif
#ifndef KINTSUGI_BENCH_REDIS
#define KINTSUGI_BENCH_REDIS nullptr
#define KINTSUGI_BENCH_REDIS_PIPELINED nullptr
#endif
#ifndef KINTSUGI_BENCH_POSTGRES
#define KINTSUGI_BENCH_POSTGRES nullptr
#endif

namespace kintsugi::bench {
namespace {

constexpr const char* kLogNotSynced = "nothing / what the system has not written back, about the last half minute";

constexpr std::array<Kind, 9> kKinds = {{
    {"kintsugi", "the library, default options", kLogNotSynced, "", NewKintsugi},
    {"kintsugi_uncached", "the same without a cache of profiles: every look-up goes to the storage", kLogNotSynced, "",
     NewKintsugiUncached},
    {"hash_map", "two absl::flat_hash_map, each in 64 parts with a lock", "everything / everything", "", NewHashMap},
    {"rocksdb", "two families of RocksDB with the library's own options", kLogNotSynced, "", NewRocksDb},
    {"lmdb", "two trees of LMDB, MDB_NOSYNC", "nothing / possibly the whole file", "liblmdb-dev", KINTSUGI_BENCH_LMDB},
    {"sqlite", "two tables of SQLite, joined; write-ahead log, synchronous=NORMAL, prepared", kLogNotSynced,
     "libsqlite3-dev", KINTSUGI_BENCH_SQLITE},
    {"redis", "two GETs on a loopback connection, one after the other",
     "as the server is set; scripts/bench.sh: nothing / about the last second", "libhiredis-dev", KINTSUGI_BENCH_REDIS},
    {"redis_pipelined", "the same for 64 look-ups at a time: two round trips for all of them",
     "as the server is set; scripts/bench.sh: nothing / about the last second", "libhiredis-dev",
     KINTSUGI_BENCH_REDIS_PIPELINED},
    {"postgres", "two tables of PostgreSQL, joined; prepared",
     "synchronous_commit=off: the last 0.6 s / the same (if only this driver crashes: nothing)", "libpq-dev",
     KINTSUGI_BENCH_POSTGRES},
}};

}  // namespace

std::span<const Kind> Kinds() {
  return kKinds;
}

std::optional<uint64_t> Target::MemoryBytes() {
  return PeakMemoryBytes();
}

}  // namespace kintsugi::bench
