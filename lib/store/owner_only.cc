#include "store/owner_only.h"

#include <fcntl.h>
#include <rocksdb/file_system.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace kintsugi::store {
namespace {

constexpr mode_t kAllModes = 07777;
constexpr mode_t kOwnerOnly = 0600;

using rocksdb::IOStatus;

// In RocksDB's words.
IOStatus Made(const std::string& path) {
  if (MakeOwnerOnly(path)) return IOStatus::OK();
  if (errno == ENOSPC || errno == EDQUOT) return IOStatus::NoSpace("While making " + path, std::strerror(errno));
  if (errno == ENOENT) return IOStatus::PathNotFound("While making " + path, std::strerror(errno));
  return IOStatus::IOError("While making " + path, std::strerror(errno));
}

class OwnerOnlyFileSystem : public rocksdb::FileSystemWrapper {
 public:
  explicit OwnerOnlyFileSystem(std::shared_ptr<rocksdb::FileSystem> base) : FileSystemWrapper(std::move(base)) {}
  const char* Name() const override { return "OwnerOnlyFileSystem"; }

  IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                           std::unique_ptr<rocksdb::FSWritableFile>* file, rocksdb::IODebugContext* debug) override {
    IOStatus status = Made(path);
    return status.ok() ? FileSystemWrapper::NewWritableFile(path, options, file, debug) : status;
  }
  IOStatus ReopenWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                              std::unique_ptr<rocksdb::FSWritableFile>* file, rocksdb::IODebugContext* debug) override {
    IOStatus status = Made(path);
    return status.ok() ? FileSystemWrapper::ReopenWritableFile(path, options, file, debug) : status;
  }
  IOStatus LockFile(const std::string& path, const rocksdb::IOOptions& options, rocksdb::FileLock** lock,
                    rocksdb::IODebugContext* debug) override {
    IOStatus status = Made(path);
    return status.ok() ? FileSystemWrapper::LockFile(path, options, lock, debug) : status;
  }
};

}  // namespace

// A file that is there is not opened: closing it again would let go a lock that this process has on it.
bool MakeOwnerOnly(const std::string& path) {
  struct stat known {};
  if (::stat(path.c_str(), &known) == 0)
    return (known.st_mode & kAllModes) == kOwnerOnly || ::chmod(path.c_str(), kOwnerOnly) == 0;
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, kOwnerOnly);
  if (file < 0) return false;
  const bool ok = ::fchmod(file, kOwnerOnly) == 0;  // the umask may take its owner's rights, too
  const int error = errno;
  ::close(file);
  errno = error;
  return ok;
}

std::unique_ptr<rocksdb::Env> OwnerOnlyEnv(rocksdb::Env* base) {
  if (base == nullptr) base = rocksdb::Env::Default();
  return rocksdb::NewCompositeEnv(std::make_shared<OwnerOnlyFileSystem>(base->GetFileSystem()));
}

}  // namespace kintsugi::store
