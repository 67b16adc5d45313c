#include "store/follower.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

#include "absl/status/statusor.h"
#include "store/convert.h"

namespace kintsugi::store {
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

Follower::Follower(rocksdb::Options base, std::string path, std::vector<rocksdb::ColumnFamilyDescriptor> families)
    : base_(std::move(base)), path_(std::move(path)), families_(std::move(families)) {
  base_.max_open_files = -1;  // a file that the writer deletes can still be read, if it is open
}

// RocksDB reads the list of files first and the logs then. If the writer moves a log's rows to a file in between and
// deletes the log, they are in neither: so the list must have stayed the same all the while.
absl::Status Follower::Open(std::vector<rocksdb::ColumnFamilyHandle*>& handles, std::unique_ptr<rocksdb::DB>& db) {
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
absl::Status Follower::CatchUp(std::vector<rocksdb::ColumnFamilyHandle*>& handles, std::unique_ptr<rocksdb::DB>& db,
                               bool& is_same) {
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

}  // namespace kintsugi::store
