// kintsugi ingest

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "command.h"
#include "progress.h"

namespace kintsugi::cli {
namespace {

uint64_t SizeOf(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  return path == "-" || error ? 0 : size;
}

std::string ToJson(const IngestReport& report, uint64_t profiles, double seconds) {
  return JsonObject()
      .AddCount("read", report.read)
      .AddCount("accepted", report.accepted)
      .AddCount("duplicates", report.duplicates)
      .AddCount("quarantined", report.quarantined)
      .AddCount("profiles", profiles)
      .AddJson("seconds", fmt::format("{:.3f}", seconds))
      .Done();
}

}  // namespace

ExitCode IngestCommand::Run() const {
  const auto begin = std::chrono::steady_clock::now();
  Options options;
  if (!schema.empty()) {
    auto loaded = Schema::Load(schema);
    if (!loaded.ok()) return Fail(absl::InvalidArgumentError(std::string(loaded.status().message())));
    options.schema = *std::move(loaded);
  }
  auto engine = Engine::Open(options, db);
  if (!engine.ok()) return Fail(absl::FailedPreconditionError(std::string(engine.status().message())));

  const WriteOptions write{bulk ? Durability::kNone : Durability::kProcessCrash};
  IngestReport report;
  absl::Status status;
  for (const std::string& file : files) {
    Progress progress(file, SizeOf(file), quiet);
    const auto update = [&](uint64_t bytes, const IngestReport& so_far) { progress.Update(bytes, so_far.read); };
    const auto one = (*engine)->IngestFile({.source = source, .path = file, .progress = update}, write);
    if (one.ok()) {
      report += *one;
      for (const std::string& warning : one->warnings) {
        if (!quiet) fmt::print(stderr, "kintsugi: {}: {}\n", file, warning);
      }
    } else {
      status = one.status();
      break;
    }
  }
  if (status.ok()) status = (*engine)->Flush();
  if (!status.ok()) return Fail(absl::FailedPreconditionError(std::string(status.message())));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  PrintLine(ToJson(report, (*engine)->GetStats().profiles, seconds.count()));
  if (report.quarantined > 0 && !quiet) {
    fmt::print(stderr, "kintsugi: {} rows are in quarantine; `kintsugi quarantine --db {}` shows them\n",
               report.quarantined, db);
  }
  return Finish(strict && report.quarantined > 0 ? kFailed : kDone);
}

}  // namespace kintsugi::cli
