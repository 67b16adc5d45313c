#include "living/visit_rules.h"

#include <algorithm>

namespace kintsugi::living {
namespace {

void Append(Visit& visit, std::span<const Item> items, size_t i) {
  visit.items.push_back(i);
  const golden::SourceIndex source = items[i].source;
  if (std::find(visit.sources.begin(), visit.sources.end(), source) == visit.sources.end()) {
    visit.sources.push_back(source);
  }
  if (!visit.campaign && CampaignOf(items[i])) visit.campaign = i;
}

}  // namespace

VisitRules::VisitRules(const Schema& schema) {
  const Visits visits = schema.visits.value_or(Visits());
  gap_ = std::chrono::minutes(visits.gap_minutes);
  const auto& named = visits.sources;
  for (const Source& source : schema.sources) {
    counts_.push_back(named.empty() || std::find(named.begin(), named.end(), source.name) != named.end());
  }
}

bool VisitRules::Counts(golden::SourceIndex source) const {
  return source < counts_.size() && counts_[source];
}

std::vector<Visit> VisitRules::Of(std::span<const Item> items, Time now) const {
  std::vector<Visit> visits;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!Counts(items[i].source)) continue;
    const bool goes_on = !visits.empty() && items[i].time - items[visits.back().items.back()].time <= gap_;
    if (!goes_on) visits.emplace_back();
    Append(visits.back(), items, i);
  }
  for (Visit& visit : visits) visit.is_current = now <= items[visit.items.back()].time + gap_;
  return visits;
}

}  // namespace kintsugi::living
