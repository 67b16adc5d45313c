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
      .AddCount("superseded", report.superseded)
      .AddCount("quarantined", report.quarantined)
      .AddCount("profiles", profiles)
      .AddJson("seconds", fmt::format("{:.3f}", seconds))
      .Done();
}

}  // namespace

absl::Status IngestCommand::CheckInput(const Options& options) const {
  for (const std::string& file : files) {
    std::error_code error;
    if (file != "-" && !std::filesystem::exists(file, error)) {
      return absl::InvalidArgumentError(fmt::format("{}: no such file", file));
    }
  }
  if (!options.schema) return absl::OkStatus();
  const auto found = FindSource(*options.schema, source);
  if (found.ok()) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("{}: {}", schema, std::string(found.status().message())));
}

ExitCode IngestCommand::Run() const {
  const auto begin = std::chrono::steady_clock::now();
  if (!extracted_at.empty() && !ParseTime(extracted_at)) {
    return Misused(fmt::format("--extracted-at `{}` is not a time; give one like 2026-03-01T10:00:00Z or 2026-03-01",
                               extracted_at));
  }
  Options options{.profile_cache_bytes = 0};
  if (!schema.empty()) {
    auto loaded = LoadSchema(schema);
    if (!loaded.ok()) return Fail(loaded.status());
    options.schema = *std::move(loaded);
  }
  // Before a database is created for nothing.
  if (auto status = CheckInput(options); !status.ok()) return Fail(status);
  auto engine = Engine::Open(options, db);
  if (!engine.ok()) return Fail(absl::FailedPreconditionError(std::string(engine.status().message())));

  for (const std::string& notice : (*engine)->notices()) Say(notice);
  const WriteOptions write{bulk ? Durability::kNone : Durability::kProcessCrash};
  IngestReport report;
  absl::Status status;
  for (const std::string& file : files) {
    Progress progress(file, SizeOf(file), quiet);
    const auto update = [&](uint64_t bytes, const IngestReport& so_far) { progress.Update(bytes, so_far.read); };
    const auto one = (*engine)->IngestFile({.source = source,
                                            .path = file,
                                            .extracted_at = ParseTime(extracted_at).value_or(kNeverLast),
                                            .progress = update},
                                           write);
    if (one.ok()) {
      report += *one;
      for (const std::string& warning : one->warnings) {
        if (!quiet) fmt::print(stderr, "kintsugi: {}\n", warning);
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
    fmt::print(stderr, "kintsugi: {} {} in quarantine; `kintsugi quarantine --db {}` shows {}\n", report.quarantined,
               report.quarantined == 1 ? "row is" : "rows are", db, report.quarantined == 1 ? "it" : "them");
    if (report.quarantined == report.read) {
      fmt::print(stderr, "kintsugi: no row was taken: are these files of the source `{}`?\n", source);
    }
  }
  return Finish(strict && report.quarantined > 0 ? kFailed : kDone);
}

}  // namespace kintsugi::cli
