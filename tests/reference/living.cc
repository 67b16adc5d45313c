// Visits and retention.

#include "reference/living.h"

#include <algorithm>

namespace kintsugi::testing {
namespace {

using living::Item;

bool IsAmong(const std::string& name, const std::vector<std::string>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Null if the events stay for ever.
const Retention* RetentionOf(const Schema& schema, const std::string& name) {
  const Retention* of_others = nullptr;
  for (const Retention& retention : schema.retention) {
    if (retention.name.empty())
      of_others = &retention;
    else if (retention.name == name)
      return &retention;
  }
  return of_others;
}

void Append(NaiveVisit& visit, const Item& item, const std::string& source) {
  if (visit.items.empty()) visit.start = item.time;
  visit.end = item.time;
  visit.items.push_back(item);
  if (!IsAmong(source, visit.sources)) visit.sources.push_back(source);
}

}  // namespace

std::vector<NaiveVisit> NaiveVisits(const Schema& schema, std::vector<Item> items, std::optional<Time> now) {
  const Visits rules = schema.visits.value_or(Visits());
  const Time::duration gap = std::chrono::minutes(rules.gap_minutes);
  std::sort(items.begin(), items.end(), living::IsEarlier);
  std::vector<NaiveVisit> visits;
  for (const Item& item : items) {
    const std::string& source = schema.sources[item.source].name;
    if (!rules.sources.empty() && !IsAmong(source, rules.sources)) continue;
    if (visits.empty() || item.time - visits.back().end > gap) visits.emplace_back();
    Append(visits.back(), item, source);
  }
  for (NaiveVisit& visit : visits) visit.current = !now || *now - visit.end <= gap;
  return visits;
}

bool NaiveIsKept(const Schema& schema, const Item& item, bool is_record, std::optional<Time> now) {
  const Retention* retention = RetentionOf(schema, item.name);
  if (is_record || retention == nullptr || !now) return true;
  const auto today = std::chrono::floor<std::chrono::days>(*now);
  return item.time >= today - std::chrono::days(retention->days);
}

}  // namespace kintsugi::testing
