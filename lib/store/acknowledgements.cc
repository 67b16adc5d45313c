#include "store/acknowledgements.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "store/directory.h"

namespace kintsugi::store {
namespace {

namespace fs = std::filesystem;

constexpr const char* kFolder = "consumers";
constexpr size_t kMostLetters = 64;

std::string FolderOf(const std::string& path) {
  return (fs::path(path) / kFolder).string();
}

// What was renamed in it, or made, survives a crash of the machine then.
absl::Status Sync(const std::string& directory) {
  const int file = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool is_synced = file >= 0 && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  return is_synced ? absl::OkStatus() : SystemError(directory, error);
}

absl::Status MakeFolder(const std::string& path) {
  const std::string folder = FolderOf(path);
  if (::mkdir(folder.c_str(), S_IRWXU) == 0) return Sync(path);
  return errno == EEXIST ? absl::OkStatus() : SystemError(folder, errno);
}

bool WriteWhole(int file, std::string_view text) {
  return ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
}

}  // namespace

absl::Status CheckConsumer(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '_' ||
           c == '-';
  };
  const bool ok = !name.empty() && name.size() <= kMostLetters && name.front() != '.' &&
                  std::all_of(name.begin(), name.end(), is_plain);
  if (ok) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format(
      "`{}` cannot be a consumer's name: that is 1 to {} letters, digits, dots, dashes or underscores, no dot first",
      name, kMostLetters));
}

absl::StatusOr<std::optional<Acknowledgement>> ReadAcknowledgement(const std::string& path, std::string_view consumer) {
  if (auto status = CheckConsumer(consumer); !status.ok()) return status;
  const std::string name = (fs::path(FolderOf(path)) / consumer).string();
  std::error_code error;
  if (!fs::exists(name, error) && !error) return std::nullopt;
  std::ifstream file(name);
  Acknowledgement out;
  file >> out.sequence >> out.fingerprint;
  if (file) return out;
  return absl::DataLossError(
      fmt::format("{}: damaged, or it cannot be read; it says how far the consumer has come: remove it and begin anew "
                  "with a snapshot",
                  name));
}

absl::Status WriteAcknowledgement(const std::string& path, std::string_view consumer, const Acknowledgement& now) {
  if (auto status = CheckConsumer(consumer); !status.ok()) return status;
  if (auto status = MakeFolder(path); !status.ok()) return status;
  static std::atomic<uint64_t> count = 0;
  const fs::path folder = FolderOf(path);
  const std::string name = (folder / consumer).string();
  // No consumer has a dot first.
  const std::string fresh = (folder / fmt::format(".{}.{}.{}", consumer, ::getpid(), ++count)).string();
  const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (file < 0) return SystemError(fresh, errno);
  bool ok = WriteWhole(file, fmt::format("{} {}\n", now.sequence, now.fingerprint));
  int error = errno;
  ::close(file);
  if (ok) {
    ok = std::rename(fresh.c_str(), name.c_str()) == 0;
    error = errno;
  }
  if (ok) return Sync(folder.string());
  ::unlink(fresh.c_str());
  return SystemError(name, error);
}

absl::Status CopyAcknowledgements(const std::string& from, const std::string& to) {
  std::error_code error;
  for (fs::directory_iterator entry(FolderOf(from), error), end; !error && entry != end; entry.increment(error)) {
    const std::string consumer = entry->path().filename().string();
    if (!CheckConsumer(consumer).ok()) continue;  // what a crash left half written
    const auto known = ReadAcknowledgement(from, consumer);
    if (!known.ok() || !*known) continue;  // it says nothing now either
    if (auto status = WriteAcknowledgement(to, consumer, **known); !status.ok()) return status;
  }
  if (error && error != std::errc::no_such_file_or_directory) return SystemError(FolderOf(from), error.value());
  return absl::OkStatus();
}

}  // namespace kintsugi::store
