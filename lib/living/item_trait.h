// A trait that is computed from a profile's items.

#pragma once

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "kintsugi/schema.h"
#include "living/decimal.h"
#include "living/fields.h"
#include "living/item.h"
#include "living/tally.h"
#include "living/windows.h"

namespace kintsugi::living {

// What a trait says.
struct Reading {
  std::optional<Value> value;  // nothing: absent
  Time due = kNeverFirst;      // when it may say something else although no item came; kNeverFirst: never
};

// Of each activity of the schema the positions of its items, in order.
using ActivityItems = std::vector<std::vector<size_t>>;

// Ready to use. Immutable, safe from many threads.
class ItemTrait {
 public:
  // A trait of the schema, of a kind that is of items. `periods` may be null if it has no calendar window.
  ItemTrait(const Trait& trait, const Schema& schema, std::shared_ptr<const Periods> periods);

  TraitKind kind() const { return kind_; }
  // Activities of the schema, by position.
  std::optional<size_t> activity() const { return activity_; }
  std::optional<size_t> by() const { return by_; }
  // Whether tallies of each identifier's items, added up, tell it: of all items, or of the firsts of each value of
  // `once_per`. If not, whether an item counts depends on what follows it.
  bool is_tallied() const { return !by_; }
  // Whether other items count as time passes.
  bool is_windowed() const { return is_windowed_; }

  // Whether a tally of this trait is one of the other, too.
  static bool ShareTally(const Trait& a, const Trait& b);
  // The stretch of time that it looks at.
  Window::Stretch At(Time now) const { return window_.At(now); }
  // Adds an item to a tally as of `now`, whose stretch this is: what it counts, and when that changes. The item is one
  // of the activity's, if the trait has one. Settle the tally after the last.
  void Add(const Item& item, const Window::Stretch& stretch, Time now, Tally& tally) const;
  // The tally of one that items tell. `items` are all of the profile's, in order; `activities` has at least those
  // that the trait names.
  Tally Count(std::span<const Item> items, const ActivityItems& activities, Time now) const;

  Reading Read(const Tally& tally, Time now) const;

 private:
  bool IsFollowed(const Item& item, std::span<const Item> items, std::span<const size_t> by, size_t& next) const;
  void AddFirst(const Item& item, Tally& tally) const;
  void AddValues(const Item& item, Tally& tally) const;
  void AddNumbers(const Item& item, Tally& tally) const;

  TraitKind kind_;
  std::optional<size_t> activity_;
  std::optional<size_t> by_;
  CompiledFilter items_;
  Field of_;
  uint32_t limit_;
  Time::duration within_;
  Window window_;
  bool is_windowed_;
};

}  // namespace kintsugi::living
