// A cart holds what was put into it and neither taken out nor ordered; it is left when nobody has touched it for a
// while, and the path is what led there.

#include "living/cart.h"

#include "golden/value_codec.h"
#include "unit/living/commerce_examples.h"

namespace kintsugi::living::examples {
namespace {

std::string CartOf(const Shopper& shopper) {
  return shopper.Tell(CommerceValues::kCart);
}
std::string WorthOf(const Shopper& shopper) {
  return shopper.Tell(CommerceValues::kCartValue);
}
std::string SinceOf(const Shopper& shopper) {
  return shopper.Tell(CommerceValues::kCartSince);
}
std::string AbandonedAt(const Shopper& shopper, const std::string& time) {
  return shopper.Tell(CommerceValues::kCartAbandoned, Shopper::OfDay(time));
}

}  // namespace

TEST_CASE("Adding a product again adds its quantity, and the latest name and price count", "[living]") {
  Shopper shopper;
  shopper.Added("10:00:00", "a", {{"name", Text("Lamp")}, {"price", 10.5}, {"quantity", Number(2)}});
  shopper.Added("10:01:00", "b", {{"price", Number(3)}});
  CHECK(CartOf(shopper) == R"([{"product_id":"a","name":"Lamp","quantity":2,"price":10.5},)"
                           R"({"product_id":"b","quantity":1,"price":3}])");
  CHECK(WorthOf(shopper) == "24");
  shopper.Added("10:02:00", "a", {{"name", Text("Lamp, red")}, {"price", 9.25}}).Added("10:03:00", "a");
  CHECK(CartOf(shopper) == R"([{"product_id":"a","name":"Lamp, red","quantity":4,"price":9.25},)"
                           R"({"product_id":"b","quantity":1,"price":3}])");
  CHECK(WorthOf(shopper) == "40");
}

TEST_CASE("A quantity is one if none is said, and none is said by a text or below zero", "[living]") {
  for (const Value& said : {Text("5"), Number(-5), Value(-0.5), Value(1e30), Value(true), Value(Null())}) {
    Shopper shopper;
    shopper.Added("10:00:00", "a", {{"quantity", said}});
    CHECK(CartOf(shopper) == R"([{"product_id":"a","quantity":1}])");
  }
  Shopper shopper;
  shopper.Added("10:00:00", "a", {{"quantity", 0.125}, {"price", Number(8)}});
  CHECK(CartOf(shopper) == R"([{"product_id":"a","quantity":0.125,"price":8}])");
  CHECK(WorthOf(shopper) == "1");
}

TEST_CASE("A quantity of zero brings no line, and changes the name and the price of one", "[living]") {
  Shopper shopper;
  shopper.Added("10:00:00", "a", {{"quantity", Number(0)}, {"price", Number(1)}});
  CHECK(CartOf(shopper) == "[]");
  CHECK(SinceOf(shopper) == "absent");
  shopper.Added("10:01:00", "a").Added("10:02:00", "a", {{"quantity", Number(0)}, {"price", Number(2)}});
  CHECK(CartOf(shopper) == R"([{"product_id":"a","quantity":1,"price":2}])");
  CHECK(SinceOf(shopper) == R"("2026-03-01T10:01:00Z")");
}

TEST_CASE("Removing takes a quantity, and the line if there is no more", "[living]") {
  Shopper shopper;
  shopper.Added("10:00:00", "a", {{"quantity", Number(3)}, {"price", Number(2)}}).Added("10:00:01", "b");
  shopper.Removed("10:01:00", "a", {{"price", Number(4)}, {"name", Text("other")}});
  CHECK(CartOf(shopper) == R"([{"product_id":"a","name":"other","quantity":2,"price":4},)"
                           R"({"product_id":"b","quantity":1}])");
  SECTION("all of it") {
    shopper.Removed("10:02:00", "a", {{"quantity", Number(2)}});
  }
  SECTION("more than there is") {
    shopper.Removed("10:02:00", "a", {{"quantity", Number(20)}});
  }
  SECTION("one by one") {
    shopper.Removed("10:02:00", "a").Removed("10:02:01", "a").Removed("10:02:02", "a");
  }
  CHECK(CartOf(shopper) == R"([{"product_id":"b","quantity":1}])");
  shopper.Added("10:03:00", "a");  // anew, and last
  CHECK(CartOf(shopper) == R"([{"product_id":"b","quantity":1},{"product_id":"a","quantity":1}])");
}

TEST_CASE("Removing what is not there does nothing", "[living]") {
  Shopper shopper;
  shopper.Removed("10:00:00", "a").Added("10:01:00", "a");
  CHECK(CartOf(shopper) == R"([{"product_id":"a","quantity":1}])");
}

TEST_CASE("Of an array of products each counts, and the item's own is none then", "[living]") {
  Shopper shopper;
  const char* products =
      R"([{"product_id":"a","price":1.0,"quantity":2},{"sku":"s"},{"price":5},"x",7,null,{"product_id":["a"]}])";
  shopper.Added("10:00:00", "own", {{"products", List(products)}});
  CHECK(CartOf(shopper) == R"([{"product_id":"a","quantity":3,"price":1},{"product_id":"s","quantity":1}])");
  shopper.Removed("10:01:00", "own", {{"products", List(R"([{"product_id":"a","quantity":2},{"sku":"s"}])")}});
  CHECK(CartOf(shopper) == R"([{"product_id":"a","quantity":1,"price":1}])");
  shopper.Added("10:02:00", "own", {{"products", List("[]")}});
  CHECK(CartOf(shopper) == R"([{"product_id":"a","quantity":1,"price":1}])");
  shopper.Added("10:02:00", "own", {{"products", Text("a")}});
  CHECK(CartOf(shopper) == R"([{"product_id":"a","quantity":1,"price":1},{"product_id":"own","quantity":1}])");
}

TEST_CASE("Products are told apart by product_id, else sku, else name", "[living]") {
  Shopper shopper;
  const auto add = [&](std::vector<NamedValue> properties) {
    shopper.Did("10:00:00", "Product Added", std::move(properties));
  };
  add({{"product_id", Text("x")}, {"sku", Text("1")}, {"name", Text("n")}});
  add({{"product_id", Text("x")}, {"sku", Text("2")}, {"name", Text("m")}});
  add({{"sku", Text("y")}, {"name", Text("n")}});
  add({{"product_id", Value(Null())}, {"sku", Text("y")}, {"name", Text("m")}});
  add({{"name", Text("z")}});
  add({{"product_id", Number(1)}});
  add({{"product_id", 1.0}});
  add({{"product_id", Text("1")}});
  add({{"price", Number(1)}});
  CHECK(CartOf(shopper) == R"([{"product_id":"x","name":"m","quantity":2},{"product_id":"y","name":"m","quantity":2},)"
                           R"({"product_id":"z","name":"z","quantity":1},{"product_id":1,"quantity":2},)"
                           R"({"product_id":"1","quantity":1}])");
}

TEST_CASE("A product of the array and one of an item are the same if their ids are", "[living]") {
  Shopper shopper;
  shopper.Did("10:00:00", "Product Added", {{"products", List(R"([{"product_id":1.0},{"product_id":"\u0061"}])")}});
  shopper.Did("10:01:00", "Product Added", {{"product_id", Number(1)}}).Added("10:02:00", "a");
  CHECK(CartOf(shopper) == R"([{"product_id":1,"quantity":2},{"product_id":"a","quantity":2}])");
}

TEST_CASE("An order of any source empties the cart, and the same order again does not", "[living]") {
  Shopper shopper;
  shopper.Added("10:00:00", "a").Did("10:01:00", "Order Completed", {{"order_id", Text("A")}}, kTill);
  CHECK(CartOf(shopper) == "[]");
  shopper.Added("10:02:00", "b").Ordered("10:03:00", "A");
  CHECK(CartOf(shopper) == R"([{"product_id":"b","quantity":1}])");
  SECTION("another") {
    shopper.Ordered("10:04:00", "B");
  }
  SECTION("one without an id") {
    shopper.Ordered("10:04:00", "");
  }
  SECTION("one that is cancelled") {
    shopper.Ordered("10:04:00", "B").Did("10:05:00", "Order Cancelled", {{"order_id", Text("B")}});
  }
  CHECK(CartOf(shopper) == "[]");
  CHECK(WorthOf(shopper) == "0");
  CHECK(SinceOf(shopper) == "absent");
}

TEST_CASE("A cart is since the item that filled it when it was empty", "[living]") {
  Shopper shopper;
  shopper.Added("10:00:00", "a").Added("10:01:00", "b").Removed("10:02:00", "a");
  CHECK(SinceOf(shopper) == R"("2026-03-01T10:00:00Z")");
  shopper.Removed("10:03:00", "b");
  CHECK(SinceOf(shopper) == "absent");
  shopper.Added("10:04:00.5", "b");
  CHECK(SinceOf(shopper) == R"("2026-03-01T10:04:00.500Z")");
  shopper.Ordered("10:05:00", "A").Added("10:06:00", "c");
  CHECK(SinceOf(shopper) == R"("2026-03-01T10:06:00Z")");
}

TEST_CASE("An open cart is abandoned from exactly so many minutes after the last touch", "[living]") {
  Shopper shopper;
  shopper.Added("10:00:00", "a");
  CHECK(AbandonedAt(shopper, "10:29:59.999999") == "false");
  CHECK(shopper.TellAt(Shopper::OfDay("10:29:59.999999")).due == Shopper::OfDay("10:30:00"));
  CHECK(AbandonedAt(shopper, "10:30:00") == "true");
  CHECK(shopper.TellAt(Shopper::OfDay("10:30:00")).due == kNeverFirst);
  CHECK(AbandonedAt(shopper, "09:00:00") == "false");
  CHECK(shopper.Tell(CommerceValues::kCartAbandoned, kNeverLast) == "false");
  CHECK(shopper.TellAt(kNeverLast).due == Shopper::OfDay("10:30:00"));
  shopper.schema.commerce = Commerce{.abandoned_after_minutes = 5};
  CHECK(AbandonedAt(shopper, "10:04:59.999999") == "false");
  CHECK(AbandonedAt(shopper, "10:05:00") == "true");
  shopper.Ordered("10:10:00", "A");
  CHECK(AbandonedAt(shopper, "11:00:00") == "false");
  CHECK(shopper.TellAt(Shopper::OfDay("10:01:00")).due == kNeverFirst);
}

TEST_CASE("Adds, removes, cart views, checkouts and coupons touch a cart, and nothing else", "[living]") {
  for (const char* name : {"Product Added", "Product Removed", "Cart Viewed", "Checkout Started", "Coupon Applied"}) {
    INFO(name);
    Shopper shopper;
    shopper.Added("10:00:00", "a").Did("10:10:00", name, {{"product_id", Text("none")}});
    CHECK(AbandonedAt(shopper, "10:39:59") == "false");
    CHECK(AbandonedAt(shopper, "10:40:00") == "true");
  }
  for (const char* name : {"Product Viewed", "Page Viewed", "Order Refunded", "Order Cancelled", "Cart Shared"}) {
    INFO(name);
    Shopper shopper;
    shopper.Added("10:00:00", "a").Did("10:10:00", name);
    CHECK(AbandonedAt(shopper, "10:30:00") == "true");
  }
}

namespace {

std::string PathOf(const Shopper& shopper) {
  return shopper.Tell(CommerceValues::kCartPath);
}
// Its times, "10:00 10:10".
std::string TimesOf(const Shopper& shopper) {
  const std::string path = PathOf(shopper);
  std::string times;
  for (size_t at = path.find('T'); at != std::string::npos; at = path.find("2026-03-01T", at)) {
    if (path[at] != 'T') at += 10;
    times += (times.empty() ? "" : " ") + path.substr(at + 1, 5);
  }
  return times;
}

}  // namespace

TEST_CASE("The path is the visit's items up to the last touch, with their pages as they are", "[living]") {
  Shopper shopper;
  shopper.Did("09:59:00", "Page Viewed", {{"page", List(R"({"path":"/","title":"Shop"})")}});
  shopper.Did("10:00:00", "Product Viewed", {{"page", List("[1.0]")}}).Added("10:01:00", "a");
  shopper.Did("10:02:00", "Page Viewed");
  CHECK(PathOf(shopper) ==
        R"([{"time":"2026-03-01T09:59:00Z","name":"Page Viewed","page":{"path":"/","title":"Shop"}},)"
        R"({"time":"2026-03-01T10:00:00Z","name":"Product Viewed","page":[1.0]},)"
        R"({"time":"2026-03-01T10:01:00Z","name":"Product Added"}])");
  shopper.Ordered("10:03:00", "A");
  CHECK(PathOf(shopper) == "[]");
}

TEST_CASE("A path goes back over exactly the gap of visits, and of their sources only", "[living]") {
  Shopper shopper;
  shopper.schema.visits = Visits{.gap_minutes = 10, .sources = {"web", "app"}};
  shopper.Did("09:30:00", "x")
      .Did("09:38:00", "y", {}, kTill)
      .Did("09:40:00.000001", "x")
      .Did("09:50:00", "x", {}, kApp);
  shopper.Added("10:00:00", "a");
  CHECK(TimesOf(shopper) == "09:40 09:50 10:00");
  shopper.Did("10:05:00", "Cart Viewed", {}, kTill);
  CHECK(PathOf(shopper) == "[]");  // that touch is in no visit
  shopper.Did("10:11:00", "Cart Viewed");
  CHECK(TimesOf(shopper) == "10:11");
}

TEST_CASE("A path is of the last touch's visit, though the cart was filled in another", "[living]") {
  Shopper shopper;
  shopper.Added("08:00:00", "a").Did("12:00:00", "Page Viewed").Did("12:05:00", "Cart Viewed");
  CHECK(TimesOf(shopper) == "12:00 12:05");
}

TEST_CASE("Of a visit of very many items the last ones up to the touch are the path", "[living]") {
  Shopper shopper;
  for (size_t i = 0; i < kMostPathItems + 50; ++i) shopper.Did("10:00:00", "n" + std::to_string(i));
  shopper.Added("10:01:00", "a").Did("10:02:00", "after");
  const std::string path = PathOf(shopper);
  CHECK(path.find("\"n50\"") == std::string::npos);
  CHECK(path.starts_with(R"([{"time":"2026-03-01T10:00:00Z","name":"n51"})"));
  CHECK(path.ends_with(R"("name":"Product Added"}])"));
}

TEST_CASE("A page of megabytes is none", "[living]") {
  Shopper shopper;
  shopper.Added("10:00:00", "a", {{"page", Text(std::string(kMostValueBytes + 1, 'x'))}});
  CHECK(PathOf(shopper) == R"([{"time":"2026-03-01T10:00:00Z","name":"Product Added"}])");
}

TEST_CASE("A step whose name is kilobytes has its first characters", "[living]") {
  Shopper shopper;
  const std::string first(kMostValueBytes - 1, 'x');
  shopper.Did("09:00:00", "Page Viewed").Did("09:25:00", first + "é and more").Added("09:50:00", "a");
  CHECK(TimesOf(shopper) == "09:00 09:25 09:50");
  CHECK(PathOf(shopper).find("\"" + first + "\"") != std::string::npos);
}

TEST_CASE("A cart goes on from what is told of it", "[living]") {
  const CommerceRules rules((Schema()));
  const auto product = [](Value id, Decimal quantity, std::optional<Decimal> price) {
    return Product{.key = golden::EncodeValue(id), .id = id, .name = Text("n"), .quantity = quantity, .price = price};
  };
  Cart cart;
  cart.Add(product(Text("a"), Whole(2), *Decimal::Parse("0.1")), {.time = At("2026-03-01")});
  cart.Add(product(Number(1), *Decimal::Parse("0.000001"), std::nullopt), {.time = At("2026-03-02")});
  cart.Add(product(Text("1"), Whole(1), *Decimal::Parse("-12345678901.25")), {.time = At("2026-03-03")});
  cart.Add(product(true, Whole(1), Whole(1)), {.time = At("2026-03-03")});
  cart.Add(product(Json{R"({"a":[1,"x"]})"}, Whole(9), Whole(1)), {.time = At("2026-03-03")});
  const Place touch{.time = At("2026-03-04"), .source = kWeb, .id = "t"};
  cart.Touch(touch);
  auto again = rules.CartFrom(cart.ToList(), cart.since(), touch);
  REQUIRE(again);
  CHECK(again->last_touch() == touch);
  for (Cart* one : {&cart, &*again}) {
    one->Remove(product(Number(1), Whole(1), std::nullopt));
    one->Add(product(Text("1"), Whole(2), std::nullopt), {.time = At("2026-03-05")});
    one->Add(product(Json{R"({"a":[1,"x"]})"}, Whole(1), Whole(2)), {.time = At("2026-03-05")});
  }
  CHECK(again->ToList() == cart.ToList());
  CHECK(again->Worth() == cart.Worth());
  CHECK(again->since() == cart.since());
  CHECK(rules.CartFrom(Json{"[]"}, std::nullopt, Place())->is_open() == false);
}

TEST_CASE("What holds not all of a cart is none to go on from", "[living]") {
  const CommerceRules rules((Schema()));
  const Time since = At("2026-03-01");
  for (const char* list : {"", "7", "{}", "[7]", R"([{"product_id":"a"}])", R"([{"product_id":"a","quantity":0}])",
                           R"([{"product_id":"a","quantity":1},{"product_id":"a","quantity":1}])",
                           R"([{"product_id":"a","quantity":123456789012.123456}])"}) {
    INFO(list);
    CHECK_FALSE(rules.CartFrom(Json{list}, since, Place()));
  }
  CHECK_FALSE(rules.CartFrom(Json{"[]"}, since, Place()));
  CHECK_FALSE(rules.CartFrom(Json{R"([{"product_id":"a","quantity":1}])"}, std::nullopt, Place()));
}

}  // namespace kintsugi::living::examples
