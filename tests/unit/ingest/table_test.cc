#include "ingest/table.h"
#include "ingest/convert.h"

#include "catch.h"
#include "kintsugi/value.h"
#include "unit/ingest/support.h"

namespace kintsugi::ingest {
namespace {

Source Shop() {
  Source source{.name = "crm", .rows = Table()};
  source.table()->key = "id";
  source.table()->updated_at = "modified";
  source.table()->identifiers = {{"mail", "email"}, {"phones", "phone"}, {"loyalty.card", "card"}};
  source.table()->attributes = {{"name", "name"},
                                {"born", "birth_date", ValueType::kDate},
                                {"vip", "vip", ValueType::kBool},
                                {"total", "total", ValueType::kNumber},
                                {"seen", "seen", ValueType::kTime},
                                {"address.city", "city"},
                                {"orders.sku", "skus"}};
  return source;
}

std::vector<Parsed> Json(std::string_view text, const Source& source = Shop()) {
  return ParseRow(*MakeJsonTableParser(source), text);
}

std::vector<Parsed> Csv(std::string_view header, std::string_view row, const Source& source = Shop()) {
  return ParseRow(*MakeCsvTableParser(source, *CsvHeader::Parse(header, ',')), row);
}

Value City(std::string_view text) {
  return Get(OnlyRecord(Json(text)).attributes, "city");
}

std::string Ids(std::string_view text) {
  return Show(OnlyRecord(Json(text)).identifiers);
}

TEST_CASE("ingest: a JSON row becomes a record") {
  // Every kind of declared field at once.
  const std::vector<Parsed> parsed =
      Json(R"({"id":"7","modified":"2026-03-01T10:00:00Z","mail":"A@x.com","phones":["1",2,null,""],"name":"Jane",)"
           R"("born":"1983-04-08","vip":"Yes","total":"27.5","seen":1700000000,"address":{"city":"Ghent"}})");
  const Record& record = OnlyRecord(parsed);
  CHECK(record.source == "crm");
  CHECK(record.key == "7");
  CHECK(record.version == *ParseTime("2026-03-01T10:00:00Z"));
  CHECK(Show(record.identifiers) == "email:A@x.com phone:1 phone:2");
  CHECK(record.attributes == std::vector<NamedValue>{{"name", "Jane"},
                                                     {"birth_date", "1983-04-08"},
                                                     {"vip", true},
                                                     {"total", 27.5},
                                                     {"seen", "2023-11-14T22:13:20Z"},
                                                     {"city", "Ghent"}});
}

TEST_CASE("ingest: a CSV row becomes the same record") {
  // The columns in any order, and one that nobody asked for.
  const Record record = OnlyRecord(Csv("x,total,vip,born,name,mail,modified,id,seen,address.city",
                                       "?,27.5,YES,1983-04-08, Jane ,A@x.com,2026-03-01,7,2026-01-02,\"Gh,ent\""));
  CHECK(record.key == "7");
  CHECK(record.version == *ParseTime("2026-03-01"));
  CHECK(Show(record.identifiers) == "email:A@x.com");
  CHECK(record.attributes == std::vector<NamedValue>{{"name", "Jane"},
                                                     {"birth_date", "1983-04-08"},
                                                     {"vip", true},
                                                     {"total", 27.5},
                                                     {"seen", "2026-01-02T00:00:00Z"},
                                                     {"city", "Gh,ent"}});
}

TEST_CASE("ingest: a path leads through objects, arrays and keys with dots") {
  // A key that spells the path out comes first; a number picks an element; other steps visit all of them.
  CHECK(Ids(R"({"id":1,"loyalty":{"card":"c"}})") == "card:c");
  CHECK(Ids(R"({"id":1,"loyalty":{"card":["c","d",["e"]]}})") == "card:c card:d card:e");
  CHECK(Ids(R"({"id":1,"loyalty":[{"card":"c"},{"x":1},{"card":"d"}]})") == "card:c card:d");
  CHECK(Ids(R"({"id":1,"loyalty":{"card":"c"},"loyalty.card":"literal"})") == "card:literal");
  Source source = Shop();
  source.table()->identifiers = {{"cards.1.no", "card"}, {"a.b.c", "abc"}};
  CHECK(Show(OnlyRecord(Json(R"({"id":1,"cards":[{"no":1},{"no":2}],"a":{"b.c":"x"}})", source)).identifiers) ==
        "card:2 abc:x");
  CHECK(
      Show(OnlyRecord(Json(R"({"id":1,"cards":[{"no":1}],"a.b":{"d":1},"a":{"b":{"c":"y"}}})", source)).identifiers) ==
      "abc:y");
}

TEST_CASE("ingest: identifiers that say nothing are absent") {
  // Missing, null, empty, and what cannot be an identifier at all.
  CHECK(Ids(R"({"id":1})").empty());
  CHECK(Ids(R"({"id":1,"mail":null,"phones":[],"loyalty":"none"})").empty());
  CHECK(Ids(R"({"id":1,"mail":"","phones":{"a":1},"loyalty":{"card":true}})").empty());
  CHECK(OnlyRecord(Csv("id,mail", "1,\"\"")).identifiers.empty());
}

TEST_CASE("ingest: numbers that identify are written as by hand") {
  // A float column of ids, and integers of any length.
  CHECK(Ids(R"({"id":1,"phones":[42.0,18446744073709551615,123456789012345678901234567890,-7]})") ==
        "phone:42 phone:18446744073709551615 phone:123456789012345678901234567890 phone:-7");
}

TEST_CASE("ingest: an untyped attribute keeps its JSON type") {
  // Arrays and objects as compact text, several values as an array, and an empty string is a value.
  CHECK(City(R"({"id":1,"address":{"city":"x"}})") == Value("x"));
  CHECK(City(R"({"id":1,"address":{"city":""}})") == Value(""));
  CHECK(City(R"({"id":1,"address":{"city":3}})") == Value(int64_t{3}));
  CHECK(City(R"({"id":1,"address":{"city":2.5}})") == Value(2.5));
  CHECK(City(R"({"id":1,"address":{"city":false}})") == Value(false));
  CHECK(City(R"({"id":1,"address":{"city": [1, "a", {"b": null}] }})") ==
        Value(kintsugi::Json{R"([1,"a",{"b":null}])"}));
  CHECK(City(R"({"id":1,"address":[{"city":"a"},{"city":"b"}]})") == Value(kintsugi::Json{R"(["a","b"])"}));
  CHECK(City(R"({"id":1,"address":[{"city":"a"}]})") == Value("a"));
  CHECK(City(R"({"id":1,"address":{"city":null}})") == Value(kintsugi::Json{"absent"}));
  CHECK(City(R"({"id":1})") == Value(kintsugi::Json{"absent"}));
}

TEST_CASE("ingest: an empty CSV field is absent unless it is quoted") {
  // Which is how CSV tells no value from an empty one.
  CHECK(OnlyRecord(Csv("id,name", "1,")).attributes.empty());
  CHECK(OnlyRecord(Csv("id,name", "1,  ")).attributes.empty());
  CHECK(OnlyRecord(Csv("id,name", "1,\"\"")).attributes == std::vector<NamedValue>{{"name", ""}});
}

TEST_CASE("ingest: a typed attribute is converted or left out") {
  // A bad value is not worth refusing the row.
  CHECK(Convert("12", ValueType::kNumber) == Value(int64_t{12}));
  CHECK(Convert("+1.5e3", ValueType::kNumber) == Value(1500.0));
  CHECK(Convert(int64_t{5}, ValueType::kNumber) == Value(int64_t{5}));
  for (const char* bad : {"", "12a", "nan", "inf", "1e999", "0x10", "1,5"})
    CHECK_FALSE(Convert(bad, ValueType::kNumber));
  for (const char* yes : {"true", "YES", "t", "1"}) CHECK(Convert(yes, ValueType::kBool) == Value(true));
  for (const char* no : {"False", "no", "F", "0"}) CHECK(Convert(no, ValueType::kBool) == Value(false));
  CHECK(Convert(int64_t{0}, ValueType::kBool) == Value(false));
  CHECK_FALSE(Convert("maybe", ValueType::kBool));
  CHECK_FALSE(Convert(int64_t{2}, ValueType::kBool));
  CHECK(Convert(int64_t{19830408}, ValueType::kDate) == Value("1983-04-08"));
  CHECK_FALSE(Convert("1983-02-30", ValueType::kDate));
  CHECK(Convert("2026-03-01 10:00:00", ValueType::kTime) == Value("2026-03-01T10:00:00Z"));
  CHECK_FALSE(Convert("soon", ValueType::kTime));
  CHECK_FALSE(Convert(Null{}, ValueType::kNumber));
  CHECK(OnlyRecord(Json(R"({"id":1,"total":"much","vip":[],"born":{}})")).attributes.empty());
  CHECK(Get(OnlyRecord(Json(R"({"id":1,"total":["x","3"]})")).attributes, "total") == Value(int64_t{3}));
}

TEST_CASE("ingest: a row without its key is refused") {
  // Missing, empty, null, and what is no key.
  const std::string reason = "row has no key: field `id` is missing or empty";
  for (const char* row : {"{}", R"({"id":""})", R"({"id":null})"}) CHECK(OnlyReason(Json(row)) == reason);
  const std::string wrong = "row has no key: field `id` must be a string or a number, not ";
  CHECK(OnlyReason(Json(R"({"id":{"x":1}})")) == wrong + "an object");
  CHECK(OnlyReason(Json(R"({"id":true})")) == wrong + "a boolean");
  CHECK(OnlyReason(Csv("id,name", ",Jane")) == reason);
  CHECK(OnlyReason(Csv("id,name", "\"\",Jane")) == reason);
  CHECK(OnlyRecord(Json(R"({"id":42})")).key == "42");
}

TEST_CASE("ingest: a source without a key names its rows by their content") {
  // Equal rows are one record, others are not.
  Source source = Shop();
  source.table()->key.clear();
  const std::string key = OnlyRecord(Json(R"({"name":"a"})", source)).key;
  CHECK(key.size() == 32);
  CHECK(key.find_first_not_of("0123456789abcdef") == std::string::npos);
  CHECK(OnlyRecord(Json(R"({"name":"a"})", source)).key == key);
  CHECK(OnlyRecord(Json(R"({"name":"b"})", source)).key != key);
}

TEST_CASE("ingest: a version is a time, a number of seconds or of milliseconds, or unknown") {
  // What is there and cannot be read refuses the row: guessing an order would lose values.
  const auto version = [](const std::string& json) {
    return OnlyRecord(Json(R"({"id":1,"modified":)" + json + "}")).version;
  };
  const Time expected = *ParseTime("2023-11-14T22:13:20.5Z");
  CHECK(version("1700000000.5") == expected);
  CHECK(version("1700000000500") == expected);
  CHECK(version(R"("2023-11-14T23:13:20.5+01:00")") == expected);
  CHECK(version("null") == std::nullopt);
  CHECK(version("\"\"") == std::nullopt);
  CHECK(OnlyRecord(Json(R"({"id":1})")).version == std::nullopt);
  CHECK(OnlyRecord(Csv("id,modified", "1,")).version == std::nullopt);
  CHECK(OnlyRecord(Csv("id", "1")).version == std::nullopt);
  for (const char* bad : {R"("soon")", R"("60000-01-01T00:00:00Z")", "1e15", "1e300", "-1e14", "true", "{}", "[]"}) {
    INFO(bad);
    const std::string reason = OnlyReason(Json(R"({"id":1,"modified":)" + std::string(bad) + "}"));
    CHECK(reason.find("field `modified` is not a time") == 0);
  }
  const std::string reason = OnlyReason(Csv("id,modified", "1,2026-01-11 10:00"));
  CHECK(reason.find("field `modified` is not a time of years 1 to 9999: `2026-01-11 10:00`; write ") == 0);
  CHECK(reason.find("2026-01-31 10:00:00 (UTC)") != std::string::npos);  // a form that is taken
}

TEST_CASE("ingest: a CSV row must have as many fields as the header") {
  // The reason says both, so that the file can be mended.
  CHECK(OnlyReason(Csv("id,name,mail", "1,Jane")) == "row has 2 fields, the header has 3");
  CHECK(OnlyReason(Csv("id,name", "1,Jane,x,y")) == "row has 4 fields, the header has 2");
}

TEST_CASE("ingest: text that is not UTF-8 is refused, in CSV and in JSON") {
  // A Latin-1 export goes to quarantine whole, and can be replayed once it has been converted.
  CHECK(OnlyReason(Csv("id,name", "1,Jos\xE9")) == "row is not valid UTF-8");
  CHECK(OnlyReason(Json("{\"id\":1,\"name\":\"Jos\xE9\"}")).find("not valid JSON") == 0);
}

TEST_CASE("ingest: a row that is not one JSON object is refused") {
  // The whole row is read: nothing may come after the object.
  for (const char* row :
       {"[]", "1", "\"a\"", "null", "{", "{}{}", "{} x", R"({"id":1,})", R"({"id":01})", "\x1f\x8b"}) {
    INFO(row);
    CHECK_FALSE(OnlyReason(Json(row)).empty());
  }
  CHECK(OnlyReason(Json("[]")) == "not a JSON object but an array");
  CHECK(Json("").empty());
  CHECK(Json(" \t ").empty());
  CHECK(Csv("id", "  ").empty());
}

TEST_CASE("ingest: nesting without end is refused and not followed") {
  // A row of brackets must not use up the stack.
  const std::string deep = R"({"id":1,"mail":)" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  CHECK_FALSE(OnlyReason(Json(deep)).empty());
  const std::string allowed = R"({"id":1,"mail":)" + std::string(1000, '[') + "\"x\"" + std::string(1000, ']') + "}";
  CHECK(Ids(allowed) == "email:x");
}

}  // namespace
}  // namespace kintsugi::ingest
