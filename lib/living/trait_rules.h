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
#include "living/commerce.h"
#include "living/firsts.h"
#include "living/item.h"
#include "living/tally.h"
#include "living/windows.h"

namespace kintsugi::living {

// What a profile's items say.
struct TraitValues {
  std::vector<std::optional<Value>> values;  // by TraitNamesOf(); nothing: absent
  std::vector<bool> is_approximate;          // likewise
  // When another value may be told although no item came; never too late. kNeverFirst: never; kNeverLast: as soon as
  // the clock is moved from before all times. Of all traits, and of each group.
  Time due = kNeverFirst;
  std::vector<Time> dues;
  uint64_t overdrawn = 0;  // how many spendings of `loyalty` asked for more than there was
};

// Tallies of some items: one for each trait that is told from one, or for several that one tells.
struct Tallies {
  std::vector<Tally> of;
  std::vector<uint64_t> firsts;  // how many values of `once_per` the items have, by TraitRules::once_activities()
  uint64_t items = 0;
  Time kept_until = kNeverFirst;  // when the first of the items is none any more
  // With `commerce`: the categories, and the last items that the cart is told from, and that touched it.
  Tally categories;
  std::optional<Place> cart_item;
  std::optional<Place> cart_touch;

  // When they are other ones although no item came.
  Time due() const;
};

// TraitRules is the schema's traits and activities, ready to use: those that are declared, and those that `commerce`
// and `loyalty` bring. Immutable and safe from many threads. Pure: no clock.
//
// Most traits are told from tallies, which are kept of each identifier's items and added up for a profile. With
// `once_per` only the first item of each value is tallied; if two identifiers of a profile have items with one value,
// the profile shares values, and what depends on it is told from the profile's items. So are kFollowed and
// kNotFollowed, always: there it depends on other items whether one counts.
//
// What is told from items comes in groups, each of which asks for items of its own: the declared traits, if any may be
// told so; of `commerce` the cart, and the orders with the coupons; and `loyalty`. What one group tells stands until an
// item that it asks for comes or goes, or it is due.
class TraitRules {
 public:
  explicit TraitRules(const Schema& schema);  // valid
  ~TraitRules();
  TraitRules(TraitRules&&) noexcept;
  TraitRules& operator=(TraitRules&&) noexcept;

  bool empty() const;    // there are no traits
  size_t count() const;  // of traits: TraitNamesOf()

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

  // ---- groups

  // Which items are asked, and for which traits.
  struct Needs {
    std::vector<size_t> traits;      // by position, ascending
    std::vector<bool> activities;    // by position: whether the activity's items are asked
    bool any_name = false;           // else items of these names
    std::vector<std::string> names;  // in order

    bool empty() const { return traits.empty(); }
    // Whether a trait may need the item; else it may be left out of what Tell() is given.
    bool Holds(const Item& item) const;
  };
  size_t groups() const;
  // By whether a profile shares values, which matters to the declared traits alone.
  const Needs& needs(size_t group, bool shares_values) const;
  // Which one is the cart, and what it is told by; nothing and null: there is no `commerce`.
  std::optional<size_t> cart_group() const;
  const CommerceRules* commerce() const;
  // Where the first trait of `commerce` is, if there is one.
  size_t commerce_position() const;

  // ---- values

  // Nothing is told yet. First Tell() each group, or take over what it told, then Finish().
  TraitValues Untold() const;
  // What a group says by the profile's items: all that `needs` holds, in order (IsEarlier), each once; others do no
  // harm. The cart's group needs all of any name: they are its path.
  void Tell(size_t group, bool shares_values, std::span<const Item> items, const Moment& moment,
            TraitValues& out) const;
  // The same of a cart that was folded already. `path`: CommerceRules::PathOf().
  void TellCart(const Cart& cart, Value path, const Moment& moment, TraitValues& out) const;
  // The others: what is told by `sum`, the tallies of all of the profile's identifiers, and what is made of others.
  void Finish(const Tallies& sum, bool shares_values, const Moment& moment, TraitValues& out) const;
  // From all of the profile's items, in order. Cost: a pass over the items for each trait of items.
  TraitValues Evaluate(std::span<const Item> items, Time now) const;

 private:
  struct Compiled;
  void TellDeclared(const Needs& needs, std::span<const Item> items, const Moment& moment, TraitValues& out,
                    Time& due) const;
  void TellOrders(std::span<const Item> items, TraitValues& out) const;
  Time TellLoyalty(std::span<const Item> items, const Moment& moment, TraitValues& out) const;

  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace kintsugi::living
