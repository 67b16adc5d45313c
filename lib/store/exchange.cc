#include "store/exchange.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>

#include "store/directory.h"

namespace kintsugi::store {
namespace {

absl::Status LastError(const std::string& what) {
  return SystemError(what, errno);
}

// Keeps away versions of Kintsugi that know no other lock than RocksDB's own from a database that is closed.
class ClosedDatabase {
 public:
  explicit ClosedDatabase(const std::string& path)
      : path_(path), file_(::open((path + "/LOCK").c_str(), O_RDWR | O_CLOEXEC)) {}
  ~ClosedDatabase() {
    if (file_ >= 0) ::close(file_);
  }
  ClosedDatabase(const ClosedDatabase&) = delete;
  ClosedDatabase& operator=(const ClosedDatabase&) = delete;

  absl::Status Lock() const {
    struct flock whole {};
    whole.l_type = F_WRLCK;
    whole.l_whence = SEEK_SET;
    if (file_ >= 0 && ::fcntl(file_, F_SETLK, &whole) == 0) return absl::OkStatus();
    return absl::UnavailableError(fmt::format("{}: another process opened the database meanwhile", path_));
  }

 private:
  const std::string path_;
  const int file_;
};

// The two directories change places: in one step where the file system can, else in three. After an error they have
// not.
absl::Status ChangePlaces(const std::string& fresh, const std::string& path) {
  if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0) return absl::OkStatus();
  if (errno != ENOSYS && errno != EINVAL) return LastError(path);
  const std::string aside = path + ".before-migration";
  if (::rename(path.c_str(), aside.c_str()) != 0) return LastError(path);
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    const absl::Status status = LastError(path);
    return ::rename(aside.c_str(), path.c_str()) == 0 ? status : LastError(path + " is in " + aside + " now");
  }
  return ::rename(aside.c_str(), fresh.c_str()) == 0 ? absl::OkStatus() : LastError(aside);
}

}  // namespace

absl::Status TakePlace(const std::string& fresh, const std::string& path) {
  const ClosedDatabase old(path);
  if (auto status = old.Lock(); !status.ok()) return status;
  return ChangePlaces(fresh, path);
}

absl::Status SyncParent(const std::string& path) {
  const std::string parent = std::filesystem::absolute(path).parent_path().string();
  const int directory = ::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = directory >= 0 && ::fsync(directory) == 0;
  const absl::Status status = synced ? absl::OkStatus() : LastError(parent);
  if (directory >= 0) ::close(directory);
  return status;
}

}  // namespace kintsugi::store
