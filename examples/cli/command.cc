#include "command.h"

#include <fmt/format.h>

namespace kintsugi::cli {

ExitCode Fail(const absl::Status& status) {
  std::fflush(stdout);
  fmt::print(stderr, "kintsugi: {}\n", std::string(status.message()));
  return absl::IsNotFound(status) ? kNotFound : kFailed;
}

ExitCode Misused(const std::string& message) {
  fmt::print(stderr, "kintsugi: {}\n", message);
  return kUsage;
}

absl::StatusOr<std::unique_ptr<Engine>> OpenExisting(const std::string& db) {
  auto engine = Engine::Open({.create_if_missing = false}, db);
  // A missing database is a failure; "not found" is for what is looked up in one.
  if (absl::IsNotFound(engine.status())) {
    return absl::FailedPreconditionError(std::string(engine.status().message()) + "; `kintsugi ingest` creates one");
  }
  return engine;
}

bool PrintLine(std::string_view line) {
  return std::fwrite(line.data(), 1, line.size(), stdout) == line.size() && std::putc('\n', stdout) != EOF;
}

ExitCode Finish(ExitCode code) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return code;
  fmt::print(stderr, "kintsugi: standard output cannot be written\n");
  return kFailed;
}

}  // namespace kintsugi::cli
