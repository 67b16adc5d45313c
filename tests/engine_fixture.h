// A database in a directory of its own that goes when the test ends, and its state as text.

#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "kintsugi/engine.h"

namespace kintsugi::testing {

// In memory where the machine has such a place: a property test makes thousands of databases, and waiting for a
// disk to sync each proves nothing.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::error_code ignored;
    const std::filesystem::path memory = "/dev/shm";
    const auto base = std::filesystem::is_directory(memory, ignored) ? memory : std::filesystem::temp_directory_path();
    std::random_device random;
    do {
      path_ = base / ("kintsugi-test-" + std::to_string(random()));
    } while (!std::filesystem::create_directory(path_));
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string operator/(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// An engine that can be closed and opened again.
class Database {
 public:
  explicit Database(Schema schema, size_t cache_bytes = 1 << 20, std::function<Time()> clock = {})
      : schema_(std::move(schema)), cache_bytes_(cache_bytes), clock_(std::move(clock)) {
    Reopen();
  }

  void Reopen() {
    engine_.reset();
    auto opened = Engine::Open(
        {.schema = schema_, .block_cache_bytes = cache_bytes_, .clock = clock_, .write_buffer_bytes = 4 << 20}, path());
    if (opened.ok())
      engine_ = *std::move(opened);
    else
      throw std::runtime_error(std::string(opened.status().message()));
  }

  // Until Reopen(), for who needs the files.
  void Close() { engine_.reset(); }

  // Whatever comes of it, the database is open again afterwards.
  absl::StatusOr<MigrationReport> Migrate(const Schema& schema) {
    engine_.reset();
    auto report = Engine::Migrate(schema, path());
    if (report.ok()) schema_ = schema;
    Reopen();
    return report;
  }

  // For tests that ask for a report only where the call succeeds.
  absl::StatusOr<IngestReport> IngestFile(const FileInput& input) {
    IngestReport report;
    if (auto status = engine_->IngestFile(input, report); !status.ok()) return status;
    return report;
  }
  absl::StatusOr<IngestReport> ReplayQuarantine() {
    IngestReport report;
    if (auto status = engine_->ReplayQuarantine(report); !status.ok()) return status;
    return report;
  }

  Engine& operator*() { return *engine_; }
  const Engine& operator*() const { return *engine_; }
  Engine* operator->() { return engine_.get(); }
  const Engine* operator->() const { return engine_.get(); }

  std::vector<std::string> Profiles() const {
    std::vector<std::string> lines;
    if (!engine_->ForEachProfile([&](const ProfileView& p) { return lines.push_back(p.ToJson()), true; }).ok())
      lines = {"failed"};
    return lines;
  }

  std::vector<std::string> Clusters() const {
    std::vector<std::string> lines;
    const auto status = engine_->ForEachIdentifier([&](const IdentifierView& identifier, const ProfileId& id) {
      lines.push_back(id.ToString() + "\t" + identifier.ToString());
      return true;
    });
    if (!status.ok()) lines = {"failed"};
    return lines;
  }

  const TemporaryDirectory& directory() const { return directory_; }
  std::string path() const { return directory_ / "db"; }

 private:
  TemporaryDirectory directory_;
  Schema schema_;
  size_t cache_bytes_;
  std::function<Time()> clock_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace kintsugi::testing
