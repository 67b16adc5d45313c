// JSON as it is kept: the same values give the same bytes, and the bytes give the same values.

#include <string>
#include <vector>

#include "ingest/json_value.h"
#include "unit/ingest/support.h"

namespace kintsugi::ingest {
namespace {

std::string Canonical(const std::string& text) {
  simdjson::dom::element root;
  const std::string wrong = ReadJsonObject(text, root);
  REQUIRE(wrong == "");
  return CanonicalOf(root);
}

// It is hashed and compared: a change of these bytes is a change of the format.
TEST_CASE("Canonical JSON has members by name, no white space, and numbers of one form", "[ingest]") {
  CHECK(Canonical(R"({ "b" : [ 1 , 2.50 , { "y" : null , "x" : true } ] , "a" : { } , "c" : [ ] })") ==
        R"({"a":{},"b":[1,2.5,{"x":true,"y":null}],"c":[]})");
  CHECK(Canonical(R"({"n":[100.0,1e2,-0.0,0.1e-6,18446744073709551615,-1]})") ==
        R"({"n":[100.0,100.0,0.0,1e-07,18446744073709551615,-1]})");
  CHECK(Canonical("{\"s\":\"\\u00e9\\n\\u0001\\/\"}") == "{\"s\":\"é\\n\\u0001/\"}");
}

TEST_CASE("Equal names stay in the order in which they came", "[ingest]") {
  CHECK(Canonical(R"({"b":1,"a":2,"b":0})") == R"({"a":2,"b":1,"b":0})");
}

TEST_CASE("Canonical JSON reads back as itself, and its values keep their types", "[ingest]") {
  for (const std::string text :
       {R"({"a":1.0,"b":1,"c":"1","d":[1.5e300,-0.0],"e":123456789012345678901234567890})", R"({"z":{"y":[[],{}]}})"}) {
    const std::string once = Canonical(text);
    CHECK(Canonical(once) == once);
  }
  simdjson::dom::element root;
  const std::string canonical = Canonical(R"({"a":1.0})");
  REQUIRE(ReadJsonObject(canonical, root) == "");
  CHECK(ToValue(root["a"].value_unsafe()) == Value(1.0));
}

}  // namespace
}  // namespace kintsugi::ingest
