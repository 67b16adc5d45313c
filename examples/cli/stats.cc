// kintsugi stats

#include <fmt/format.h>

#include <map>

#include "command.h"

namespace kintsugi::cli {
namespace {

std::string Counts(const std::map<std::string, uint64_t>& counts) {
  JsonObject object;
  for (const auto& [what, count] : counts) object.AddCount(what, count);
  return object.Done();
}

std::string ToJson(const std::map<std::string, SourceStats::RefusedValues>& refused) {
  JsonObject object;
  for (const auto& [what, values] : refused) {
    object.AddJson(what, JsonObject().AddCount("count", values.count).Add("example", values.example).Done());
  }
  return object.Done();
}

std::string ToJson(const SourceStats& source) {
  JsonObject object;
  object.Add("name", source.name)
      .AddCount("accepted", source.accepted)
      .AddCount("duplicates", source.duplicates)
      .AddCount("superseded", source.superseded)
      .AddCount("quarantined", source.quarantined)
      .AddJson("refused_identifiers", Counts(source.refused_identifiers))
      .AddJson("refused_values", ToJson(source.refused_values))
      .AddJson("values_left_out", Counts(source.values_left_out));
  if (source.records_without_time) object.AddCount("records_without_time", *source.records_without_time);
  return object.Done();
}

double PerProfile(const Stats& stats) {
  return stats.profiles == 0 ? 0 : static_cast<double>(stats.identifiers) / static_cast<double>(stats.profiles);
}

std::string ToJson(const Stats& stats) {
  JsonObject object;
  object.AddCount("profiles", stats.profiles)
      .AddCount("identifiers", stats.identifiers)
      .Add("identifiers_per_profile", PerProfile(stats))
      .AddCount("associations", stats.associations)
      .AddCount("records", stats.records)
      .AddCount("events", stats.events)
      .AddCount("quarantined", stats.quarantined)
      .AddCount("disk_bytes", stats.disk_bytes)
      .AddCount("memory_bytes", stats.memory_bytes);
  if (stats.now) object.AddTime("now", stats.now);
  if (stats.approximate) object.AddCount("approximate", *stats.approximate);
  if (stats.overdrawn) object.AddCount("overdrawn", *stats.overdrawn);
  if (!stats.segments.empty()) {
    JsonObject members;
    for (const SegmentStats& segment : stats.segments) members.AddCount(segment.name, segment.members);
    object.AddJson("segments", members.Done());
  }
  return object.AddJson("sources", JsonArray(stats.sources, [](const SourceStats& source) { return ToJson(source); }))
      .Done();
}

void PrintTable(const Stats& stats) {
  const auto row = [](std::string_view name, uint64_t count) { PrintLine(fmt::format("{:<16} {:>14}", name, count)); };
  row("profiles", stats.profiles);
  row("identifiers", stats.identifiers);
  row("associations", stats.associations);
  row("records", stats.records);
  row("events", stats.events);
  row("in quarantine", stats.quarantined);
  row("bytes on disk", stats.disk_bytes);
  row("bytes in memory", stats.memory_bytes);
  if (stats.now) PrintLine(fmt::format("{:<16} {}", "now", FormatTime(stats.now)));
  if (stats.approximate) row("approximate", *stats.approximate);
  if (stats.overdrawn) row("overdrawn", *stats.overdrawn);
  for (const SegmentStats& segment : stats.segments)
    PrintLine(fmt::format("  in segment: {:<26} {:>8}", segment.name, segment.members));
  PrintLine("");
  PrintLine(fmt::format("{:<16} {:>14} {:>14} {:>14} {:>14}", "source", "accepted", "duplicates", "superseded",
                        "quarantined"));
  for (const SourceStats& source : stats.sources) {
    PrintLine(fmt::format("{:<16} {:>14} {:>14} {:>14} {:>14}", source.name, source.accepted, source.duplicates,
                          source.superseded, source.quarantined));
    for (const auto& [what, count] : source.refused_identifiers)
      PrintLine(fmt::format("  left out: {:<28} {:>8}", what, count));
    for (const auto& [what, values] : source.refused_values)
      PrintLine(fmt::format("  left out: {:<28} {:>8}   for example `{}`", what, values.count, values.example));
    for (const auto& [attribute, count] : source.values_left_out)
      PrintLine(fmt::format("  too many values: {:<21} {:>8}", attribute, count));
    if (source.records_without_time.value_or(0) != 0)
      PrintLine(fmt::format("  no items, for want of a time: {:>17}", *source.records_without_time));
  }
}

std::string ToJson(const IdentityStats::LargeProfile& profile) {
  return JsonObject()
      .Add("profile_id", profile.id.ToString())
      .AddCount("identifiers", profile.identifiers)
      .Add("example", profile.example.ToString())
      .Done();
}

std::string ToJson(const IdentityStats::Conflict& conflict) {
  return JsonObject()
      .AddCount("profiles", conflict.profiles)
      .AddCount("identifiers", conflict.identifiers)
      .AddCount("refused_links", conflict.refused_links)
      .Add("example", conflict.example.ToString())
      .Done();
}

std::string ToJson(const IdentityStats::Generic& generic) {
  return JsonObject()
      .Add("identifier", generic.identifier.ToString())
      .AddCount("links", generic.links)
      .Add("namespace", generic.ns)
      .Done();
}

// How many there are in all, and those that are most worth a look.
template <typename Items>
std::string CountAndMost(uint64_t count, const Items& most) {
  return JsonObject()
      .AddCount("count", count)
      .AddJson("most", JsonArray(most, [](const auto& item) { return ToJson(item); }))
      .Done();
}

std::string ToJson(const IdentityStats& stats) {
  JsonObject sizes;
  for (const auto& [upper_end, profiles] : stats.profile_sizes) sizes.AddCount(std::to_string(upper_end), profiles);
  return JsonObject()
      .AddJson("largest_profiles", JsonArray(stats.largest_profiles, [](const auto& item) { return ToJson(item); }))
      .AddJson("profile_sizes", sizes.Done())
      .AddJson("conflicts", CountAndMost(stats.conflict_count, stats.conflicts))
      .AddJson("generic", CountAndMost(stats.generic_count, stats.generic))
      .AddJson("refused_links", Counts(stats.refused_links))
      .AddJson("refused_identifiers", Counts(stats.refused_identifiers))
      .Done();
}

// The class of sizes that ends at `upper_end`, each twice as wide as the one before: 1, 2, 3-4, 5-8, ...
std::string SizeRange(uint64_t upper_end) {
  return upper_end <= 2 ? std::to_string(upper_end) : fmt::format("{}-{}", upper_end / 2 + 1, upper_end);
}

void PrintProfiles(const IdentityStats& stats) {
  PrintLine(fmt::format("{:<32} {:>12}  {}", "largest profiles", "identifiers", "example"));
  for (const auto& profile : stats.largest_profiles) {
    PrintLine(fmt::format("{:<32} {:>12}  {}", profile.id.ToString(), profile.identifiers, profile.example.ToString()));
  }
  PrintLine("");
  PrintLine(fmt::format("{:<32} {:>12}", "identifiers of a profile", "profiles"));
  for (const auto& [upper_end, profiles] : stats.profile_sizes) {
    PrintLine(fmt::format("{:<32} {:>12}", SizeRange(upper_end), profiles));
  }
}

void PrintConflicts(const IdentityStats& stats) {
  PrintLine("");
  PrintLine(fmt::format("components with refused links: {}", stats.conflict_count));
  if (stats.conflicts.empty()) return;
  PrintLine(fmt::format("{:>13} {:>12} {:>12}  {}", "refused links", "profiles", "identifiers", "example"));
  for (const auto& conflict : stats.conflicts) {
    PrintLine(fmt::format("{:>13} {:>12} {:>12}  {}", conflict.refused_links, conflict.profiles, conflict.identifiers,
                          conflict.example.ToString()));
  }
}

void PrintGeneric(const IdentityStats& stats) {
  PrintLine("");
  PrintLine(fmt::format("generic identifiers: {}", stats.generic_count));
  if (stats.generic.empty()) return;
  PrintLine(fmt::format("{:>13} {:<20} {}", "links", " to", "identifier"));
  for (const auto& generic : stats.generic) {
    PrintLine(fmt::format("{:>13}  {:<19} {}", generic.links, generic.ns, generic.identifier.ToString()));
  }
}

void PrintCounts(std::string_view title, const std::map<std::string, uint64_t>& counts) {
  if (counts.empty()) return;
  PrintLine("");
  PrintLine(title);
  for (const auto& [what, count] : counts) PrintLine(fmt::format("{:>13}  {}", count, what));
}

void PrintTables(const IdentityStats& stats) {
  PrintProfiles(stats);
  PrintConflicts(stats);
  PrintGeneric(stats);
  PrintCounts("refused links", stats.refused_links);
  PrintCounts("refused identifiers", stats.refused_identifiers);
}

ExitCode PrintIdentity(const Engine& engine, size_t most, bool human) {
  const auto stats = engine.GetIdentityStats(most);
  if (!stats.ok()) return Fail(stats.status());
  if (human)
    PrintTables(*stats);
  else
    PrintLine(ToJson(*stats));
  return Finish(kDone);
}

}  // namespace

ExitCode StatsCommand::Run() const {
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  SayNotices(**engine);
  if (identity) return PrintIdentity(**engine, most, human);
  const Stats stats = (*engine)->GetStats();
  if (human)
    PrintTable(stats);
  else
    PrintLine(ToJson(stats));
  return Finish(kDone);
}

}  // namespace kintsugi::cli
