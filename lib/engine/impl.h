// Engine::Impl: the parts of an open database, put together.

#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "format/stored.pb.h"
#include "ingest/context.h"
#include "ingest/prepare.h"
#include "kintsugi/engine.h"
#include "read/profile_cache.h"
#include "read/reader.h"
#include "store/store.h"
#include "write/apply.h"

namespace kintsugi {

class Engine::Impl {
 public:
  // `stored_names` are the catalog's, for a new database that takes the place of an old one.
  static absl::StatusOr<std::unique_ptr<Impl>> Open(const Options& options, const std::string& path, rocksdb::Env* env,
                                                    std::vector<std::string> stored_names = {});

  const ingest::Context& context() const { return *context_; }
  const store::Store& store() const { return *store_; }
  store::Store& store() { return *store_; }
  const ingest::Preparer& preparer() const { return preparer_; }
  const read::Reader& reader() const { return reader_; }
  read::ProfileCache& cache() const { return *cache_; }
  stored::Counters counters() const;
  // How many profiles the last group read: what a test of bounded cost counts.
  size_t profiles_loaded() const;
  // How many calls write or wait to: what a test waits for that lets threads meet.
  size_t waiting() const;
  Time Now() const { return clock_(); }
  // As Engine says.
  std::vector<std::string> Notices() const;

  // kFailedPrecondition if the database is only read.
  absl::Status MayWrite() const;
  absl::Status TryCatchUp();

  // The source's position; kInvalidArgument that lists the declared ones.
  absl::StatusOr<golden::SourceIndex> SourceOf(std::string_view name) const;

  // The same; kInvalidArgument for a source with a table, too.
  absl::StatusOr<golden::SourceIndex> EventSourceOf(std::string_view name) const;

  // An identifier as it is stored. `value` is raw, and refused values become empty, which nobody has.
  struct StoredKey {
    uint16_t number = 0;
    std::string value;
    format::NodeKey AsKey() const { return {number, value}; }
  };
  // kInvalidArgument that lists the declared namespaces.
  absl::StatusOr<StoredKey> KeyOf(std::string_view ns, std::string_view value) const;

  // Prepares and writes what a caller handed in, as one group.
  template <typename Evidence>
  absl::StatusOr<IngestReport> WriteAll(std::span<const Evidence> evidence, const WriteOptions& options);

  // Applies the items as one group, together with those of other threads that wait at the same time: the thread
  // whose turn it is writes for all (group commit).
  // `alone`: nothing else may be in the group.
  absl::StatusOr<IngestReport> Write(std::span<const write::Item> items, const WriteOptions& options,
                                     bool alone = false);
  absl::StatusOr<WithdrawReport> WriteWithdrawals(golden::SourceIndex source, write::Withdrawal::Kind kind,
                                                  std::span<const std::string> names, Time version,
                                                  const WriteOptions& options);
  // Waits for its turn, as a write does.
  absl::Status Flush();

  // Engine::Migrate. `before_exchange` is called between the last look at the old database and the exchange.
  static absl::StatusOr<MigrationReport> Migrate(
      const Schema& schema, const std::string& path, const std::function<void()>& before_exchange = [] {});

 private:
  // One caller's items, waiting to be written; or a flush. It stands in the caller's frame, and in the queue by itself:
  // so nothing can fail while callers are put into the queue, taken out and told.
  struct Waiting {
    std::span<const write::Item> items;
    Durability durability = Durability::kLosesOnAnyCrash;
    bool alone = false;
    bool is_flush = false;
    IngestReport report;
    absl::Status status;
    bool done = false;
    Waiting* next = nullptr;  // in the queue, and then in the group
  };

  Impl(std::unique_ptr<const ingest::Context> context, std::unique_ptr<store::Store> store, stored::Counters counters,
       const Options& options);
  // Puts it into the queue, and returns when it was written by whoever's turn it was.
  absl::Status TakeTurn(Waiting& mine);
  // The first of those who wait and whoever shares its group.
  Waiting* TakeGroup();
  // ApplyGroup, and whatever is thrown in it is a status.
  absl::Status TryToApply(Waiting& group);
  absl::Status ApplyGroup(Waiting& group);
  absl::Status WriteRows(store::Batch& batch, Durability durability);

  const std::unique_ptr<const ingest::Context> context_;
  const std::unique_ptr<store::Store> store_;
  const ingest::Preparer preparer_;
  const std::unique_ptr<read::ProfileCache> cache_;
  const read::Reader reader_;
  const std::function<Time()> clock_;
  std::map<std::string, std::string> releases_;  // that the database was made with

  mutable std::mutex mutex_;
  std::condition_variable turn_;
  Waiting* first_ = nullptr;  // of those who wait: it writes as soon as nobody else does
  Waiting* last_ = nullptr;
  size_t waiting_ = 0;  // those who write, too
  bool is_writing_ = false;
  stored::Counters counters_;         // as of the last group that was written
  size_t profiles_loaded_ = 0;        // by that group
  const absl::Status out_of_memory_;  // made while there is some
};

// Opens an engine on a file system of the test's making, and looks into one.
class EngineForTesting {
 public:
  static size_t ProfilesLoaded(const Engine& engine) { return engine.impl_->profiles_loaded(); }
  static size_t Waiting(const Engine& engine) { return engine.impl_->waiting(); }
  static bool IsCatchUpAwaited(const Engine& engine) { return engine.impl_->store().is_awaited(); }
  static const Engine::Impl& Inside(const Engine& engine) { return *engine.impl_; }
  static absl::StatusOr<MigrationReport> Migrate(const Schema& schema, const std::string& path,
                                                 const std::function<void()>& before_exchange) {
    return Engine::Impl::Migrate(schema, path, before_exchange);
  }

  static absl::StatusOr<std::unique_ptr<Engine>> Open(const Options& options, const std::string& path,
                                                      rocksdb::Env* env) {
    auto impl = Engine::Impl::Open(options, path, env);
    if (!impl.ok()) return impl.status();
    return std::unique_ptr<Engine>(new Engine(*std::move(impl)));
  }
};

template <typename Evidence>
absl::StatusOr<IngestReport> Engine::Impl::WriteAll(std::span<const Evidence> evidence, const WriteOptions& options) {
  std::vector<write::Item> items(evidence.size());
  for (size_t i = 0; i < evidence.size(); ++i) {
    const auto source = SourceOf(evidence[i].source);
    if (!source.ok()) return source.status();
    items[i].source = *source;
    std::visit([&](auto&& prepared) { items[i].evidence = std::move(prepared); },
               preparer_.Prepare(*source, evidence[i]));
    if constexpr (std::is_same_v<Evidence, Event>)
      items[i].origin.event = &evidence[i];
    else
      items[i].origin.record = &evidence[i];
  }
  return Write(items, options);
}

}  // namespace kintsugi
