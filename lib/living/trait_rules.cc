#include "living/trait_rules.h"

#include <algorithm>
#include <utility>

#include "golden/value_codec.h"
#include "living/compiled_traits.h"

namespace kintsugi::living {
namespace {

constexpr uint8_t kFormat = 2;

}  // namespace

TraitRules::TraitRules(const Schema& schema) : compiled_(std::make_unique<const Compiled>(schema)) {}
TraitRules::~TraitRules() = default;
TraitRules::TraitRules(TraitRules&&) noexcept = default;
TraitRules& TraitRules::operator=(TraitRules&&) noexcept = default;

bool TraitRules::empty() const {
  return compiled_->count == 0;
}

size_t TraitRules::count() const {
  return compiled_->count;
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

namespace {

void TakeLater(const Place& place, std::optional<Place>& last) {
  if (!last || *last < place) last = place;
}

}  // namespace

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
  if (which == Which::kWindowed) return;
  ++tallies.items;
  if (!compiled_->commerce) return;
  compiled_->commerce->AddCategories(item, tallies.categories);
  if (CommerceRules::IsOfCart(item)) TakeLater(PlaceOf(item), tallies.cart_item);
  if (CommerceRules::Touches(item)) TakeLater(PlaceOf(item), tallies.cart_touch);
}

void TraitRules::Settle(Tallies& tallies) {
  for (Tally& tally : tallies.of) tally.Settle();
  tallies.categories.Settle();
}

void TraitRules::Add(const Tallies& others, Tallies& tallies) const {
  for (size_t i = 0; i < tallies.of.size(); ++i) tallies.of[i].Add(others.of[i], compiled_->TraitOf(i).kind());
  for (size_t i = 0; i < tallies.firsts.size(); ++i) tallies.firsts[i] += others.firsts[i];
  tallies.items += others.items;
  tallies.kept_until = std::min(tallies.kept_until, others.kept_until);
  tallies.categories.Add(others.categories, TraitKind::kTop);
  if (others.cart_item) TakeLater(*others.cart_item, tallies.cart_item);
  if (others.cart_touch) TakeLater(*others.cart_touch, tallies.cart_touch);
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

namespace {

void EncodePlaces(format::Encoder& e, const Tallies& tallies) {
  for (const auto& place : {tallies.cart_item, tallies.cart_touch}) {
    e.Byte(place ? 1 : 0);
    if (place) EncodePlace(e, *place);
  }
}

void DecodePlaces(format::Decoder& d, Tallies& tallies) {
  for (auto* place : {&tallies.cart_item, &tallies.cart_touch}) {
    if (d.Byte() != 0) *place = DecodePlace(d);
  }
}

}  // namespace

std::string TraitRules::Encode(const Tallies& tallies) const {
  std::string row;
  format::Encoder e(row);
  e.Byte(kFormat);
  e.Varint(tallies.items);
  e.SortableTime(tallies.kept_until);
  for (const uint64_t firsts : tallies.firsts) e.Varint(firsts);
  for (size_t i = 0; i < tallies.of.size(); ++i) EncodeTally(e, tallies.of[i], compiled_->TraitOf(i).kind());
  if (compiled_->commerce) {
    EncodeTally(e, tallies.categories, TraitKind::kTop);
    EncodePlaces(e, tallies);
  }
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
  if (compiled_->commerce) {
    DecodeTally(d, tallies.categories, TraitKind::kTop);
    DecodePlaces(d, tallies);
  }
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

// ---- groups

bool TraitRules::Needs::Holds(const Item& item) const {
  return !empty() && (any_name || std::binary_search(names.begin(), names.end(), item.name));
}

size_t TraitRules::groups() const {
  return compiled_->groups.size();
}

const TraitRules::Needs& TraitRules::needs(size_t group, bool shares_values) const {
  return compiled_->groups[group].needs[shares_values ? 1 : 0];
}

std::optional<size_t> TraitRules::cart_group() const {
  const auto& groups = compiled_->groups;
  const auto is_cart = [](const Compiled::Group& group) { return group.what == Compiled::Group::What::kCart; };
  const auto cart = std::find_if(groups.begin(), groups.end(), is_cart);
  return cart != groups.end() ? std::optional(static_cast<size_t>(cart - groups.begin())) : std::nullopt;
}

const CommerceRules* TraitRules::commerce() const {
  return compiled_->commerce ? &*compiled_->commerce : nullptr;
}

size_t TraitRules::commerce_position() const {
  return compiled_->commerce_at;
}

// ---- values

namespace {

void Take(Reading reading, size_t trait, TraitValues& out, Time& due) {
  out.values[trait] = std::move(reading.value);
  due = std::min(due, reading.due);
}

// What a section brings, whose first trait is at a position.
template <typename Values>
void Take(Values values, const std::vector<size_t>& traits, size_t position, TraitValues& out) {
  for (const size_t trait : traits) out.values[trait] = std::move(values.values[trait - position]);
}

}  // namespace

TraitValues TraitRules::Untold() const {
  TraitValues out;
  out.values.resize(compiled_->count);
  out.is_approximate.resize(compiled_->count);
  out.dues.resize(compiled_->groups.size(), kNeverFirst);
  return out;
}

void TraitRules::Tell(size_t group, bool shares_values, std::span<const Item> items, const Moment& moment,
                      TraitValues& out) const {
  switch (compiled_->groups[group].what) {
    case Compiled::Group::What::kDeclared:
      return TellDeclared(needs(group, shares_values), items, moment, out, out.dues[group]);
    case Compiled::Group::What::kCart: {
      CommerceState state;
      for (const Item& item : items) {
        const bool is_new_order = commerce()->ApplyToOrders(item, state.orders, state.coupons);
        commerce()->ApplyToCart(item, is_new_order, state.cart);
      }
      return TellCart(state.cart, commerce()->PathOf(state.cart, items), moment, out);
    }
    case Compiled::Group::What::kOrders:
      return TellOrders(items, out);
    case Compiled::Group::What::kLoyalty:
      out.dues[group] = TellLoyalty(items, moment, out);
  }
}

void TraitRules::TellDeclared(const Needs& needs, std::span<const Item> items, const Moment& moment, TraitValues& out,
                              Time& due) const {
  if (needs.empty()) return;
  ActivityItems activities(compiled_->activities.size());
  for (size_t i = 0; i < activities.size(); ++i) {
    if (needs.activities[i]) activities[i] = compiled_->activities[i].Select(items);
  }
  for (const size_t i : needs.traits) {
    const ItemTrait& trait = *compiled_->traits[i];
    const Tally tally = trait.Count(items, activities, moment.now);
    Take(trait.Read(tally, moment.now), i, out, due);
    out.is_approximate[i] = tally.is_approximate;
  }
}

void TraitRules::TellCart(const Cart& cart, Value path, const Moment& moment, TraitValues& out) const {
  const size_t group = *cart_group();
  CommerceValues values;
  commerce()->TellCart(cart, std::move(path), moment.now, values);
  out.dues[group] = values.due;
  Take(std::move(values), needs(group, false).traits, compiled_->commerce_at, out);
}

void TraitRules::TellOrders(std::span<const Item> items, TraitValues& out) const {
  CommerceState state;
  for (const Item& item : items) commerce()->ApplyToOrders(item, state.orders, state.coupons);
  CommerceValues values;
  commerce()->TellOrders(state.orders, std::move(state.coupons), values);
  out.is_approximate[compiled_->commerce_at + CommerceValues::kCoupons] =
      values.is_approximate[CommerceValues::kCoupons];
  Take(std::move(values), needs(*cart_group() + 1, false).traits, compiled_->commerce_at, out);
}

Time TraitRules::TellLoyalty(std::span<const Item> items, const Moment& moment, TraitValues& out) const {
  LoyaltyValues values = compiled_->loyalty->Evaluate(items, moment.now);
  out.overdrawn = values.overdrawn;
  const Time due = values.due;
  Take(std::move(values), compiled_->groups.back().needs[0].traits, compiled_->loyalty_at, out);
  return due;
}

void TraitRules::Finish(const Tallies& sum, bool shares_values, const Moment& moment, TraitValues& out) const {
  // Of all tallies, also of those that no trait is told from: their rows are as of the clock, too.
  out.due = sum.due();
  for (const Time due : out.dues) out.due = std::min(out.due, due);
  const Needs& needs = compiled_->declared(shares_values);
  auto needy = needs.traits.begin();
  for (size_t i = 0; i < compiled_->traits.size(); ++i) {
    if (needy != needs.traits.end() && *needy == i) {
      ++needy;
      continue;
    }
    if (!compiled_->traits[i]) continue;
    const Tally& tally = sum.of[compiled_->tally_of[i]];
    Take(compiled_->traits[i]->Read(tally, moment.now), i, out, out.due);
    out.is_approximate[i] = tally.is_approximate;
  }
  if (compiled_->commerce) {
    CommerceValues values;
    commerce()->TellCategories(sum.categories, values);
    const size_t at = compiled_->commerce_at + CommerceValues::kCategories;
    out.values[at] = std::move(values.values[CommerceValues::kCategories]);
    out.is_approximate[at] = values.is_approximate[CommerceValues::kCategories];
  }
  // Traits of others change when those do, and are due at no other instant.
  compiled_->derived.Evaluate(out.values);
}

TraitValues TraitRules::Evaluate(std::span<const Item> items, Time now) const {
  const Moment moment = At(now);
  Tallies sum = Nothing();
  for (const Item& item : items) Add(item, moment, Which::kAll, {}, sum);
  Settle(sum);
  TraitValues out = Untold();
  for (size_t group = 0; group < groups(); ++group) Tell(group, true, items, moment, out);
  Finish(sum, true, moment, out);
  return out;
}

}  // namespace kintsugi::living
