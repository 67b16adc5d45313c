#include "store/store.h"

#include <rocksdb/perf_level.h>

#include "store/convert.h"

namespace kintsugi::store {
namespace {

// RocksDB counts what a thread does, each comparison of keys included, unless the thread says that nobody wants to
// know: a tenth of a write's time. The thread is the host's, so its own choice comes back.
class Uncounted {
 public:
  Uncounted() : before_(rocksdb::GetPerfLevel()) { rocksdb::SetPerfLevel(rocksdb::kDisable); }
  ~Uncounted() { rocksdb::SetPerfLevel(before_); }
  Uncounted(const Uncounted&) = delete;
  Uncounted& operator=(const Uncounted&) = delete;

 private:
  const rocksdb::PerfLevel before_;
};

}  // namespace

absl::Status Store::MayRead() const {
  if (follower_ == nullptr || !follower_->is_torn()) return absl::OkStatus();
  return absl::UnavailableError("catching up with the writer broke off; call TryCatchUp again");
}

absl::Status Store::TryCatchUp(const std::function<void()>& then) {
  std::unique_lock lock(catching_up_);
  bool is_same = false;
  const absl::Status status = follower_->CatchUp(handles_, db_, is_same);
  if (!is_same) then();
  return status;
}

Store::~Store() {
  for (rocksdb::ColumnFamilyHandle* handle : handles_) db_->DestroyColumnFamilyHandle(handle);
}

rocksdb::ReadOptions Store::OptionsAt(const Snapshot* snapshot) {
  rocksdb::ReadOptions options;
  if (snapshot != nullptr) options.snapshot = snapshot->snapshot_;
  return options;
}

std::shared_lock<ReadersFirstMutex> Store::HoldInstance(const Snapshot* snapshot) const {
  if (snapshot != nullptr || !is_read_only()) return {};
  return std::shared_lock(catching_up_);
}

absl::StatusOr<std::optional<std::string>> Store::Get(format::Family family, std::string_view key,
                                                      const Snapshot* snapshot) const {
  const std::shared_lock instance = HoldInstance(snapshot);
  if (auto status = MayRead(); !status.ok()) return status;
  std::string value;
  const Uncounted uncounted;
  const auto status = db_->Get(OptionsAt(snapshot), handles_[static_cast<size_t>(family)], ToSlice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return ToStatus(status, "reading");
  return value;
}

absl::StatusOr<bool> Store::Read(format::Family family, std::string_view key, rocksdb::PinnableSlice& value,
                                 const Snapshot* snapshot) const {
  const std::shared_lock instance = HoldInstance(snapshot);
  if (auto status = MayRead(); !status.ok()) return status;
  const Uncounted uncounted;
  const auto status = db_->Get(OptionsAt(snapshot), handles_[static_cast<size_t>(family)], ToSlice(key), &value);
  if (status.ok()) return true;
  if (status.IsNotFound()) return false;
  return ToStatus(status, "reading");
}

absl::StatusOr<std::vector<const rocksdb::PinnableSlice*>> Store::ReadMany(format::Family family,
                                                                           const std::vector<rocksdb::Slice>& keys,
                                                                           std::vector<rocksdb::PinnableSlice>& values,
                                                                           const Snapshot* snapshot) const {
  const std::shared_lock instance = HoldInstance(snapshot);
  if (auto status = MayRead(); !status.ok()) return status;
  values = std::vector<rocksdb::PinnableSlice>(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  const Uncounted uncounted;
  db_->MultiGet(OptionsAt(snapshot), handles_[static_cast<size_t>(family)], keys.size(), keys.data(), values.data(),
                statuses.data());
  std::vector<const rocksdb::PinnableSlice*> out(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].ok())
      out[i] = &values[i];
    else if (!statuses[i].IsNotFound())
      return ToStatus(statuses[i], "reading");
  }
  return out;
}

absl::StatusOr<std::vector<std::optional<std::string>>> Store::GetMany(format::Family family,
                                                                       const std::vector<std::string>& keys,
                                                                       const Snapshot* snapshot) const {
  std::vector<rocksdb::PinnableSlice> values;
  const auto rows = ReadMany(family, {keys.begin(), keys.end()}, values, snapshot);
  if (!rows.ok()) return rows.status();
  std::vector<std::optional<std::string>> out(keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    if ((*rows)[i] != nullptr) out[i] = (*rows)[i]->ToString();
  }
  return out;
}

namespace {

// The first key after all that begin with the prefix; empty if there is none.
std::string EndOf(std::string_view prefix) {
  std::string end(prefix);
  while (!end.empty() && end.back() == '\xff') end.pop_back();
  if (!end.empty()) end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

}  // namespace

absl::Status Store::Scan(format::Family family, std::string_view prefix, const Visit& visit,
                         const Snapshot* snapshot) const {
  return ScanEach(family, {std::string(prefix)}, visit, snapshot);
}

absl::Status Store::ScanFrom(format::Family family, std::string_view prefix, std::string_view begin, const Visit& visit,
                             const Snapshot* snapshot) const {
  if (begin <= prefix) return Scan(family, prefix, visit, snapshot);
  const std::string end = EndOf(prefix);
  if (end.empty()) return absl::InvalidArgumentError("a scan of all rows begins with the first");
  return ScanBetween(family, begin, end, Direction::kForwards, visit, snapshot);
}

absl::Status Store::ScanEach(format::Family family, const std::vector<std::string>& prefixes, const Visit& visit,
                             const Snapshot* snapshot) const {
  const std::shared_lock instance = HoldInstance(snapshot);
  if (auto status = MayRead(); !status.ok()) return status;
  rocksdb::ReadOptions options = OptionsAt(snapshot);
  // Without a bound the last step would read on to the next row that is not deleted, however far behind that is.
  const std::string end = prefixes.size() == 1 ? EndOf(prefixes.front()) : "";
  const rocksdb::Slice bound = ToSlice(end);
  if (!end.empty()) options.iterate_upper_bound = &bound;
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, handles_[static_cast<size_t>(family)]));
  for (const std::string& prefix : prefixes) {
    for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
      const VisitResult result = visit(ToView(it->key()), ToView(it->value()));
      if (!result.goes_on()) return result.status();
    }
    if (!it->status().ok()) break;  // or the next would hide it
  }
  return ToStatus(it->status(), "scanning");
}

absl::Status Store::ScanBetween(format::Family family, std::string_view begin, std::string_view end,
                                Direction direction, const Visit& visit, const Snapshot* snapshot) const {
  if (begin >= end) return absl::OkStatus();
  const std::shared_lock instance = HoldInstance(snapshot);
  if (auto status = MayRead(); !status.ok()) return status;
  rocksdb::ReadOptions options = OptionsAt(snapshot);
  const rocksdb::Slice lower = ToSlice(begin);
  const rocksdb::Slice upper = ToSlice(end);
  options.iterate_lower_bound = &lower;
  options.iterate_upper_bound = &upper;
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, handles_[static_cast<size_t>(family)]));
  const bool is_forwards = direction == Direction::kForwards;
  for (is_forwards ? it->SeekToFirst() : it->SeekToLast(); it->Valid(); is_forwards ? it->Next() : it->Prev()) {
    const VisitResult result = visit(ToView(it->key()), ToView(it->value()));
    if (!result.goes_on()) return result.status();
  }
  return ToStatus(it->status(), "scanning");
}

absl::StatusOr<bool> Store::ReadLastBefore(format::Family family, std::string_view prefix, std::string_view end,
                                           const Visit& visit, const Snapshot* snapshot) const {
  const std::shared_lock instance = HoldInstance(snapshot);
  if (auto status = MayRead(); !status.ok()) return status;
  rocksdb::ReadOptions options = OptionsAt(snapshot);
  const rocksdb::Slice first = ToSlice(prefix);
  options.iterate_lower_bound = &first;
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, handles_[static_cast<size_t>(family)]));
  it->SeekForPrev(ToSlice(end));
  if (it->Valid() && it->key() == ToSlice(end)) it->Prev();
  if (!it->status().ok()) return ToStatus(it->status(), "scanning");
  if (!it->Valid() || !it->key().starts_with(first)) return false;
  const VisitResult result = visit(ToView(it->key()), ToView(it->value()));
  if (!result.status().ok()) return result.status();
  return true;
}

absl::StatusOr<bool> Store::IsEmpty() const {
  bool is_empty = true;
  for (size_t family = 0; family < format::kFamilyCount && is_empty; ++family) {
    if (static_cast<format::Family>(family) == format::Family::kMeta) continue;
    const auto status = Scan(static_cast<format::Family>(family), "", [&](auto, auto) { return is_empty = false; });
    if (!status.ok()) return status;
  }
  return is_empty;
}

// After a failed write RocksDB refuses all others until it is told to go on.
template <typename Action>
absl::Status Store::Persist(const Action& action, std::string_view what) {
  rocksdb::Status status = action();
  if (!status.ok() && HasRoom() && db_->Resume().ok()) status = action();
  return ToStatus(status, what);
}

absl::Status Store::Write(Batch& batch, Durability durability) {
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::kLosesNothing;
  options.disableWAL = durability == Durability::kLosesOnAnyCrash;
  if (options.disableWAL) {
    unlogged_ = true;
  } else if (unlogged_) {
    // The log would replay this write without those that went before it unlogged: they go to files first.
    if (auto status = Flush(); !status.ok()) return status;
  }
  const Uncounted uncounted;
  return Persist([&] { return db_->Write(options, &batch.batch_); }, "writing");
}

// Resuming on a disk that is still full makes RocksDB give up for good, so it is tried with a file of our own first.
bool Store::HasRoom() const {
  const std::string path = db_->GetName() + "/PROBE";
  std::unique_ptr<rocksdb::WritableFile> file;
  rocksdb::Env* env = db_->GetEnv();
  bool ok = env->NewWritableFile(path, &file, rocksdb::EnvOptions()).ok();
  ok = ok && file->Append(std::string(size_t{1} << 20, '\0')).ok() && file->Sync().ok() && file->Close().ok();
  file.reset();
  env->DeleteFile(path).PermitUncheckedError();
  return ok;
}

absl::Status Store::Flush() {
  // What was written without the log is only in memory: it goes to files.
  if (unlogged_) {
    const auto flushed = Persist([&] { return db_->Flush(rocksdb::FlushOptions(), handles_); }, "flushing");
    if (!flushed.ok()) return flushed;
    unlogged_ = false;
  }
  return Persist([&] { return db_->SyncWAL(); }, "flushing");
}

uint64_t Store::disk_bytes() const {
  const std::shared_lock instance = HoldInstance(nullptr);
  uint64_t total = 0;
  uint64_t value = 0;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (db_->GetIntProperty(handle, "rocksdb.live-sst-files-size", &value)) total += value;
  }
  rocksdb::VectorLogPtr logs;
  if (db_->GetSortedWalFiles(logs).ok()) {
    for (const auto& log : logs) total += log->SizeFileBytes();
  }
  return total;
}

uint64_t Store::memory_bytes() const {
  const std::shared_lock instance = HoldInstance(nullptr);
  uint64_t total = 0;
  uint64_t value = 0;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (db_->GetIntProperty(handle, "rocksdb.cur-size-all-mem-tables", &value)) total += value;
  }
  if (db_->GetIntProperty(handles_[0], "rocksdb.block-cache-usage", &value)) total += value;
  return total;
}

}  // namespace kintsugi::store
