#include "store/store.h"

#include <fmt/format.h>
#include <rocksdb/perf_level.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "format/stored.pb.h"
#include "store/database_options.h"
#include "store/owner_only.h"

namespace kintsugi::store {
namespace {

rocksdb::Slice ToSlice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
std::string_view ToView(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

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

// The format by the row `meta`; 0 if there is none, for the creation broke off. Changes nothing.
absl::StatusOr<uint32_t> StoredFormat(const rocksdb::Options& base, const std::string& path) {
  rocksdb::DB* opened = nullptr;
  auto status = rocksdb::DB::OpenForReadOnly(base, path, &opened);
  if (!status.ok()) return ToStatus(status, path);
  const std::unique_ptr<rocksdb::DB> db(opened);
  std::string row;
  status = db->Get(rocksdb::ReadOptions(), "meta", &row);
  if (status.IsNotFound()) return 0;
  if (!status.ok()) return ToStatus(status, path);
  stored::Meta meta;
  if (!meta.ParseFromString(row)) return absl::DataLossError(fmt::format("{}: its meta data is damaged", path));
  return meta.format();
}

// A newer version may have families that this one does not know, and this one would make families that an older one
// does not: so the format is known before RocksDB opens the database. That costs nothing where the marker tells.
absl::Status CheckFormat(const rocksdb::Options& base, const std::string& path, const Directory& directory,
                         uint32_t format) {
  uint32_t stored = directory.format;
  if (stored == 0 && directory.is_finished) {
    const auto read = StoredFormat(base, path);
    if (!read.ok()) return read.status();
    stored = *read;
  }
  if (stored == 0 || stored == format) return absl::OkStatus();
  return absl::FailedPreconditionError(
      fmt::format("{}: the database has format {}; this version reads format {}: use the version that wrote it", path,
                  stored, format));
}

absl::StatusOr<bool> HasFamilies(const rocksdb::Options& base, const std::string& path,
                                 const std::vector<rocksdb::ColumnFamilyDescriptor>& families) {
  std::vector<std::string> there;
  const auto status = rocksdb::DB::ListColumnFamilies(base, path, &there);
  if (!status.ok()) return ToStatus(status, path);
  std::vector<std::string> ours;
  for (const auto& family : families) ours.push_back(family.name);
  return std::is_permutation(there.begin(), there.end(), ours.begin(), ours.end());
}

// RocksDB's own lock, which versions before ours take alone. It tells by its words only.
bool IsLocked(const std::string& text) {
  return text.starts_with("IO error: lock hold by current process") ||
         (text.starts_with("IO error: While lock file: ") && text.ends_with(std::strerror(EAGAIN)));
}

bool IsPermissionDenied(const std::string& text) {
  return text.ends_with(std::strerror(EACCES)) || text.ends_with(std::strerror(EPERM)) ||
         text.ends_with(std::strerror(EROFS));
}

}  // namespace

absl::Status ToStatus(const rocksdb::Status& status, std::string_view what) {
  if (status.ok()) return absl::OkStatus();
  const std::string text = status.ToString();
  const std::string message = fmt::format("{}: {}", what, text);
  if (status.IsNoSpace() || text.find("No space left") != std::string::npos) {
    return absl::ResourceExhaustedError(message + "; free some space and run again");
  }
  if (status.IsCorruption()) return absl::DataLossError(message);
  if (status.IsIOError() && IsLocked(text))
    return absl::UnavailableError(fmt::format("{}: another process has the database open ({})", what, text));
  if (status.IsIOError() && IsPermissionDenied(text))
    return absl::PermissionDeniedError(message + "; the database's directory and files must be this user's own");
  if (status.IsNotFound()) return absl::NotFoundError(message);
  if (status.IsInvalidArgument()) return absl::InvalidArgumentError(message);
  return absl::UnavailableError(message);
}

void Batch::Put(format::Family family, std::string_view key, std::string_view value) {
  batch_.Put(handles_[static_cast<size_t>(family)], ToSlice(key), ToSlice(value));
}

void Batch::Delete(format::Family family, std::string_view key) {
  batch_.Delete(handles_[static_cast<size_t>(family)], ToSlice(key));
}

namespace {

// Visits the keys of a batch with the families that they are in, by RocksDB's numbers for those.
class Keys : public rocksdb::WriteBatch::Handler {
 public:
  Keys(const std::vector<rocksdb::ColumnFamilyHandle*>& handles,
       const std::function<void(format::Family, std::string_view)>& visit)
      : visit_(visit) {
    for (const rocksdb::ColumnFamilyHandle* handle : handles) numbers_.push_back(handle->GetID());
  }
  rocksdb::Status PutCF(uint32_t number, const rocksdb::Slice& key, const rocksdb::Slice&) override {
    return Visit(number, key);
  }
  rocksdb::Status DeleteCF(uint32_t number, const rocksdb::Slice& key) override { return Visit(number, key); }

 private:
  rocksdb::Status Visit(uint32_t number, const rocksdb::Slice& key) {
    const auto at = std::find(numbers_.begin(), numbers_.end(), number);
    visit_(static_cast<format::Family>(at - numbers_.begin()), ToView(key));
    return rocksdb::Status::OK();
  }

  std::vector<uint32_t> numbers_;  // by Family
  const std::function<void(format::Family, std::string_view)>& visit_;
};

}  // namespace

absl::Status Batch::ForEachKey(const std::function<void(format::Family, std::string_view)>& visit) const {
  Keys keys(handles_, visit);
  return ToStatus(batch_.Iterate(&keys), "reading a batch");
}

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const Options& options, const std::string& path, uint32_t format,
                                                   rocksdb::Env* env) {
  const bool may_create = options.create_if_missing && !options.read_only;
  auto directory = EnterDirectory(path, options.read_only ? Access::kRead
                                        : may_create      ? Access::kCreate
                                                          : Access::kWrite);
  if (!directory.ok()) return directory.status();
  std::unique_ptr<Store> store(new Store());
  store->lock_ = std::move(directory->lock);
  store->env_ = OwnerOnlyEnv(env);
  const rocksdb::Options base = DatabaseOptions(options, store->env_.get());
  if (auto status = CheckFormat(base, path, *directory, format); !status.ok()) return status;
  if (options.read_only) {
    store->follower_ = std::make_unique<Follower>(base, path, FamiliesFor(base));
    if (auto status = store->follower_->Open(store->handles_, store->db_); !status.ok()) return status;
    return store;
  }
  if (auto status = CloseToOthers(path); !status.ok()) return status;
  if (directory->format == 0) {
    if (auto status = MarkFormat(path, format); !status.ok()) return status;
  }
  if (auto status = store->OpenToWrite(base, path, *directory, may_create); !status.ok()) return status;
  return store;
}

// Only a new database gets families, and one whose creation a crash cut short. RocksDB would find out that some are
// missing when it had written already, so they are listed first: 20 us.
absl::Status Store::OpenToWrite(rocksdb::Options base, const std::string& path, const Directory& directory,
                                bool may_create) {
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = FamiliesFor(base);
  bool is_new = !directory.is_finished;
  if (directory.is_finished) {
    const auto are_ours = HasFamilies(base, path, families);
    if (!are_ours.ok()) return are_ours.status();
    if (!*are_ours) {
      const auto format = StoredFormat(base, path);
      if (!format.ok()) return format.status();
      if (*format != 0) {
        return absl::FailedPreconditionError(fmt::format(
            "{}: its families are not those of its format {}: use the version that wrote it", path, *format));
      }
      if (!may_create) return absl::NotFoundError(fmt::format("{}: no database in this directory", path));
      is_new = true;
    }
  }
  base.create_if_missing = is_new;
  base.create_missing_column_families = is_new;
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(base, path, families, &handles_, &db);
  db_.reset(db);
  return ToStatus(status, path);
}

namespace {

// What stands in the directory now. (An open instance goes on saying what stood there when it was opened.)
absl::StatusOr<std::string> IdentityOf(rocksdb::Env* env, const std::string& path) {
  std::string identity;
  const auto status = rocksdb::ReadFileToString(env, path + "/IDENTITY", &identity);
  if (!status.ok()) return ToStatus(status, path);
  return identity;
}

// The writer's list of files: its name and its length. Each change of the files makes it longer or another.
std::string ManifestOf(rocksdb::Env* env, const std::string& path) {
  std::string name;
  uint64_t size = 0;
  if (!rocksdb::ReadFileToString(env, path + "/CURRENT", &name).ok()) return "";
  while (!name.empty() && name.back() == '\n') name.pop_back();
  if (!env->GetFileSize(path + "/" + name, &size).ok()) return "";
  return fmt::format("{} {}", name, size);
}

// How often a busy writer may change its files while they are being opened.
constexpr int kMaxOpenings = 100;

}  // namespace

Store::Follower::Follower(rocksdb::Options base, std::string path,
                          std::vector<rocksdb::ColumnFamilyDescriptor> families)
    : base_(std::move(base)), path_(std::move(path)), families_(std::move(families)) {
  base_.max_open_files = -1;  // a file that the writer deletes can still be read, if it is open
}

// RocksDB reads the list of files first and the logs then. If the writer moves a log's rows to a file in between and
// deletes the log, they are in neither: so the list must have stayed the same all the while.
absl::Status Store::Follower::Open(std::vector<rocksdb::ColumnFamilyHandle*>& handles,
                                   std::unique_ptr<rocksdb::DB>& db) {
  rocksdb::Status status;
  for (int tries = 0; tries < kMaxOpenings; ++tries) {
    auto identity = IdentityOf(base_.env, path_);
    if (!identity.ok()) return identity.status();
    if (identity_.empty()) identity_ = *identity;
    if (*identity != identity_) {
      return absl::FailedPreconditionError(
          fmt::format("{}: another database is there now, as after a migration; open it again", path_));
    }
    std::vector<rocksdb::ColumnFamilyHandle*> new_handles;
    rocksdb::DB* opened = nullptr;
    std::string manifest = ManifestOf(base_.env, path_);
    // The second path is for a log, which there is not.
    status = rocksdb::DB::OpenAsSecondary(base_, path_, path_, families_, &new_handles, &opened);
    if (!status.ok()) continue;  // perhaps of a file that has just been deleted
    std::unique_ptr<rocksdb::DB> made(opened);
    const bool is_whole = manifest == ManifestOf(base_.env, path_) && !manifest.empty();
    std::vector<rocksdb::ColumnFamilyHandle*>& closed = is_whole ? handles : new_handles;
    for (rocksdb::ColumnFamilyHandle* handle : closed) (is_whole ? db : made)->DestroyColumnFamilyHandle(handle);
    if (!is_whole) continue;
    handles = std::move(new_handles);
    db = std::move(made);
    manifest_ = std::move(manifest);
    return absl::OkStatus();
  }
  if (!status.ok()) return ToStatus(status, path_);
  return absl::UnavailableError(fmt::format("{}: its files change faster than they can be opened; try again", path_));
}

// RocksDB's own catching up is right as long as the writer only adds to its logs. Once that has moved rows to a file,
// the older ones that were read from the log hide them (its issue 14444), so the instance is made anew.
absl::Status Store::Follower::CatchUp(std::vector<rocksdb::ColumnFamilyHandle*>& handles,
                                      std::unique_ptr<rocksdb::DB>& db, bool& is_same) {
  is_same = false;
  if (!is_torn_ && ManifestOf(base_.env, path_) == manifest_) {
    const rocksdb::SequenceNumber before = db->GetLatestSequenceNumber();
    is_torn_ = true;
    const auto status = db->TryCatchUpWithPrimary();
    is_torn_ = !status.ok() || ManifestOf(base_.env, path_) != manifest_;
    is_same = !is_torn_ && db->GetLatestSequenceNumber() == before;
    if (!is_torn_) return absl::OkStatus();
  }
  const absl::Status status = Open(handles, db);
  if (status.ok()) is_torn_ = false;
  return status;
}

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

std::shared_lock<ReadersFirstMutex> Store::StayStill(const Snapshot* snapshot) const {
  if (snapshot != nullptr || !is_read_only()) return {};
  return std::shared_lock(catching_up_);
}

absl::StatusOr<std::optional<std::string>> Store::Get(format::Family family, std::string_view key,
                                                      const Snapshot* snapshot) const {
  const std::shared_lock still = StayStill(snapshot);
  if (auto status = MayRead(); !status.ok()) return status;
  rocksdb::ReadOptions options;
  if (snapshot != nullptr) options.snapshot = snapshot->snapshot_;
  std::string value;
  const Uncounted uncounted;
  const auto status = db_->Get(options, handles_[static_cast<size_t>(family)], ToSlice(key), &value);
  if (status.IsNotFound()) return std::nullopt;
  if (!status.ok()) return ToStatus(status, "reading");
  return value;
}

absl::StatusOr<bool> Store::Read(format::Family family, std::string_view key, rocksdb::PinnableSlice& value,
                                 const Snapshot* snapshot) const {
  const std::shared_lock still = StayStill(snapshot);
  if (auto status = MayRead(); !status.ok()) return status;
  rocksdb::ReadOptions options;
  if (snapshot != nullptr) options.snapshot = snapshot->snapshot_;
  const Uncounted uncounted;
  const auto status = db_->Get(options, handles_[static_cast<size_t>(family)], ToSlice(key), &value);
  if (status.ok()) return true;
  if (status.IsNotFound()) return false;
  return ToStatus(status, "reading");
}

absl::StatusOr<std::vector<const rocksdb::PinnableSlice*>> Store::ReadMany(format::Family family,
                                                                           const std::vector<rocksdb::Slice>& keys,
                                                                           std::vector<rocksdb::PinnableSlice>& values,
                                                                           const Snapshot* snapshot) const {
  const std::shared_lock still = StayStill(snapshot);
  if (auto status = MayRead(); !status.ok()) return status;
  rocksdb::ReadOptions options;
  if (snapshot != nullptr) options.snapshot = snapshot->snapshot_;
  values = std::vector<rocksdb::PinnableSlice>(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  const Uncounted uncounted;
  db_->MultiGet(options, handles_[static_cast<size_t>(family)], keys.size(), keys.data(), values.data(),
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
                                                                       const std::vector<std::string>& keys) const {
  std::vector<rocksdb::PinnableSlice> values;
  const auto rows = ReadMany(family, {keys.begin(), keys.end()}, values, nullptr);
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

absl::Status Store::ScanEach(format::Family family, const std::vector<std::string>& prefixes, const Visit& visit,
                             const Snapshot* snapshot) const {
  const std::shared_lock still = StayStill(snapshot);
  if (auto status = MayRead(); !status.ok()) return status;
  rocksdb::ReadOptions options;
  if (snapshot != nullptr) options.snapshot = snapshot->snapshot_;
  // Without a bound the last step would read on to the next row that is not deleted, however far behind that is.
  const std::string end = prefixes.size() == 1 ? EndOf(prefixes.front()) : "";
  const rocksdb::Slice bound = ToSlice(end);
  if (!end.empty()) options.iterate_upper_bound = &bound;
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, handles_[static_cast<size_t>(family)]));
  for (const std::string& prefix : prefixes) {
    for (it->Seek(prefix); it->Valid() && it->key().starts_with(prefix); it->Next()) {
      if (!visit(ToView(it->key()), ToView(it->value()))) return absl::OkStatus();
    }
    if (!it->status().ok()) break;  // or the next would hide it
  }
  return ToStatus(it->status(), "scanning");
}

absl::StatusOr<bool> Store::ReadLastBefore(format::Family family, std::string_view prefix, std::string_view end,
                                           const Visit& visit, const Snapshot* snapshot) const {
  const std::shared_lock still = StayStill(snapshot);
  if (auto status = MayRead(); !status.ok()) return status;
  rocksdb::ReadOptions options;
  if (snapshot != nullptr) options.snapshot = snapshot->snapshot_;
  const rocksdb::Slice first = ToSlice(prefix);
  options.iterate_lower_bound = &first;
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, handles_[static_cast<size_t>(family)]));
  it->SeekForPrev(ToSlice(end));
  if (it->Valid() && it->key() == ToSlice(end)) it->Prev();
  if (!it->status().ok()) return ToStatus(it->status(), "scanning");
  if (!it->Valid() || !it->key().starts_with(first)) return false;
  visit(ToView(it->key()), ToView(it->value()));
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
  const std::shared_lock still = StayStill(nullptr);
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
  const std::shared_lock still = StayStill(nullptr);
  uint64_t total = 0;
  uint64_t value = 0;
  for (rocksdb::ColumnFamilyHandle* handle : handles_) {
    if (db_->GetIntProperty(handle, "rocksdb.cur-size-all-mem-tables", &value)) total += value;
  }
  if (db_->GetIntProperty(handles_[0], "rocksdb.block-cache-usage", &value)) total += value;
  return total;
}

}  // namespace kintsugi::store
