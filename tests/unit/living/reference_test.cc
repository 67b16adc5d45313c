// The naive living profile is right about each kind of trait and condition, on examples that a person can check.

#include "reference/living_decimal.h"
#include "unit/living/reference_examples.h"

namespace kintsugi::testing::examples {
namespace {

// Three days of one person; the second order has no total.
const std::vector<Item>& Days() {
  static const std::vector<Item> items = {
      ItemAt("2026-03-01T10:00:00Z", "Product Viewed", Of("category", "shoes")),
      ItemAt("2026-03-01T10:05:00Z", "Order Completed", {{"total", 27.5}, {"order_id", "A"}}),
      ItemAt("2026-03-02T10:00:00Z", "Order Completed", {{"order_id", "B"}, {"tags", Json{R"(["a","b","a"])"}}}),
      ItemAt("2026-03-03T10:00:00Z", "Receipt", {{"total", int64_t{100}}, {"order_id", "A"}}, kPos),
  };
  return items;
}

// The page's "order", without `once_per`.
Activity Order() {
  Activity order{.name = "order"};
  order.items.events = {"Order Completed", "Receipt"};
  order.numbers = {{"total", {"revenue", "total"}}};
  return order;
}

Schema ShopWithOrders() {
  Schema schema = Shop();
  schema.activities = {Order()};
  return schema;
}

// How many items pass.
std::string HowMany(Condition condition, const std::vector<Item>& items) {
  Trait trait{.kind = TraitKind::kCount};
  trait.items.where = {std::move(condition)};
  return Says(std::move(trait), items);
}

Condition Is(std::string property, std::vector<std::string> values) {
  return {.property = std::move(property), .comparison = Comparison::kIs, .values = std::move(values)};
}
Condition IsNot(std::string property, std::string value) {
  return {.property = std::move(property), .comparison = Comparison::kIsNot, .values = {std::move(value)}};
}
Condition Exists(std::string property, bool exists) {
  return {.property = std::move(property), .comparison = Comparison::kExists, .exists = exists};
}
Condition Bound(std::string property, Comparison comparison, double bound) {
  return {.property = std::move(property), .comparison = comparison, .bound = bound};
}
Condition Matches(std::string property, std::string pattern) {
  return {.property = std::move(property), .comparison = Comparison::kMatches, .pattern = std::move(pattern)};
}

}  // namespace

TEST_CASE("the twin's decimals are rounded half to even at the sixth place", "[living][reference]") {
  const auto rounded = [](const char* text) { return TextOf(*MillionthsOf(text)); };
  CHECK(rounded("0") == "0");
  CHECK(rounded("-0") == "0");
  CHECK(rounded("27.5") == "27.5");
  CHECK(rounded("-100") == "-100");
  CHECK(rounded("1e+20") == "100000000000000000000");
  CHECK(rounded("0.00001") == "0.00001");
  CHECK(rounded("0.0000005") == "0");
  CHECK(rounded("0.0000015") == "0.000002");
  CHECK(rounded("0.0000025") == "0.000002");
  CHECK(rounded("0.00000250001") == "0.000003");
  CHECK(rounded("1.0000050000004") == "1.000005");
  CHECK(rounded("-1e-06") == "-0.000001");
  CHECK(rounded("9e-07") == "0.000001");
  CHECK(rounded("1e-300") == "0");
  CHECK(rounded("12345678901234.5") == "12345678901234.5");
  CHECK_FALSE(MillionthsOf("1e+33").has_value());
  CHECK_FALSE(MillionthsOf("\"5\"").has_value());
  CHECK_FALSE(MillionthsOf("true").has_value());
}

TEST_CASE("the twin's quotients are rounded half to even at the sixth place", "[living][reference]") {
  const auto quotient = [](const char* a, const char* b) {
    return TextOf(Quotient(*MillionthsOf(a), *MillionthsOf(b)));
  };
  CHECK(quotient("1", "3") == "0.333333");
  CHECK(quotient("2", "3") == "0.666667");
  CHECK(quotient("-2", "3") == "-0.666667");
  CHECK(quotient("-6", "-4") == "1.5");
  CHECK(quotient("1", "2000000") == "0");
  CHECK(quotient("3", "2000000") == "0.000002");
  CHECK(quotient("0", "-7") == "0");
}

TEST_CASE("an item's number beyond ten to the 19th is none to the twin, but sums may be", "[living][reference]") {
  std::vector<Item> items = {ItemAt("2026-03-01", "x", Of("n", 1e19)), ItemAt("2026-03-02", "x", Of("n", 1e19)),
                             ItemAt("2026-03-03", "x", Of("n", 1.1e19))};
  CHECK(Says({.kind = TraitKind::kSum, .of = "n"}, items) == "20000000000000000000");
  CHECK(Says({.kind = TraitKind::kMax, .of = "n"}, items) == "10000000000000000000");
  CHECK(Says({.kind = TraitKind::kLast, .of = "n"}, items) == "1.1e+19");
}

TEST_CASE("the twin counts and sums what is there", "[living][reference]") {
  CHECK(Says({.kind = TraitKind::kCount}, Days()) == "4");
  CHECK(Says({.kind = TraitKind::kCount}, {}) == "0");
  CHECK(Says({.kind = TraitKind::kSum, .of = "total"}, Days()) == "127.5");
  CHECK(Says({.kind = TraitKind::kSum, .of = "total"}, {}) == "0");
  CHECK(Says({.kind = TraitKind::kAverage, .of = "total"}, Days()) == "63.75");
  CHECK(Says({.kind = TraitKind::kMin, .of = "total"}, Days()) == "27.5");
  CHECK(Says({.kind = TraitKind::kMax, .of = "total"}, Days()) == "100");
  for (const TraitKind kind : {TraitKind::kAverage, TraitKind::kMin, TraitKind::kMax})
    CHECK(Says({.kind = kind, .of = "order_id"}, Days()) == "absent");
}

TEST_CASE("the twin's sums are exact, and a numeric text is no number", "[living][reference]") {
  std::vector<Item> items;
  for (const Value& value : {Value(0.1), Value(0.2), Value(std::string("5")), Value(true)})
    items.push_back(ItemAt(items.empty() ? "2026-03-01" : "2026-03-02", "x", Of("n", value)));
  for (size_t i = 0; i < items.size(); ++i) items[i].id = std::to_string(i);
  CHECK(Says({.kind = TraitKind::kSum, .of = "n"}, items) == "0.3");
  CHECK(Says({.kind = TraitKind::kAverage, .of = "n"}, items) == "0.15");
}

TEST_CASE("the twin's first and last are those of items that have a value, in a timeline's order",
          "[living][reference]") {
  CHECK(Says({.kind = TraitKind::kFirst, .of = "total"}, Days()) == "27.5");
  CHECK(Says({.kind = TraitKind::kLast, .of = "total"}, Days()) == "100");
  CHECK(Says({.kind = TraitKind::kLast, .of = "tags"}, Days()) == R"("a")");
  CHECK(Says({.kind = TraitKind::kLast, .of = "category"}, Days()) == R"("shoes")");
  CHECK(Says({.kind = TraitKind::kLast, .of = "nothing"}, Days()) == "absent");
  CHECK(Says({.kind = TraitKind::kFirst, .of = "$name"}, Days()) == R"("Product Viewed")");
  CHECK(Says({.kind = TraitKind::kLast, .of = "$source"}, Days()) == R"("pos")");
  CHECK(Says({.kind = TraitKind::kLast, .of = "$time"}, Days()) == R"("2026-03-03T10:00:00Z")");

  Item b = ItemAt("2026-03-01", "x", Of("v", "web b"));
  Item a = ItemAt("2026-03-01", "x", Of("v", "app a"), kApp);
  b.id = "b", a.id = "a";
  CHECK(Says({.kind = TraitKind::kFirst, .of = "v"}, {a, b}) == R"("web b")");  // the source's position, then the id
}

TEST_CASE("the twin's most frequent is what most items have, and of ties the later", "[living][reference]") {
  const auto views = [](std::vector<const char*> categories) {
    std::vector<Item> items;
    for (const char* category : categories) {
      items.push_back(ItemAt("2026-03-01", "v", Of("c", category)));
      items.back().id = std::to_string(items.size());
    }
    return items;
  };
  const Trait most_frequent{.kind = TraitKind::kMostFrequent, .of = "c"};
  CHECK(Says(most_frequent, views({"a", "b", "a", "c"})) == R"("a")");
  CHECK(Says(most_frequent, views({"a", "b", "b", "a"})) == R"("a")");
  CHECK(Says(most_frequent, views({})) == "absent");
  CHECK(Says({.kind = TraitKind::kTop, .of = "c", .limit = 2}, views({"a", "b", "b", "c"})) ==
        R"([{"value":"b","count":2},{"value":"c","count":1}])");
  CHECK(Says({.kind = TraitKind::kTop, .of = "c"}, views({})) == "[]");

  // "a" twice in one item is one item; two values of one item are in the order of their bytes.
  CHECK(Says({.kind = TraitKind::kTop, .of = "tags"}, Days()) ==
        R"([{"value":"a","count":1},{"value":"b","count":1}])");
}

TEST_CASE("the twin's different values are sorted by bytes, and 1 is 1.0 but not a text", "[living][reference]") {
  const Item item = ItemAt("2026-03-01", "x", Of("v", Json{R"([1,1.0,"1","B","a",10,9,true,null,[2.5]])"}));
  CHECK(Says({.kind = TraitKind::kDistinct, .of = "v"}, {item}) == "8");
  CHECK(Says({.kind = TraitKind::kValues, .of = "v"}, {item}) == R"([1,"1",10,2.5,9,"B","a",true])");
  CHECK(Says({.kind = TraitKind::kDistinct, .of = "v"}, {}) == "0");
  CHECK(Says({.kind = TraitKind::kValues, .of = "v"}, {}) == "[]");

  // Those with the most recent last item are kept, and still sorted.
  std::vector<Item> items;
  for (const char* value : {"b", "a", "c", "a"}) {
    items.push_back(ItemAt("2026-03-01", "x", Of("v", value)));
    items.back().id = std::to_string(items.size());
  }
  CHECK(Says({.kind = TraitKind::kValues, .of = "v", .limit = 2}, items) == R"(["a","c"])");
}

TEST_CASE("the twin's numbers are written as the page says", "[living][reference]") {
  const auto last = [](Value value) {
    return Says({.kind = TraitKind::kLast, .of = "v"}, {ItemAt("2026-03-01", "x", Of("v", std::move(value)))});
  };
  CHECK(last(1.0) == "1");
  CHECK(last(0.1) == "0.1");
  CHECK(last(-2.5) == "-2.5");
  CHECK(last(12345678901234.5) == "12345678901234.5");
  CHECK(last(Json{R"({"b":1.0,"a":2})"}) == R"({"a":2,"b":1})");
  CHECK(last(Null()) == "absent");
}

TEST_CASE("the twin's paths try names with dots first, and visit arrays", "[living][reference]") {
  const Item item = ItemAt("2026-03-01", "x",
                           {{"a.b", int64_t{1}},
                            {"a", Json{R"({"b":2,"c":3})"}},
                            {"products", Json{R"([{"price":1.5,"sku":"p"},{"price":2,"sku":"q"}])"}}});
  CHECK(Says({.kind = TraitKind::kLast, .of = "a.b"}, {item}) == "1");
  CHECK(Says({.kind = TraitKind::kLast, .of = "a.c"}, {item}) == "3");
  CHECK(Says({.kind = TraitKind::kSum, .of = "products.price"}, {item}) == "3.5");
  CHECK(Says({.kind = TraitKind::kSum, .of = "products.1.price"}, {item}) == "2");
  CHECK(Says({.kind = TraitKind::kValues, .of = "products.sku"}, {item}) == R"(["p","q"])");
}

TEST_CASE("the twin's followers come strictly later, and at most so much later", "[living][reference]") {
  const std::vector<Item> items = {
      ItemAt("2026-03-01T10:00:00Z", "Checkout Started"),       ItemAt("2026-03-01T14:00:00Z", "Order Completed"),
      ItemAt("2026-03-01T14:00:00Z", "Checkout Started"),       ItemAt("2026-03-02T10:00:00Z", "Checkout Started"),
      ItemAt("2026-03-02T14:00:00.000001Z", "Order Completed"),
  };
  Trait trait{.kind = TraitKind::kFollowed, .by = "order", .within_hours = 4};
  trait.items.events = {"Checkout Started"};
  CHECK(Says(ShopWithOrders(), trait, items) == "1");

  trait.kind = TraitKind::kNotFollowed;
  CHECK(Says(ShopWithOrders(), trait, items) == "0");
  CHECK(Says(ShopWithOrders(), trait, items, At("2026-03-01T17:59:59.999999Z")) == "0");
  CHECK(Says(ShopWithOrders(), trait, items, At("2026-03-01T18:00:00Z")) == "1");
  CHECK(Says(ShopWithOrders(), trait, items, At("2026-03-02T14:00:00Z")) == "2");
}

TEST_CASE("the twin's window is not a follower's", "[living][reference]") {
  const std::vector<Item> items = {ItemAt("2026-03-01T10:00:00Z", "Checkout Started"),
                                   ItemAt("2026-03-01T11:00:00Z", "Order Completed")};
  Trait trait{.kind = TraitKind::kFollowed, .by = "order", .within_hours = 4};
  trait.items.events = {"Checkout Started"};
  trait.sliding = SlidingWindow{.age_hours = 48, .until_hours = 24};
  CHECK(Says(ShopWithOrders(), trait, items, At("2026-03-02T10:00:00Z")) == "1");
}

TEST_CASE("the twin's days since the last item are whole", "[living][reference]") {
  const Trait trait{.kind = TraitKind::kDaysSinceLast};
  CHECK(Says(trait, Days(), At("2026-03-05T09:59:59Z")) == "1");
  CHECK(Says(trait, Days(), At("2026-03-05T10:00:00Z")) == "2");
  CHECK(Says(trait, Days(), At("2026-03-01T00:00:00Z")) == "0");
  CHECK(Says(trait, Days()) == "absent");
  CHECK(Says(trait, {}, At("2026-03-05")) == "absent");
}

TEST_CASE("the twin's traits of traits", "[living][reference]") {
  Schema schema = ShopWithOrders();
  schema.traits = {
      {.name = "band", .kind = TraitKind::kBand, .operands = {"orders"}, .bounds = {1, 2, 3, 5}},
      {.name = "ratio", .kind = TraitKind::kRatio, .operands = {"revenue", "orders"}},
      {.name = "none", .kind = TraitKind::kRatio, .operands = {"revenue", "returns"}},
      {.name = "difference", .kind = TraitKind::kDifference, .operands = {"orders", "revenue"}},
      {.name = "total", .kind = TraitKind::kTotal, .operands = {"orders", "ratio", "revenue"}},
      {.name = "no_total", .kind = TraitKind::kTotal, .operands = {"orders", "none"}},
      {.name = "no_band", .kind = TraitKind::kBand, .operands = {"none"}, .bounds = {1}},
      {.name = "orders", .kind = TraitKind::kCount, .activity = "order"},
      {.name = "revenue", .kind = TraitKind::kSum, .activity = "order", .of = "total"},
      {.name = "returns", .kind = TraitKind::kCount, .items = {.events = {"Order Refunded"}}},
  };
  CHECK(NaiveTraits(schema, Days(), std::nullopt) == std::map<std::string, std::string>{{"band", "3"},
                                                                                        {"ratio", "42.5"},
                                                                                        {"difference", "-124.5"},
                                                                                        {"total", "173"},
                                                                                        {"orders", "3"},
                                                                                        {"revenue", "127.5"},
                                                                                        {"returns", "0"}});
}

TEST_CASE("the twin's activity names, filters, and then counts once", "[living][reference]") {
  Schema schema = ShopWithOrders();
  const auto orders = [&] { return Says(schema, {.kind = TraitKind::kCount, .activity = "order"}, Days()); };
  const auto revenue = [&] {
    return Says(schema, {.kind = TraitKind::kSum, .activity = "order", .of = "total"}, Days());
  };
  CHECK(orders() == "3");
  CHECK(revenue() == "127.5");

  schema.activities[0].once_per = "order_id";
  CHECK(orders() == "2");  // the receipt is the first order's
  CHECK(revenue() == "27.5");

  schema.activities[0].items.where = {Bound("total", Comparison::kMoreThan, 50)};
  CHECK(orders() == "1");  // the first order is none, so the receipt is the earliest
  CHECK(revenue() == "100");

  schema.activities[0].items.where.clear();
  schema.activities[0].items.sources = {"pos"};
  CHECK(revenue() == "100");
}

TEST_CASE("in the twin a trait's own conditions and window come after once_per", "[living][reference]") {
  Schema schema = ShopWithOrders();
  schema.activities[0].once_per = "order_id";
  Trait trait{.kind = TraitKind::kCount, .activity = "order"};
  trait.items.sources = {"pos"};
  CHECK(Says(schema, trait, Days()) == "0");
  trait.items.sources.clear();
  trait.sliding = SlidingWindow{.age_hours = 24};
  CHECK(Says(schema, trait, Days(), At("2026-03-03T12:00:00Z")) == "0");
}

TEST_CASE("the twin's items without a value of once_per all count", "[living][reference]") {
  Schema schema = ShopWithOrders();
  schema.activities[0].once_per = "coupon";
  CHECK(Says(schema, {.kind = TraitKind::kCount, .activity = "order"}, Days()) == "3");
}

TEST_CASE("of a list in once_per the twin takes the first value", "[living][reference]") {
  Schema schema = Shop();
  schema.activities = {{.name = "read", .once_per = "pages"}};
  const std::vector<Item> items = {
      ItemAt("2026-03-01", "x", Of("pages", Json{"[1,2]"})),
      ItemAt("2026-03-02", "x", Of("pages", Json{"[2,1]"})),
      ItemAt("2026-03-03", "x", Of("pages", 1.0)),
      ItemAt("2026-03-04", "x", Of("pages", "1")),
  };
  CHECK(Says(schema, {.kind = TraitKind::kCount, .activity = "read"}, items) == "3");
}

TEST_CASE("the twin's own name of an activity takes the first path that holds a number", "[living][reference]") {
  Schema schema = Shop();
  Activity order{.name = "order", .numbers = {{"total", {"revenue", "total"}}}, .texts = {{"currency", {"c", "d"}}}};
  schema.activities = {order};
  const std::vector<Item> items = {
      ItemAt("2026-03-01", "x", {{"revenue", "7"}, {"total", int64_t{8}}, {"c", int64_t{1}}, {"d", "EUR"}}),
      ItemAt("2026-03-02", "x", {{"revenue", int64_t{9}}, {"total", int64_t{10}}, {"currency", "hidden"}}),
  };
  CHECK(Says(schema, {.kind = TraitKind::kSum, .activity = "order", .of = "total"}, items) == "17");
  CHECK(Says(schema, {.kind = TraitKind::kSum, .of = "total"}, items) == "18");
  CHECK(Says(schema, {.kind = TraitKind::kValues, .activity = "order", .of = "currency"}, items) == R"(["EUR"])");
}

TEST_CASE("the twin's conditions compare as the page says", "[living][reference]") {
  std::vector<Item> items;
  const std::vector<Value> values = {int64_t{5}, 5.5, std::string("5"), true, Json{R"(["x",7])"}, std::string("x")};
  for (const Value& value : values) {
    items.push_back(ItemAt("2026-03-01", "x", Of("v", value)));
    items.back().id = std::to_string(items.size());
  }
  items.push_back(ItemAt("2026-03-02", "y"));    // without one
  CHECK(HowMany(Is("v", {"5"}), items) == "2");  // the number, and the text
  CHECK(HowMany(Is("v", {"5.50"}), items) == "1");
  CHECK(HowMany(Is("v", {"true"}), items) == "1");
  CHECK(HowMany(Is("v", {"x", "true"}), items) == "3");
  CHECK(HowMany(IsNot("v", "5"), items) == "5");
  CHECK(HowMany(Exists("v", true), items) == "6");
  CHECK(HowMany(Exists("v", false), items) == "1");
  CHECK(HowMany(Bound("v", Comparison::kAtLeast, 5.5), items) == "2");
  CHECK(HowMany(Bound("v", Comparison::kMoreThan, 5.5), items) == "1");
  CHECK(HowMany(Bound("v", Comparison::kAtMost, 5), items) == "1");
  CHECK(HowMany(Bound("v", Comparison::kLessThan, 5), items) == "0");
  CHECK(HowMany(Matches("v", "[x5]"), items) == "3");
  CHECK(HowMany(Matches("v", "[0-9]*"), items) == "1");  // texts only, and the whole value
  CHECK(HowMany(Is("$name", {"y"}), items) == "1");
}

}  // namespace kintsugi::testing::examples
