// kintsugi ingest

#include <fmt/format.h>

#include <chrono>
#include <filesystem>

#include "command.h"
#include "interrupt.h"
#include "progress.h"
#include "text.h"

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
  if (!found.ok())
    return absl::InvalidArgumentError(fmt::format("{}: {}", schema, std::string(found.status().message())));
  for (const std::string& file : files) {
    if (auto status = Engine::CheckFile(*options.schema, {.source = source, .path = file}); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// What a person wants to know besides the counts.
void IngestCommand::Tell(const IngestReport& report) const {
  if (quiet) return;
  if (report.quarantined > 0) {
    const bool one = report.quarantined == 1;
    Say(fmt::format("{} {} in quarantine; `kintsugi quarantine --db {}` shows {}", report.quarantined,
                    one ? "row is" : "rows are", db, one ? "it" : "them"));
    for (const std::string& reason : report.reasons) Say("  " + OneLine(reason));
    if (report.quarantined > report.reasons.size())
      Say(fmt::format("  and {} more", report.quarantined - report.reasons.size()));
  }
  if (report.quarantined > 0 && report.quarantined == report.read)
    Say(fmt::format("no row was taken: are these files of the source `{}`?", source));
}

// One after the other, until one fails or is stopped: then `stopped_in` is its name.
absl::Status IngestCommand::IngestFiles(Engine& engine, std::stop_token stop, IngestReport& report,
                                        std::string& stopped_in) const {
  const WriteOptions write{bulk ? Durability::kLosesOnAnyCrash : Durability::kLosesOnMachineCrash};
  for (const std::string& file : files) {
    Progress progress(file, SizeOf(file), quiet);
    const auto update = [&](uint64_t bytes, const IngestReport& so_far) { progress.Update(bytes, so_far.read); };
    IngestReport one;
    const absl::Status status = engine.IngestFile(
        {.source = source, .path = file, .extracted_at = ParseTime(extracted_at), .progress = update, .stop = stop},
        one, write);
    report += one;
    for (const std::string& warning : one.warnings) {
      if (!quiet) Say(warning);
    }
    if (!status.ok()) return status;
    if (!one.stopped) continue;
    stopped_in = file;
    break;
  }
  return absl::OkStatus();
}

// A time before the clock is as good as none.
absl::Status IngestCommand::Advance(Engine& engine) const {
  const Time to =
      now ? *ParseTime(*now) : std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
  const auto is_past = [&] { return engine.now() && to < *engine.now(); };
  if (is_past()) return absl::OkStatus();
  const absl::Status status = engine.Advance(to);
  return is_past() ? absl::OkStatus() : status;  // the engine's own thread may have been faster
}

ExitCode IngestCommand::Run() const {
  const auto begin = std::chrono::steady_clock::now();
  if (!extracted_at.empty() && !ParseTime(extracted_at)) {
    return Misused(fmt::format("--extracted-at `{}` is not a time; give one like 2026-03-01T10:00:00Z or 2026-03-01",
                               extracted_at));
  }
  if (now && !ParseTime(*now))
    return Misused(fmt::format("--now `{}` is not a time; write {}", OneLine(*now), kTimeForms));
  Options options{.profile_cache_bytes = 0};
  if (!now) options.advance_every = std::chrono::minutes(1);  // a pipe may go on for ever
  if (!schema.empty()) {
    auto loaded = LoadSchema(schema);
    if (!loaded.ok()) return Fail(loaded.status());
    options.schema = *std::move(loaded);
  }
  // Before a database is created for nothing.
  if (auto status = CheckInput(options); !status.ok()) return Fail(status);
  auto engine = Engine::Open(options, db);
  if (!engine.ok()) return Fail(absl::FailedPreconditionError(std::string(engine.status().message())));

  SayNotices(**engine);
  Interrupt interrupt;
  IngestReport report;
  std::string stopped_in;
  absl::Status status = IngestFiles(**engine, interrupt.token(), report, stopped_in);
  // Also of files before one that failed: what the line counts is on the disk.
  if (status.ok() && !report.stopped) status = Advance(**engine);
  if (const absl::Status flushed = (*engine)->Flush(); status.ok()) status = flushed;
  // Exit code 1 whatever it was: kNotFound would mean that nobody has an identifier.
  if (!status.ok()) status = absl::FailedPreconditionError(std::string(status.message()));
  // What failed may have applied something before.
  if (!status.ok() && report.read == 0) return Fail(status);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
  PrintLine(ToJson(report, (*engine)->GetStats().profiles, seconds.count()));
  Tell(report);
  if (!status.ok()) return Fail(status);
  if (report.stopped) {
    Say(
        fmt::format("stopped in {}; the line above counts what is applied. To go on, run the command again: rows that "
                    "are known count as duplicates",
                    stopped_in == "-" ? "standard input" : stopped_in));
    return Finish(kInterrupted);
  }
  if (!strict || report.quarantined == 0) return Finish(kDone);
  if (quiet) Say(fmt::format("{} rows were refused; `kintsugi quarantine --db {}` shows them", report.quarantined, db));
  return Finish(kFailed);
}

}  // namespace kintsugi::cli
