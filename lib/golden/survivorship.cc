#include "golden/survivorship.h"

#include <algorithm>
#include <cmath>
#include <deque>
#include <optional>
#include <tuple>
#include <utility>

#include "base/json.h"
#include "golden/value_codec.h"

namespace kintsugi::golden {
namespace {

// With exponential ageing, trust · 2^(-age / half_life), the order of two observations does not depend on today:
// log2(trust) · half_life + observed_at orders them alike. So no clock is needed.
int64_t TrustBonus(double trust, double half_life_days) {
  constexpr double kDayUs = 86400e6;
  constexpr int64_t kWorthless = INT64_MIN / 4;
  if (trust <= 0) return kWorthless;
  const double bonus = std::log2(trust) * half_life_days * kDayUs;
  return bonus < static_cast<double>(kWorthless) ? kWorthless : std::llround(bonus);
}

int64_t AgedTrust(int64_t bonus, Time observed) {
  const int64_t t = observed.time_since_epoch().count();
  return std::max(t, INT64_MIN / 4) + bonus;
}

bool ByBytes(const Observation& a, const Observation& b) {
  return std::tie(a.value, a.source) < std::tie(b.value, b.source);
}

bool MoreRecent(const Observation& a, const Observation& b) {
  if (a.last_observed != b.last_observed) return a.last_observed > b.last_observed;
  return ByBytes(a, b);
}

// What a source said of several identifiers of a person, it said of the person: of neighbours that are equal one is
// left, with the times and counts of all. Returns what had to be made for that; the pointers lead into it.
std::deque<Observation> MergeEqual(std::vector<const Observation*>& sorted) {
  std::deque<Observation> made;
  size_t kept = 0;
  for (const Observation* o : sorted) {
    if (kept == 0 || InOrder(*sorted[kept - 1], *o)) {
      sorted[kept++] = o;
      continue;
    }
    const Observation*& previous = sorted[kept - 1];
    if (made.empty() || previous != &made.back()) previous = &made.emplace_back(*previous);
    MergeTimes(made.back(), *o);
  }
  sorted.resize(kept);
  return made;
}

// One source's nulls delete what it said before.
void DropDeleted(std::vector<const Observation*>& candidates) {
  std::map<SourceIndex, Time> nulls;
  for (const Observation* o : candidates) {
    if (!IsNull(o->value)) continue;
    const auto [at, fresh] = nulls.emplace(o->source, o->last_observed);
    if (!fresh) at->second = std::max(at->second, o->last_observed);
  }
  if (nulls.empty()) return;
  std::erase_if(candidates, [&](const Observation* o) {
    const auto null = nulls.find(o->source);
    return IsNull(o->value) || (null != nulls.end() && o->last_observed <= null->second);
  });
}

void DropEmpty(std::vector<const Observation*>& candidates) {
  const auto is_empty = [](const Observation* o) { return IsEmpty(o->value); };
  if (!std::all_of(candidates.begin(), candidates.end(), is_empty)) std::erase_if(candidates, is_empty);
}

template <typename Better>
const Observation* BestBy(const std::vector<const Observation*>& candidates, Better better) {
  return *std::min_element(candidates.begin(), candidates.end(),
                           [&](const Observation* a, const Observation* b) { return better(*a, *b); });
}

// Sums the counts of equal values; the value's most recent observation stands for it.
const Observation* MostFrequent(const std::vector<const Observation*>& candidates) {
  std::map<std::string_view, uint64_t> counts;
  for (const Observation* o : candidates) counts[o->value] += o->count;
  return BestBy(candidates, [&](const Observation& a, const Observation& b) {
    const uint64_t x = counts[a.value];
    const uint64_t y = counts[b.value];
    return x != y ? x > y : MoreRecent(a, b);
  });
}

// All distinct values as one JSON array: numbers by value, then everything else by bytes.
std::string ListOf(std::vector<const Observation*> candidates) {
  std::sort(candidates.begin(), candidates.end(), [](auto* a, auto* b) { return LessThan(a->value, b->value); });
  std::string list;
  JsonWriter json(list);
  json.BeginArray();
  std::string_view previous;
  for (const Observation* o : candidates) {
    if (o->value == previous) continue;
    previous = o->value;
    if (const auto value = DecodeValue(o->value)) json.Element(*value);
  }
  json.EndArray();
  return EncodeValue(Json{std::move(list)});
}

}  // namespace

Rules::Rules(const Schema& schema) {
  for (const Source& source : schema.sources) trust_.push_back(source.trust);
  for (const Survivorship& rule : schema.golden.attributes) attributes_.emplace(rule.name, Compile(schema, rule));
  for (const Survivorship& rule : schema.golden.groups) {
    groups_.emplace(rule.members.front(), Compile(schema, rule));
    members_.emplace(rule.members.front(), rule.members);
    for (const std::string& member : rule.members) group_of_.emplace(member, rule.members.front());
  }
  others_.keep = schema.golden.others;
}

Rules::Rule Rules::Compile(const Schema& schema, const Survivorship& text) const {
  Rule rule{.keep = text.keep, .max_values = text.max_values};
  const uint32_t last = static_cast<uint32_t>(text.source_order.size());
  for (const Source& source : schema.sources) {
    const auto at = std::find(text.source_order.begin(), text.source_order.end(), source.name);
    rule.source_rank.push_back(std::min(static_cast<uint32_t>(at - text.source_order.begin()), last));
    if (text.half_life_days > 0) rule.trust_bonus_us.push_back(TrustBonus(source.trust, text.half_life_days));
  }
  return rule;
}

const Rules::Rule& Rules::RuleOf(std::string_view attribute) const {
  if (const auto group = groups_.find(attribute); group != groups_.end()) return group->second;
  const auto at = attributes_.find(attribute);
  return at == attributes_.end() ? others_ : at->second;
}

std::vector<std::string_view> Rules::AttributesOf(std::string_view attribute) const {
  const auto group = members_.find(attribute);
  if (group == members_.end()) return {attribute};
  return {group->second.begin(), group->second.end()};
}

std::vector<Observation> Rules::Observe(const std::vector<NamedValue>& values, SourceIndex source, Time time,
                                        bool keep_nulls) const {
  std::map<std::string, std::string> singles;                        // attribute → encoded
  std::map<std::string, std::map<std::string, std::string>> groups;  // group → attribute → encoded
  for (const auto& [name, value] : values) {
    const auto group = group_of_.find(name);
    if (group != group_of_.end())
      groups[group->second][name] = EncodeValue(value);
    else
      singles[name] = EncodeValue(value);
  }
  std::vector<Observation> out;
  const auto observe = [&](const std::string& name, std::string value) {
    const Time first = IsKnown(time) ? time : kNeverFirst;
    const Time last = IsKnown(time) ? time : kNeverLast;
    if ((!keep_nulls && IsNull(value)) || value.size() > kMaxValueBytes) return;
    Observation observation{name, std::move(value), source, first, last, 1};
    if (RuleOf(observation.attribute).keep != Keep::kIgnore) golden::AddObservation(out, observation);
  };
  for (auto& [name, value] : singles) observe(name, std::move(value));
  for (auto& [name, members] : groups) {
    std::erase_if(members, [](const auto& member) { return IsNull(member.second); });
    observe(name, members.empty() ? EncodeValue(Null()) : EncodeGroup({members.begin(), members.end()}));
  }
  return out;
}

std::vector<Survivor> Rules::Survive(std::vector<const Observation*> observations) const {
  std::sort(observations.begin(), observations.end(), [](auto* a, auto* b) { return InOrder(*a, *b); });
  const std::deque<Observation> merged = MergeEqual(observations);
  std::vector<Survivor> out;
  std::vector<const Observation*> candidates;
  for (size_t i = 0; i < observations.size();) {
    candidates.clear();
    const std::string& attribute = observations[i]->attribute;
    while (i < observations.size() && observations[i]->attribute == attribute) candidates.push_back(observations[i++]);
    DropDeleted(candidates);
    DropEmpty(candidates);
    if (!candidates.empty()) SurviveOne(candidates, out);
  }
  std::sort(out.begin(), out.end(), [](auto& a, auto& b) { return a.attribute < b.attribute; });
  return out;
}

bool Rules::IsBetter(const Rule& rule, const Observation& a, const Observation& b) const {
  switch (rule.keep) {
    case Keep::kOldest:
      return a.first_observed != b.first_observed ? a.first_observed < b.first_observed : ByBytes(a, b);
    case Keep::kSourceOrder: {
      const uint32_t x = rule.source_rank[a.source];
      const uint32_t y = rule.source_rank[b.source];
      return x != y ? x < y : MoreRecent(a, b);
    }
    case Keep::kLongest: {
      const size_t x = LengthOf(a.value);
      const size_t y = LengthOf(b.value);
      return x != y ? x > y : MoreRecent(a, b);
    }
    case Keep::kHighestTrust:
      if (!rule.trust_bonus_us.empty()) {
        const int64_t x = AgedTrust(rule.trust_bonus_us[a.source], a.last_observed);
        const int64_t y = AgedTrust(rule.trust_bonus_us[b.source], b.last_observed);
        if (x != y) return x > y;
      } else if (trust_[a.source] != trust_[b.source]) {
        return trust_[a.source] > trust_[b.source];
      }
      return MoreRecent(a, b);
    case Keep::kMin:
      return a.value != b.value ? LessThan(a.value, b.value) : MoreRecent(a, b);
    case Keep::kMax:
      return a.value != b.value ? LessThan(b.value, a.value) : MoreRecent(a, b);
    case Keep::kMostRecent:
    case Keep::kMostFrequent:  // among values of one count
    case Keep::kAll:           // the list; its most recent value says where and when
    case Keep::kIgnore:
      break;
  }
  return MoreRecent(a, b);
}

const Observation* Rules::Best(const Rule& rule, const std::vector<const Observation*>& candidates) const {
  if (rule.keep == Keep::kMostFrequent) return MostFrequent(candidates);
  return BestBy(candidates, [&](const Observation& a, const Observation& b) { return IsBetter(rule, a, b); });
}

bool Rules::ComparesOneByOne(std::string_view attribute) const {
  const Keep keep = RuleOf(attribute).keep;
  return keep != Keep::kMostFrequent && keep != Keep::kAll && keep != Keep::kIgnore && !groups_.contains(attribute);
}

// Each comparison asks for the value, its source, and one of the two times: what the survivor has. A value that is said
// again only gets better, so whoever lost against the survivor before has lost still.
Survivor Rules::SurviveWith(const Survivor* before, std::span<const Observation> said) const {
  const std::string& attribute = said.front().attribute;
  const Rule& rule = RuleOf(attribute);
  std::optional<Observation> best;
  if (before != nullptr) {
    const Time first = IsKnown(before->observed_at) ? before->observed_at : kNeverFirst;
    best = Observation{attribute, before->value, before->source, first, before->observed_at, 1};
  }
  for (const Observation& o : said) {
    if (!best) {
      best = o;
    } else if (o.value == best->value && o.source == best->source) {
      MergeTimes(*best, o);
    } else if (IsEmpty(o.value) != IsEmpty(best->value) ? IsEmpty(best->value) : IsBetter(rule, o, *best)) {
      best = o;
    }
  }
  const Time observed_at = rule.keep == Keep::kOldest ? best->first_observed : best->last_observed;
  return {attribute, std::move(best->value), best->source, observed_at, rule.keep};
}

void Rules::SurviveOne(std::vector<const Observation*>& candidates, std::vector<Survivor>& out) const {
  const Rule& rule = RuleOf(candidates.front()->attribute);
  if (rule.keep == Keep::kIgnore) return;
  const Observation* best = Best(rule, candidates);
  const Time observed_at = rule.keep == Keep::kOldest ? best->first_observed : best->last_observed;
  if (const auto group = DecodeGroup(best->value)) {
    for (const auto& [name, value] : *group) out.push_back({name, value, best->source, observed_at, rule.keep});
  } else {
    std::string value = rule.keep == Keep::kAll ? ListOf(candidates) : best->value;
    out.push_back({best->attribute, std::move(value), best->source, observed_at, rule.keep});
  }
}

}  // namespace kintsugi::golden
