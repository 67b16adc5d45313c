// kintsugi evaluate, quarantine, verify

#include <fmt/format.h>

#include "command.h"

namespace kintsugi::cli {
namespace {

std::string ToJson(const Evaluation& e) {
  return JsonObject()
      .Add("precision", e.precision)
      .Add("recall", e.recall)
      .Add("f1", e.f1)
      .Add("bcubed_precision", e.bcubed_precision)
      .Add("bcubed_recall", e.bcubed_recall)
      .Add("bcubed_f1", e.bcubed_f1)
      .AddCount("identifiers", e.identifiers)
      .AddCount("not_found", e.not_found)
      .AddCount("entities", e.entities)
      .AddCount("profiles", e.profiles)
      .AddCount("predicted_pairs", e.predicted_pairs)
      .AddCount("true_pairs", e.true_pairs)
      .AddCount("correct_pairs", e.correct_pairs)
      .Done();
}

std::string ToJson(const QuarantinedRow& row) {
  return JsonObject()
      .Add("source", row.source)
      .Add("file", row.file)
      .AddCount("line", row.line)
      .Add("reason", row.reason)
      .Add("raw", row.raw)
      .Done();
}

}  // namespace

ExitCode EvaluateCommand::Run() const {
  const auto rows = LoadTruth(truth);
  if (!rows.ok()) return Fail(absl::InvalidArgumentError(std::string(rows.status().message())));
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto evaluation = (*engine)->Evaluate(*rows);
  if (!evaluation.ok()) return Fail(evaluation.status());
  PrintLine(ToJson(*evaluation));
  return Finish(kDone);
}

ExitCode QuarantineCommand::Replay() const {
  auto engine = OpenExisting(db);
  if (!engine.ok()) return Fail(engine.status());
  IngestReport report;
  const absl::Status status = (*engine)->ReplayQuarantine(report);
  if (!status.ok() && report.read == 0) return Fail(status);
  PrintLine(JsonObject()
                .AddCount("read", report.read)
                .AddCount("accepted", report.accepted)
                .AddCount("duplicates", report.duplicates)
                .AddCount("superseded", report.superseded)
                .AddCount("quarantined", report.quarantined)
                .Done());
  return status.ok() ? Finish(kDone) : Fail(status);
}

ExitCode QuarantineCommand::Discard() const {
  auto engine = OpenExisting(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto discarded = (*engine)->DiscardQuarantine({source, file}, {Durability::kLosesNothing});
  if (!discarded.ok()) return Fail(discarded.status());
  PrintLine(JsonObject().AddCount("discarded", *discarded).Done());
  if (*discarded == 0 && !file.empty()) {
    Say(fmt::format("no row in quarantine is of the file `{}`; `kintsugi quarantine --db {}` shows the names", file,
                    db));
  }
  return Finish(kDone);
}

ExitCode QuarantineCommand::PrintRows() const {
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto print = [](const QuarantinedRow& row) { return PrintLine(ToJson(row)); };
  const auto status = (*engine)->ForEachQuarantined(print, {source, file});
  return status.ok() ? Finish(kDone) : Fail(status);
}

ExitCode QuarantineCommand::Run() const {
  if (replay) return Replay();
  return discard ? Discard() : PrintRows();
}

ExitCode VerifyCommand::Run() const {
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  SayNotices(**engine);
  const auto differences = (*engine)->Verify();
  if (!differences.ok()) return Fail(differences.status());
  for (const std::string& difference : *differences) PrintLine(difference);
  if (!differences->empty()) {
    std::fflush(stdout);
    fmt::print(stderr, "kintsugi: {} differences from a full recomputation; the database is damaged\n",
               differences->size());
    return Finish(kFailed);
  }
  const Stats stats = (*engine)->GetStats();
  if (!quiet) {
    PrintLine(fmt::format(
        "ok: {} profile{} of {} identifiers are what a full recomputation of {} records and {} events gives",
        stats.profiles, stats.profiles == 1 ? "" : "s", stats.identifiers, stats.records, stats.events));
  }
  return Finish(kDone);
}

}  // namespace kintsugi::cli
