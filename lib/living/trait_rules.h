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
#include "living/firsts.h"
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
  std::vector<uint64_t> firsts;  // how many values of `once_per` the items have, by TraitRules::once_activities()
  uint64_t items = 0;
  Time kept_until = kNeverFirst;  // when the first of the items is none any more

  // When they are other ones although no item came.
  Time due() const;
};

// TraitRules is the schema's traits and activities, ready to use. Immutable and safe from many threads. Pure: no clock.
//
// Most traits are told from tallies, which are kept of each identifier's items and added up for a profile. With
// `once_per` only the first item of each value is tallied; if two identifiers of a profile have items with one value,
// the profile shares values, and what depends on it is told from the profile's items. So are kFollowed and
// kNotFollowed, always: there it depends on other items whether one counts.
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
  // `repeated`: the activities in which the item does not count, for another of the identifier's has its value.
  void Add(const Item& item, const Moment& moment, Which which, const Repeated& repeated, Tallies& tallies) const;
  // After the last item, before the tallies are used.
  static void Settle(Tallies& tallies);
  // Of other items.
  void Add(const Tallies& others, Tallies& tallies) const;
  // Takes what windows hold out of tallies, and tells from when on items have to be added again; nothing: none have to.
  std::optional<Time> ForgetWindows(const Moment& moment, Tallies& tallies) const;
  std::string Encode(const Tallies& tallies) const;
  // False if it is damaged.
  bool Decode(std::string_view row, Tallies& tallies) const;

  // ---- once_per

  // How many activities with `once_per` there are that tallied traits are of.
  size_t once_activities() const;
  // What an item has there: at most one value for each.
  std::vector<OnceValue> OnceValuesOf(const Item& item) const;

  // ---- items

  // Which items are asked, and for which traits.
  struct Needs {
    std::vector<size_t> traits;      // by position
    std::vector<bool> activities;    // by position: whether the activity's items are asked
    bool any_name = false;           // else items of these names
    std::vector<std::string> names;  // in order

    bool empty() const { return traits.empty(); }
    // Whether a trait may need the item; else it may be left out of what Read() is given.
    bool Holds(const Item& item) const;
  };
  // By whether a profile shares values.
  const Needs& needs(bool shares_values) const;

  // ---- values

  // What is told by `sum`, the tallies of all of the profile's identifiers, and by its items: all that `needs` holds,
  // in order (IsEarlier), each once.
  TraitValues Read(const Tallies& sum, const Needs& needs, std::span<const Item> items, const Moment& moment) const;
  // The same, if no item that is needed came or went since `before` was told, and nothing of that was due. Of `before`
  // only what needs items is looked at.
  TraitValues Reread(const Tallies& sum, const Needs& needs, TraitValues before, const Moment& moment) const;
  // From all of the profile's items, in order. Cost: a pass over the items for each trait of items.
  TraitValues Evaluate(std::span<const Item> items, Time now) const;

 private:
  struct Compiled;
  void ReadTallies(const Tallies& sum, const Needs& needs, const Moment& moment, TraitValues& out) const;

  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace kintsugi::living
