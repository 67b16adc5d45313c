// Evidence is what came, and not what was understood of it: another schema finds in it what the first did not ask for.

#include <fstream>

#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

std::string With(const std::string& crm, const std::string& log, const std::string& web) {
  return "namespaces { name: 'email' normalize: EMAIL } namespaces { name: 'phone' normalize: DIGITS } "
         "namespaces { name: 'anonymous_id' } "
         "sources { name: 'crm' table { key: 'id' updated_at: 'at' identifiers { field: 'mail' namespace: 'email' } " +
         crm +
         " } } "
         "sources { name: 'log' table { format: JSONL key: 'id' " +
         log +
         " } } "
         "sources { name: 'web' events { format: SEGMENT " +
         web + " } }";
}

Schema Small() {
  return *Schema::Parse(With("", "identifiers { field: 'mail' namespace: 'email' }", ""));
}
// Asks for a column, a path and a field of a message that the first schema leaves aside.
Schema Large() {
  return *Schema::Parse(With("attributes { field: 'city' }",
                             "identifiers { field: 'mail' namespace: 'email' } identifiers { field: 'contact.tel' "
                             "namespace: 'phone' } attributes { field: 'n' name: 'number' type: NUMBER }",
                             "map { field: 'context.device.tel' namespace: 'phone' }"));
}

constexpr const char* kCsv = "id,mail,city,at\n1,a@x.com,\"Bonn, am Rhein\",2026-01-01\n2,b@x.com,,2026-01-01\n";
constexpr const char* kJson = R"({"n": 12.50, "id":"7","mail":"c@x.com","contact":{"tel":"030 1"}})"
                              "\n";
constexpr const char* kSegment =
    R"({"type":"track","event":"View","messageId":"m-1","anonymousId":"a-1","timestamp":"2026-01-01T00:00:00Z","context":{"device":{"tel":"030-1"},"traits":{"plan":"gold"}},"properties":{"b":1,"a":[2.0,{"y":1,"x":2}]}})"
    "\n";

void ReadAll(Database& database) {
  const auto read = [&](const std::string& source, const std::string& content) {
    const std::string path = database.directory() / source;
    std::ofstream(path, std::ios::binary) << content;
    const auto report = database.IngestFile({.source = source, .path = path, .extracted_at = At(9)});
    REQUIRE(report.ok());
    REQUIRE(report->quarantined == 0);
  };
  read("crm", kCsv);
  read("log", kJson);
  read("web", kSegment);
}

std::vector<std::string> StateUnder(const Schema& schema) {
  Database database(schema);
  ReadAll(database);
  return StateOf(database);
}

}  // namespace

TEST_CASE("a migration finds values of fields that were never mapped, as if it had been asked for them at once",
          "[kept_rows]") {
  Database database(Small());
  ReadAll(database);
  const auto before = StateOf(database);
  CHECK(before == StateUnder(Small()));
  const auto simulated = database->Simulate(Large());
  REQUIRE(simulated.ok());
  CHECK(simulated->added == 1);   // the telephone
  CHECK(simulated->merged == 1);  // which the record and the browser share
  CHECK(simulated->changed_attributes == 1);
  REQUIRE(database.Migrate(Large()).ok());
  CHECK(StateOf(database) == StateUnder(Large()));
  CHECK(std::get<std::string_view>(database->Lookup("crm", "1")->attribute("city")->value) == "Bonn, am Rhein");
  CHECK(Faults(database) == kNone);
  REQUIRE(database.Migrate(Small()).ok());
  CHECK(StateOf(database) == before);
}

// Before, which of the two versions of one time had the larger bytes was a lottery.
TEST_CASE("after a migration the same files bring nothing new", "[kept_rows]") {
  Database database(Small());
  ReadAll(database);
  REQUIRE(database.Migrate(Large()).ok());
  const auto state = StateOf(database);
  for (const char* source : {"crm", "log", "web"}) {
    const auto report =
        database.IngestFile({.source = source, .path = database.directory() / source, .extracted_at = At(10)});
    REQUIRE(report.ok());
    INFO(source);
    CHECK(report->duplicates == report->read);
  }
  CHECK(StateOf(database) == state);
}

TEST_CASE("a table that does not keep its rows keeps what it maps", "[kept_rows]") {
  const Schema thrifty = *Schema::Parse(With("keep_rows: false", "", ""));
  const Schema later = *Schema::Parse(With("keep_rows: false attributes { field: 'city' }", "", ""));
  Database database(thrifty);
  ReadAll(database);
  REQUIRE(database.Migrate(later).ok());
  CHECK_FALSE(database->Lookup("crm", "1")->attribute("city").has_value());
  CHECK(database->Lookup("email", "a@x.com").ok());
  CHECK(Faults(database) == kNone);
}

// Segment's libraries send a message again with another sentAt, and its archives add receivedAt.
TEST_CASE("a message that is delivered twice is one, whatever is said of its delivery and in whatever order of members",
          "[kept_rows]") {
  Database database(Small());
  const auto read = [&](const std::string& line) {
    const std::string path = database.directory() / "again";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << line << "\n";
    return *database.IngestFile({.source = "web", .path = path});
  };
  const std::string said =
      R"("type":"track","event":"View","messageId":"m-2","anonymousId":"a-1","timestamp":"2026-01-01T00:00:00Z")";
  CHECK(read("{" + said + R"(,"sentAt":"2026-01-01T00:00:01Z"})").accepted == 1);
  CHECK(read(R"({"receivedAt":"2026-01-01T00:00:05Z","channel":"server",)" + said +
             R"(,"sentAt":"2026-01-01T00:00:03Z"})")
            .duplicates == 1);
  CHECK(
      read(
          R"({"anonymous_id":"a-1","type":"track","event":"View","message_id":"m-2","timestamp":"2026-01-01T00:00:00Z"})")
          .duplicates == 1);
  CHECK(read("{" + said + R"(,"properties":{"x":1}})").quarantined == 1);
  // A field that has no meaning here has one under another map.
  CHECK(read("{" + said + R"(,"loyaltyCard":"c2"})").quarantined == 1);
}

TEST_CASE("quotes around a cell, and columns without a value, do not make another version of a row", "[kept_rows]") {
  Database database(Small());
  const auto read = [&](const std::string& content) {
    const std::string path = database.directory() / "quoted";
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
    return *database.IngestFile({.source = "crm", .path = path, .extracted_at = At(3)});
  };
  CHECK(read("id,mail,at\n1,a@x.com,2026-01-01\n").accepted == 1);
  CHECK(read("\"id\",\"mail\",\"at\"\n\"1\",\"a@x.com\",\"2026-01-01\"\n").duplicates == 1);
  CHECK(read("id,city,mail,at\n1,,a@x.com,2026-01-01\n").duplicates == 1);
  CHECK(read("id,city,mail,at\n1,\"\",a@x.com,2026-01-01\n").duplicates == 0);  // an empty string is a value
}

TEST_CASE("a table that begins to keep its rows takes those of the same file", "[kept_rows]") {
  const Schema thrifty = *Schema::Parse(With("keep_rows: false", "", ""));
  Database database(thrifty);
  ReadAll(database);
  REQUIRE(database.Migrate(Large()).ok());
  const auto report =
      database.IngestFile({.source = "crm", .path = database.directory() / "crm", .extracted_at = At(9)});
  CHECK(report->accepted == 2);
  CHECK(std::get<std::string_view>(database->Lookup("crm", "1")->attribute("city")->value) == "Bonn, am Rhein");
}

TEST_CASE("another field for versions counts for what comes, and another key is refused while there are records",
          "[kept_rows]") {
  Database database(Small());
  ReadAll(database);
  Schema versions = Small();
  versions.sources[0].table()->updated_at = "city";  // which is no time
  const auto report = database.Migrate(versions);
  REQUIRE(report.ok());
  CHECK(report->quarantined == 0);
  Schema keys = Small();
  keys.sources[0].table()->key = "mail";
  CHECK(absl::IsInvalidArgument(database.Migrate(keys).status()));
  CHECK(absl::IsInvalidArgument(database->Simulate(keys).status()));
}

TEST_CASE("a whole row that another schema refuses waits in quarantine as it came", "[kept_rows]") {
  Database database(Small());
  ReadAll(database);
  Schema strict = Small();
  strict.sources[0].table()->identifiers.push_back({"city", "phone"});
  strict.sources[0].table()->identifiers.push_back({"mail", "phone"});
  strict.namespaces[1].normalize = Normalization::kNone;
  strict.namespaces[1].max_per_profile = 1;
  const auto report = database.Migrate(strict);
  REQUIRE(report.ok());
  CHECK(report->quarantined == 1);
  const auto rows = QuarantineOf(database);
  REQUIRE(rows.size() == 1);
  CHECK(Contains(rows[0].raw, "a@x.com"));
  CHECK(Contains(rows[0].raw, "Bonn"));
  REQUIRE(database.Migrate(Small()).ok());
  CHECK(database.ReplayQuarantine()->accepted == 1);
  CHECK(StateOf(database) == StateUnder(Small()));
}

}  // namespace kintsugi::testing
