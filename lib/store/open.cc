// Store::Open: which database it is, and whether it can be read and written.

#include <fmt/format.h>

#include <algorithm>

#include "format/stored.pb.h"
#include "store/convert.h"
#include "store/database_options.h"
#include "store/directory.h"
#include "store/owner_only.h"
#include "store/store.h"

namespace kintsugi::store {
namespace {

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

}  // namespace

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

}  // namespace kintsugi::store
