#include "admin/statistics.h"

#include "format/stored_rows.h"

namespace kintsugi::admin {

Stats StatsOf(const ingest::Context& context, const stored::Counters& counters) {
  Stats stats{.profiles = counters.profiles(),
              .identifiers = counters.identifiers(),
              .associations = counters.associations(),
              .records = counters.records(),
              .events = counters.events(),
              .quarantined = counters.quarantined(),
              .now = Known(format::NowOf(counters))};
  if (!context.names->traits.empty()) stats.approximate = counters.approximate();
  if (context.schema.loyalty) stats.overdrawn = counters.overdrawn();
  for (const Segment& segment : context.schema.segments) {
    const int at = static_cast<int>(stats.segments.size());
    stats.segments.push_back({segment.name, at < counters.members_size() ? counters.members(at) : 0});
  }
  for (golden::SourceIndex source = 0; source < context.schema.sources.size(); ++source) {
    SourceStats& out = stats.sources.emplace_back(SourceStats{.name = context.schema.sources[source].name});
    const Table* const table = context.schema.sources[source].table();
    if (table != nullptr && table->event) out.records_without_time = 0;
    for (const auto& row : counters.sources()) {
      if (row.source() != context.catalog.source_number(source)) continue;
      out.accepted = row.accepted();
      out.duplicates = row.duplicates();
      out.quarantined = row.quarantined();
      out.superseded = row.superseded();
      if (out.records_without_time) out.records_without_time = row.records_without_time();
      for (const auto& [what, values] : row.refused_values())
        out.refused_values.emplace(what, SourceStats::RefusedValues{values.count(), values.example()});
      out.values_left_out = {row.values_left_out().begin(), row.values_left_out().end()};
      out.refused_identifiers = {row.refused_identifiers().begin(), row.refused_identifiers().end()};
    }
  }
  return stats;
}

}  // namespace kintsugi::admin
