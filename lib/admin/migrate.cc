#include "admin/migrate.h"

#include <fmt/format.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "admin/database.h"
#include "admin/migration.h"
#include "admin/simulate.h"
#include "store/acknowledgements.h"
#include "store/directory.h"
#include "store/exchange.h"

namespace kintsugi::admin {

absl::StatusOr<MigrationReport> Migrate(const Schema& schema, const std::string& path, Time now,
                                        const std::function<void()>& before_exchange) {
  namespace fs = std::filesystem;
  if (auto status = schema.Validate(); !status.ok()) return status;
  // Of a symbolic link the directory that it leads to changes places, and not the link; and `.` cannot be renamed.
  std::error_code error;
  const fs::path resolved = fs::canonical(path, error);
  const std::string place = error ? path : resolved.string();
  const std::string fresh = place + ".migrating";
  absl::StatusOr<MigrationReport> report = MigrationReport();
  // Closed, both stay locked until they have changed places, and the old one until it is gone: nothing that somebody
  // wrote in between can be lost.
  std::vector<store::DirectoryLock> locks;
  {
    auto old = OpenDatabase({.create_if_missing = false}, place);
    if (!old.ok()) return old.status();
    if (auto status = CheckSuccessor(*old->context, *old->store, schema); !status.ok()) return status;
    if (fs::exists(fs::symlink_status(fresh, error))) {
      return absl::AlreadyExistsError(
          fmt::format("{} is in the way: left by a migration that was interrupted; remove it and run again", fresh));
    }
    auto next = OpenDatabase({.schema = schema}, fresh, nullptr, old->context->catalog.names());
    report = next.ok() ? FillFrom(*old, *next, now) : next.status();
    locks.push_back(old->store->TakeLock());
    if (next.ok()) locks.push_back(next->store->TakeLock());
  }
  absl::Status status = report.status();
  // Who followed the feed is to be told that it is another one.
  if (status.ok()) status = store::CopyAcknowledgements(place, fresh);
  if (status.ok()) {
    before_exchange();
    status = store::TakePlace(fresh, place);
  }
  if (status.ok()) {
    if (auto synced = store::SyncParent(place); !synced.ok()) {
      return absl::UnavailableError(
          fmt::format("the database was migrated, but a crash of the machine may undo that ({}); the old one is in {}",
                      std::string(synced.message()), fresh));
    }
  }
  fs::remove_all(fresh, error);
  return status.ok() ? std::move(report) : status;
}

}  // namespace kintsugi::admin
