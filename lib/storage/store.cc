#include "storage/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <rocksdb/perf_level.h>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "storage/database_options.h"

namespace kintsugi::storage {
namespace {

rocksdb::Slice ToSlice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}
std::string_view ToView(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

// Says that a directory is ours, also when a crash cut its creation short.
constexpr const char* kMarkerName = "KINTSUGI";

absl::Status WriteMarker(const std::filesystem::path& directory) {
  const std::string path = (directory / kMarkerName).string();
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (file >= 0 && ::fsync(file) == 0 && ::close(file) == 0) return absl::OkStatus();
  return absl::PermissionDeniedError(fmt::format("{}: cannot be written: {}", path, std::strerror(errno)));
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

// What stands at `path`, before RocksDB touches it. Leaves a directory with a marker, or an error and all as it was.
absl::Status PrepareDirectory(bool may_create, const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    if (!may_create) return absl::NotFoundError(fmt::format("{}: no such database", path));
    fs::create_directories(path, error);
    if (!error) return WriteMarker(path);
    return absl::PermissionDeniedError(fmt::format("{}: cannot create the directory: {}", path, error.message()));
  }
  if (status.type() != fs::file_type::directory) {
    return absl::InvalidArgumentError(fmt::format("{}: not a directory; a database is one", path));
  }
  const bool is_empty = fs::is_empty(path, error);
  if (error) return absl::PermissionDeniedError(fmt::format("{}: {}", path, error.message()));
  const bool is_ours = fs::exists(fs::path(path) / kMarkerName, error);
  const bool is_finished = fs::exists(fs::path(path) / "CURRENT", error);
  if (!is_ours && !is_empty) {
    return absl::InvalidArgumentError(
        fmt::format("{}: not a Kintsugi database, and not empty; choose another directory", path));
  }
  if (is_ours && is_finished) return absl::OkStatus();
  if (!may_create) return absl::NotFoundError(fmt::format("{}: no database in this directory", path));
  return is_ours ? absl::OkStatus() : WriteMarker(path);
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
  if (text.find("lock") != std::string::npos && status.IsIOError()) {
    return absl::UnavailableError(fmt::format("{}: another process has the database open ({})", what, text));
  }
  if (status.IsNotFound()) return absl::NotFoundError(message);
  if (status.IsInvalidArgument()) return absl::InvalidArgumentError(message);
  return absl::UnavailableError(message);
}

void Batch::Put(Family family, std::string_view key, std::string_view value) {
  batch_.Put(handles_[static_cast<size_t>(family)], ToSlice(key), ToSlice(value));
}

void Batch::Delete(Family family, std::string_view key) {
  batch_.Delete(handles_[static_cast<size_t>(family)], ToSlice(key));
}

namespace {

// Visits the keys of a batch with the families that they are in, by RocksDB's numbers for those.
class Keys : public rocksdb::WriteBatch::Handler {
 public:
  Keys(const std::vector<rocksdb::ColumnFamilyHandle*>& handles,
       const std::function<void(Family, std::string_view)>& visit)
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
    visit_(static_cast<Family>(at - numbers_.begin()), ToView(key));
    return rocksdb::Status::OK();
  }

  std::vector<uint32_t> numbers_;  // by Family
  const std::function<void(Family, std::string_view)>& visit_;
};

}  // namespace

absl::Status Batch::ForEachKey(const std::function<void(Family, std::string_view)>& visit) const {
  Keys keys(handles_, visit);
  return ToStatus(batch_.Iterate(&keys), "reading a batch");
}

absl::StatusOr<std::unique_ptr<Store>> Store::Open(const Options& options, const std::string& path, rocksdb::Env* env) {
  const bool may_create = options.create_if_missing && !options.read_only;
  if (auto status = PrepareDirectory(may_create, path); !status.ok()) return status;
  const rocksdb::Options base = DatabaseOptions(options, env);
  std::vector<rocksdb::ColumnFamilyDescriptor> families = FamiliesFor(base);
  std::unique_ptr<Store> store(new Store());
  if (options.read_only) {
    store->follower_ = std::make_unique<Follower>(base, path, std::move(families));
    if (auto status = store->follower_->Open(store->handles_, store->db_); !status.ok()) return status;
    return store;
  }
  rocksdb::DB* db = nullptr;
  const rocksdb::Status status = rocksdb::DB::Open(base, path, families, &store->handles_, &db);
  if (!status.ok()) return ToStatus(status, path);
  store->db_.reset(db);
  return store;
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
constexpr int kMaxTries = 100;

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
  for (int tries = 0; tries < kMaxTries; ++tries) {
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

std::shared_lock<std::shared_mutex> Store::StayStill(const Snapshot* snapshot) const {
  if (snapshot != nullptr || !is_read_only()) return {};
  return std::shared_lock(catching_up_);
}

absl::StatusOr<std::optional<std::string>> Store::Get(Family family, std::string_view key,
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

absl::StatusOr<bool> Store::Read(Family family, std::string_view key, rocksdb::PinnableSlice& value,
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

absl::StatusOr<std::vector<const rocksdb::PinnableSlice*>> Store::ReadMany(Family family,
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

absl::StatusOr<std::vector<std::optional<std::string>>> Store::GetMany(Family family,
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

absl::Status Store::Scan(Family family, std::string_view prefix, const Visit& visit, const Snapshot* snapshot) const {
  return ScanEach(family, {std::string(prefix)}, visit, snapshot);
}

absl::Status Store::ScanEach(Family family, const std::vector<std::string>& prefixes, const Visit& visit,
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

absl::Status Store::Write(Batch& batch, Durability durability) {
  rocksdb::WriteOptions options;
  options.sync = durability == Durability::kMachineCrash;
  options.disableWAL = durability == Durability::kNone;
  if (options.disableWAL) {
    unlogged_ = true;
  } else if (unlogged_) {
    // The log would replay this write without those that went before it unlogged: they go to files first.
    if (auto status = Flush(); !status.ok()) return status;
  }
  const Uncounted uncounted;
  rocksdb::Status status = db_->Write(options, &batch.batch_);
  // After a failed write RocksDB refuses all others until it is told to go on.
  if (!status.ok() && HasRoom() && db_->Resume().ok()) status = db_->Write(options, &batch.batch_);
  return ToStatus(status, "writing");
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
  if (unlogged_.exchange(false)) {
    const auto status = ToStatus(db_->Flush(rocksdb::FlushOptions(), handles_), "flushing");
    if (!status.ok()) unlogged_ = true;
    if (!status.ok()) return status;
  }
  return ToStatus(db_->SyncWAL(), "flushing");
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

}  // namespace kintsugi::storage
