// The naive commerce traits are right, on carts and orders that a person can check.

#include "reference/commerce.h"
#include "unit/living/reference_examples.h"

namespace kintsugi::testing::examples {
namespace {

Schema ShopWithCommerce() {
  Schema schema = Shop();
  schema.commerce = Commerce();
  return schema;
}

using Answers = std::map<std::string, std::string>;

Answers Ask(const std::vector<Item>& items, std::optional<Time> now = std::nullopt) {
  return NaiveCommerce(ShopWithCommerce(), items, now);
}

std::string Says(const std::string& trait, const std::vector<Item>& items, std::optional<Time> now = std::nullopt) {
  const Answers answers = Ask(items, now);
  return answers.contains(trait) ? answers.at(trait) : "absent";
}

Item Added(const char* time, std::vector<NamedValue> properties) {
  return ItemAt(time, "Product Added", std::move(properties));
}
Item Removed(const char* time, std::vector<NamedValue> properties) {
  return ItemAt(time, "Product Removed", std::move(properties));
}
Item Order(const char* time, std::vector<NamedValue> properties = {}) {
  return ItemAt(time, "Order Completed", std::move(properties));
}
Item Refund(const char* time, std::vector<NamedValue> properties) {
  return ItemAt(time, "Order Refunded", std::move(properties));
}
Item Cancellation(const char* time, std::vector<NamedValue> properties) {
  return ItemAt(time, "Order Cancelled", std::move(properties));
}

// A minute of one morning.
std::string Minute(int minute) {
  const int rest = minute % 60;
  return "2026-03-01T" + std::to_string(10 + minute / 60) + (rest < 10 ? ":0" : ":") + std::to_string(rest) + ":00Z";
}

}  // namespace

TEST_CASE("without items the twin's commerce is empty, and without commerce there is none", "[living][reference]") {
  CHECK(Ask({}) == Answers{{"cart", "[]"},
                           {"cart_abandoned", "false"},
                           {"cart_path", "[]"},
                           {"cart_value", "0"},
                           {"categories", "[]"},
                           {"coupons", "[]"},
                           {"orders", "0"},
                           {"revenue", "0"}});
  CHECK(NaiveCommerce(Shop(), {Order("2026-03-01")}, std::nullopt).empty());
}

TEST_CASE("the twin's cart holds what was put in and not taken out", "[living][reference]") {
  std::vector<Item> items = {
      Added("2026-03-01T10:00:00Z", {{"product_id", "lamp"}, {"name", "Lamp"}, {"quantity", int64_t{2}}}),
      Added("2026-03-01T10:01:00Z", {{"sku", "v-1"}, {"price", 2.5}}),
      Added("2026-03-01T10:02:00Z", {{"product_id", "lamp"}, {"name", "Red lamp"}, {"price", int64_t{10}}}),
  };
  CHECK(Says("cart", items) == R"([{"product_id":"lamp","name":"Red lamp","quantity":3,"price":10},)"
                               R"({"product_id":"v-1","quantity":1,"price":2.5}])");
  CHECK(Says("cart_value", items) == "32.5");
  CHECK(Says("cart_since", items) == R"("2026-03-01T10:00:00Z")");

  items.push_back(Removed("2026-03-01T10:03:00Z", {{"product_id", "lamp"}}));
  CHECK(Says("cart_value", items) == "22.5");
  items.back().properties.emplace_back("price", int64_t{11});  // a removal knows the price, too
  CHECK(Says("cart_value", items) == "24.5");
  items.push_back(Removed("2026-03-01T10:04:00Z", {{"product_id", "lamp"}, {"quantity", int64_t{7}}}));
  CHECK(Says("cart", items) == R"([{"product_id":"v-1","quantity":1,"price":2.5}])");
  CHECK(Says("cart_since", items) == R"("2026-03-01T10:00:00Z")");

  items.push_back(Removed("2026-03-01T10:05:00Z", {{"product_id", "v-1"}}));
  CHECK(Says("cart", items) == "[]");
  CHECK(Says("cart_since", items) == "absent");
  items.push_back(Added("2026-03-01T10:06:00Z", {{"name", "Vase"}}));
  CHECK(Says("cart", items) == R"([{"product_id":"Vase","name":"Vase","quantity":1}])");
  CHECK(Says("cart_since", items) == R"("2026-03-01T10:06:00Z")");
}

TEST_CASE("the twin counts each product of an array, and passes over what is none", "[living][reference]") {
  const Json products{R"([{"product_id":1,"quantity":2,"price":0.1},{"product_id":"1"},{"price":9},7,)"
                      R"({"product_id":1.0,"quantity":-4,"price":"dear"},{"product_id":"none","quantity":0}])"};
  const std::vector<Item> items = {Added("2026-03-01", {{"product_id", "hidden"}, {"products", products}})};
  CHECK(Says("cart", items) == R"([{"product_id":1,"quantity":3,"price":0.1},{"product_id":"1","quantity":1}])");
  CHECK(Says("cart_value", items) == "0.3");
  CHECK(Says("cart", {Added("2026-03-01", {{"price", int64_t{3}}})}) == "[]");
}

TEST_CASE("the twin's line is worth quantity times price, rounded half to even, within bounds", "[living][reference]") {
  const auto worth = [](double quantity, double price) {
    return Says("cart_value", {Added("2026-03-01", {{"sku", "s"}, {"quantity", quantity}, {"price", price}})});
  };
  CHECK(worth(1.5, 2.5) == "3.75");
  CHECK(worth(0.5, 0.000003) == "0.000002");
  CHECK(worth(0.5, 0.000005) == "0.000002");
  CHECK(worth(2, -1.25) == "-2.5");
  CHECK(worth(1e10, 1e9) == "10000000000000000000");
  CHECK(worth(1e10, 1e10) == "0");
  CHECK(worth(1e19, 1e19) == "0");
}

TEST_CASE("an order of any source empties the twin's cart, once for each id", "[living][reference]") {
  std::vector<Item> items = {Added("2026-03-01T10:00:00Z", Of("sku", "a")),
                             ItemAt("2026-03-01T10:01:00Z", "Order Completed", Of("order_id", "A"), kPos)};
  CHECK(Says("cart", items) == "[]");
  items.push_back(Added("2026-03-01T10:02:00Z", Of("sku", "b")));
  items.push_back(Order("2026-03-01T10:03:00Z", Of("order_id", "A")));
  CHECK(Says("cart", items) == R"([{"product_id":"b","quantity":1}])");
  CHECK(Says("orders", items) == "1");
  items.push_back(Order("2026-03-01T10:04:00Z"));
  CHECK(Says("cart", items) == "[]");
  CHECK(Says("orders", items) == "2");
}

TEST_CASE("the twin's cancelled order counts nowhere, whenever it was cancelled, and has emptied the cart",
          "[living][reference]") {
  std::vector<Item> items = {
      Cancellation("2026-02-01", Of("order_id", "A")),
      Added("2026-03-01T10:00:00Z", Of("sku", "a")),
      Order("2026-03-01T10:01:00Z", {{"order_id", "A"}, {"total", int64_t{20}}, {"coupon", "SPRING"}}),
  };
  CHECK(Says("orders", items) == "0");
  CHECK(Says("revenue", items) == "0");
  CHECK(Says("coupons", items) == "[]");
  CHECK(Says("last_order", items) == "absent");
  CHECK(Says("cart", items) == "[]");
  items.front() = Cancellation("2026-04-01", {});
  CHECK(Says("orders", items) == "1");
  items.front() = Cancellation("2026-04-01", Of("order_id", "A"));
  CHECK(Says("orders", items) == "0");
}

TEST_CASE("the twin takes refunds off their order's money", "[living][reference]") {
  std::vector<Item> items = {
      Order("2026-03-01", {{"order_id", "A"}, {"total", int64_t{50}}, {"revenue", int64_t{40}}}),
      Order("2026-03-02", {{"order_id", "A"}, {"total", int64_t{99}}}),
      Order("2026-03-03", {{"order_id", "B"}, {"total", "none"}, {"revenue", 10.5}}),
      Order("2026-03-04"),
  };
  CHECK(Says("orders", items) == "3");
  CHECK(Says("revenue", items) == "60.5");
  CHECK(Says("average_order", items) == "20.166667");

  items.push_back(Refund("2026-01-01", {{"order_id", "A"}, {"total", int64_t{20}}}));
  CHECK(Says("revenue", items) == "40.5");
  items.push_back(Refund("2026-04-01", Of("order_id", "B")));
  CHECK(Says("revenue", items) == "30");
  items.push_back(Refund("2026-04-02", {{"order_id", "C"}, {"total", int64_t{5}}}));
  items.push_back(Refund("2026-04-03", Of("total", int64_t{5})));
  items.push_back(Refund("2026-04-04", Of("order_id", "D")));
  CHECK(Says("revenue", items) == "20");
  items.push_back(Cancellation("2026-04-05", Of("order_id", "C")));
  CHECK(Says("revenue", items) == "25");
  items.push_back(Cancellation("2026-04-05", Of("order_id", "A")));
  CHECK(Says("revenue", items) == "-5");
  CHECK(Says("orders", items) == "2");
}

TEST_CASE("the twin's order times and gaps", "[living][reference]") {
  std::vector<Item> items = {Order("2026-03-01T12:00:00Z")};
  CHECK(Says("first_order", items) == R"("2026-03-01T12:00:00Z")");
  CHECK(Says("order_gap_days", items) == "absent");
  items.push_back(Order("2026-03-04T00:00:00Z"));
  CHECK(Says("order_gap_days", items) == "2.5");
  items.push_back(Order("2026-03-02T00:00:00Z"));
  items.push_back(Order("2026-03-02T01:00:00Z"));
  CHECK(Says("order_gap_days", items) == "0.833333");
  CHECK(Says("last_order", items) == R"("2026-03-04T00:00:00Z")");
}

TEST_CASE("the twin's cart is abandoned from exactly so many minutes after its last touch on", "[living][reference]") {
  for (const char* touch : {"Product Added", "Product Removed", "Cart Viewed", "Checkout Started", "Coupon Applied"}) {
    const std::vector<Item> items = {Added("2026-03-01T10:00:00Z", {{"sku", "a"}, {"quantity", int64_t{9}}}),
                                     ItemAt("2026-03-01T10:20:00Z", touch, Of("sku", "a")),
                                     ItemAt("2026-03-01T10:25:00Z", "Page Viewed")};
    CHECK(Says("cart_abandoned", items, At("2026-03-01T10:49:59.999999Z")) == "false");
    CHECK(Says("cart_abandoned", items, At("2026-03-01T10:50:00Z")) == "true");
    CHECK(Says("cart_abandoned", items, At("2020-01-01")) == "false");
    CHECK(Says("cart_abandoned", items) == "false");
  }
  CHECK(Says("cart_abandoned", {ItemAt("2026-03-01", "Cart Viewed")}, At("2027-01-01")) == "false");
}

TEST_CASE("the twin's path is the visit up to the cart's last touch", "[living][reference]") {
  std::vector<Item> items = {
      ItemAt(Minute(0).c_str(), "Page Viewed"),  // in no visit with the others, if these are 30 minutes on
      ItemAt(Minute(31).c_str(), "Page Viewed", Of("page", Json{R"({"path":"/b","a":1})"})),
      Added(Minute(32).c_str(), Of("sku", "a")),
      ItemAt(Minute(33).c_str(), "Screen Viewed", Of("page", Null()), kApp),
      ItemAt(Minute(34).c_str(), "Cart Viewed", Of("page", "cart")),
      ItemAt(Minute(35).c_str(), "Page Viewed"),
  };
  CHECK(Says("cart_path", items) ==
        R"([{"time":"2026-03-01T10:31:00Z","name":"Page Viewed","page":{"path":"/b","a":1}},)"
        R"({"time":"2026-03-01T10:32:00Z","name":"Product Added"},)"
        R"({"time":"2026-03-01T10:33:00Z","name":"Screen Viewed"},)"
        R"({"time":"2026-03-01T10:34:00Z","name":"Cart Viewed","page":"cart"}])");
  items.push_back(Order(Minute(36).c_str()));
  CHECK(Says("cart_path", items) == "[]");

  Schema schema = ShopWithCommerce();
  schema.visits = Visits{.sources = {"app"}};
  CHECK(NaiveCommerce(schema, {Added("2026-03-01", Of("sku", "a"))}, std::nullopt).at("cart_path") == "[]");
}

TEST_CASE("the twin's categories are of items, their own and their products'", "[living][reference]") {
  const std::vector<Item> items = {
      ItemAt("2026-03-01", "Product Viewed", Of("category", "lamps")),
      Added("2026-03-02", {{"category", "vases"},
                           {"products", Json{R"([{"category":"lamps"},{"category":"lamps"},{"category":"rugs"}])"}}}),
      ItemAt("2026-03-03", "Product Removed", Of("category", "rugs")),
      ItemAt("2026-03-04", "Product Viewed"),
  };
  CHECK(Says("categories", items) ==
        R"([{"value":"lamps","count":2},{"value":"rugs","count":1},{"value":"vases","count":1}])");
  std::vector<Item> many;
  for (int i = 0; i < 102; ++i) many.push_back(ItemAt(Minute(i).c_str(), "Product Viewed", Of("category", int64_t{i})));
  CHECK(Says("categories", many).starts_with(R"([{"value":101,"count":1},)"));
  CHECK(Says("categories", many).ends_with(R"(,{"value":2,"count":1}])"));
}

TEST_CASE("the twin's coupons are those applied and those of orders", "[living][reference]") {
  const std::vector<Item> items = {
      ItemAt("2026-03-01", "Coupon Applied", {{"coupon_id", "z"}, {"coupon_name", "no"}}),
      ItemAt("2026-03-02", "Coupon Applied", {{"coupon_name", "b"}, {"coupon", "no"}}),
      ItemAt("2026-03-03", "Coupon Applied", Of("coupon", "c")),
      Order("2026-03-04", {{"coupon", "a"}, {"coupon_id", "no"}, {"order_id", "A"}}),
      Order("2026-03-05", {{"coupon", "again"}, {"order_id", "A"}}),
  };
  CHECK(Says("coupons", items) == R"(["a","b","c","z"])");
}

}  // namespace kintsugi::testing::examples
