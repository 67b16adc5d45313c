// No value is lost in silence: what is not of its type, or beyond a bound, is counted, and a field that is not there is
// told.

#include <algorithm>
#include <fstream>

#include "golden/survivorship.h"
#include "ingest/prepare.h"
#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

constexpr const char* kSchema = R"(
  namespaces { name: "email" normalize: EMAIL } namespaces { name: "anonymous_id" }
  sources { name: "crm" table { key: "id" identifiers { field: "mail" namespace: "email" }
    attributes { field: "born" name: "birth_date" type: DATE } attributes { field: "amount" type: NUMBER } attributes { field: "city" } } }
  sources { name: "log" table { format: JSONL key: "id" identifiers { field: "contact.mail" namespace: "email" }
    attributes { field: "amount" type: NUMBER } attributes { field: "nowhere.to.find" name: "lost" } } }
  sources { name: "web" events { format: SEGMENT map { field: "context.mail" namespace: "email" } } }
  sources { name: "app" events { format: NATIVE } }
)";

struct Outcome {
  IngestReport report;
  SourceStats stats;
};

Outcome Read(Database& database, const std::string& source, const std::string& content) {
  const std::string path = database.directory() / (source + ".in");
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  const auto report = database.IngestFile({.source = source, .path = path});
  REQUIRE(report.ok());
  for (const SourceStats& stats : database->GetStats().sources) {
    if (stats.name == source) return {*report, stats};
  }
  return {*report, {}};
}

bool Warns(const IngestReport& report, const std::string& part) {
  return std::any_of(report.warnings.begin(), report.warnings.end(),
                     [&](const std::string& warning) { return Contains(warning, part); });
}

}  // namespace

TEST_CASE("values that are not of their type are counted by field and reason, with an example, and warned of",
          "[refused_values]") {
  Database database(*Schema::Parse(kSchema));
  const auto [report, stats] =
      Read(database, "crm",
           "id,mail,born,amount,city\n1,a@x.com,04/09/1956,\"99,5\",Bonn\n2,b@x.com,31/31/31,7,\n3,c@x.com,,,\n");
  CHECK(report.accepted == 3);
  REQUIRE(stats.refused_values.contains("born: not a DATE"));
  CHECK(stats.refused_values.at("born: not a DATE").count == 2);
  CHECK(stats.refused_values.at("born: not a DATE").example == "04/09/1956");
  REQUIRE(stats.refused_values.contains("amount: not a NUMBER"));
  CHECK(stats.refused_values.at("amount: not a NUMBER").count == 1);
  CHECK(Warns(report, "2 values were left out, for example `04/09/1956` (born: not a DATE)"));
  CHECK(Warns(report, "1 value was left out, for example `99,5`"));
}

TEST_CASE("values of JSON lines are counted too, and a null and an empty text are not refused", "[refused_values]") {
  Database database(*Schema::Parse(kSchema));
  const auto [report, stats] = Read(database, "log",
                                    "{\"id\":\"1\",\"amount\":\"99,5\"}\n{\"id\":\"2\",\"amount\":null}\n"
                                    "{\"id\":\"3\",\"amount\":\"\"}\n{\"id\":\"4\",\"amount\":{\"x\":1}}\n");
  CHECK(report.accepted == 4);
  REQUIRE(stats.refused_values.contains("amount: not a NUMBER"));
  CHECK(stats.refused_values.at("amount: not a NUMBER").count == 2);
}

TEST_CASE("a path that no row has is warned of, in tables and in maps", "[refused_values]") {
  Database database(*Schema::Parse(kSchema));
  const auto log =
      Read(database, "log", "{\"id\":\"1\",\"amount\":1,\"contact\":{\"mail\":\"a@x.com\"}}\n{\"id\":\"2\"}\n");
  CHECK(Warns(log.report, "no row of"));
  CHECK(Warns(log.report, "`nowhere.to.find`"));
  CHECK(log.report.warnings.size() == 1);
  const auto web = Read(database, "web",
                        R"({"type":"track","event":"x","anonymousId":"a","timestamp":"2026-01-01T00:00:00Z"})"
                        "\n");
  CHECK(Warns(web.report, "`context.mail`"));
}

TEST_CASE("a column that stands twice is warned of", "[refused_values]") {
  Database database(*Schema::Parse(kSchema));
  const auto [report, stats] = Read(database, "crm", "id,mail,born,amount,city,city\n1,a@x.com,,,Bonn,Berlin\n");
  CHECK(Warns(report, "two columns `city`"));
  CHECK(std::get<std::string_view>(database->Lookup("crm", "1")->attribute("city")->value) == "Bonn");
}

// Before, a person with 10,000 past values cost 5 ms and 650 KB of log an event.
TEST_CASE("a fresh value in each event leaves a bounded profile, the newest value, and a count of what was left out",
          "[refused_values]") {
  Database database(*Schema::Parse(kSchema));
  constexpr int kEvents = 1000;
  for (int i = 0; i < kEvents; ++i) {
    const std::string page = "/" + std::to_string(i);
    Event event = Seen("m" + std::to_string(i), {{"email", "jane@x.com"}}, i, {{"page", page}});
    event.traits.emplace_back("trait_" + std::to_string(i), true);
    REQUIRE(database->Ingest(event)->accepted == 1);
  }
  const auto jane = database->Lookup("email", "jane@x.com");
  CHECK(jane->attributes().size() <= golden::kMaxUnlistedAttributes);
  const SourceStats app = database->GetStats().sources.back();
  REQUIRE(app.values_left_out.contains("*"));
  CHECK(app.values_left_out.at("*") > 0);
  CHECK(Faults(database) == kNone);
}

// Of equally long values the rule wants the one said last, and beyond the bound the one with the smaller bytes stays:
// then the one that survived is gone, and must not survive still.
TEST_CASE("whatever rule an attribute has, its survivor is one of the values that are kept", "[refused_values]") {
  for (const std::string keep :
       {"MOST_RECENT", "OLDEST", "LONGEST", "MIN", "MAX", "HIGHEST_TRUST", "MOST_FREQUENT", "ALL"}) {
    for (const int most : {1, 2, 3}) {
      Database database(*Schema::Parse(std::string(kSchema) + "golden { attributes { name: 'nick' keep: " + keep +
                                       " max_values: " + std::to_string(most) + " } }"));
      int number = 0;
      for (const std::string nick : {"c", "aaaaa", "zzzzz", "x", "mmmmm", "yy", "bbbbb", "h", "aaaaa", "q"}) {
        ++number;
        REQUIRE(
            database->Ingest(Seen(std::to_string(number), {{"email", "jane@x.com"}}, number, {{"nick", nick}})).ok());
        INFO(keep << " " << most << " after " << number);
        CHECK(Faults(database) == kNone);
      }
    }
  }
}

// Before, sixty values of a megabyte made each further event of the person write all of them again.
TEST_CASE("a value that is too long stays evidence, is counted, and does not reach the golden record",
          "[refused_values]") {
  Database database(*Schema::Parse(kSchema));
  const Event event = Seen("m", {{"email", "jane@x.com"}}, 1,
                           {{"text", std::string(golden::kMaxValueBytes, 'x')}, {"short", std::string("y")}});
  REQUIRE(database->Ingest(event)->accepted == 1);
  const auto jane = database->Lookup("email", "jane@x.com");
  CHECK_FALSE(jane->attribute("text").has_value());
  CHECK(jane->attribute("short").has_value());
  CHECK(database->GetStats().sources.back().refused_values.contains("a value of more than 16384 bytes"));
}

TEST_CASE("malformed identifiers are warned of, with an example", "[refused_values]") {
  Database database(*Schema::Parse(kSchema));
  const auto [report, stats] = Read(database, "crm", "id,mail,born,amount,city\n1,nope,,,\n2,also nope,,,\n");
  CHECK(report.accepted == 2);
  CHECK(Warns(report, "2 identifiers were left out, for example `nope` (email: malformed)"));
}

TEST_CASE("what an event or a record may hold is bounded, with a clear reason", "[refused_values]") {
  Database database(*Schema::Parse(kSchema));
  const auto refusal = [&](const auto& evidence) {
    CHECK(database->Ingest(evidence)->quarantined == 1);
    const std::string reason = QuarantineOf(database).back().reason;
    CHECK(database->WithdrawSource(evidence.source).ok());  // and its row in quarantine
    return reason;
  };
  Event long_event = Seen("long", {{"email", "jane@x.com"}}, 1, {{"text", std::string(ingest::kMaxEventBytes, 'x')}});
  CHECK(Contains(refusal(long_event), "bytes; at most 1048576 are taken"));
  Event wide = Seen("wide", {{"email", "jane@x.com"}}, 1);
  for (size_t i = 0; i <= ingest::kMaxValuesPerRow; ++i) wide.properties.emplace_back(std::to_string(i), true);
  CHECK(Contains(refusal(wide), "at most 10000 are taken"));
  Record record{.source = "crm", .key = "1"};
  for (size_t i = 0; i <= ingest::kMaxValuesPerRow; ++i) record.attributes.emplace_back(std::to_string(i), true);
  CHECK(Contains(refusal(record), "at most 10000 are taken"));
}

}  // namespace kintsugi::testing
