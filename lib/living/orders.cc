#include "living/orders.h"

#include <algorithm>
#include <utility>

namespace kintsugi::living {
namespace {

void AddOrder(const Order& order, Orders::Sum& sum) {
  ++sum.orders;
  sum.revenue = sum.revenue + order.money;
  sum.first = std::min(sum.first, order.item.time);
  sum.last = std::max(sum.last, order.item.time);
}

Decimal Repeated(Decimal money, uint64_t times) {
  return Decimal::OfMillionths(money.millionths() * static_cast<__int128>(times));
}

void AddCouponsOf(const Order& order, Tally& tally) {
  for (const std::string& coupon : order.coupons) tally.AddValue(coupon, order.item);
}

}  // namespace

bool Orders::Complete(const Id& id, Order order) {
  if (!id) {
    without_id_.push_back(std::move(order));
    return true;
  }
  Known& known = by_id_[*id];
  if (known.order) return false;
  known.order = std::move(order);
  return true;
}

void Orders::Refund(const Id& id, std::optional<Decimal> total) {
  if (id) {
    Known& known = by_id_[*id];
    if (total)
      known.refunded = known.refunded + *total;
    else
      ++known.refunded_whole;
  } else if (total) {
    refunded_without_id_ = refunded_without_id_ + *total;
  }
}

void Orders::Cancel(const Id& id) {
  if (id) by_id_[*id].is_cancelled = true;
}

Orders::Sum Orders::Total() const {
  Sum sum{.revenue = Decimal() - refunded_without_id_};
  for (const Order& order : without_id_) AddOrder(order, sum);
  for (const auto& [id, known] : by_id_) {
    if (known.is_cancelled) continue;
    sum.revenue = sum.revenue - known.refunded;
    if (!known.order) continue;
    AddOrder(*known.order, sum);
    sum.revenue = sum.revenue - Repeated(known.order->money, known.refunded_whole);
  }
  return sum;
}

void Orders::AddCoupons(Tally& tally) const {
  for (const Order& order : without_id_) AddCouponsOf(order, tally);
  for (const auto& [id, known] : by_id_) {
    if (known.stands()) AddCouponsOf(*known.order, tally);
  }
}

}  // namespace kintsugi::living
