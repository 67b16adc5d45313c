// Orders count once, whoever tells of them; what was refunded goes off, and what was cancelled was never there.

#include "living/orders.h"

#include "unit/living/commerce_examples.h"

namespace kintsugi::living::examples {
namespace {

using Properties = std::vector<NamedValue>;

// "orders revenue".
std::string CountOf(const Shopper& shopper) {
  return shopper.Tell(CommerceValues::kOrders) + ' ' + shopper.Tell(CommerceValues::kRevenue);
}

Shopper& Refund(Shopper& shopper, const std::string& time, const std::string& order, Properties properties = {}) {
  if (!order.empty()) properties.emplace_back("order_id", order);
  return shopper.Did(time, "Order Refunded", std::move(properties));
}
Shopper& Cancel(Shopper& shopper, const std::string& time, const std::string& order) {
  return shopper.Did(time, "Order Cancelled", {{"order_id", order}});
}

Shopper TwoOrders() {
  Shopper shopper;
  shopper.Ordered("10:00:00", "A", {{"total", Number(100)}}).Ordered("12:00:00", "B", {{"total", 50.5}});
  return shopper;
}

}  // namespace

TEST_CASE("Orders of any source count once by their id, and each without one", "[living]") {
  Shopper shopper = TwoOrders();
  CHECK(CountOf(shopper) == "2 150.5");
  shopper.Did("13:00:00", "Order Completed", {{"order_id", Text("A")}, {"total", Number(7)}}, kTill);
  CHECK(CountOf(shopper) == "2 150.5");
  shopper.Did("09:00:00", "Order Completed", {{"order_id", Text("A")}, {"total", Number(7)}}, kTill);
  CHECK(CountOf(shopper) == "2 57.5");  // the earliest tells, though it comes late
  shopper.Ordered("14:00:00", "", {{"total", Number(1)}}).Ordered("14:00:00", "", {{"total", Number(1)}});
  CHECK(CountOf(shopper) == "4 59.5");
}

TEST_CASE("Ids are equal as JSON values", "[living]") {
  Shopper shopper;
  for (const Value& id : {Number(1), Value(1.0), Text("1"), Value(Null()), Value(Null()), List("[1,2]"), List("[]")}) {
    shopper.Did("10:00:00", "Order Completed", {{"order_id", id}});
  }
  CHECK(CountOf(shopper) == "5 0");
}

TEST_CASE("An order's money is its total, else its revenue, and a text is neither", "[living]") {
  const auto money = [](Properties properties) {
    return Shopper().Ordered("10:00:00", "A", std::move(properties)).Tell(CommerceValues::kRevenue);
  };
  CHECK(money({{"total", Number(5)}, {"revenue", Number(4)}}) == "5");
  CHECK(money({{"total", Number(0)}, {"revenue", Number(4)}}) == "0");
  CHECK(money({{"revenue", 4.75}}) == "4.75");
  CHECK(money({{"total", Text("5")}, {"revenue", Number(4)}}) == "4");
  CHECK(money({{"total", Text("5")}}) == "0");
  CHECK(money({{"total", 1e30}, {"revenue", Number(4)}}) == "4");
  CHECK(money({{"total", Number(-5)}}) == "-5");
  CHECK(money({{"value", Number(5)}}) == "0");
}

TEST_CASE("Money is exact", "[living]") {
  Shopper shopper;
  for (int i = 0; i < 10; ++i) shopper.Ordered("10:00:00", "", {{"total", 0.1}});
  CHECK(CountOf(shopper) == "10 1");
  Shopper rich;
  for (int i = 0; i < 3; ++i) rich.Ordered("10:00:00", "", {{"total", Number(INT64_MAX)}});
  CHECK(CountOf(rich) == "3 27670116110564327421");
  CHECK(rich.Tell(CommerceValues::kAverageOrder) == "9223372036854775807");
}

TEST_CASE("A refund takes its total off, and the order stays one", "[living]") {
  Shopper shopper = TwoOrders();
  Refund(shopper, "13:00:00", "A", {{"total", 30.25}});
  CHECK(CountOf(shopper) == "2 120.25");
  Refund(shopper, "13:30:00", "A", {{"total", Number(30)}, {"revenue", Number(1)}});
  CHECK(CountOf(shopper) == "2 90.25");
  CHECK(shopper.Tell(CommerceValues::kAverageOrder) == "45.125");
}

TEST_CASE("A refund without a total takes all of the order, and others what they say", "[living]") {
  Shopper shopper = TwoOrders();
  Refund(shopper, "13:00:00", "A", {{"revenue", Number(20)}});
  CHECK(CountOf(shopper) == "2 50.5");
  Refund(shopper, "12:30:00", "A", {{"total", Number(20)}});
  CHECK(CountOf(shopper) == "2 30.5");
  Refund(shopper, "12:40:00", "A");
  CHECK(CountOf(shopper) == "2 -69.5");
}

TEST_CASE("A refund of no known order takes its total off, if it says one", "[living]") {
  Shopper shopper = TwoOrders();
  Refund(shopper, "13:00:00", "C", {{"total", Number(10)}});
  Refund(shopper, "13:00:00", "", {{"total", Number(1)}});
  Refund(shopper, "13:00:00", "D");
  Refund(shopper, "13:00:00", "");
  CHECK(CountOf(shopper) == "2 139.5");
  shopper.Ordered("14:00:00", "C", {{"total", Number(10)}}).Ordered("14:00:00", "D", {{"total", Number(10)}});
  CHECK(CountOf(shopper) == "4 149.5");
}

TEST_CASE("A cancelled order is as if it had not been, with its refunds", "[living]") {
  Shopper shopper = TwoOrders();
  Refund(shopper, "13:00:00", "A", {{"total", Number(30)}});
  Cancel(shopper, "14:00:00", "A");
  CHECK(CountOf(shopper) == "1 50.5");
  CHECK(shopper.Tell(CommerceValues::kFirstOrder) == R"("2026-03-01T12:00:00Z")");
  CHECK(shopper.Tell(CommerceValues::kLastOrder) == R"("2026-03-01T12:00:00Z")");
  CHECK(shopper.Tell(CommerceValues::kAverageOrder) == "50.5");
  CHECK(shopper.Tell(CommerceValues::kOrderGapDays) == "absent");
  shopper.Ordered("15:00:00", "A", {{"total", Number(9)}});  // the same order again
  CHECK(CountOf(shopper) == "1 50.5");
  Cancel(shopper, "16:00:00", "B");
  CHECK(CountOf(shopper) == "0 0");
  CHECK(shopper.Tell(CommerceValues::kAverageOrder) == "absent");
}

TEST_CASE("Refunds and cancellations concern their order before it, too", "[living]") {
  Shopper shopper = TwoOrders();
  Refund(shopper, "08:00:00", "A", {{"total", Number(30)}});
  CHECK(CountOf(shopper) == "2 120.5");
  Cancel(shopper, "08:00:00", "B");
  CHECK(CountOf(shopper) == "1 70");
  shopper.Did("08:00:00", "Order Cancelled");
  CHECK(CountOf(shopper) == "1 70");
}

TEST_CASE("The gap of orders is the mean of days between them, rounded half to even", "[living]") {
  const auto gap = [](const std::vector<std::string>& times) {
    Shopper shopper;
    for (const auto& time : times) shopper.items.push_back(ItemAt(time, "Order Completed"));
    return shopper.Tell(CommerceValues::kOrderGapDays);
  };
  CHECK(gap({"2026-01-01"}) == "absent");
  CHECK(gap({"2026-01-01", "2026-01-31"}) == "30");
  CHECK(gap({"2026-01-01", "2026-01-11", "2026-01-12", "2026-01-31T12:00:00Z"}) == "10.166667");
  CHECK(gap({"2026-01-01T00:00:00Z", "2026-01-01T00:00:00.0432Z"}) == "0");  // half a millionth
  CHECK(gap({"2026-01-01T00:00:00Z", "2026-01-01T00:00:00.1296Z"}) == "0.000002");
  CHECK(gap({"0001-01-01", "9999-12-31"}) == "3652058");
}

TEST_CASE("First and last order are times, and of two at one time both", "[living]") {
  Shopper shopper;
  shopper.Ordered("10:00:00.25", "A").Ordered("10:00:00.25", "B");
  CHECK(shopper.Tell(CommerceValues::kFirstOrder) == R"("2026-03-01T10:00:00.250Z")");
  CHECK(shopper.Tell(CommerceValues::kLastOrder) == R"("2026-03-01T10:00:00.250Z")");
  CHECK(shopper.Tell(CommerceValues::kOrderGapDays) == "0");
}

TEST_CASE("The fold takes orders as they come, and says which are new", "[living]") {
  Orders orders;
  const auto order = [](int64_t money) { return Order{.item = {}, .money = Whole(static_cast<uint64_t>(money))}; };
  CHECK(orders.Complete("sA", order(1)));
  CHECK_FALSE(orders.Complete("sA", order(2)));
  orders.Cancel("sB");
  CHECK(orders.Complete("sB", order(3)));
  CHECK(orders.Complete(std::nullopt, order(4)));
  CHECK(orders.Complete(std::nullopt, order(5)));
  CHECK(orders.Total().orders == 3);
  CHECK(orders.Total().revenue == Whole(10));
}

}  // namespace kintsugi::living::examples
