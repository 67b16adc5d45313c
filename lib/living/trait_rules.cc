#include "living/trait_rules.h"

#include <algorithm>
#include <set>
#include <utility>

#include "living/activity.h"
#include "living/derived_traits.h"
#include "living/item_trait.h"
#include "living/periods.h"

namespace kintsugi::living {
namespace {

constexpr uint8_t kFormat = 1;

}  // namespace

struct TraitRules::Compiled {
  explicit Compiled(const Schema& schema);

  bool IsTallied(size_t trait) const { return traits[trait] && traits[trait]->is_tallied(); }
  const ItemTrait& TraitOf(size_t tally) const { return *traits[tallied[tally]]; }

  std::vector<ActivityRules> activities;         // as in the schema
  std::vector<bool> is_needed;                   // by activity: whether a trait needs its items
  std::vector<std::optional<ItemTrait>> traits;  // as in the schema; nothing of one of other traits
  std::vector<size_t> tallied;                   // by tally: the first of the traits that it tells
  std::vector<size_t> tally_of;                  // by trait: which tells it, if it is tallied
  std::vector<size_t> needy;                     // those that need items
  bool needs_all = false;                        // one needs items of any activity, or of none
  std::vector<std::string> needed_names;
  DerivedTraits derived;
};

TraitRules::Compiled::Compiled(const Schema& schema) : is_needed(schema.activities.size()), derived(schema) {
  std::shared_ptr<const Periods> periods;
  const auto has_calendar = [](const Trait& trait) { return trait.calendar.has_value(); };
  if (std::any_of(schema.traits.begin(), schema.traits.end(), has_calendar)) {
    periods = std::make_shared<const Periods>(schema.calendar);
  }
  for (const Activity& activity : schema.activities) activities.emplace_back(activity, schema);
  std::set<std::string> names;
  const auto need = [&](const std::vector<std::string>& events) {
    if (events.empty()) needs_all = true;
    names.insert(events.begin(), events.end());
  };
  for (const Trait& trait : schema.traits) {
    tally_of.push_back(0);
    std::optional<ItemTrait>& compiled = traits.emplace_back();
    if (!kintsugi::IsOfItems(trait.kind)) continue;
    compiled.emplace(trait, schema, periods);
    if (compiled->is_tallied()) {
      const auto shared = std::find_if(tallied.begin(), tallied.end(), [&](size_t other) {
        return ItemTrait::ShareTally(schema.traits[other], trait);
      });
      tally_of.back() = static_cast<size_t>(shared - tallied.begin());
      if (shared == tallied.end()) tallied.push_back(traits.size() - 1);
      continue;
    }
    needy.push_back(traits.size() - 1);
    if (!compiled->activity()) need(trait.items.events);
    for (const auto& activity : {compiled->activity(), compiled->by()}) {
      if (!activity) continue;
      is_needed[*activity] = true;
      need(schema.activities[*activity].items.events);
    }
  }
  if (!needs_all) needed_names.assign(names.begin(), names.end());
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
  return nothing;
}

void TraitRules::Add(const Item& item, const Moment& moment, Which which, Tallies& tallies) const {
  const auto& activities = compiled_->activities;
  std::vector<std::optional<bool>> is_of(activities.size());  // by activity, once it was asked
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
  for (size_t i = 0; i < tallies.of.size(); ++i) EncodeTally(e, tallies.of[i], compiled_->TraitOf(i).kind());
  return row;
}

bool TraitRules::Decode(std::string_view row, Tallies& tallies) const {
  format::Decoder d(row);
  if (d.Byte() != kFormat) return false;
  tallies = Nothing();
  tallies.items = d.Varint();
  tallies.kept_until = d.SortableTime();
  for (size_t i = 0; i < tallies.of.size(); ++i) DecodeTally(d, tallies.of[i], compiled_->TraitOf(i).kind());
  return d.ok() && d.done();
}

// ---- items

bool TraitRules::Needs(const Item& item) const {
  const auto& names = compiled_->needed_names;
  return !compiled_->needy.empty() &&
         (compiled_->needs_all || std::binary_search(names.begin(), names.end(), item.name));
}

const std::vector<size_t>& TraitRules::needy() const {
  return compiled_->needy;
}

const std::vector<std::string>& TraitRules::needed_names() const {
  return compiled_->needed_names;
}

// ---- values

namespace {

// What traits of others compute with. A decimal that no other value holds is Json.
std::optional<Decimal> NumberOf(const std::optional<Value>& value) {
  if (!value) return std::nullopt;
  const auto* json = std::get_if<Json>(&*value);
  return json != nullptr ? Decimal::FromText(json->text) : Decimal::Of(ToView(*value));
}

void Take(Reading reading, size_t trait, TraitValues& out) {
  out.values[trait] = std::move(reading.value);
  out.due = std::min(out.due, reading.due);
}

}  // namespace

void TraitRules::ReadTallies(const Tallies& sum, const Moment& moment, TraitValues& out) const {
  out.due = std::min(out.due, sum.kept_until);
  out.is_approximate.assign(compiled_->traits.size(), false);
  for (size_t i = 0; i < compiled_->traits.size(); ++i) {
    if (!compiled_->traits[i]) out.values[i].reset();
    if (!compiled_->IsTallied(i)) continue;
    const Tally& tally = sum.of[compiled_->tally_of[i]];
    Take(compiled_->traits[i]->Read(tally, moment.now), i, out);
    out.is_approximate[i] = tally.is_approximate;
  }
  // Traits of others change when those do, and are due at no other instant.
  std::vector<std::optional<Decimal>> numbers;
  for (const std::optional<Value>& value : out.values) numbers.push_back(NumberOf(value));
  compiled_->derived.Evaluate(numbers, out.values);
}

TraitValues TraitRules::Read(const Tallies& sum, std::span<const Item> items, const Moment& moment) const {
  TraitValues out;
  out.values.resize(compiled_->traits.size());
  ActivityItems activities(compiled_->activities.size());
  for (size_t i = 0; i < activities.size(); ++i) {
    if (compiled_->is_needed[i]) activities[i] = compiled_->activities[i].Select(items);
  }
  for (const size_t i : compiled_->needy) {
    const ItemTrait& trait = *compiled_->traits[i];
    Take(trait.Read(trait.Count(items, activities, moment.now), moment.now), i, out);
  }
  out.items_due = out.due;
  ReadTallies(sum, moment, out);
  return out;
}

TraitValues TraitRules::Reread(const Tallies& sum, TraitValues before, const Moment& moment) const {
  before.due = before.items_due;
  ReadTallies(sum, moment, before);
  return before;
}

TraitValues TraitRules::Evaluate(std::span<const Item> items, Time now) const {
  const Moment moment = At(now);
  Tallies sum = Nothing();
  for (const Item& item : items) Add(item, moment, Which::kAll, sum);
  Settle(sum);
  return Read(sum, items, moment);
}

}  // namespace kintsugi::living
