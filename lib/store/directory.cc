#include "store/directory.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "store/owner_only.h"

namespace kintsugi::store {
namespace {

namespace fs = std::filesystem;

// Says that a directory is ours, also when a crash cut its creation short, and of which format it is; and it is what is
// locked.
constexpr const char* kMarkerName = "KINTSUGI";
constexpr std::string_view kFormatWord = "format";

std::string MarkerOf(const std::string& path) {
  return (fs::path(path) / kMarkerName).string();
}

// 0: it does not say.
absl::StatusOr<uint32_t> ReadFormat(const std::string& path) {
  std::ifstream marker(MarkerOf(path));
  if (!marker) return SystemError(MarkerOf(path), errno);
  std::string word;
  uint32_t format = 0;
  marker >> word >> format;
  return marker && word == kFormatWord ? format : 0;
}

absl::Status MakeDirectory(const std::string& name) {
  std::error_code error;
  fs::path path = fs::absolute(name, error).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();  // it ended in a slash
  const fs::path parent = path.parent_path();
  if (!error) fs::create_directories(parent, error);
  if (error) return SystemError(parent.string() + ": cannot create the directory", error.value());
  const bool is_new = ::mkdir(path.c_str(), S_IRWXU) == 0;
  if (is_new && ::chmod(path.c_str(), S_IRWXU) == 0) return absl::OkStatus();  // the umask may take more
  if (!is_new && errno == EEXIST) return absl::OkStatus();                     // somebody was faster
  return SystemError(name + ": cannot create the directory", errno);
}

// A migration may have put another directory at the path meanwhile: what is locked must be what is there.
absl::StatusOr<DirectoryLock> Lock(const std::string& path) {
  const std::string marker = MarkerOf(path);
  for (;;) {
    const int file = ::open(marker.c_str(), O_RDWR | O_CLOEXEC);
    if (file < 0) return SystemError(marker, errno);
    DirectoryLock lock(file);
    if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
      if (errno != EWOULDBLOCK) return SystemError(marker + ": cannot be locked", errno);
      return absl::UnavailableError(fmt::format(
          "{}: another process, or another engine of this one, has the database open; one at a time may write it",
          path));
    }
    struct stat locked {};
    struct stat there {};
    if (::fstat(file, &locked) != 0) return SystemError(marker, errno);
    if (::stat(marker.c_str(), &there) != 0) return SystemError(marker, errno);
    if (locked.st_dev == there.st_dev && locked.st_ino == there.st_ino) return lock;
  }
}

// Whether there is something, and whether it can be a database. May create the directory and the marker.
absl::Status Prepare(const std::string& path, bool may_create) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    if (!may_create) return absl::NotFoundError(fmt::format("{}: no such database", path));
    if (auto made = MakeDirectory(path); !made.ok()) return made;
  } else if (error) {
    return SystemError(path, error.value());
  } else if (status.type() != fs::file_type::directory) {
    return absl::InvalidArgumentError(fmt::format("{}: not a directory; a database is one", path));
  }
  const bool is_empty = fs::is_empty(path, error);
  if (error) return SystemError(path, error.value());
  const bool is_ours = fs::exists(MarkerOf(path), error);
  if (error) return SystemError(path, error.value());
  if (!is_ours && !is_empty) {
    return absl::InvalidArgumentError(
        fmt::format("{}: not a Kintsugi database, and not empty; choose another directory", path));
  }
  if (is_ours || !may_create || MakeOwnerOnly(MarkerOf(path))) return absl::OkStatus();
  return SystemError(MarkerOf(path), errno);
}

}  // namespace

DirectoryLock::~DirectoryLock() {
  if (file_ < 0) return;
  ::flock(file_, LOCK_UN);  // closing alone leaves it to a forked process that has the descriptor, too
  ::close(file_);
}

absl::StatusOr<Directory> EnterDirectory(const std::string& path, Access access) {
  if (auto status = Prepare(path, access == Access::kCreate); !status.ok()) return status;
  std::error_code error;
  Directory directory;
  directory.is_finished = fs::exists(fs::path(path) / "CURRENT", error);
  if (!directory.is_finished && access != Access::kCreate)
    return absl::NotFoundError(fmt::format("{}: no database in this directory", path));
  if (access != Access::kRead) {
    auto lock = Lock(path);
    if (!lock.ok()) return lock.status();
    directory.lock = *std::move(lock);
    directory.is_finished = fs::exists(fs::path(path) / "CURRENT", error);
  }
  const auto format = ReadFormat(path);
  if (!format.ok()) return format.status();
  directory.format = *format;
  return directory;
}

absl::Status CloseToOthers(const std::string& path) {
  struct stat marker {};
  if (::stat(MarkerOf(path).c_str(), &marker) != 0) return SystemError(MarkerOf(path), errno);
  if ((marker.st_mode & (S_IRWXG | S_IRWXO)) == 0) return absl::OkStatus();
  std::error_code error;
  for (fs::directory_iterator entry(path, error), end; !error && entry != end; entry.increment(error)) {
    const std::string file = entry->path().string();
    if (entry->is_regular_file(error) && file != MarkerOf(path) && !MakeOwnerOnly(file))
      return SystemError(file, errno);
  }
  if (error) return SystemError(path, error.value());
  return MakeOwnerOnly(MarkerOf(path)) ? absl::OkStatus() : SystemError(MarkerOf(path), errno);
}

absl::Status MarkFormat(const std::string& path, uint32_t format) {
  const std::string text = fmt::format("{} {}\n", kFormatWord, format);
  const int file = ::open(MarkerOf(path).c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC);
  const bool written =
      file >= 0 && ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  return written ? absl::OkStatus() : SystemError(MarkerOf(path), error);
}

absl::Status SystemError(const std::string& what, int error) {
  const std::string message = fmt::format("{}: {}", what, std::strerror(error));
  switch (error) {
    case EACCES:
    case EPERM:
    case EROFS:
      return absl::PermissionDeniedError(message + "; the database's directory and files must be this user's own");
    case ENOSPC:
    case EDQUOT:
      return absl::ResourceExhaustedError(message + "; free some space and run again");
    case ENOENT:
      return absl::NotFoundError(message);
    case ENOTDIR:
    case ENAMETOOLONG:
    case ELOOP:
      return absl::InvalidArgumentError(message);
    default:
      return absl::UnavailableError(message);
  }
}

}  // namespace kintsugi::store
