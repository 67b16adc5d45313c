// What commerce says of categories, of coupons, of nobody, and of people who mean harm; and from any item on.

#include "living/commerce.h"

#include <rapidcheck.h>

#include <map>

#include "living/multiply.h"
#include "unit/living/commerce_examples.h"

namespace kintsugi::living::examples {
namespace {

std::string Repeated(const std::string& text, size_t times, const std::string& between) {
  std::string out = "[";
  for (size_t i = 0; i < times; ++i) out.append(i > 0 ? between : "").append(text);
  return out + "]";
}

}  // namespace

TEST_CASE("Of nobody's items counts are 0, lists are empty, no cart is left, and the rest is absent", "[living]") {
  const std::vector<std::string> expected = {"[]",     "0",      "absent", "false",  "[]", "0", "0",
                                             "absent", "absent", "absent", "absent", "[]", "[]"};
  for (const Time now : {kNeverLast, At("2026-03-01")}) {
    const CommerceValues told = CommerceRules(Shop()).Evaluate({}, now);
    std::vector<std::string> values;
    for (const auto& value : told.values) values.push_back(value ? ToJson(*value) : "absent");
    CHECK(values == expected);
    CHECK(told.due == kNeverFirst);
  }
}

TEST_CASE("Commerce is told from items of nine names", "[living]") {
  CHECK(std::is_sorted(CommerceRules::needed_names().begin(), CommerceRules::needed_names().end()));
  CHECK(CommerceRules::needed_names().size() == 9);
  for (const std::string& name : CommerceRules::needed_names()) CHECK(CommerceRules::Needs(ItemAt("2026-03-01", name)));
  CHECK_FALSE(CommerceRules::Needs(ItemAt("2026-03-01", "Page Viewed")));
  CHECK_FALSE(CommerceRules::Needs(ItemAt("2026-03-01", "product viewed")));
}

TEST_CASE("Categories are those of products that were viewed or added, most first", "[living]") {
  Shopper shopper;
  shopper.Did("10:00:00", "Product Viewed", {{"category", Text("shoes")}});
  shopper.Added("10:01:00", "a", {{"category", Text("hats")}})
      .Did("10:02:00", "Product Viewed", {{"category", Text("hats")}});
  shopper.Removed("10:03:00", "a", {{"category", Text("bags")}}).Ordered("10:04:00", "A", {{"category", Text("bags")}});
  CHECK(shopper.Tell(CommerceValues::kCategories) == R"([{"value":"hats","count":2},{"value":"shoes","count":1}])");
}

TEST_CASE("Categories of an array count once for an item", "[living]") {
  Shopper shopper;
  const char* products = R"([{"category":"hats"},{"category":"hats"},{"category":"shoes"},{"category":null},{}])";
  shopper.Did("10:00:00", "Product Added", {{"category", Text("hats")}, {"products", List(products)}});
  shopper.Did("10:01:00", "Product Viewed", {{"category", Text("shoes")}});
  CHECK(shopper.Tell(CommerceValues::kCategories) == R"([{"value":"shoes","count":2},{"value":"hats","count":1}])");
}

TEST_CASE("As many categories are told as `top` has", "[living]") {
  Shopper shopper;
  for (int i = 0; i < 102; ++i) shopper.Did("10:00:00", "Product Viewed", {{"category", Number(i)}});
  const std::string told = shopper.Tell(CommerceValues::kCategories);
  CHECK(std::count(told.begin(), told.end(), '{') == 100);
  CHECK(told.starts_with(R"([{"value":101,"count":1},)"));
  CHECK(told.ends_with(R"({"value":2,"count":1}])"));
}

TEST_CASE("Coupons are those that were applied, by id, else name, and those of orders", "[living]") {
  Shopper shopper;
  const auto apply = [&](std::vector<NamedValue> properties) {
    shopper.Did("10:00:00", "Coupon Applied", std::move(properties));
  };
  apply({{"coupon_id", Text("may")}, {"coupon_name", Text("May!")}, {"coupon", Text("no")}});
  apply({{"coupon_name", Text("June!")}, {"coupon", Text("no")}});
  apply({{"coupon_id", List("[]")}, {"coupon", Text("july")}});
  apply({});
  shopper.Ordered("11:00:00", "A", {{"coupon", Text("ten")}}).Ordered("11:01:00", "A", {{"coupon", Text("again")}});
  shopper.Ordered("11:02:00", "", {{"coupon", List(R"(["may","b"])")}})
      .Ordered("11:03:00", "B", {{"coupon", Text("gone")}});
  shopper.Did("12:00:00", "Order Cancelled", {{"order_id", Text("B")}});
  shopper.Did("12:00:00", "Coupon Removed", {{"coupon_id", Text("no")}});
  CHECK(shopper.Tell(CommerceValues::kCoupons) == R"(["June!","b","july","may","ten"])");
}

TEST_CASE("Of more than a hundred coupons the most recent are told", "[living]") {
  Shopper shopper;
  for (int i = 0; i < 150; ++i) shopper.Did("10:00:00", "Coupon Applied", {{"coupon_id", Number(1000 + i)}});
  shopper.Ordered("11:00:00", "", {{"coupon", Number(1)}});
  const std::string told = shopper.Tell(CommerceValues::kCoupons);
  CHECK(told.starts_with("[1,1051,1052,"));
  CHECK(told.ends_with(",1149]"));
}

TEST_CASE("A receipt that is named so is an order", "[living]") {
  Shopper shopper;
  shopper.Added("10:00:00", "a");
  shopper.items.push_back(
      {Shopper::OfDay("11:00:00"), kTill, "till:7", "Order Completed", {{"total", Number(5)}}, false});
  CHECK(shopper.Tell(CommerceValues::kOrders) == "1");
  CHECK(shopper.Tell(CommerceValues::kRevenue) == "5");
  CHECK(shopper.Tell(CommerceValues::kCart) == "[]");
}

TEST_CASE("Very many products in one array are as many", "[living]") {
  Shopper shopper;
  const std::string products = Repeated(R"({"product_id":"a","price":0.01})", 100'000, ",");
  shopper.Did("10:00:00", "Product Added", {{"products", List(products)}});
  CHECK(shopper.Tell(CommerceValues::kCart) == R"([{"product_id":"a","quantity":100000,"price":0.01}])");
  CHECK(shopper.Tell(CommerceValues::kCartValue) == "1000");
}

TEST_CASE("A cart takes so many products, the first ones, and others when there is room", "[living]") {
  Shopper shopper;
  for (size_t i = 0; i < kMostCartLines + 10; ++i) shopper.Added("10:00:00", std::to_string(i), {{"price", Number(1)}});
  CHECK(shopper.Tell(CommerceValues::kCartValue) == "1000");
  CHECK(shopper.Tell(CommerceValues::kCart).find(R"("1000")") == std::string::npos);
  shopper.Added("10:01:00", "7", {{"quantity", Number(5)}}).Removed("10:01:00", "0").Added("10:02:00", "new");
  CHECK(shopper.Tell(CommerceValues::kCartValue) == "1004");
  CHECK(shopper.Tell(CommerceValues::kCart).ends_with(R"({"product_id":"new","quantity":1}])"));
}

TEST_CASE("A line beyond measure adds nothing to the value of the cart", "[living]") {
  Shopper shopper;
  const Value much = Number(1'000'000'000'000'000'000);
  shopper.Added("10:00:00", "a", {{"quantity", much}, {"price", Number(10)}});
  CHECK(shopper.Tell(CommerceValues::kCartValue) == "10000000000000000000");
  shopper.Added("10:01:00", "b", {{"price", 0.5}});
  CHECK(shopper.Tell(CommerceValues::kCartValue) == "10000000000000000000.5");
  shopper.Added("10:02:00", "a", {{"quantity", 1e19}, {"price", 1e19}});
  CHECK(shopper.Tell(CommerceValues::kCartValue) == "0.5");
  CHECK(shopper.Tell(CommerceValues::kCart) ==
        R"([{"product_id":"a","quantity":11000000000000000000,"price":10000000000000000000},)"
        R"({"product_id":"b","quantity":1,"price":0.5}])");
  shopper.Added("10:03:00", "b", {{"price", 1e30}}).Added("10:03:00", "b", {{"price", Text("1")}});
  CHECK(shopper.Tell(CommerceValues::kCartValue) == "1.5");
}

TEST_CASE("Names and ids of megabytes are not there", "[living]") {
  const std::string huge(5'000'000, 'x');
  Shopper shopper;
  shopper.Added("10:00:00", huge).Added("10:00:00", "a", {{"name", huge}});
  shopper.Did("10:00:00", "Product Added",
              {{"products", List(R"([{"name":")" + huge + R"("},{"sku":"s","name":"n"}])")}});
  CHECK(shopper.Tell(CommerceValues::kCart) ==
        R"([{"product_id":"a","quantity":1},{"product_id":"s","name":"n","quantity":1}])");
  shopper.Ordered("11:00:00", huge).Ordered("11:00:00", huge, {{"coupon", huge}});
  CHECK(shopper.Tell(CommerceValues::kOrders) == "2");
  CHECK(shopper.Tell(CommerceValues::kCoupons) == "[]");
}

TEST_CASE("Products that are none say nothing", "[living]") {
  for (const char* products : {"[", "{}", "[{}]", "[[[]]]", R"([[{"product_id":"a"}]])", R"({"product_id":"a"})"}) {
    INFO(products);
    Shopper shopper;
    shopper.Did("10:00:00", "Product Added", {{"products", List(products)}});
    CHECK(shopper.Tell(CommerceValues::kCart) == "[]");
  }
}

TEST_CASE("A product of decimals is rounded half to even, or is none beyond the bound", "[living]") {
  const auto times = [](const char* a, const char* b) {
    const auto product = Times(*Decimal::Parse(a), *Decimal::Parse(b));
    return product ? product->ToText() : "none";
  };
  CHECK(times("1.5", "-2") == "-3");
  CHECK(times("-0.1", "-0.1") == "0.01");
  CHECK(times("0.001", "0.0005") == "0");
  CHECK(times("0.001", "0.0015") == "0.000002");
  CHECK(times("0.001", "-0.0025") == "-0.000002");
  CHECK(times("0.001", "0.002501") == "0.000003");
  CHECK(times("0", "1e19") == "0");
  CHECK(times("1e19", "1") == "10000000000000000000");
  CHECK(times("1e19", "0.999999") == "9999990000000000000");
  CHECK(times("1e19", "1.000001") == "none");
  CHECK(times("-1e19", "1e19") == "none");
  const auto whole = [](const char* a, const char* b) { return WholeTimes(*Decimal::Parse(a), *Decimal::Parse(b)); };
  CHECK(whole("0.999999", "1.000001") == Whole(0));  // a millionth of a millionth is missing
  CHECK(whole("2.5", "1.999999") == Whole(4));
  CHECK(whole("2.5", "2") == Whole(5));
  CHECK_FALSE(whole("1e19", "2"));
}

namespace {

// Few values, so that much is the same.
Item AnItem(int i) {
  static const std::vector<std::string> names = CommerceRules::needed_names();
  Item item{At("2026-03-01") + std::chrono::minutes(*rc::gen::inRange(0, 600)), kWeb, std::to_string(i)};
  item.name = *rc::gen::elementOf(names);
  const auto text = [](std::vector<std::string> of) { return *rc::gen::elementOf(of); };
  if (*rc::gen::inRange(0, 4) > 0) item.properties.emplace_back("product_id", text({"a", "b", "c"}));
  if (*rc::gen::inRange(0, 2) > 0) item.properties.emplace_back("quantity", int64_t{*rc::gen::inRange(0, 4)});
  if (*rc::gen::inRange(0, 2) > 0) item.properties.emplace_back("price", *rc::gen::inRange(0, 50) / 4.0);
  if (*rc::gen::inRange(0, 4) > 0) item.properties.emplace_back("order_id", text({"A", "B", "C", "D"}));
  if (*rc::gen::inRange(0, 3) > 0) item.properties.emplace_back("total", *rc::gen::inRange(0, 50) / 4.0);
  return item;
}
std::vector<Item> SomeItems() {
  std::vector<Item> items;
  for (int i = *rc::gen::inRange(0, 60); i > 0; --i) items.push_back(AnItem(i));
  return InOrder(std::move(items));
}

const Value* Find(const Item& item, const char* name) {
  for (const auto& [key, value] : item.properties) {
    if (key == name) return &value;
  }
  return nullptr;
}

// The quantities in the cart, written down from the page.
std::map<std::string, int64_t> NaiveCart(const std::vector<Item>& items) {
  std::map<std::string, int64_t> cart;
  std::vector<std::string> orders;
  for (const Item& item : items) {
    const Value* order = Find(item, "order_id");
    if (item.name == "Order Completed") {
      if (order != nullptr && std::count(orders.begin(), orders.end(), std::get<std::string>(*order)) > 0) continue;
      if (order != nullptr) orders.push_back(std::get<std::string>(*order));
      cart.clear();
    }
    const Value* product = Find(item, "product_id");
    if (product == nullptr || !item.name.starts_with("Product ") || item.name == "Product Viewed") continue;
    const Value* said = Find(item, "quantity");
    const int64_t quantity = said != nullptr ? std::get<int64_t>(*said) : 1;
    int64_t& line = cart[std::get<std::string>(*product)];
    line = std::max(line + (item.name == "Product Added" ? quantity : -quantity), int64_t{0});
  }
  std::erase_if(cart, [](const auto& line) { return line.second == 0; });
  return cart;
}

}  // namespace

TEST_CASE("A cart is what a naive reading of the page makes of the items", "[living]") {
  CHECK(rc::check("carts", [] {
    const std::vector<Item> items = SomeItems();
    const CommerceValues told = CommerceRules(Shop()).Evaluate(items, kNeverLast);
    const std::string cart = std::get<Json>(*told.values[CommerceValues::kCart]).text;
    const auto naive = NaiveCart(items);
    RC_ASSERT(static_cast<size_t>(std::count(cart.begin(), cart.end(), '{')) == naive.size());
    for (const auto& [product, quantity] : naive) {
      const std::string start = "{\"product_id\":\"" + product + "\",\"quantity\":" + std::to_string(quantity);
      RC_ASSERT(cart.find(start) != std::string::npos);
    }
  }));
}

TEST_CASE("A fold may stop and go on, and a clock between due times changes nothing", "[living]") {
  CHECK(rc::check("folds", [] {
    const CommerceRules rules(Shop());
    const std::vector<Item> items = SomeItems();
    const Time now = At("2026-03-01") + std::chrono::minutes(*rc::gen::inRange(0, 700));
    const CommerceValues whole = rules.Evaluate(items, now);
    CommerceState state;
    for (const Item& item : items) {
      const CommerceState copy = state;
      rules.Tell(copy, items, now);
      state = copy;
      rules.Apply(item, state);
    }
    RC_ASSERT(rules.Tell(state, items, now).values == whole.values);
    const Time due = std::min(whole.due, now + std::chrono::hours(1000));
    RC_ASSERT(due > now);
    RC_ASSERT(rules.Tell(state, items, due - std::chrono::microseconds(1)).values == whole.values);
    RC_ASSERT((rules.Tell(state, items, due).values != whole.values) == (whole.due != kNeverFirst));
  }));
}

}  // namespace kintsugi::living::examples
