// Store is one RocksDB database: reading, writing, snapshots and errors.

#pragma once

#include <rocksdb/db.h>

#include <functional>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/visit_result.h"
#include "format/family.h"
#include "kintsugi/options.h"
#include "store/batch.h"
#include "store/directory.h"
#include "store/follower.h"
#include "store/readers_first_mutex.h"

namespace kintsugi::store {

// Store is one open RocksDB database. All methods are safe from many threads, but one writes or flushes at a time.
// Errors: as Engine says.
class Store {
 public:
  // One consistent moment of the database. Must be gone before the store is. Of one that is only read, it holds up
  // TryCatchUp(): RocksDB has no snapshots there.
  class Snapshot {
   public:
    explicit Snapshot(const Store& store)
        : store_(store), snapshot_(store.is_read_only() ? nullptr : store.db_->GetSnapshot()) {
      if (store.is_read_only()) instance_ = std::shared_lock(store.catching_up_);
    }
    ~Snapshot() {
      if (snapshot_ != nullptr) store_.db_->ReleaseSnapshot(snapshot_);
    }
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;

   private:
    friend class Store;
    const Store& store_;
    const rocksdb::Snapshot* snapshot_;
    std::shared_lock<ReadersFirstMutex> instance_;
  };

  // `format` is the only one that can be read and written: a database of another is kFailedPrecondition, and not a byte
  // of it changes. `env` is RocksDB's default if null; it must outlive the store.
  static absl::StatusOr<std::unique_ptr<Store>> Open(const Options& options, const std::string& path, uint32_t format,
                                                     rocksdb::Env* env = nullptr);
  ~Store();

  // For who keeps others from writing longer than the store is open.
  DirectoryLock TakeLock() { return std::move(lock_); }

  bool is_read_only() const { return follower_ != nullptr; }
  // Of one that is only read: brings in what was written meanwhile. If there may be something, `then` is called before
  // anybody reads again.
  absl::Status TryCatchUp(const std::function<void()>& then);
  // Somebody waits to catch up.
  bool is_awaited() const { return catching_up_.is_awaited(); }

  // The value, or nothing if the key is not there.
  absl::StatusOr<std::optional<std::string>> Get(format::Family family, std::string_view key,
                                                 const Snapshot* snapshot = nullptr) const;

  // The same without a copy: `value` points into RocksDB's own memory, and keeps it, until it is reset or destroyed.
  // False if the key is not there.
  absl::StatusOr<bool> Read(format::Family family, std::string_view key, rocksdb::PinnableSlice& value,
                            const Snapshot* snapshot = nullptr) const;

  // The same for many keys; in their order, and null where the key is not there.
  absl::StatusOr<std::vector<const rocksdb::PinnableSlice*>> ReadMany(format::Family family,
                                                                      const std::vector<rocksdb::Slice>& keys,
                                                                      std::vector<rocksdb::PinnableSlice>& values,
                                                                      const Snapshot* snapshot) const;
  // One value per key, in their order.
  absl::StatusOr<std::vector<std::optional<std::string>>> GetMany(format::Family family,
                                                                  const std::vector<std::string>& keys,
                                                                  const Snapshot* snapshot = nullptr) const;

  // The views are valid during the call.
  using Visit = std::function<VisitResult(std::string_view key, std::string_view value)>;
  // Visits the rows whose key begins with `prefix`, in order of key. Returns what is wrong by the visitor, if it says
  // that. A scan of a family whose rows are found by key in memory puts those in order first.
  absl::Status Scan(format::Family family, std::string_view prefix, const Visit& visit,
                    const Snapshot* snapshot = nullptr) const;
  // The same from `begin` on.
  absl::Status ScanFrom(format::Family family, std::string_view prefix, std::string_view begin, const Visit& visit,
                        const Snapshot* snapshot = nullptr) const;
  // One prefix after the other, as one scan.
  absl::Status ScanEach(format::Family family, const std::vector<std::string>& prefixes, const Visit& visit,
                        const Snapshot* snapshot = nullptr) const;
  // The rows from `begin` on and before `end`, in order of key or the other way round. Not the latter in families whose
  // rows are found by key in memory.
  enum class Direction { kForwards, kBackwards };
  absl::Status ScanBetween(format::Family family, std::string_view begin, std::string_view end, Direction direction,
                           const Visit& visit, const Snapshot* snapshot = nullptr) const;
  // The last row whose key begins with `prefix` and comes before `end`; false if there is none.
  absl::StatusOr<bool> ReadLastBefore(format::Family family, std::string_view prefix, std::string_view end,
                                      const Visit& visit, const Snapshot* snapshot) const;
  // No family holds a row but `meta`.
  absl::StatusOr<bool> IsEmpty() const;

  Batch NewBatch() const { return Batch(handles_); }
  absl::Status Write(Batch& batch, Durability durability);
  // What was written is durable afterwards.
  absl::Status Flush();

  uint64_t disk_bytes() const;
  uint64_t memory_bytes() const;

 private:
  Store() = default;
  absl::Status OpenToWrite(rocksdb::Options base, const std::string& path, const Directory& directory, bool may_create);
  // Does it, and once more if that fails for want of room that there is now.
  template <typename Action>
  absl::Status Persist(const Action& action, std::string_view what);

  static rocksdb::ReadOptions OptionsAt(const Snapshot* snapshot);
  // Of one that is only read: as long as this is held, the instance stays. A snapshot holds it already.
  std::shared_lock<ReadersFirstMutex> HoldInstance(const Snapshot* snapshot) const;
  absl::Status MayRead() const;
  bool HasRoom() const;

  DirectoryLock lock_;  // let go when the database is closed
  std::unique_ptr<rocksdb::Env> env_;
  std::vector<rocksdb::ColumnFamilyHandle*> handles_;
  std::unique_ptr<rocksdb::DB> db_;
  std::unique_ptr<Follower> follower_;  // if it is only read
  mutable ReadersFirstMutex catching_up_;
  bool unlogged_ = false;  // something was written without the log since the last Flush()
};

}  // namespace kintsugi::store
