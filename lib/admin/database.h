// Opening a database: its files, and the schema that it was made with, made ready.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "format/stored.pb.h"
#include "ingest/context.h"
#include "kintsugi/options.h"
#include "living/rules.h"
#include "store/store.h"

namespace kintsugi::admin {

// What Database::releases calls them.
inline constexpr std::string_view kTimeZones = "time zone data";

struct Database {
  std::unique_ptr<const ingest::Context> context;
  std::unique_ptr<const living::Rules> rules;
  std::unique_ptr<store::Store> store;
  stored::Counters counters;                    // when it was opened
  std::map<std::string, std::string> releases;  // of the libraries that it was made with; none if that was just now
};

// As Engine::Open says. `env` is RocksDB's default if null, and outlives the database. `stored_names` are the
// catalog's, for a new database that takes the place of an old one.
absl::StatusOr<Database> OpenDatabase(const Options& options, const std::string& path, rocksdb::Env* env = nullptr,
                                      std::vector<std::string> stored_names = {});

// The counters as they are stored.
absl::StatusOr<stored::Counters> ReadCounters(const store::Store& store);

// As Engine::notices says.
std::vector<std::string> NoticesOf(const Database& database);

}  // namespace kintsugi::admin
