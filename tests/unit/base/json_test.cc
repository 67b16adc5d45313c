#include "base/json.h"

#include <rapidcheck.h>
#include <simdjson.h>

#include <limits>
#include <vector>

#include "catch.h"
#include "kintsugi/ids.h"
#include "kintsugi/value.h"

namespace kintsugi {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

// What a JSON reader makes of a string that we wrote.
std::string ReadBack(const std::string& json) {
  simdjson::dom::parser parser;
  return std::string(std::string_view(parser.parse(json)));
}

// Plain text goes through as it is, other scripts too; only what JSON reserves is escaped.
TEST_CASE("A JSON string escapes quotes, backslashes and control characters only", "[base]") {
  CHECK(Quoted("") == R"("")");
  CHECK(Quoted("jane@example.com") == R"("jane@example.com")");
  CHECK(Quoted("José 🏺/") == R"("José 🏺/")");
  CHECK(Quoted("a\"b\\c") == R"("a\"b\\c")");
  CHECK(Quoted("\b\f\n\r\t\x01\x1f\x7f") == "\"\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\"");
  CHECK(Quoted(std::string_view("\0", 1)) == R"("\u0000")");
}

// A source's broken bytes must not break the output that others read.
TEST_CASE("A JSON string replaces invalid UTF-8 by U+FFFD", "[base]") {
  CHECK(Quoted("a\xff"
               "b") == "\"a\uFFFDb\"");
  CHECK(Quoted("\xc3") == "\"\uFFFD\"");
  CHECK(Quoted("\xf0\x9f\x8f") == "\"\uFFFD\"");              // an amphora without its last byte
  CHECK(Quoted("\xc0\xaf") == "\"\uFFFD\uFFFD\"");            // overlong
  CHECK(Quoted("\xed\xa0\x80") == "\"\uFFFD\uFFFD\uFFFD\"");  // a surrogate
}

// AppendJsonString adds to what is there.
TEST_CASE("A JSON string is appended", "[base]") {
  std::string out = "[";
  AppendJsonString(out, "a");
  CHECK(out == "[\"a\"");
}

// What JsonWriter adds between two values, and what it knows how to write.
TEST_CASE("JSON is written with commas where they belong", "[base]") {
  std::string out = "> ";
  JsonWriter json(out);
  json.BeginObject();
  json.Member("text", "a\"b");
  json.Member("view", std::string_view("v"));
  json.Member("flag", true);
  json.Member("most", std::numeric_limits<uint64_t>::max());
  json.Member("least", std::numeric_limits<int64_t>::min());
  json.Member("size", uint32_t{3});
  json.Member("share", 0.5);
  json.Member("known", Time());
  json.Member("unknown", std::optional<Time>());
  json.BeginArray("empty");
  json.EndArray();
  json.BeginArray("list");
  json.BeginObject();
  json.EndObject();
  json.BeginArray();
  json.Element(Null());
  json.Element(Value(std::string("x")));
  json.EndArray();
  json.Element(ValueView(JsonView{"[1]"}));
  json.EndArray();
  json.BeginObject("of");
  json.Array("\n", std::vector{1, 2});
  json.Array("ids", std::vector{Identifier{"a", "b"}}, [](JsonWriter& json, const auto& id) { json.Element(id); });
  json.EndObject();
  json.Name("last");
  json.Element(Json{"{}"});
  json.EndObject();
  CHECK(out ==
        R"(> {"text":"a\"b","view":"v","flag":true,"most":18446744073709551615,"least":-9223372036854775808,)"
        R"("size":3,"share":0.5,"known":"1970-01-01T00:00:00Z","unknown":null,"empty":[],"list":[{},[null,"x"],[1]],)"
        R"("of":{"\n":[1,2],"ids":["a:b"]},"last":{}})");
}

// Output is JSON whatever came in, and says the same where that was text.
TEST_CASE("Every byte string becomes JSON", "[base]") {
  CHECK(rc::check("a reader accepts it, and reads back what was valid", [](const std::string& bytes) {
    const std::string read = ReadBack(Quoted(bytes));
    if (simdjson::validate_utf8(bytes)) RC_ASSERT(read == bytes);
  }));
}

// The forms that profiles print values in.
TEST_CASE("A value is JSON text", "[base]") {
  CHECK(ToJson(Null{}) == "null");
  CHECK(ToJson(true) == "true");
  CHECK(ToJson(false) == "false");
  CHECK(ToJson(std::string("a\nb")) == R"("a\nb")");
  CHECK(ToJson(Json{"[1,2]"}) == "[1,2]");
  CHECK(ToJson(int64_t{0}) == "0");
  CHECK(ToJson(std::numeric_limits<int64_t>::min()) == "-9223372036854775808");
  CHECK(ToJson(0.1) == "0.1");
  CHECK(ToJson(1e300) == "1e+300");
  CHECK(ToJson(-2.5) == "-2.5");
}

// JSON has no word for these, and a reader would stop at them.
TEST_CASE("A number that is none is null", "[base]") {
  CHECK(ToJson(std::numeric_limits<double>::quiet_NaN()) == "null");
  CHECK(ToJson(std::numeric_limits<double>::infinity()) == "null");
  CHECK(ToJson(-std::numeric_limits<double>::infinity()) == "null");
}

// The shortest form is still exact.
TEST_CASE("A double survives its JSON", "[base]") {
  CHECK(rc::check("strtod(ToJson(d)) == d",
                  [](double number) { RC_ASSERT(std::strtod(ToJson(number).c_str(), nullptr) == number); }));
}

}  // namespace
}  // namespace kintsugi
