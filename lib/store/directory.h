// A database's directory, before RocksDB touches it: whether it is one, of which format, and who may write it.

#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace kintsugi::store {

// DirectoryLock keeps everybody else, in this process and in others, from writing a database for as long as it lives.
// It is an exclusive lock of the marker file by a descriptor of its own; so it follows the directory when that is
// renamed, and a process that was forked meanwhile does not keep it.
class DirectoryLock {
 public:
  DirectoryLock() = default;
  // Of a descriptor that has the lock.
  explicit DirectoryLock(int file) : file_(file) {}
  DirectoryLock(DirectoryLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  DirectoryLock& operator=(DirectoryLock&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  ~DirectoryLock();

 private:
  int file_ = -1;
};

struct Directory {
  bool is_finished = false;  // RocksDB made a database in it; else that was not begun, or broke off
  uint32_t format = 0;       // as the marker says; 0: it does not, for it was made before markers did
  DirectoryLock lock;        // unless it is only read
};

enum class Access { kRead, kWrite, kCreate };

// What stands at `path`; for kCreate made if it is missing, for its owner alone. Whoever writes it gets the lock, and
// all files in it are their owner's alone then. After an error all is as it was.
//   nothing, or a directory without a database; not kCreate → kNotFound
//   not a directory, or one with other things               → kInvalidArgument
//   another engine has it open to write                     → kUnavailable
absl::StatusOr<Directory> EnterDirectory(const std::string& path, Access access);

// Closes the files of a database to everybody but its user, whoever could read them before. The directory keeps its
// mode.
absl::Status CloseToOthers(const std::string& path);

// Writes the format into the marker. Needs the lock.
absl::Status MarkFormat(const std::string& path, uint32_t format);

// What a system call's error means to a caller.
absl::Status SystemError(const std::string& what, int error);

}  // namespace kintsugi::store
