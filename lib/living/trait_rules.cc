#include "living/trait_rules.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "golden/value_codec.h"
#include "living/activity.h"
#include "living/derived_traits.h"
#include "living/item_trait.h"
#include "living/periods.h"

namespace kintsugi::living {
namespace {

constexpr uint8_t kFormat = 2;
// `once_activity` of an activity that has none.
constexpr size_t kNone = std::numeric_limits<size_t>::max();

}  // namespace

struct TraitRules::Compiled {
  explicit Compiled(const Schema& schema);

  const ItemTrait& TraitOf(size_t tally) const { return *traits[tallied[tally]]; }

  std::vector<ActivityRules> activities;         // as in the schema
  std::vector<std::optional<ItemTrait>> traits;  // as in the schema; nothing of one of other traits
  std::vector<size_t> tallied;                   // by tally: the first of the traits that it tells
  std::vector<size_t> tally_of;                  // by trait: which tells it, if it is tallied
  std::vector<size_t> once;                      // activities with `once_per` that tallied traits are of
  std::vector<size_t> once_activity;             // by activity: its place among those, or kNone
  Needs needs[2];                                // by whether values are shared
  DerivedTraits derived;

 private:
  void AddTally(const Schema& schema, size_t trait);
  void AddNeed(const Schema& schema, size_t trait, Needs& needed) const;
};

// With those of other traits that count the same.
void TraitRules::Compiled::AddTally(const Schema& schema, size_t trait) {
  const auto shared = std::find_if(tallied.begin(), tallied.end(), [&](size_t other) {
    return ItemTrait::ShareTally(schema.traits[other], schema.traits[trait]);
  });
  tally_of[trait] = static_cast<size_t>(shared - tallied.begin());
  if (shared == tallied.end()) tallied.push_back(trait);
  const auto activity = traits[trait]->activity();
  if (!activity || schema.activities[*activity].once_per.empty() || once_activity[*activity] != kNone) return;
  once_activity[*activity] = once.size();
  once.push_back(*activity);
}

void TraitRules::Compiled::AddNeed(const Schema& schema, size_t trait, Needs& needed) const {
  const auto need = [&](const std::vector<std::string>& events) {
    if (events.empty()) needed.any_name = true;
    needed.names.insert(needed.names.end(), events.begin(), events.end());
  };
  needed.traits.push_back(trait);
  if (!traits[trait]->activity()) need(schema.traits[trait].items.events);
  for (const auto& activity : {traits[trait]->activity(), traits[trait]->by()}) {
    if (!activity) continue;
    needed.activities[*activity] = true;
    need(schema.activities[*activity].items.events);
  }
}

TraitRules::Compiled::Compiled(const Schema& schema)
    : tally_of(schema.traits.size()), once_activity(schema.activities.size(), kNone), derived(schema) {
  std::shared_ptr<const Periods> periods;
  const auto has_calendar = [](const Trait& trait) { return trait.calendar.has_value(); };
  if (std::any_of(schema.traits.begin(), schema.traits.end(), has_calendar)) {
    periods = std::make_shared<const Periods>(schema.calendar);
  }
  for (const Activity& activity : schema.activities) activities.emplace_back(activity, schema);
  for (Needs& needed : needs) needed.activities.resize(schema.activities.size());
  for (size_t i = 0; i < schema.traits.size(); ++i) {
    const Trait& trait = schema.traits[i];
    std::optional<ItemTrait>& compiled = traits.emplace_back();
    if (!kintsugi::IsOfItems(trait.kind)) continue;
    compiled.emplace(trait, schema, periods);
    const bool is_tallied = compiled->is_tallied();
    const auto activity = compiled->activity();
    if (is_tallied) AddTally(schema, i);
    if (!is_tallied) AddNeed(schema, i, needs[false]);
    if (!is_tallied || (activity && once_activity[*activity] != kNone)) AddNeed(schema, i, needs[true]);
  }
  for (Needs& needed : needs) {
    std::sort(needed.names.begin(), needed.names.end());
    needed.names.erase(std::unique(needed.names.begin(), needed.names.end()), needed.names.end());
  }
}

TraitRules::TraitRules(const Schema& schema) : compiled_(std::make_unique<const Compiled>(schema)) {}
TraitRules::~TraitRules() = default;
TraitRules::TraitRules(TraitRules&&) noexcept = default;
TraitRules& TraitRules::operator=(TraitRules&&) noexcept = default;

bool TraitRules::empty() const {
  return compiled_->traits.empty();
}

TraitRules::Moment TraitRules::At(Time now) const {
  Moment moment{.now = now, .stretches = {}};
  for (const auto& trait : compiled_->traits) moment.stretches.push_back(trait ? trait->At(now) : Window::Stretch());
  return moment;
}

// ---- tallies

Time Tallies::due() const {
  Time due = kept_until;
  for (const Tally& tally : of) due = std::min(due, tally.due);
  return due;
}

Tallies TraitRules::Nothing() const {
  Tallies nothing;
  nothing.of.resize(compiled_->tallied.size());
  nothing.firsts.resize(compiled_->once.size());
  return nothing;
}

void TraitRules::Add(const Item& item, const Moment& moment, Which which, const Repeated& repeated,
                     Tallies& tallies) const {
  const auto& activities = compiled_->activities;
  std::vector<std::optional<bool>> is_of(activities.size());  // by activity, once it was asked
  for (const size_t once : repeated) is_of[compiled_->once[once]] = false;
  for (size_t i = 0; i < compiled_->tallied.size(); ++i) {
    const ItemTrait& trait = compiled_->TraitOf(i);
    if (which != Which::kAll && trait.is_windowed() != (which == Which::kWindowed)) continue;
    if (const auto activity = trait.activity()) {
      if (!is_of[*activity]) is_of[*activity] = activities[*activity].Holds(item);
      if (!*is_of[*activity]) continue;
    }
    trait.Add(item, moment.stretches[compiled_->tallied[i]], moment.now, tallies.of[i]);
  }
  if (which != Which::kWindowed) ++tallies.items;
}

void TraitRules::Settle(Tallies& tallies) {
  for (Tally& tally : tallies.of) tally.Settle();
}

void TraitRules::Add(const Tallies& others, Tallies& tallies) const {
  for (size_t i = 0; i < tallies.of.size(); ++i) tallies.of[i].Add(others.of[i], compiled_->TraitOf(i).kind());
  for (size_t i = 0; i < tallies.firsts.size(); ++i) tallies.firsts[i] += others.firsts[i];
  tallies.items += others.items;
  tallies.kept_until = std::min(tallies.kept_until, others.kept_until);
}

std::optional<Time> TraitRules::ForgetWindows(const Moment& moment, Tallies& tallies) const {
  std::optional<Time> begin;
  for (size_t i = 0; i < tallies.of.size(); ++i) {
    if (!compiled_->TraitOf(i).is_windowed()) continue;
    tallies.of[i] = Tally();
    begin = std::min(begin.value_or(kNeverFirst), moment.stretches[compiled_->tallied[i]].begin);
  }
  return begin;
}

std::string TraitRules::Encode(const Tallies& tallies) const {
  std::string row;
  format::Encoder e(row);
  e.Byte(kFormat);
  e.Varint(tallies.items);
  e.SortableTime(tallies.kept_until);
  for (const uint64_t firsts : tallies.firsts) e.Varint(firsts);
  for (size_t i = 0; i < tallies.of.size(); ++i) EncodeTally(e, tallies.of[i], compiled_->TraitOf(i).kind());
  return row;
}

bool TraitRules::Decode(std::string_view row, Tallies& tallies) const {
  format::Decoder d(row);
  if (d.Byte() != kFormat) return false;
  tallies = Nothing();
  tallies.items = d.Varint();
  tallies.kept_until = d.SortableTime();
  for (uint64_t& firsts : tallies.firsts) firsts = d.Varint();
  for (size_t i = 0; i < tallies.of.size(); ++i) DecodeTally(d, tallies.of[i], compiled_->TraitOf(i).kind());
  return d.ok() && d.done();
}

// ---- once_per

size_t TraitRules::once_activities() const {
  return compiled_->once.size();
}

std::vector<OnceValue> TraitRules::OnceValuesOf(const Item& item) const {
  std::vector<OnceValue> values;
  for (size_t i = 0; i < compiled_->once.size(); ++i) {
    const ActivityRules& activity = compiled_->activities[compiled_->once[i]];
    if (!activity.Holds(item)) continue;
    if (const auto value = activity.OnceValueOf(item)) values.push_back({i, OnceKey(i, golden::EncodeValue(*value))});
  }
  return values;
}

// ---- items

bool TraitRules::Needs::Holds(const Item& item) const {
  return !empty() && (any_name || std::binary_search(names.begin(), names.end(), item.name));
}

const TraitRules::Needs& TraitRules::needs(bool shares_values) const {
  return compiled_->needs[shares_values ? 1 : 0];
}

// ---- values

namespace {

void Take(Reading reading, size_t trait, TraitValues& out) {
  out.values[trait] = std::move(reading.value);
  out.due = std::min(out.due, reading.due);
}

}  // namespace

// Those that are not needy.
void TraitRules::ReadTallies(const Tallies& sum, const Needs& needs, const Moment& moment, TraitValues& out) const {
  // Of all tallies, also of those that no trait is told from: their rows are as of the clock, too.
  out.due = std::min(out.due, sum.due());
  auto needy = needs.traits.begin();
  for (size_t i = 0; i < compiled_->traits.size(); ++i) {
    if (needy != needs.traits.end() && *needy == i) {
      ++needy;
      continue;
    }
    out.values[i].reset();
    out.is_approximate[i] = false;
    if (!compiled_->traits[i]) continue;
    const Tally& tally = sum.of[compiled_->tally_of[i]];
    Take(compiled_->traits[i]->Read(tally, moment.now), i, out);
    out.is_approximate[i] = tally.is_approximate;
  }
  // Traits of others change when those do, and are due at no other instant.
  compiled_->derived.Evaluate(out.values);
}

TraitValues TraitRules::Read(const Tallies& sum, const Needs& needs, std::span<const Item> items,
                             const Moment& moment) const {
  TraitValues out;
  out.values.resize(compiled_->traits.size());
  out.is_approximate.resize(compiled_->traits.size());
  ActivityItems activities(compiled_->activities.size());
  for (size_t i = 0; i < activities.size(); ++i) {
    if (needs.activities[i]) activities[i] = compiled_->activities[i].Select(items);
  }
  for (const size_t i : needs.traits) {
    const ItemTrait& trait = *compiled_->traits[i];
    const Tally tally = trait.Count(items, activities, moment.now);
    Take(trait.Read(tally, moment.now), i, out);
    out.is_approximate[i] = tally.is_approximate;
  }
  out.items_due = out.due;
  ReadTallies(sum, needs, moment, out);
  return out;
}

TraitValues TraitRules::Reread(const Tallies& sum, const Needs& needs, TraitValues before, const Moment& moment) const {
  before.due = before.items_due;
  ReadTallies(sum, needs, moment, before);
  return before;
}

TraitValues TraitRules::Evaluate(std::span<const Item> items, Time now) const {
  const Moment moment = At(now);
  Tallies sum = Nothing();
  for (const Item& item : items) Add(item, moment, Which::kAll, {}, sum);
  Settle(sum);
  return Read(sum, needs(true), items, moment);
}

}  // namespace kintsugi::living
