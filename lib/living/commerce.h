// Commerce, ready made: carts and orders, from events named as Segment's e-commerce specification names them.

#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "kintsugi/schema.h"
#include "living/cart.h"
#include "living/commerce_fields.h"
#include "living/item.h"
#include "living/orders.h"
#include "living/tally.h"
#include "living/visit_rules.h"

namespace kintsugi::living {

// Of a visit that was longer the last items up to the cart's last touch are its path. A golden record moves as a whole
// with each event.
inline constexpr size_t kMostPathItems = 100;

// What a profile's items come to. A plain value: it may be copied at any item, and the fold gone on from there.
struct CommerceState {
  Cart cart;
  Orders orders;
  Tally categories;
  Tally coupons;  // that were applied; those of orders are with these
};

struct CommerceValues {
  // The traits that `commerce` brings, in their order.
  enum Trait {
    kCart,
    kCartValue,
    kCartSince,
    kCartAbandoned,
    kCartPath,
    kOrders,
    kRevenue,
    kAverageOrder,
    kFirstOrder,
    kLastOrder,
    kOrderGapDays,
    kCategories,
    kCoupons,
  };
  static constexpr size_t kTraits = kCoupons + 1;

  std::array<std::optional<Value>, kTraits> values;  // nothing: absent
  std::array<bool, kTraits> is_approximate = {};     // there were more than kMostValues categories or coupons
  Time due = kNeverFirst;  // when another value is told although no item came, exactly; kNeverFirst: never
};

// CommerceRules is `commerce` of a schema, ready to use. Immutable and safe from many threads. Pure: no clock.
//
// A state is folded from the items that Needs() says, in the timeline's order (IsEarlier), each once. What may be left
// out if only some traits are asked for: for the orders all but Order Completed, Order Refunded and Order Cancelled;
// for the cart all that is before the item that emptied it last, but for Order Completed, for only an order that has
// not been told of empties a cart.
//
// Adds, removes, cart views, checkouts and coupons touch the cart; its products are those of adds and removes. An order
// empties it, and one that is cancelled later has done so, too.
class CommerceRules {
 public:
  explicit CommerceRules(const Schema& schema);  // without `commerce`: as if it were empty

  // The names of items that a state is folded from, sorted: for all of it, for the cart alone, for the orders and
  // coupons alone.
  static const std::vector<std::string>& needed_names();
  static const std::vector<std::string>& cart_names();
  static const std::vector<std::string>& order_names();
  static bool Needs(const Item& item);
  // Whether an item is one of cart_names(), and whether it touches the cart.
  static bool IsOfCart(const Item& item);
  static bool Touches(const Item& item);
  // An item that is not needed does nothing. Cost: that of its properties.
  void Apply(const Item& item, CommerceState& state) const;
  // The same for a part of the state. Of the orders: whether it is a new one, which empties the cart.
  void ApplyToCart(const Item& item, bool is_new_order, Cart& cart) const;
  bool ApplyToOrders(const Item& item, Orders& orders, Tally& coupons) const;
  void AddCategories(const Item& item, Tally& categories) const;

  // `visit` is needed if the state's cart is open, for the path: items of any name, in order, at least those of the
  // visit that the cart's last touch is in, up to that (VisitRules); they are found going back from there until a gap.
  // Others do no harm. `now` may be kNeverLast: no cart is abandoned then.
  CommerceValues Tell(const CommerceState& state, std::span<const Item> visit, Time now) const;

  // The same from all of the profile's items, in order.
  CommerceValues Evaluate(std::span<const Item> items, Time now) const;

  // The same for a part of the values, and `due`. `path`: PathOf(), of this cart.
  void TellCart(const Cart& cart, Value path, Time now, CommerceValues& out) const;
  void TellOrders(const Orders& orders, Tally coupons, CommerceValues& out) const;
  void TellCategories(Tally categories, CommerceValues& out) const;
  // `visit`: as Tell() has it.
  Value PathOf(const Cart& cart, std::span<const Item> visit) const;

  // The cart that TellCart() tells of by these two values, so that the fold can go on from there; `touch`: its last.
  // Nothing if they do not hold all of it.
  std::optional<Cart> CartFrom(const Json& list, std::optional<Time> since, const Place& touch) const;

 private:
  Json PathTo(const Place& touch, std::span<const Item> visit) const;

  CommerceFields fields_;
  VisitRules visits_;
  Time::duration abandoned_after_;
};

}  // namespace kintsugi::living
