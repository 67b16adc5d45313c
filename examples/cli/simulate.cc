// kintsugi simulate, migrate

#include <fmt/format.h>

#include <algorithm>

#include "command.h"
#include "text.h"

namespace kintsugi::cli {
namespace {

void PrintCounts(const Difference& d) {
  const std::string trait_row = "  changed trait ";
  const std::string enter_row = "  enter ", leave_row = "  leave ";
  size_t width = 20;
  for (const auto& [trait, profiles] : d.changed_traits) width = std::max(width, trait_row.size() + trait.size());
  for (const auto& [segment, changes] : d.segments) width = std::max(width, enter_row.size() + segment.size());
  const auto row = [&](std::string_view name, uint64_t count) {
    PrintLine(fmt::format("{:<{}} {:>14}", name, width, count));
  };
  const auto change = [&](std::string_view name, uint64_t before, uint64_t after) {
    PrintLine(fmt::format("{:<{}} {:>14} -> {}", name, width, before, after));
  };
  change("profiles", d.profiles_before, d.profiles_after);
  row("  merged", d.merged);
  row("  split", d.split);
  row("  changed attributes", d.changed_attributes);
  for (const auto& [trait, profiles] : d.changed_traits) row(trait_row + trait, profiles);
  for (const auto& [segment, changes] : d.segments) {
    row(enter_row + segment, changes.entered);
    row(leave_row + segment, changes.left);
  }
  change("identifiers", d.identifiers_before, d.identifiers_after);
  row("  moved", d.moved);
  row("  added", d.added);
  row("  gone", d.gone);
  row("refused rows", d.refused_rows);
}

void PrintExamples(std::string_view title, const std::vector<Difference::Example>& examples) {
  if (examples.empty()) return;
  PrintLine("");
  PrintLine(title);
  for (const Difference::Example& example : examples) {
    PrintLine(fmt::format("  {} would become {}", Listed(example.before), Listed(example.after)));
    const std::string_view more = example.identifiers > example.shown.size() ? ", among them " : ": ";
    PrintLine(fmt::format("    {} identifiers{}{}", example.identifiers, more, Listed(example.shown)));
  }
}

void PrintMembers(const Difference& difference) {
  for (const auto& [segment, change] : difference.segments) {
    if (!change.entering.empty())
      PrintLine(fmt::format("  {} would enter {}, among them {}", change.entered, segment, Listed(change.entering)));
    if (!change.leaving.empty())
      PrintLine(fmt::format("  {} would leave {}, among them {}", change.left, segment, Listed(change.leaving)));
  }
}

void Print(const Difference& difference) {
  PrintCounts(difference);
  PrintMembers(difference);
  PrintExamples("largest merges", difference.merges);
  PrintExamples("largest splits", difference.splits);
}

std::string ToJson(const MigrationReport& report) {
  return JsonObject()
      .AddCount("records", report.records)
      .AddCount("events", report.events)
      .AddCount("quarantined", report.quarantined)
      .AddJson("difference", report.difference.ToJson())
      .Done();
}

}  // namespace

ExitCode SimulateCommand::Run() const {
  const auto loaded = LoadSchema(schema);
  if (!loaded.ok()) return Fail(loaded.status());
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto difference = (*engine)->Simulate(*loaded);
  if (!difference.ok()) return Fail(difference.status());
  if (human)
    Print(*difference);
  else
    PrintLine(difference->ToJson());
  return Finish(kDone);
}

ExitCode MigrateCommand::Run() const {
  const auto loaded = LoadSchema(schema);
  if (!loaded.ok()) return Fail(loaded.status());
  const auto report = Engine::Migrate(*loaded, db);
  // A missing database is a failure, as it is when one is opened.
  if (!report.ok()) return Fail(absl::FailedPreconditionError(std::string(report.status().message())));
  PrintLine(ToJson(*report));
  return Finish(kDone);
}

}  // namespace kintsugi::cli
