#include "living/item_trait.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "golden/value_codec.h"
#include "living/activity.h"
#include "living/value_lists.h"

namespace kintsugi::living {
namespace {

constexpr Time::duration kDay = std::chrono::days(1);

Reading Tell(std::optional<Decimal> number) {
  return {.value = number ? std::optional(number->ToValue()) : std::nullopt};
}
Reading Tell(std::optional<Value> value) {
  return {.value = std::move(value)};
}

// An item later than `now` is of today.
Reading TellDaysSince(Time last, Time now) {
  if (now == kNeverLast) return {.due = kNeverLast};
  const Time::rep days = last > now ? 0 : (now - last) / kDay;
  Reading reading = Tell(Whole(static_cast<uint64_t>(days)));
  const Time full = last + (days + 1) * kDay;
  if (full < kEndOfTimes) reading.due = full;
  return reading;
}

std::optional<Value> Decoded(const Tally& tally) {
  if (!tally.place) return std::nullopt;
  return ToValue(golden::ReadValue(tally.value));
}

const Activity* ActivityAt(const Schema& schema, std::optional<size_t> position) {
  return position ? &schema.activities[*position] : nullptr;
}

}  // namespace

ItemTrait::ItemTrait(const Trait& trait, const Schema& schema, std::shared_ptr<const Periods> periods)
    : kind_(trait.kind),
      activity_(FindActivity(schema, trait.activity)),
      by_(FindActivity(schema, trait.by)),
      items_(trait.items, ActivityAt(schema, activity_), schema),
      limit_(trait.limit),
      within_(Hours(trait.within_hours)),
      window_(trait, std::move(periods)) {
  const Activity* const activity = ActivityAt(schema, activity_);
  if (!trait.of.empty()) of_ = Field(trait.of, activity, schema);
  is_windowed_ = trait.sliding || trait.calendar || kind_ == TraitKind::kNotFollowed;
}

namespace {

bool IsShort(const ValueView& value, size_t most) {
  const auto* text = std::get_if<std::string_view>(&value);
  const auto* json = std::get_if<JsonView>(&value);
  return (text == nullptr || text->size() <= most) && (json == nullptr || json->text.size() <= most);
}

bool IsOfValues(TraitKind kind) {
  return kind == TraitKind::kMostFrequent || kind == TraitKind::kDistinct || kind == TraitKind::kValues ||
         kind == TraitKind::kTop;
}

bool IsOfSums(TraitKind kind) {
  return kind == TraitKind::kSum || kind == TraitKind::kAverage;
}

}  // namespace

bool ItemTrait::ShareTally(const Trait& a, const Trait& b) {
  const bool is_same_kind = (IsOfValues(a.kind) && IsOfValues(b.kind)) || (IsOfSums(a.kind) && IsOfSums(b.kind));
  return is_same_kind && a.activity == b.activity && a.items == b.items && a.of == b.of && a.sliding == b.sliding &&
         a.calendar == b.calendar;
}

void ItemTrait::Add(const Item& item, const Window::Stretch& stretch, Time now, Tally& tally) const {
  if (item.time < stretch.begin || !items_.Holds(item)) return;
  const bool is_in = item.time < stretch.end;
  if (now == kNeverLast)
    tally.due = is_windowed_ ? kNeverLast : kNeverFirst;
  else
    tally.due = std::min(tally.due, is_in ? window_.LeavesAt(item.time, now) : window_.EntersAt(item.time));
  if (!is_in) return;
  switch (kind_) {
    case TraitKind::kSum:
    case TraitKind::kAverage:
    case TraitKind::kMin:
    case TraitKind::kMax:
      return AddNumbers(item, tally);
    case TraitKind::kFirst:
    case TraitKind::kLast:
      return AddFirst(item, tally);
    case TraitKind::kDaysSinceLast:
      return tally.AddPlace({.time = item.time}, {}, kind_);
    case TraitKind::kMostFrequent:
    case TraitKind::kDistinct:
    case TraitKind::kValues:
    case TraitKind::kTop:
      return AddValues(item, tally);
    default:
      ++tally.count;
  }
}

// Of an array each element counts, as if its item came that often.
void ItemTrait::AddNumbers(const Item& item, Tally& tally) const {
  of_.AnyOf(item, [&](const ValueView& value) {
    if (const auto number = Decimal::Of(value)) tally.AddNumber(*number, kind_);
    return false;
  });
}

void ItemTrait::AddFirst(const Item& item, Tally& tally) const {
  of_.AnyOf(item, [&](const ValueView& value) {
    if (!IsShort(value, kMostValueBytes)) return false;
    tally.AddPlace(PlaceOf(item), golden::EncodeValue(ToValue(value)), kind_);
    return true;
  });
}

// An item has each value once, however often an array of its repeats it.
void ItemTrait::AddValues(const Item& item, Tally& tally) const {
  std::vector<std::string> values;
  of_.AnyOf(item, [&](const ValueView& value) {
    if (IsShort(value, kMostListedBytes)) values.push_back(golden::EncodeValue(ToValue(value)));
    return false;
  });
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  for (std::string& encoded : values) tally.AddValue(std::move(encoded), PlaceOf(item));
}

// Both lists are in order, so `next` only moves on.
bool ItemTrait::IsFollowed(const Item& item, std::span<const Item> items, std::span<const size_t> by,
                           size_t& next) const {
  while (next < by.size() && items[by[next]].time <= item.time) ++next;
  return next < by.size() && items[by[next]].time - item.time <= within_;
}

Tally ItemTrait::Count(std::span<const Item> items, const ActivityItems& activities, Time now) const {
  const Window::Stretch stretch = window_.At(now);
  std::vector<Tally> tallies;  // by identifier: of each so many values are kept
  size_t next = 0;
  const auto add = [&](const Item& item) {
    const bool counts = !by_ || IsFollowed(item, items, activities[*by_], next) == (kind_ == TraitKind::kFollowed);
    if (!counts) return;
    if (item.identifier >= tallies.size()) tallies.resize(item.identifier + 1);
    Add(item, stretch, now, tallies[item.identifier]);
  };
  if (activity_) {
    for (const size_t i : activities[*activity_]) add(items[i]);
  } else {
    for (const Item& item : items) add(item);
  }
  Tally sum;
  for (Tally& tally : tallies) {
    tally.Settle();
    sum.Add(tally, kind_);
  }
  return sum;
}

Reading ItemTrait::Read(const Tally& tally, Time now) const {
  Reading reading;
  switch (kind_) {
    case TraitKind::kSum:
      reading = Tell(tally.sum);
      break;
    case TraitKind::kAverage:
      if (tally.count != 0) reading = Tell(tally.sum.DividedBy(Whole(tally.count)));
      break;
    case TraitKind::kMin:
    case TraitKind::kMax:
      reading = Tell(tally.extreme);
      break;
    case TraitKind::kFirst:
    case TraitKind::kLast:
      reading = Tell(Decoded(tally));
      break;
    case TraitKind::kDaysSinceLast:
      if (tally.place) reading = TellDaysSince(tally.place->time, now);
      break;
    case TraitKind::kDistinct:
      reading = Tell(Whole(tally.values.size()));
      break;
    case TraitKind::kMostFrequent:
    case TraitKind::kValues:
    case TraitKind::kTop:
      reading = Tell(ListOf(tally, kind_, limit_));
      break;
    default:
      reading = Tell(Whole(tally.count));
  }
  reading.due = std::min(reading.due, tally.due);
  return reading;
}

}  // namespace kintsugi::living
