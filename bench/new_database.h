// A database of the library that a benchmark fills itself.

#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/check.h"
#include "bench/directory.h"
#include "bench/raw_rocksdb.h"
#include "kintsugi/engine.h"

namespace kintsugi::bench {

class NewDatabase {
 public:
  explicit NewDatabase(std::string_view schema, Options options = {}) : options_(std::move(options)) {
    options_.schema = ValueOf(Schema::Parse(schema));
    Open();
  }

  Engine& engine() { return *engine_; }
  const std::string& path() const { return directory_.path(); }

  // Flushes, compacts and opens it again: no background work is left over for whoever is measured.
  void Settle() {
    Check(engine_->Flush());
    engine_.reset();
    RawRocksDb::OpenExisting(directory_.path())->Settle();
    Open();
  }

 private:
  void Open() { engine_ = ValueOf(Engine::Open(options_, directory_.path())); }

  Directory directory_;
  Options options_;
  std::unique_ptr<Engine> engine_;
};

// Options with which every look-up goes to the storage. (A template, so that it compiles whether or not they have the
// field.)
template <typename AnyOptions = Options>
AnyOptions WithoutProfileCache() {
  AnyOptions options;
  if constexpr (requires { options.profile_cache_bytes; }) options.profile_cache_bytes = 0;
  return options;
}

// Loads evidence in groups. The log is left out, so the first write after it would flush: settle the database.
template <typename Evidence>
class Loader {
 public:
  explicit Loader(NewDatabase& database) : database_(database) {}
  ~Loader() {
    Write();
    database_.Settle();
  }
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  void Add(Evidence evidence) {
    waiting_.push_back(std::move(evidence));
    if (waiting_.size() == kGroup) Write();
  }

 private:
  static constexpr size_t kGroup = 5000;

  void Write() {
    const IngestReport report = ValueOf(
        database_.engine().Ingest(std::span<const Evidence>(waiting_), {.durability = Durability::kLosesOnAnyCrash}));
    Check(report.accepted == waiting_.size(), "evidence was not accepted");
    waiting_.clear();
  }

  NewDatabase& database_;
  std::vector<Evidence> waiting_;
};

}  // namespace kintsugi::bench
