// kintsugi timeline, visits, advance

#include <fmt/format.h>

#include <tuple>

#include "command.h"

namespace kintsugi::cli {
ExitCode TimelineCommand::Run() const {
  TimelineQuery asked = query;
  for (const auto& [option, text, time] :
       {std::tuple("--from", &from, &asked.from), {"--to", &to, &asked.to}, {"--as-of", &as_of, &asked.as_of}}) {
    const auto read = ParseTimeOption(option, *text);
    if (!read.ok()) return Misused(read.status());
    *time = *read;
  }
  const auto parsed = ParseSubject(subject);
  if (!parsed.ok()) return Misused(parsed.status());
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto identifier = IdentifierOf(**engine, *parsed, asked.as_of);
  if (!identifier.ok()) return Fail(identifier.status());
  const auto page = (*engine)->Timeline(*identifier, asked);
  if (absl::IsInvalidArgument(page.status())) return Misused(page.status());
  if (!page.ok()) return Fail(Explained(**engine, page.status(), {*identifier}));
  for (const TimelineItem& item : page->items) PrintLine(item.ToJson());
  if (!page->next.empty()) Say(fmt::format("there are more: --after {}", page->next));
  return Finish(kDone);
}

ExitCode VisitsCommand::Run() const {
  const auto parsed = ParseSubject(subject);
  if (!parsed.ok()) return Misused(parsed.status());
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto identifier = IdentifierOf(**engine, *parsed);
  if (!identifier.ok()) return Fail(identifier.status());
  const auto visits = (*engine)->Visits(*identifier, limit);
  if (absl::IsInvalidArgument(visits.status())) return Misused(visits.status());
  if (!visits.ok()) return Fail(Explained(**engine, visits.status(), {*identifier}));
  for (const Visit& visit : *visits) PrintLine(visit.ToJson());
  return Finish(kDone);
}

ExitCode AdvanceCommand::Run() const {
  const auto time = ParseTimeOption("--now", now);
  if (!time.ok()) return Misused(time.status());
  if (!*time) return Misused("--now is empty; give a time");
  auto engine = OpenExisting(db);
  if (!engine.ok()) return Fail(engine.status());
  if (auto status = (*engine)->Advance(**time); !status.ok()) return Fail(status);
  return Finish(kDone);
}

}  // namespace kintsugi::cli
