// Writer applies evidence, and is the only one that writes it.

#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <span>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "format/stored.pb.h"
#include "ingest/context.h"
#include "ingest/prepare.h"
#include "kintsugi/engine.h"
#include "kintsugi/options.h"
#include "read/profile_cache.h"
#include "store/store.h"
#include "write/apply.h"
#include "write/counters.h"

namespace kintsugi::write {

// What became of one caller's items.
struct Written {
  IngestReport report;
  size_t profiles_loaded = 0;  // by the group that they were in
};

// Writer takes items from many threads and applies them in groups: the thread whose turn it is writes for all that wait
// (group commit). A group is written whole or not at all, and every reader sees it before Write() returns.
//
// Safe from many threads. All references outlive it. Errors: as Engine says.
class Writer {
 public:
  Writer(const ingest::Context& context, const living::Rules& rules, store::Store& store, read::ProfileCache& cache,
         Counters& counters, std::function<Time()> clock, OnChanges on_changes = {});

  const ingest::Context& context() const { return context_; }
  const store::Store& store() const { return store_; }
  const ingest::Preparer& preparer() const { return preparer_; }
  Time Now() const { return clock_(); }

  // kFailedPrecondition if the database is only read.
  absl::Status MayWrite() const;

  // Prepares and writes what a caller handed in, as one group.
  absl::StatusOr<IngestReport> Ingest(std::span<const Event> events, const WriteOptions& options);
  absl::StatusOr<IngestReport> Ingest(std::span<const Record> records, const WriteOptions& options);

  // Applies the items as one group, perhaps together with those of others; `alone`: nothing else may be in the group.
  absl::StatusOr<Written> Write(std::span<const Item> items, const WriteOptions& options, bool alone = false);
  // Waits for its turn, as a write does.
  absl::Status Flush();
  // Moves the database's clock: as Engine::Advance says. Others may write between its batches.
  absl::Status Advance(Time now, const WriteOptions& options);
  // To the host's clock, if that is later.
  absl::Status AdvanceToClock();

  // How many calls write or wait to, and how many profiles the last group read: what tests wait for and count.
  size_t waiting() const;
  size_t profiles_loaded() const;

 private:
  // One caller's items, waiting to be written; or a flush. It stands in the caller's frame, and in the queue by itself:
  // so nothing can fail while callers are put into the queue, taken out and told.
  struct Waiting {
    std::span<const Item> items;
    Durability durability = Durability::kLosesOnAnyCrash;
    bool alone = false;
    bool is_flush = false;
    std::optional<Time> advance_to;
    bool is_advanced = false;  // nothing is due any more
    Written written;
    absl::Status status;
    bool done = false;
    Waiting* next = nullptr;  // in the queue, and then in the group
  };

  template <typename Evidence>
  absl::StatusOr<IngestReport> IngestAll(std::span<const Evidence> evidence, const WriteOptions& options);
  // Puts it into the queue, and returns when it was written by whoever's turn it was.
  absl::Status TakeTurn(Waiting& mine);
  // The first of those who wait and whoever shares its group.
  Waiting* TakeGroup();
  // ApplyGroup, and whatever is thrown in it is a status.
  absl::Status TryToApply(Waiting& group);
  absl::Status ApplyGroup(Waiting& group);
  absl::Status AdvanceSome(Waiting& mine);
  absl::Status WriteRows(store::Batch& batch, const CacheMarks& marks, Durability durability);
  // Of what was written, if the host wants to know.
  void TellHost(const FeedRows& feed) const;
  void KeepInMemory(const ProfileId& id, read::ProfileCache::Write& write) const;

  const ingest::Context& context_;
  const living::Rules& rules_;
  store::Store& store_;
  read::ProfileCache& cache_;
  Counters& counters_;
  const std::function<Time()> clock_;
  const OnChanges on_changes_;
  const ingest::Preparer preparer_;
  const absl::Status out_of_memory_;  // made while there is some

  mutable std::mutex mutex_;
  std::condition_variable turn_;
  Waiting* first_ = nullptr;  // of those who wait: it writes as soon as nobody else does
  Waiting* last_ = nullptr;
  size_t waiting_ = 0;  // those who write, too
  bool is_writing_ = false;
  size_t profiles_loaded_ = 0;
  std::string swept_to_;  // whose turn it is: before this row of `due` there is none
};

}  // namespace kintsugi::write
