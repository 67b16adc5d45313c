// Traits: values that are computed from a profile's items.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "kintsugi/schema.h"
#include "living/item.h"
#include "living/tally.h"
#include "living/windows.h"

namespace kintsugi::living {

// What a profile's items say.
struct TraitValues {
  std::vector<std::optional<Value>> values;  // by the schema's order of traits; nothing: absent
  std::vector<bool> is_approximate;          // likewise
  // When another value may be told although no item came; never too late. kNeverFirst: never; kNeverLast: as soon as
  // the clock is moved from before all times. Of all traits, and of those that were told from items.
  Time due = kNeverFirst;
  Time items_due = kNeverFirst;
};

// Tallies of some items: one for each trait that is told from one, or for several that one tells.
struct Tallies {
  std::vector<Tally> of;
  uint64_t items = 0;
  Time kept_until = kNeverFirst;  // when the first of the items is none any more

  // When they are other ones although no item came.
  Time due() const;
};

// TraitRules is the schema's traits and activities, ready to use. Immutable and safe from many threads. Pure: no clock.
//
// Most traits are told from tallies, which are kept of each identifier's items and added up for a profile. Where it
// depends on other items whether one counts, `once_per`, kFollowed and kNotFollowed, the profile's items are asked.
class TraitRules {
 public:
  explicit TraitRules(const Schema& schema);  // valid
  ~TraitRules();
  TraitRules(TraitRules&&) noexcept;
  TraitRules& operator=(TraitRules&&) noexcept;

  bool empty() const;  // no traits are declared

  // A moment of the database's clock, and what windows hold then. kNeverLast: before all times.
  struct Moment {
    Time now = kNeverLast;
    std::vector<Window::Stretch> stretches;  // by trait
  };
  Moment At(Time now) const;

  // ---- tallies

  Tallies Nothing() const;
  // Which traits: all, those that time changes, the others.
  enum class Which { kAll, kWindowed, kOthers };
  void Add(const Item& item, const Moment& moment, Which which, Tallies& tallies) const;
  // After the last item, before the tallies are used.
  static void Settle(Tallies& tallies);
  // Of other items.
  void Add(const Tallies& others, Tallies& tallies) const;
  // Takes what windows hold out of tallies, and tells from when on items have to be added again; nothing: none have to.
  std::optional<Time> ForgetWindows(const Moment& moment, Tallies& tallies) const;
  std::string Encode(const Tallies& tallies) const;
  // False if it is damaged.
  bool Decode(std::string_view row, Tallies& tallies) const;

  // ---- items

  // The traits that need items, by position.
  const std::vector<size_t>& needy() const;
  // Whether one may need the item; else it may be left out of what Read() is given.
  bool Needs(const Item& item) const;
  // The names of those that are needed; none: of any name.
  const std::vector<std::string>& needed_names() const;

  // ---- values

  // What is told by `sum`, the tallies of all of the profile's identifiers, and by its items: all that are needed, in
  // order (IsEarlier), each once.
  TraitValues Read(const Tallies& sum, std::span<const Item> items, const Moment& moment) const;
  // The same, if no item that is needed came or went since `before` was told, and nothing of that was due. Of `before`
  // only what needs items is looked at.
  TraitValues Reread(const Tallies& sum, TraitValues before, const Moment& moment) const;
  // From all of the profile's items, in order. Cost: a pass over the items for each trait of items.
  TraitValues Evaluate(std::span<const Item> items, Time now) const;

 private:
  struct Compiled;
  void ReadTallies(const Tallies& sum, const Moment& moment, TraitValues& out) const;

  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace kintsugi::living
