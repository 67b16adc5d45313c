// A person's orders, and what became of them.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/time.h"
#include "living/decimal.h"
#include "living/tally.h"

namespace kintsugi::living {

struct Order {
  Place item;  // that told of it first
  Decimal money;
  std::vector<std::string> coupons;  // golden::EncodeValue
};

// Orders is a person's orders after the items that it was told of, which come in the timeline's order. An order is
// known by its id; one without an id is known to nobody, so it can neither come twice nor be refunded or cancelled.
// Refunds and cancellations concern the order of their id wherever they stand, before it too. Memory: all orders. A
// plain value; never fails.
class Orders {
 public:
  using Id = std::optional<std::string>;  // golden::EncodeValue

  // Whether it was a new one: of one id the first counts, and others do nothing.
  bool Complete(const Id& id, Order order);
  // `total` goes off the revenue, also where there is no such order; without a total all of the order. Each refund does
  // so, so that they may take off more than the order's money.
  void Refund(const Id& id, std::optional<Decimal> total);
  // The order is as if it had not been, with its refunds and coupons.
  void Cancel(const Id& id);

  // Of the orders that stand, refunds taken off.
  struct Sum {
    uint64_t orders = 0;
    Decimal revenue;
    Time first = kNeverFirst;
    Time last = kNeverLast;
  };
  Sum Total() const;  // a pass over all
  // Those of the orders that stand.
  void AddCoupons(Tally& tally) const;

 private:
  // What is known of an id.
  struct Known {
    std::optional<Order> order;
    Decimal refunded;
    uint64_t refunded_whole = 0;  // how often
    bool is_cancelled = false;

    bool stands() const { return order && !is_cancelled; }
  };
  // Only ever summed up, so that the map's order does not show.
  absl::flat_hash_map<std::string, Known> by_id_;
  std::vector<Order> without_id_;
  Decimal refunded_without_id_;
};

}  // namespace kintsugi::living
