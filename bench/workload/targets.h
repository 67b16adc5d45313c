// Makers of the targets. Those whose library is not installed are not compiled; see CMakeLists.txt.

#pragma once

#include <memory>

#include "bench/workload/target.h"

namespace kintsugi::bench {

std::unique_ptr<Target> NewKintsugi(const Servers& servers);
std::unique_ptr<Target> NewKintsugiUncached(const Servers& servers);
std::unique_ptr<Target> NewHashMap(const Servers& servers);
std::unique_ptr<Target> NewRocksDb(const Servers& servers);
std::unique_ptr<Target> NewLmdb(const Servers& servers);
std::unique_ptr<Target> NewSqlite(const Servers& servers);
std::unique_ptr<Target> NewRedis(const Servers& servers);
std::unique_ptr<Target> NewRedisPipelined(const Servers& servers);
std::unique_ptr<Target> NewPostgres(const Servers& servers);

}  // namespace kintsugi::bench
