#include "format/evidence_codec.h"

#include <string>
#include <vector>

#include "catch.h"

namespace kintsugi::format {
namespace {

const std::vector<NodeKey> kRaw = {{1, "Jane@X.com"}, {2, "c-1"}};

std::string Fields1() {
  return EncodeFields({.name = "Viewed", .identifiers = kRaw, .traits = {{"a", "sx"}}, .properties = {{"p", "i1"}}});
}

// Fingerprints and ties are made of these bytes, so no release of a library may print them otherwise.
TEST_CASE("Content has the bytes that docs/data_layout.md gives", "[format]") {
  CHECK(Fields1() == std::string("f\x06Viewed\x02\x01\x0aJane@X.com\x02\x03"
                                 "c-1\x01\x01"
                                 "a\x02sx\x01\x01p\x02i1"));
  CHECK(EncodeCells({{"b", "2", true}, {"a", "1", false}}) == std::string("c\x02\x01"
                                                                          "a\0\x01"
                                                                          "1\x01"
                                                                          "b\x01\x01"
                                                                          "2",
                                                                          12));
  CHECK(JsonContent("{}") == "j{}");
  CHECK(MessageContent("{\"a\":1,\"sentAt\":2}", 6) == std::string("m\x06{\"a\":1,\"sentAt\":2}"));
}

TEST_CASE("Content reads back as it was written", "[format]") {
  Fields fields;
  const std::string content = Fields1();
  REQUIRE(DecodeFields(content, fields));
  CHECK(fields.name == "Viewed");
  REQUIRE(fields.identifiers.size() == 2);
  CHECK(fields.identifiers[0].value == "Jane@X.com");
  CHECK(fields.properties[0].value == "i1");
  std::vector<Cell> cells;
  const std::string row = EncodeCells({{"b", "", true}, {"a", "1", false}});
  REQUIRE(DecodeCells(row, cells));
  REQUIRE(cells.size() == 2);
  CHECK(cells[1].column == "b");
  CHECK(cells[1].quoted);
  std::string_view json;
  const std::string message = MessageContent("{\"a\":1}", 6);
  REQUIRE(DecodeJson(message, json));
  CHECK(json == "{\"a\":1}");
}

// The same message may be sent twice, and then says something else about its sending only.
TEST_CASE("What a message says is the first part of its text", "[format]") {
  CHECK(SaidPart(MessageContent("{\"a\":1,\"sentAt\":2}", 6)) == "{\"a\":1");
  CHECK(SaidPart("fabc") == "fabc");
}

TEST_CASE("An event's row tells its normalised identifiers, those as they came by their place", "[format]") {
  const std::string content = Fields1();
  const std::vector<NodeKey> normalised = {{1, "jane@x.com"}, {2, "c-1"}};
  const std::string row = EncodeEvent("Moved", normalised, kRaw, content);
  CHECK(row.find("c-1") == row.rfind("c-1"));
  StoredEvent event;
  REQUIRE(DecodeEvent(row, event));
  CHECK(event.content == content);
  REQUIRE(event.identifiers.size() == 2);
  CHECK(event.identifiers[0].value == "jane@x.com");
  CHECK(event.identifiers[1].number == 2);
  CHECK(event.identifiers[1].value == "c-1");
}

// Whatever is cut off or changed: no read out of bounds, and never a claim of success with less than there was.
TEST_CASE("Damaged evidence is told, and nothing is read out of bounds", "[format]") {
  const std::string row = EncodeEvent("Moved", {{1, "jane@x.com"}, {2, "c-1"}}, kRaw, Fields1());
  for (size_t size = 0; size < row.size(); ++size) {
    StoredEvent event;
    Fields fields;
    const std::string cut = row.substr(0, size);
    const bool whole = DecodeEvent(cut, event) && DecodeFields(event.content, fields);
    CHECK_FALSE(whole);
  }
  for (size_t at = 0; at < row.size(); ++at) {
    std::string changed = row;
    changed[at] = static_cast<char>(changed[at] ^ 0xff);
    StoredEvent event;
    Fields fields;
    if (DecodeEvent(changed, event)) DecodeFields(event.content, fields);
  }
}

}  // namespace
}  // namespace kintsugi::format
