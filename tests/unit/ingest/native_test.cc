#include "ingest/native.h"

#include <rapidcheck.h>

#include "base/json.h"
#include "catch.h"
#include "kintsugi/value.h"
#include "unit/ingest/support.h"

namespace kintsugi::ingest {
namespace {

std::vector<Parsed> Read(std::string_view text) {
  return ParseRow(*MakeNativeParser({.name = "app"}), text);
}

std::string WithTime(const std::string& fields) {
  return R"({"time":"2026-01-02T03:04:05Z",)" + fields + "}";
}

TEST_CASE("ingest: a native event is read field by field") {
  // The example of the documentation.
  const std::vector<Parsed> parsed =
      Read(R"({"id":"m-1","time":"2026-01-02T03:04:05Z","name":"Order Completed","identifiers":{"customer_id":"42",)"
           R"("cookie":["c-1"]},"traits":{"first_name":"Jane"},"properties":{"total":27.5}})");
  const Event& event = OnlyEvent(parsed);
  CHECK(event.source == "app");
  CHECK(event.id == "m-1");
  CHECK(event.time == *ParseTime("2026-01-02T03:04:05Z"));
  CHECK(event.name == "Order Completed");
  CHECK(Show(event.identifiers) == "customer_id:42 cookie:c-1");
  CHECK(event.traits == std::vector<NamedValue>{{"first_name", "Jane"}});
  CHECK(event.properties == std::vector<NamedValue>{{"total", 27.5}});
}

TEST_CASE("ingest: every kind of trait keeps its type") {
  // A null deletes, an empty string is a value, what is nested is compact text.
  const Event event = OnlyEvent(Read(
      WithTime(R"("traits":{"n":null,"t":true,"f":false,"i":-5,"d":2.5,"s":"x","e":"","a":[ 1, "é" ],"o":{ "k": {} },)"
               R"("big":18446744073709551615,"huge":123456789012345678901234567890})")));
  CHECK(event.traits == std::vector<NamedValue>{{"n", Null{}},
                                                {"t", true},
                                                {"f", false},
                                                {"i", int64_t{-5}},
                                                {"d", 2.5},
                                                {"s", "x"},
                                                {"e", ""},
                                                {"a", Json{R"([1,"é"])"}},
                                                {"o", Json{R"({"k":{}})"}},
                                                {"big", "18446744073709551615"},
                                                {"huge", "123456789012345678901234567890"}});
}

TEST_CASE("ingest: identifiers are strings, numbers or arrays of them") {
  // Nulls and empty strings identify nobody.
  const Event event =
      OnlyEvent(Read(WithTime(R"("identifiers":{"a":["x",1,null,""],"b":7,"c":null,"d":"","e":[]},"later":[{}])")));
  CHECK(Show(event.identifiers) == "a:x a:1 b:7");
}

TEST_CASE("ingest: an event may leave out everything but its time") {
  // An id that is missing is derived by the engine; a null is a missing field.
  const Event event = OnlyEvent(Read(WithTime(R"("id":null,"name":null,"traits":null,"identifiers":null)")));
  CHECK(event.id.empty());
  CHECK(event.identifiers.empty());
  CHECK(OnlyEvent(Read(WithTime(R"("id":17)"))).id == "17");
}

TEST_CASE("ingest: an event without a time that can be read is refused") {
  // Years from 1 to 9999; a time is a string.
  CHECK(OnlyReason(Read(R"({"id":"a"})")) == "time is missing");
  CHECK(OnlyReason(Read(R"({"time":null})")) == "time is missing");
  for (const char* bad : {R"("")", R"("soon")", R"("60000-01-01T00:00:00Z")", R"("2026-02-30T00:00:00Z")"}) {
    CHECK(OnlyReason(Read(R"({"time":)" + std::string(bad) + "}")).find("time `") == 0);
  }
  CHECK(OnlyReason(Read(R"({"time":5})")) == "field `time` must be a string, not a number");
}

TEST_CASE("ingest: a field of a wrong type refuses the event and is named") {
  // So that whoever sends it can find it.
  const auto reason = [](const std::string& fields) { return OnlyReason(Read(WithTime(fields))); };
  CHECK(reason(R"("id":{})") == "field `id` must be a string or a number, not an object");
  CHECK(reason(R"("name":5)") == "field `name` must be a string, not a number");
  CHECK(reason(R"("identifiers":["a"])") == "field `identifiers` must be an object, not an array");
  CHECK(reason(R"("identifiers":{"email":{"a":1}})") ==
        "field `identifiers.email` must be a string, a number or an array of them, not an object");
  CHECK(reason(R"("identifiers":{"email":["a",true]})") ==
        "field `identifiers.email` must be a string, a number or an array of them, not a boolean");
  CHECK(reason(R"("traits":"x")") == "field `traits` must be an object, not a string");
  CHECK(reason(R"("properties":[])") == "field `properties` must be an object, not an array");
}

TEST_CASE("ingest: garbage is refused and never more than that") {
  // Binary rows, torn rows, invalid UTF-8; any bytes at all.
  for (const std::string& row : {std::string("\x28\xb5\x2f\xfd\0\x01", 6), std::string("\0", 1),
                                 WithTime("\"name\":\"\xC3\x28\""), WithTime("\"name\":\"x\"").substr(0, 20)}) {
    CHECK(OnlyReason(Read(row)).find("not valid JSON") == 0);
  }
  CHECK(rc::check("any bytes", [](const std::string& text) { Read(text); }));
  CHECK(rc::check("any piece of an event", [] {
    const std::string text = WithTime(R"("identifiers":{"a":["x",12345678901234567890123]},"traits":{"t":{"u":[]}}})");
    std::string torn = text.substr(0, *rc::gen::inRange<size_t>(0, text.size()));
    torn += *rc::gen::arbitrary<std::string>();
    Read(torn);
  }));
}

TEST_CASE("ingest: any string comes through an event unchanged") {
  // Escapes, control characters and quotes included.
  CHECK(rc::check("string round trip", [] {
    const auto value = *rc::gen::container<std::string>(rc::gen::inRange<char>(1, 127));
    std::string text = R"({"time":"2026-01-02T03:04:05Z","traits":{"t":)";
    AppendJsonString(text, value);
    const std::vector<Parsed> parsed = Read(text + "}}");
    RC_ASSERT(std::get<Event>(parsed.at(0)).traits == (std::vector<NamedValue>{{"t", value}}));
  }));
}

}  // namespace
}  // namespace kintsugi::ingest
