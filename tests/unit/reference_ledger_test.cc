// The naive ledger is right, on points that a person can count.

#include "reference/ledger.h"
#include "unit/living/reference_examples.h"

namespace kintsugi::testing::examples {
namespace {

// A point for each full unit of an order, 50 for a review once in 30 days; gone after a year.
Schema ShopWithLoyalty() {
  Schema schema = Shop();
  Loyalty loyalty;
  loyalty.earn.resize(2);
  loyalty.earn[0].items.events = {"Order Completed"};
  loyalty.earn[0].of = "total";
  loyalty.earn[1].items.events = {"Review Written"};
  loyalty.earn[1].points = 50;
  loyalty.earn[1].times = 1;
  loyalty.earn[1].times_days = 30;
  loyalty.spend.resize(1);
  loyalty.spend[0].items.events = {"Reward Redeemed"};
  loyalty.spend[0].of = "points";
  loyalty.expire_days = 365;
  loyalty.tiers = {{"silver", 500, 365}, {"gold", 2000, 365}};
  schema.loyalty = loyalty;
  return schema;
}

Item Order(const char* time, Value total) {
  return ItemAt(time, "Order Completed", Of("total", std::move(total)));
}
Item Redeemed(const char* time, Value points) {
  return ItemAt(time, "Reward Redeemed", Of("points", std::move(points)));
}
Item Review(const char* time) {
  return ItemAt(time, "Review Written");
}

// "points/expiring/tier/overdrawn".
std::string Says(const Schema& schema, const std::vector<Item>& items, std::optional<Time> now = std::nullopt) {
  const NaiveLedger ledger = NaiveLoyalty(schema, items, now);
  const auto tier = ledger.traits.find("tier");
  return ledger.traits.at("points") + "/" + ledger.traits.at("points_expiring_30d") + "/" +
         (tier == ledger.traits.end() ? "" : tier->second) + "/" + std::to_string(ledger.overdrawn);
}
std::string Says(const std::vector<Item>& items, std::optional<Time> now = std::nullopt) {
  return Says(ShopWithLoyalty(), items, now);
}

}  // namespace

TEST_CASE("without items the twin's ledger is empty, and without loyalty there is none", "[living][reference]") {
  CHECK(Says({}) == "0/0//0");
  CHECK(NaiveLoyalty(Shop(), {Order("2026-03-01", 10.0)}, std::nullopt).traits.empty());
}

TEST_CASE("the twin earns a point for each full unit", "[living][reference]") {
  CHECK(Says({Order("2026-03-01", 99.999999), Order("2026-03-02", 0.9), Order("2026-03-03", 0.2)}) == "99/0//0");
  CHECK(Says({Order("2026-03-01", -5.0), Order("2026-03-02", "7")}) == "0/0//0");
  Schema schema = ShopWithLoyalty();
  schema.loyalty->earn[0].points_per = 0.1;
  CHECK(Says(schema, {Order("2026-03-01", 30.0), Order("2026-03-02", 29.99)}) == "5/0//0");
  CHECK(Says(schema, {ItemAt("2026-03-01", "Order Completed", Of("total", Json{"[15,15]"}))}) == "3/0//0");
}

TEST_CASE("the twin's rule earns so often in so many days, by its items that earned", "[living][reference]") {
  CHECK(Says({Review("2026-03-01"), Review("2026-03-30T23:59:59Z")}) == "50/0//0");
  CHECK(Says({Review("2026-03-01"), Review("2026-03-31")}) == "100/0//0");
  // The second did not earn, so the third does.
  CHECK(Says({Review("2026-03-01"), Review("2026-03-20"), Review("2026-04-01")}) == "100/0//0");
  // Nor did an order of less than a unit.
  Schema schema = ShopWithLoyalty();
  schema.loyalty->earn[0].times = 1;
  CHECK(Says(schema, {Order("2026-03-01", 0.5), Order("2026-03-02", 10.0), Order("2026-03-03", 10.0)}) == "10/0//0");
}

TEST_CASE("the twin spends the oldest points first, and what is left expires", "[living][reference]") {
  const std::vector<Item> items = {Order("2025-01-01", 100.0), Order("2025-02-01", 100.0),
                                   Redeemed("2025-03-01", int64_t{130})};
  CHECK(Says(items, At("2025-03-01")) == "70/0//0");
  CHECK(Says(items, At("2026-01-01")) == "70/0//0");  // the first were spent
  CHECK(Says(items, At("2026-01-02")) == "70/70//0");
  CHECK(Says(items, At("2026-01-31T23:59:59Z")) == "70/70//0");
  CHECK(Says(items, At("2026-02-01")) == "0/0//0");
  CHECK(Says(items) == "70/0//0");
}

TEST_CASE("the twin's earning is gone for a spending at the moment when it expires", "[living][reference]") {
  const std::vector<Item> in_time = {Order("2025-01-01", 100.0), Redeemed("2025-12-31T23:59:59.999999Z", 60.0)};
  CHECK(Says(in_time, At("2026-01-01")) == "0/0//0");
  const std::vector<Item> too_late = {Order("2025-01-01", 100.0), Redeemed("2026-01-01", 60.0)};
  CHECK(Says(too_late, At("2026-01-01")) == "-60/0//1");
  CHECK(Says(too_late, At("2025-06-01")) == "40/0//1");  // by then they are there still
  Schema schema = ShopWithLoyalty();
  schema.loyalty->expire_days = 0;
  CHECK(Says(schema, too_late, At("2036-01-01")) == "40/0//0");
}

TEST_CASE("the twin's later earnings pay for an overdraft first", "[living][reference]") {
  std::vector<Item> items = {Order("2025-01-01", 10.0), Redeemed("2025-01-02", int64_t{30}),
                             Redeemed("2025-01-03", int64_t{5}), Redeemed("2025-01-04", 0.5)};
  CHECK(Says(items, At("2025-01-05")) == "-25/0//2");
  items.push_back(Order("2025-01-05", 20.0));
  CHECK(Says(items, At("2025-01-05")) == "-5/0//2");
  items.push_back(Order("2025-01-06", 20.0));
  CHECK(Says(items, At("2025-01-06")) == "15/0//2");
  CHECK(Says(items, At("2025-12-20")) == "15/15//2");
  CHECK(Says(items, At("2026-01-06")) == "0/0//2");
}

TEST_CASE("the twin's item that earns and spends earns first", "[living][reference]") {
  Schema schema = ShopWithLoyalty();
  schema.loyalty->spend[0].items.events = {"Order Completed"};
  CHECK(Says(schema, {ItemAt("2026-03-01", "Order Completed", {{"total", 40.0}, {"points", 40.0}})}) == "0/0//0");
}

TEST_CASE("the twin's rules read activities", "[living][reference]") {
  Schema schema = ShopWithLoyalty();
  schema.activities = {{.name = "order", .once_per = "order_id"}};
  schema.activities[0].items.events = {"Order Completed"};
  schema.activities[0].numbers = {{"money", {"revenue", "total"}}};
  schema.loyalty->earn[0] = {.activity = "order", .of = "money"};
  schema.loyalty->earn[0].items.where = {{.property = "money", .comparison = Comparison::kAtLeast, .bound = 10}};
  CHECK(Says(schema, {ItemAt("2026-03-01", "Order Completed", {{"total", 40.0}, {"order_id", "A"}}),
                      ItemAt("2026-03-02", "Order Completed", {{"total", 50.0}, {"order_id", "A"}}),
                      ItemAt("2026-03-03", "Order Completed", {{"total", 50.0}, {"revenue", 9.0}}),
                      ItemAt("2026-03-04", "Receipt", Of("total", 70.0))}) == "40/0//0");
}

TEST_CASE("the twin's tier is the last one that is reached by what was earned, spent or not", "[living][reference]") {
  std::vector<Item> items = {Order("2025-01-01", 499.0), Redeemed("2025-01-02", 499.0)};
  CHECK(Says(items, At("2025-01-02")) == "0/0//0");
  items.push_back(Order("2025-02-01", 1.0));
  CHECK(Says(items, At("2025-12-31T23:59:59Z")) == "1/0/\"silver\"/0");
  CHECK(Says(items, At("2026-01-01")) == "1/0//0");
  CHECK(Says(items) == "1/0/\"silver\"/0");
  items.push_back(Order("2025-03-01", 1500.0));
  CHECK(Says(items) == "1501/0/\"gold\"/0");
  Schema schema = ShopWithLoyalty();
  std::swap(schema.loyalty->tiers[0], schema.loyalty->tiers[1]);
  CHECK(Says(schema, items) == "1501/0/\"silver\"/0");
}

}  // namespace kintsugi::testing::examples
