#include "living/fields.h"

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"
#include "heap.h"
#include "ingest/json_path.h"
#include "ingest/json_value.h"

namespace kintsugi::living {
namespace {

using Limits = std::numeric_limits<double>;

Schema TwoSources() {
  Schema schema;
  schema.sources = {{.name = "web"}, {.name = "pos"}};
  return schema;
}

Item With(std::vector<NamedValue> properties) {
  return {.time = ParseTime("2026-03-01T10:00:00Z").value(),
          .source = 1,
          .id = "m1",
          .name = "Order Completed",
          .properties = std::move(properties)};
}

// An item whose properties are an object's members, as ingest makes them.
Item WithJson(const std::string& object) {
  simdjson::dom::element root;
  REQUIRE(ingest::ReadJsonObject(object, root).empty());
  std::vector<NamedValue> properties;
  ingest::AppendValues(ingest::ObjectOf(root), properties);
  return With(std::move(properties));
}

std::vector<std::string> Values(const Field& field, const Item& item) {
  std::vector<Value> values;
  field.AppendValues(item, values);
  std::vector<std::string> texts;
  for (const Value& value : values) texts.push_back(ToJson(value));
  return texts;
}
std::vector<std::string> At(std::string_view path, const Item& item) {
  return Values(Field(path, nullptr, TwoSources()), item);
}
std::vector<std::string> At(std::string_view path, const std::string& object) {
  return At(path, WithJson(object));
}

using Texts = std::vector<std::string>;

Condition Where(std::string property, Comparison comparison) {
  return {.property = std::move(property), .comparison = comparison};
}
bool Holds(const Condition& condition, const Item& item, const Activity* activity = nullptr) {
  return CompiledCondition(condition, activity, TwoSources()).Holds(item);
}
bool Is(const std::string& operand, const Value& value) {
  Condition condition = Where("p", Comparison::kIs);
  condition.values = {operand};
  return Holds(condition, With({{"p", value}}));
}
bool Compares(Comparison comparison, double bound, const Value& value) {
  Condition condition = Where("p", comparison);
  condition.bound = bound;
  return Holds(condition, With({{"p", value}}));
}
bool Matches(const std::string& pattern, const Value& value) {
  Condition condition = Where("p", Comparison::kMatches);
  condition.pattern = pattern;
  return Holds(condition, With({{"p", value}}));
}

Activity Order() {
  Activity order;
  order.name = "order";
  order.numbers = {{.name = "total", .fields = {"revenue", "money.total", "total"}}};
  order.texts = {{.name = "currency", .fields = {"currency", "money.currency"}}};
  return order;
}
Texts OfOrder(std::string_view name, const std::string& object) {
  const Activity order = Order();
  return Values(Field(name, &order, TwoSources()), WithJson(object));
}

}  // namespace

TEST_CASE("A field is a property, or where a dotted path leads inside one", "[living]") {
  const std::string object =
      R"({"total":12.5,"cart":{"currency":"EUR","lines":[{"sku":"a"},{"sku":"b"},{"none":1}]},"vip":true})";
  CHECK(At("total", object) == Texts{"12.5"});
  CHECK(At("vip", object) == Texts{"true"});
  CHECK(At("cart.currency", object) == Texts{"\"EUR\""});
  CHECK(At("cart.lines.sku", object) == Texts{"\"a\"", "\"b\""});
  CHECK(At("cart.lines.1.sku", object) == Texts{"\"b\""});
  CHECK(At("cart.lines.7.sku", object).empty());
  CHECK(At("total.currency", object).empty());
  CHECK(At("cart.absent", object).empty());
  CHECK(At("absent", object).empty());
  CHECK(At("", object).empty());
  CHECK(At(".", object).empty());
  CHECK(At("$unknown", R"({"$unknown":1})") == Texts{"1"});
}

TEST_CASE("Nulls and empty arrays are nothing, and of an array each element is a value", "[living]") {
  CHECK(At("p", R"({"p":null})").empty());
  CHECK(At("p", R"({"p":[]})").empty());
  CHECK(At("p", R"({"p":[null,[],[[]]]})").empty());
  CHECK(At("p", R"({"p":["x",[1,[null,true]],2.5]})") == Texts{"\"x\"", "1", "true", "2.5"});
  // Equal objects have equal texts.
  CHECK(At("p", R"({"p":{"b":[1.0,null],"a":2.50}})") == Texts{R"({"a":2.5,"b":[1,null]})"});
  CHECK(At("p", R"({"p":[{"a":1},{}]})") == Texts{R"({"a":1})", "{}"});
  CHECK(At("p", R"({"p":""})") == Texts{"\"\""});
  CHECK(At("p", R"({"p":false})") == Texts{"false"});
}

TEST_CASE("A key that spells several steps out is tried before shorter ones", "[living]") {
  CHECK(At("a.b.c", R"({"a":{"b":{"c":1}},"a.b":{"c":2},"a.b.c":3})") == Texts{"3"});
  CHECK(At("a.b.c", R"({"a":{"b":{"c":1}},"a.b":{"c":2}})") == Texts{"2"});
  CHECK(At("a.b.c", R"({"a":{"b":{"c":1}},"a.b":{"x":2}})") == Texts{"1"});
  CHECK(At("a.b.c", R"({"a":{"b":{"c":1}},"a.b":5})") == Texts{"1"});
  CHECK(At("a.b.c", R"({"a":{"b.c":1,"b":{"c":2}}})") == Texts{"1"});
  CHECK(At("a.b", R"({"a":{"b":1},"a.b":null})").empty());  // it is there, and says nothing
}

// The item's properties are a JSON object that came apart: a look-up must not tell.
TEST_CASE("A path leads where the same path leads in the object that the item came from", "[living]") {
  const std::vector<std::string> objects = {
      R"({"a":{"b":{"c":1}},"a.b":{"c":2},"a.b.c":3,"b":[1,2]})",
      R"({"a":[{"b":1},{"b":[2,{"c":3}]},4],"a.":5})",
      R"({"a":[[{"b":1}],{"b":{"c":[7,8]}}],"a.0":{"b":9}})",
      R"({"a":{"":{"c":1},"b":null},"":{"a":2},".a":3})",
      R"({"a":"text","a.b":[],"a.b.c":{"d":1}})",
      R"({"0":{"b":1},"a":[10,20,30],"a.1":null})",
  };
  const std::vector<std::string> paths = {"a",   "a.b", "a.b.c", "a.0",  "a.1", "a.1.b", "a.0.b",   "a.0.0.b", "b.0",
                                          "b.1", "a.",  ".a",    "a..c", "..",  "0.b",   "a.b.c.d", "a.01",    "a.-1"};
  for (const std::string& object : objects) {
    for (const std::string& path : paths) {
      CAPTURE(object, path);
      const Texts ours = At(path, object);
      simdjson::dom::element root;
      REQUIRE(ingest::ReadJsonObject(object, root).empty());
      std::vector<simdjson::dom::element> found;
      ingest::JsonPath(path).Find(root, found);
      std::vector<NamedValue> properties;
      for (const auto element : found) properties.emplace_back("p", ingest::ToValue(element));
      Texts theirs;
      for (auto& property : properties) {
        for (std::string& text : At("p", With({std::move(property)}))) theirs.push_back(std::move(text));
      }
      CHECK(ours == theirs);
    }
  }
}

TEST_CASE("Whole numbers are integers wherever they fit", "[living]") {
  const auto only = [](const Value& value) {
    std::vector<Value> values;
    Field("p", nullptr, TwoSources()).AppendValues(With({{"p", value}}), values);
    return values.at(0);
  };
  CHECK(only(1.0) == Value(int64_t{1}));
  CHECK(only(-0.0) == Value(int64_t{0}));
  CHECK(only(1.5) == Value(1.5));
  CHECK(only(0.0000001) == Value(0.0000001));
  CHECK(only(9007199254740991.0) == Value(int64_t{9007199254740991}));
  CHECK(only(-9007199254740992.0) == Value(int64_t{-9007199254740992}));
  CHECK(only(1.2345678901234568e18) == Value(int64_t{1234567890123456800}));  // what its text says
  CHECK(only(-9.2e18) == Value(int64_t{-9200000000000000000}));
  CHECK(only(9223372036854775808.0) == Value(9223372036854775808.0));
  CHECK(only(1e300) == Value(1e300));
  CHECK(only(Json{"[2.0]"}) == Value(int64_t{2}));
  CHECK(only(Json{"[1e3]"}) == Value(int64_t{1000}));
  // Beyond 64 bits an integer is a text wherever it stands, as ingest makes it one at the top.
  CHECK(only(Json{"[9223372036854775808]"}) == Value(std::string("9223372036854775808")));
}

TEST_CASE("Numbers that are none are not there", "[living]") {
  for (const double number : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity()}) {
    const Item item = With({{"p", number}});
    CHECK(At("p", item).empty());
    CHECK_FALSE(Field("p", nullptr, TwoSources()).NumberOf(item));
    CHECK_FALSE(Holds(Where("p", Comparison::kExists), item));
  }
}

TEST_CASE("An item's own name, source and time are texts", "[living]") {
  const Item item = WithJson(R"({"$name":"hidden","$source":"hidden","$time":5})");
  CHECK(At("$name", item) == Texts{"\"Order Completed\""});
  CHECK(At("$source", item) == Texts{"\"pos\""});
  CHECK(At("$time", item) == Texts{"\"2026-03-01T10:00:00Z\""});
  CHECK_FALSE(Field("$time", nullptr, TwoSources()).NumberOf(item));
  Item stranger = item;
  stranger.source = 7;  // of no schema that is known here
  CHECK(At("$source", stranger).empty());
}

TEST_CASE("Of an activity's number or text the first path counts that holds one", "[living]") {
  CHECK(OfOrder("total", R"({"revenue":5,"total":7})") == Texts{"5"});
  CHECK(OfOrder("total", R"({"revenue":"5","total":7})") == Texts{"7"});
  CHECK(OfOrder("total", R"({"revenue":null,"money":{"total":6.5},"total":7})") == Texts{"6.5"});
  CHECK(OfOrder("total", R"({"revenue":["x",1,2],"total":7})") == Texts{"1", "2"});
  CHECK(OfOrder("total", R"({"revenue":true,"total":"7"})").empty());
  CHECK(OfOrder("currency", R"({"currency":978,"money":{"currency":"EUR"}})") == Texts{"\"EUR\""});
  CHECK(OfOrder("currency", R"({"currency":""})") == Texts{"\"\""});
  // Without the activity, and where it has no such name, a name is a path.
  CHECK(At("total", R"({"revenue":5,"total":"7"})") == Texts{"\"7\""});
  CHECK(OfOrder("money.total", R"({"money":{"total":6}})") == Texts{"6"});
  CHECK(OfOrder("revenue", R"({"revenue":"x"})") == Texts{"\"x\""});
}

TEST_CASE("A field has a first value and a first number", "[living]") {
  const Field field("p", nullptr, TwoSources());
  const Item item = WithJson(R"({"p":[null,"12",1e30,2.50,3]})");
  CHECK(field.ValueOf(item) == Value(std::string("12")));
  CHECK(field.NumberOf(item)->ToText() == "2.5");  // 1e30 is no decimal
  CHECK_FALSE(field.ValueOf(WithJson(R"({"p":[]})")));
  CHECK_FALSE(field.NumberOf(WithJson(R"({"p":"12"})")));
  CHECK_FALSE(Field().ValueOf(item));
  CHECK(Values(Field(), item).empty());
}

TEST_CASE("A look-up of what is at the top of an item allocates nothing", "[living]") {
  const std::string text(100, 'x');
  const Item item = With({{"n.a", 12.345678901234567}, {"i", int64_t{5}}, {"t", text}});
  Condition at_least = Where("n.a", Comparison::kAtLeast);
  at_least.bound = 12;
  Condition is = Where("t", Comparison::kIs);
  is.values = {"y", text};
  Condition source = Where("$source", Comparison::kIsNot);
  source.values = {"web"};
  ItemFilter filter;
  filter.where = {at_least, is, source};
  const CompiledFilter compiled(filter, nullptr, TwoSources());
  const Field number("i", nullptr, TwoSources());

  const testing::HeapPeak peak;
  const bool holds = compiled.Holds(item);
  const auto five = number.NumberOf(item);
  const int64_t bytes = peak.bytes();
  CHECK(bytes == 0);
  CHECK(holds);
  CHECK(five == Decimal::Parse("5"));
}

TEST_CASE("JSON that cannot be read, or is too deep, is nothing", "[living]") {
  const std::string deep = std::string(2000, '[') + "1" + std::string(2000, ']');
  const std::string nested = std::string(900, '[') + "1" + std::string(900, ']');
  for (const std::string& text : {deep, std::string("{"), std::string(), std::string("[1"), std::string("[\"\xff\"]"),
                                  std::string("nonsense"), std::string("[1]]")}) {
    CAPTURE(text.substr(0, 20));
    const Item item = With({{"p", Json{text}}});
    CHECK(At("p", item).empty());
    CHECK(At("p.a", item).empty());
    CHECK(At("p.0", item).empty());
  }
  CHECK(At("p", With({{"p", Json{nested}}})) == Texts{"1"});
  std::string objects = "1";
  std::string path = "p";
  for (int depth = 0; depth < 900; ++depth) {
    objects = "{\"a\":" + std::move(objects) + "}";
    path += ".a";
  }
  CHECK(At(path, With({{"p", Json{objects}}})) == Texts{"1"});
  CHECK(At(path + ".a", With({{"p", Json{objects}}})).empty());
  CHECK(At(std::string(100'000, '.'), With({{"p", Json{"{}"}}})).empty());
}

TEST_CASE("A huge property is read, and so is a small one after it", "[living]") {
  std::string huge = "[";
  for (int i = 0; i < 300'000; ++i) huge += "\"abcdefgh\",";
  huge += "7]";
  const Item item = With({{"p", Json{huge}}, {"q", Json{"[8]"}}});
  CHECK(Field("p", nullptr, TwoSources()).NumberOf(item)->ToText() == "7");
  CHECK(At("q", item) == Texts{"8"});
}

TEST_CASE("A value is what a schema writes as text, or as a number of its value", "[living]") {
  CHECK(Is("5", int64_t{5}));
  CHECK(Is("5", 5.0));
  CHECK(Is("5.0", int64_t{5}));
  CHECK(Is("5e0", int64_t{5}));
  CHECK(Is("5", std::string("5")));
  CHECK(Is("12.50", 12.5));
  CHECK(Is("-0", int64_t{0}));
  CHECK(Is("true", true));
  CHECK(Is("false", false));
  CHECK(Is("true", std::string("true")));
  CHECK(Is("", std::string()));

  CHECK_FALSE(Is("5.0", std::string("5")));  // texts are compared as texts
  CHECK_FALSE(Is("5", int64_t{6}));
  CHECK_FALSE(Is("1", true));
  CHECK_FALSE(Is("True", true));
  CHECK_FALSE(Is("", int64_t{0}));
  CHECK_FALSE(Is("null", Null()));
  CHECK_FALSE(Is("nan", Limits::quiet_NaN()));
  CHECK_FALSE(Is("{}", Json{"{}"}));
  CHECK_FALSE(Is("five", int64_t{5}));
}

TEST_CASE("Any of several values, and any element of an array, is enough", "[living]") {
  Condition is = Where("p", Comparison::kIs);
  is.values = {"a", "5", "true"};
  Condition is_not = Where("p", Comparison::kIsNot);
  is_not.values = {"5"};
  const auto holds = [](const Condition& condition, const char* object) { return Holds(condition, WithJson(object)); };

  CHECK(holds(is, R"({"p":["x",{"y":1},[null,5.0]]})"));
  CHECK(holds(is, R"({"p":true})"));
  CHECK_FALSE(holds(is, R"({"p":["x",6,false]})"));
  CHECK_FALSE(holds(is, R"({})"));
  CHECK_FALSE(holds(is, R"({"p":[]})"));

  CHECK(holds(is_not, R"({"p":[4,6]})"));
  CHECK(holds(is_not, R"({})"));
  CHECK(holds(is_not, R"({"p":null})"));
  CHECK(holds(is_not, R"({"p":{"a":5}})"));
  CHECK_FALSE(holds(is_not, R"({"p":[4,5]})"));
  CHECK_FALSE(holds(is_not, R"({"p":"5"})"));
}

TEST_CASE("Bounds are compared with numbers, as decimals", "[living]") {
  CHECK(Compares(Comparison::kAtLeast, 100, int64_t{100}));
  CHECK_FALSE(Compares(Comparison::kAtLeast, 100, 99.999999));
  CHECK(Compares(Comparison::kAtLeast, 100, 99.9999999));  // beyond the sixth place nothing counts
  CHECK(Compares(Comparison::kMoreThan, 0.3, 0.300001));
  CHECK_FALSE(Compares(Comparison::kMoreThan, 0.3, 0.1 + 0.2));
  CHECK(Compares(Comparison::kAtMost, 0.3, 0.1 + 0.2));
  CHECK(Compares(Comparison::kLessThan, 0, -0.5));
  CHECK_FALSE(Compares(Comparison::kLessThan, 0, -0.0));
  CHECK(Compares(Comparison::kMoreThan, 9007199254740992.0, int64_t{9007199254740993}));
  CHECK(Compares(Comparison::kLessThan, 5, Json{"[9,\"x\",4]"}));

  for (const Comparison comparison :
       {Comparison::kAtLeast, Comparison::kMoreThan, Comparison::kAtMost, Comparison::kLessThan}) {
    CHECK_FALSE(Compares(comparison, 1, std::string("1")));
    CHECK_FALSE(Compares(comparison, 1, true));
    CHECK_FALSE(Compares(comparison, 1, Null()));
    CHECK_FALSE(Compares(comparison, 1, Json{"{}"}));
    CHECK_FALSE(Compares(comparison, 1, Limits::quiet_NaN()));
    CHECK_FALSE(Compares(comparison, 1, 1e30));
    CHECK_FALSE(Holds(Where("absent", comparison), With({})));
  }
}

TEST_CASE("A bound that is no decimal is beyond all decimals", "[living]") {
  const Value most = 1e19;
  CHECK(Compares(Comparison::kLessThan, 1e30, most));
  CHECK(Compares(Comparison::kAtMost, Limits::infinity(), most));
  CHECK_FALSE(Compares(Comparison::kAtLeast, 1e30, most));
  CHECK(Compares(Comparison::kMoreThan, -1e30, -1e19));
  CHECK_FALSE(Compares(Comparison::kAtMost, -1e30, -1e19));
}

TEST_CASE("What exists holds a value", "[living]") {
  Condition exists = Where("p", Comparison::kExists);
  Condition absent = exists;
  absent.exists = false;
  for (const char* object :
       {R"({"p":0})", R"({"p":""})", R"({"p":false})", R"({"p":[null,1]})", R"({"p":{"a":1}})", R"({"p":[{}]})"}) {
    CAPTURE(object);
    CHECK(Holds(exists, WithJson(object)));
    CHECK_FALSE(Holds(absent, WithJson(object)));
  }
  for (const char* object : {R"({})", R"({"p":null})", R"({"p":[]})"}) {
    CAPTURE(object);
    CHECK_FALSE(Holds(exists, WithJson(object)));
    CHECK(Holds(absent, WithJson(object)));
  }
}

TEST_CASE("A pattern is for the whole of a text, and for texts only", "[living]") {
  CHECK(Matches("SUMMER-[0-9]+", std::string("SUMMER-26")));
  CHECK_FALSE(Matches("SUMMER", std::string("SUMMER-26")));
  CHECK(Matches("", std::string()));
  CHECK(Matches("b+", Json{R"(["a","bb"])"}));
  CHECK_FALSE(Matches("[0-9]+", int64_t{5}));
  CHECK_FALSE(Matches("true", true));
  CHECK_FALSE(Matches(".*", Null()));
  CHECK_FALSE(Matches(".*", std::string("\xff\xfe")));  // no text, to RE2
  CHECK(Matches("a.b", std::string("a\0b", 3)));
  CHECK_FALSE(Matches("(", std::string("(")));  // a schema with it is refused; here it is just never fulfilled
}

TEST_CASE("A condition may ask for an item's name, source and time, as texts", "[living]") {
  const Item item = With({});
  const auto holds = [&](const char* property, Comparison comparison, std::string operand) {
    Condition condition = Where(property, comparison);
    condition.values = {operand};
    condition.pattern = operand;
    return Holds(condition, item);
  };
  CHECK(holds("$name", Comparison::kIs, "Order Completed"));
  CHECK(holds("$source", Comparison::kIs, "pos"));
  CHECK(holds("$source", Comparison::kIsNot, "web"));
  CHECK(holds("$time", Comparison::kIs, "2026-03-01T10:00:00Z"));
  CHECK_FALSE(holds("$time", Comparison::kIs, "2026-03-01 10:00:00"));
  CHECK(holds("$time", Comparison::kMatches, "2026-03-.*"));
  CHECK_FALSE(holds("$time", Comparison::kAtLeast, ""));
  CHECK(holds("$time", Comparison::kExists, ""));
}

TEST_CASE("A condition looks at an activity's numbers and texts by their names", "[living]") {
  const Activity order = Order();
  Condition big = Where("total", Comparison::kAtLeast);
  big.bound = 100;
  CHECK(Holds(big, WithJson(R"({"revenue":120,"total":1})"), &order));
  CHECK_FALSE(Holds(big, WithJson(R"({"revenue":120,"total":1})")));
  Condition other = Where("currency", Comparison::kIsNot);
  other.values = {"978"};
  CHECK(Holds(other, WithJson(R"({"currency":978})"), &order));  // a number is no text, so it is absent
}

TEST_CASE("A filter wants one of the events, one of the sources, and all conditions", "[living]") {
  ItemFilter filter;
  filter.events = {"Receipt", "Order Completed"};
  filter.sources = {"pos"};
  filter.where = {Where("total", Comparison::kAtLeast), Where("void", Comparison::kExists)};
  filter.where[0].bound = 10;
  filter.where[1].exists = false;
  const CompiledFilter compiled(filter, nullptr, TwoSources());

  const Item item = WithJson(R"({"total":10})");
  CHECK(compiled.Holds(item));
  Item other_event = item;
  other_event.name = "Order Cancelled";
  CHECK_FALSE(compiled.Holds(other_event));
  Item other_source = item;
  other_source.source = 0;
  CHECK_FALSE(compiled.Holds(other_source));
  CHECK_FALSE(compiled.Holds(WithJson(R"({"total":9})")));
  CHECK_FALSE(compiled.Holds(WithJson(R"({"total":10,"void":true})")));
}

TEST_CASE("A filter that says nothing holds for all items", "[living]") {
  CHECK(CompiledFilter().Holds(With({})));
  CHECK(CompiledFilter(ItemFilter(), nullptr, TwoSources()).Holds(With({})));
}

}  // namespace kintsugi::living
