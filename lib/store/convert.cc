#include "store/convert.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <string>

namespace kintsugi::store {
namespace {

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

}  // namespace kintsugi::store
