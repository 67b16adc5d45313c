// Each kind of trait says of a person's items what its line in docs/living.md says, and nothing of what is not there.

#include "living/trait_rules.h"

#include "unit/living/trait_examples.h"

namespace kintsugi::living::examples {
namespace {

const Time kNow = At("2026-03-10");

// Two orders on the web, one of them told twice, a receipt on paper, and what was looked at.
std::vector<Item> Shopping() {
  return {
      ItemAt("2026-03-01T09:00:00Z", "Product Viewed", {{"category", std::string("shoes")}}),
      ItemAt("2026-03-01T10:00:00Z", "Order Completed", {{"total", 27.5}, {"order_id", std::string("A")}}),
      ItemAt("2026-03-01T10:00:01Z", "Order Completed", {{"total", 28.5}, {"order_id", std::string("A")}}, kApp),
      ItemAt("2026-03-02T09:00:00Z", "Product Viewed", {{"category", std::string("hats")}}),
      ItemAt("2026-03-03T10:00:00Z", "Order Completed", {{"revenue", int64_t{100}}, {"total", int64_t{7}}}),
      ItemAt("2026-03-04T10:00:00Z", "Receipt", {{"total", std::string("12")}}, kTill),
      ItemAt("2026-03-05T09:00:00Z", "Product Viewed", {{"category", std::string("shoes")}}),
  };
}

Activity Order() {
  Activity order{.name = "order", .once_per = "order_id"};
  order.items.events = {"Order Completed", "Receipt"};
  order.numbers = {{.name = "total", .fields = {"revenue", "total"}}};
  return order;
}

// What a trait of the activity says.
std::string OfOrders(TraitKind kind, const Activity& order = Order()) {
  Example example{.trait = {.name = "t", .kind = kind, .activity = "order", .of = "total"}, .items = Shopping()};
  example.schema.activities = {order};
  return example.At(kNow);
}

// What a trait says of a property of items that have these values of it, a day apart.
std::string Of(TraitKind kind, const std::vector<Value>& values, uint32_t limit = kDefaultMaxListed) {
  Example example{.trait = {.name = "t", .kind = kind, .of = "p", .limit = limit}};
  Time time = At("2026-01-01");
  for (const Value& value : values) {
    example.items.push_back({time, kWeb, "x", "Viewed", {{"p", value}}});
    time += std::chrono::days(1);
  }
  return example.At(kNow);
}

Value Text(const char* text) {
  return std::string(text);
}
Value Number(int64_t number) {
  return number;
}
Value List(const char* json) {
  return Json{json};
}

}  // namespace

TEST_CASE("A schema without traits has no values, and nothing is due", "[living]") {
  const TraitRules rules((Schema()));
  CHECK(rules.empty());
  const TraitValues told = rules.Evaluate(Shopping(), kNow);
  CHECK(told.values.empty());
  CHECK(told.due == kNeverFirst);
}

TEST_CASE("An activity's items are told once for each value of once_per, and all without one", "[living]") {
  CHECK(OfOrders(TraitKind::kCount) == "3");
  CHECK(OfOrders(TraitKind::kSum) == "127.5");  // the till's text is no number
  CHECK(OfOrders(TraitKind::kAverage) == "63.75");
  CHECK(OfOrders(TraitKind::kMin) == "27.5");
  CHECK(OfOrders(TraitKind::kMax) == "100");
  CHECK(OfOrders(TraitKind::kFirst) == "27.5");
  CHECK(OfOrders(TraitKind::kLast) == "100");
  CHECK(OfOrders(TraitKind::kDaysSinceLast) == "5");
}

TEST_CASE("What an activity leaves out is left out before once_per asks for the earliest", "[living]") {
  Activity order = Order();
  order.items.sources = {"app", "till"};
  CHECK(OfOrders(TraitKind::kSum, order) == "28.5");
  order.items.sources.clear();
  order.items.where = {{.property = "total", .comparison = Comparison::kMoreThan, .bound = 28}};
  CHECK(OfOrders(TraitKind::kSum, order) == "128.5");
}

TEST_CASE("A trait's own conditions choose among what once_per has left", "[living]") {
  Example example{.trait = {.name = "t", .kind = TraitKind::kCount, .activity = "order"}, .items = Shopping()};
  example.schema.activities = {Order()};
  example.trait.items.where = {{.property = "total", .comparison = Comparison::kAtLeast, .bound = 28}};
  CHECK(example.At(kNow) == "1");  // the second telling of order A does not count for it
  example.trait.items.where.clear();
  example.trait.items.sources = {"app"};
  CHECK(example.At(kNow) == "0");
}

TEST_CASE("Of an array in once_per the first value decides", "[living]") {
  Example example{.trait = {.name = "t", .kind = TraitKind::kCount, .activity = "a"}};
  example.schema.activities = {{.name = "a", .once_per = "id"}};
  for (const char* id : {"[1,2]", "[2,1]", "[1]", "[]"}) {
    example.items.push_back(ItemAt("2026-03-01", std::string("Viewed ") + id, {{"id", List(id)}}));
  }
  CHECK(example.At(kNow) == "3");
}

TEST_CASE("A trait without an activity is of all items, or of those of its events and sources", "[living]") {
  Example example{.trait = {.name = "t", .kind = TraitKind::kCount}, .items = Shopping()};
  CHECK(example.At(kNow) == "7");
  example.trait.items.events = {"Product Viewed", "Receipt"};
  CHECK(example.At(kNow) == "4");
  example.trait.items.sources = {"till"};
  CHECK(example.At(kNow) == "1");
}

TEST_CASE("Over no item counts and sums are 0, lists are empty, and everything else is absent", "[living]") {
  const std::vector<std::pair<TraitKind, std::string>> expected = {
      {TraitKind::kCount, "0"},
      {TraitKind::kSum, "0"},
      {TraitKind::kAverage, "absent"},
      {TraitKind::kMin, "absent"},
      {TraitKind::kMax, "absent"},
      {TraitKind::kFirst, "absent"},
      {TraitKind::kLast, "absent"},
      {TraitKind::kDistinct, "0"},
      {TraitKind::kMostFrequent, "absent"},
      {TraitKind::kValues, "[]"},
      {TraitKind::kTop, "[]"},
      {TraitKind::kFollowed, "0"},
      {TraitKind::kNotFollowed, "0"},
      {TraitKind::kDaysSinceLast, "absent"},
  };
  for (const auto& [kind, value] : expected) {
    INFO(static_cast<int>(kind));
    CHECK(Of(kind, {}) == value);
  }
}

TEST_CASE("Items that have no number there are as if they were not, for numbers", "[living]") {
  const std::vector<Value> values = {Text("5"), true, Null(), List("{\"a\":1}"), Number(4), 1.5};
  CHECK(Of(TraitKind::kSum, values) == "5.5");
  CHECK(Of(TraitKind::kAverage, values) == "2.75");
  CHECK(Of(TraitKind::kMin, values) == "1.5");
  CHECK(Of(TraitKind::kMax, values) == "4");
}

TEST_CASE("Sums are exact in decimal, and averages are rounded half to even", "[living]") {
  CHECK(Of(TraitKind::kSum, {0.1, 0.2}) == "0.3");
  CHECK(Of(TraitKind::kSum, std::vector<Value>(10, 0.1)) == "1");
  CHECK(Of(TraitKind::kSum, {Number(9'007'199'254'740'993), 0.25}) == "9007199254740993.25");
  CHECK(Of(TraitKind::kSum, std::vector<Value>(3, Number(INT64_MAX))) == "27670116110564327421");
  CHECK(Of(TraitKind::kAverage, {0.000001, Number(0)}) == "0");
  CHECK(Of(TraitKind::kAverage, {0.000003, Number(0)}) == "0.000002");
  CHECK(Of(TraitKind::kAverage, {Number(2), Number(0), Number(0)}) == "0.666667");
}

TEST_CASE("Of an array each element counts", "[living]") {
  const std::vector<Value> values = {List("[1,2,2]"), List("[2,\"2\"]"), Number(7)};
  CHECK(Of(TraitKind::kSum, values) == "14");
  CHECK(Of(TraitKind::kAverage, values) == "2.8");
  CHECK(Of(TraitKind::kMin, values) == "1");
  CHECK(Of(TraitKind::kDistinct, values) == "4");
  CHECK(Of(TraitKind::kFirst, values) == "1");
  CHECK(Of(TraitKind::kLast, {Number(7), List("[3,4]"), List("[]")}) == "3");
}

TEST_CASE("An item counts once for a value, however often its array repeats it", "[living]") {
  CHECK(Of(TraitKind::kTop, {List("[1,2,2]"), Number(2)}) == R"([{"value":2,"count":2},{"value":1,"count":1}])");
  CHECK(Of(TraitKind::kMostFrequent, {List("[2,2,2]"), Number(1), Number(1)}) == "1");
}

TEST_CASE("Values are equal as JSON values, and a number is no text", "[living]") {
  CHECK(Of(TraitKind::kDistinct, {Number(1), 1.0, Text("1"), true, Text("true")}) == "4");
  CHECK(Of(TraitKind::kTop, {Number(1), Text("1"), 1.0}, 1) == R"([{"value":1,"count":2}])");
}

TEST_CASE("The most frequent value is the later one of two, then the one of the smaller bytes", "[living]") {
  CHECK(Of(TraitKind::kMostFrequent, {Text("b"), Text("a"), Text("b")}) == R"("b")");
  CHECK(Of(TraitKind::kMostFrequent, {Text("a"), Text("b"), Text("b"), Text("a")}) == R"("a")");
  CHECK(Of(TraitKind::kMostFrequent, {Text("a"), Text("a"), Text("b"), Text("b")}) == R"("b")");
  CHECK(Of(TraitKind::kMostFrequent, {List(R"(["b","a"])")}) == R"("a")");
}

TEST_CASE("Values are sorted by the bytes of a text, and of a number's JSON text", "[living]") {
  CHECK(Of(TraitKind::kValues, {Number(9), Text("b"), Number(10), Text("10"), Text("B"), true, 0.5, Text("\"")}) ==
        R"(["\"",0.5,10,"10",9,"B","b",true])");
}

TEST_CASE("Of more values than a list holds those of the most recent last items are in it", "[living]") {
  const std::vector<Value> values = {Text("c"), Text("a"), Text("b"), Text("c")};
  CHECK(Of(TraitKind::kValues, values, 3) == R"(["a","b","c"])");
  CHECK(Of(TraitKind::kValues, values, 2) == R"(["b","c"])");
  CHECK(Of(TraitKind::kValues, {List(R"(["a","b"])")}, 1) == R"(["a"])");
  CHECK(Of(TraitKind::kTop, values, 2) == R"([{"value":"c","count":2},{"value":"b","count":1}])");
}

TEST_CASE("Names, sources and times of items are values, too", "[living]") {
  Example example{.trait = {.name = "t", .kind = TraitKind::kTop, .of = "$name", .limit = 1}, .items = Shopping()};
  CHECK(example.At(kNow) == R"([{"value":"Product Viewed","count":3}])");
  example.trait = {.name = "t", .kind = TraitKind::kValues, .of = "$source"};
  CHECK(example.At(kNow) == R"(["app","till","web"])");
  example.trait = {.name = "t", .kind = TraitKind::kFirst, .of = "$time"};
  CHECK(example.At(kNow) == R"("2026-03-01T09:00:00Z")");
}

TEST_CASE("Traits of one time are in the timeline's order: source, then id", "[living]") {
  Example example{.trait = {.name = "t", .kind = TraitKind::kLast, .of = "p"}};
  example.items = {{kNow, kApp, "1", "x", {{"p", Text("app 1")}}},
                   {kNow, kWeb, "2", "x", {{"p", Text("web 2")}}},
                   {kNow, kWeb, "1", "x", {{"p", Text("web 1")}}}};
  CHECK(example.At(kNow) == R"("app 1")");
  example.trait.kind = TraitKind::kFirst;
  CHECK(example.At(kNow) == R"("web 1")");
}

namespace {

// Checkouts of hours of one day, and how many of them are followed within four hours by an order of hours.
Example Checkouts(TraitKind kind, const std::vector<std::string>& checkouts, const std::vector<std::string>& orders) {
  Example example{.trait = {.name = "t", .kind = kind, .by = "order", .within_hours = 4}};
  example.trait.items.events = {"Checkout Started"};
  example.schema.activities = {Order()};
  for (const auto& time : checkouts) example.items.push_back(ItemAt("2026-03-01T" + time + "Z", "Checkout Started"));
  for (const auto& time : orders) example.items.push_back(ItemAt("2026-03-01T" + time + "Z", "Order Completed"));
  return example;
}

}  // namespace

TEST_CASE("Followed is later, and at most that time later", "[living]") {
  const auto followed = [](const std::vector<std::string>& checkouts, const std::vector<std::string>& orders) {
    return Checkouts(TraitKind::kFollowed, checkouts, orders).At("2026-03-01T12:00:00Z");
  };
  CHECK(followed({"10:00:00"}, {"14:00:00"}) == "1");
  CHECK(followed({"10:00:00"}, {"14:00:00.000001"}) == "0");
  CHECK(followed({"10:00:00"}, {"10:00:00"}) == "0");
  CHECK(followed({"10:00:00"}, {"10:00:00", "10:00:00.000001"}) == "1");
  CHECK(followed({"10:00:00"}, {"09:00:00"}) == "0");
  CHECK(followed({"06:00:00", "10:00:00", "11:00:00", "15:00:00"}, {"09:00:00", "12:00:00"}) == "3");
}

TEST_CASE("Not followed is known when the time is over, and not before", "[living]") {
  const auto example = Checkouts(TraitKind::kNotFollowed, {"10:00:00", "11:00:00", "18:00:00"}, {"14:00:00.000001"});
  CHECK(example.At("2026-03-01T13:59:59.999999Z") == "0");
  CHECK(example.DueAfter("2026-03-01T12:00:00Z") == At("2026-03-01T14:00:00Z"));
  CHECK(example.At("2026-03-01T14:00:00Z") == "1");
  CHECK(example.DueAfter("2026-03-01T14:00:00Z") == At("2026-03-01T22:00:00Z"));
  CHECK(example.At("2026-03-01T22:00:00Z") == "2");
  CHECK_FALSE(example.DueAfter("2026-03-01T22:00:00Z"));
}

TEST_CASE("What follows is neither asked for the trait's conditions nor for its window", "[living]") {
  Example example = Checkouts(TraitKind::kFollowed, {"10:00:00"}, {"12:00:00"});
  example.trait.items.where = {{.property = "$name", .comparison = Comparison::kIs, .values = {"Checkout Started"}}};
  example.trait.sliding = SlidingWindow{.age_hours = 3, .until_hours = 2};
  CHECK(example.At("2026-03-01T12:00:00Z") == "1");
  // But for what once_per leaves of it.
  example.items[1].properties = {{"order_id", Text("A")}};
  example.items.push_back(ItemAt("2026-03-01T09:00:00Z", "Order Completed", {{"order_id", Text("A")}}));
  CHECK(example.At("2026-03-01T12:00:00Z") == "0");
}

namespace {

// What traits of others say of traits that are sums of properties of one item.
std::vector<std::string> Derived(const std::vector<NamedValue>& properties, const std::vector<Trait>& derived) {
  Schema schema = Shop();
  for (const Trait& trait : derived) schema.traits.push_back(trait);
  for (const char* name : {"a", "b", "c"}) schema.traits.push_back({.name = name, .kind = TraitKind::kMax, .of = name});
  std::vector<std::string> values = Tell(schema, {ItemAt("2026-03-01", "x", properties)}, kNow).values;
  values.resize(derived.size());
  return values;
}

}  // namespace

TEST_CASE("Traits of other traits are decimals, whatever the order of their declaration", "[living]") {
  const std::vector<Trait> traits = {
      {.name = "all", .kind = TraitKind::kTotal, .operands = {"share", "rest", "a"}},
      {.name = "share", .kind = TraitKind::kRatio, .operands = {"a", "b"}},
      {.name = "rest", .kind = TraitKind::kDifference, .operands = {"a", "b"}},
      {.name = "score", .kind = TraitKind::kBand, .operands = {"share"}, .bounds = {-1, 0.333333, 0.333334, 5}},
  };
  using Values = std::vector<std::string>;
  CHECK(Derived({{"a", Number(1)}, {"b", Number(3)}}, traits) == Values{"-0.666667", "0.333333", "-2", "2"});
  CHECK(Derived({{"a", Number(10)}, {"b", Number(2)}}, traits) == Values{"23", "5", "8", "4"});
  // Half of a millionth is rounded to the even one.
  CHECK(Derived({{"a", 0.000001}, {"b", Number(2)}}, traits)[1] == "0");
  CHECK(Derived({{"a", 0.000003}, {"b", Number(2)}}, traits)[1] == "0.000002");
  // A ratio to 0 is absent, and what is made of it.
  CHECK(Derived({{"a", Number(1)}, {"b", Number(0)}}, traits) == Values{"absent", "absent", "1", "absent"});
  CHECK(Derived({{"a", Number(1)}}, traits) == Values{"absent", "absent", "absent", "absent"});
}

TEST_CASE("Larger sums than numbers may be are operands still", "[living]") {
  Schema schema = Shop();
  schema.traits = {{.name = "s", .kind = TraitKind::kSum, .of = "p"},
                   {.name = "n", .kind = TraitKind::kCount},
                   {.name = "r", .kind = TraitKind::kRatio, .operands = {"s", "n"}}};
  const Item item = ItemAt("2026-03-01", "x", {{"p", List("[9000000000000000000,9000000000000000000]")}});
  const Item other = ItemAt("2026-03-02", "x");
  using Values = std::vector<std::string>;
  CHECK(Tell(schema, {item, other}, kNow).values == Values{"18000000000000000000", "2", "9000000000000000000"});
}

TEST_CASE("A total that no decimal holds is absent, however it came about", "[living]") {
  Schema schema = Shop();
  schema.traits = {{.name = "t0", .kind = TraitKind::kSum, .of = "p"}};
  for (int i = 1; i < 60; ++i) {
    const std::string before = "t" + std::to_string(i - 1);
    schema.traits.push_back({.name = "t" + std::to_string(i), .kind = TraitKind::kTotal, .operands = {before, before}});
  }
  const Told told = Tell(schema, {ItemAt("2026-03-01T10:00:00Z", "x", {{"p", 4e18}})}, At("2026-03-02"));
  CHECK(told.values[0] == "4000000000000000000");
  CHECK(told.values[1] == "8000000000000000000");
  for (size_t i = 2; i < told.values.size(); ++i) CHECK(told.values[i] == "absent");
}

TEST_CASE("A text that is too long to be told is not there", "[living]") {
  for (const auto& [kind, most] : {std::pair(TraitKind::kFirst, kMostValueBytes),
                                   {TraitKind::kLast, kMostValueBytes},
                                   {TraitKind::kMostFrequent, kMostListedBytes}}) {
    Example example{.trait = {.name = "t", .kind = kind, .of = "p"}};
    example.items = {ItemAt("2026-03-01T10:00:00Z", "x", {{"p", std::string(most + 1, 'x')}})};
    CHECK(example.TellAt(At("2026-03-02")).values.front() == "absent");
    example.items = {ItemAt("2026-03-01T10:00:00Z", "x", {{"p", std::string(most, 'x')}})};
    CHECK(example.TellAt(At("2026-03-02")).values.front().size() == most + 2);
  }
}

}  // namespace kintsugi::living::examples
