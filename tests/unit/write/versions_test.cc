// Versions of records: which one counts, what a report calls the others, and what very many of them cost.

#include <filesystem>
#include <fstream>

#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

Record Version(int day, const std::string& name, std::optional<Time> extracted = std::nullopt) {
  Record record = Row("1", {{"customer_id", "1"}}, day, {{"first_name", name}});
  record.extracted_at = extracted;
  return record;
}

std::string FirstName(const Database& database) {
  const auto profile = database->Lookup("crm", "1");
  REQUIRE(profile.ok());
  return std::string(std::get<std::string_view>(profile->attribute("first_name")->value));
}

constexpr const char* kFileSchema = R"(
  namespaces { name: "email" normalize: EMAIL }
  sources { name: "crm" table { key: "id" updated_at: "day" identifiers { field: "mail" namespace: "email" } attributes { field: "name" } } }
  sources { name: "list" table { key: "id" attributes { field: "name" } } }
)";

IngestReport Read(Database& database, const std::string& source, const std::string& content, Time extracted) {
  const std::string path = database.directory() / "rows.csv";
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
  const auto report = database.IngestFile({.source = source, .path = path, .extracted_at = extracted});
  REQUIRE(report.ok());
  return *report;
}

}  // namespace

// A file dated by the day, one name corrected in the afternoon, read again: the correction counts.
TEST_CASE("of versions with one time the one that was extracted later counts, whichever comes first", "[versions]") {
  for (const bool in_order : {true, false}) {
    Database database(Shop());
    const std::vector<Record> versions = {Version(1, "Zoe", At(2)), Version(1, "Ada", At(3))};
    const auto first = database->Ingest(versions[in_order ? 0 : 1]);
    const auto second = database->Ingest(versions[in_order ? 1 : 0]);
    CHECK(first->accepted == 1);
    CHECK(second->accepted == (in_order ? 1 : 0));
    CHECK(second->superseded == (in_order ? 0 : 1));
    CHECK(FirstName(database) == "Ada");
    CHECK(Faults(database) == kNone);
  }
}

TEST_CASE(
    "of one time and one extraction the larger bytes count, and one that tells its extraction comes after one "
    "that does not",
    "[versions]") {
  Database database(Shop());
  CHECK(database->Ingest(Version(1, "Ada", At(2)))->accepted == 1);
  CHECK(database->Ingest(Version(1, "Zoe", At(2)))->accepted == 1);
  CHECK(database->Ingest(Version(1, "Ada", At(2)))->superseded == 1);
  CHECK(database->Ingest(Version(1, "Zz"))->superseded == 1);
  CHECK(FirstName(database) == "Zoe");
}

// What was read in the morning and is the same in the evening is as good as what another reading said at noon.
TEST_CASE("the same content extracted again keeps an extraction in between out", "[versions]") {
  Database database(Shop());
  CHECK(database->Ingest(Version(1, "Ada", At(2)))->accepted == 1);
  CHECK(database->Ingest(Version(1, "Ada", At(6)))->duplicates == 1);
  CHECK(database->Ingest(Version(1, "Zoe", At(4)))->superseded == 1);
  CHECK(FirstName(database) == "Ada");
}

TEST_CASE("in a source without times the version that was extracted last is the newest, in whatever order files come",
          "[versions]") {
  Database database(*Schema::Parse(kFileSchema));
  CHECK(Read(database, "list", "id,name\n1,Ann\n2,Bob\n", At(5)).accepted == 2);
  const IngestReport older = Read(database, "list", "id,name\n1,Old\n2,Bob\n", At(3));
  CHECK(older.superseded == 1);
  CHECK(older.duplicates == 1);
  CHECK(Read(database, "list", "id,name\n1,New\n", At(7)).accepted == 1);
  const auto profile = database->Lookup("list", "1");
  CHECK(std::get<std::string_view>(profile->attribute("name")->value) == "New");
}

TEST_CASE("a corrected file whose rows have the day as their time is taken", "[versions]") {
  Database database(*Schema::Parse(kFileSchema));
  std::string rows = "id,mail,name,day\n";
  for (int i = 0; i < 1000; ++i) rows += std::to_string(i) + ",m" + std::to_string(i) + "@x.com,Zoe,2026-01-05\n";
  CHECK(Read(database, "crm", rows, At(10)).accepted == 1000);
  std::string corrected = rows;
  corrected.replace(corrected.find("m7@x.com,Zoe"), 12, "m7@x.com,Ada");
  const IngestReport report = Read(database, "crm", corrected, At(11));
  CHECK(report.accepted == 1);
  CHECK(report.duplicates == 999);
  const IngestReport again = Read(database, "crm", rows, At(10));
  CHECK(again.superseded == 1);
  CHECK(again.duplicates == 999);
  const auto profile = database->Lookup("email", "m7@x.com");
  CHECK(std::get<std::string_view>(profile->attribute("name")->value) == "Ada");
  CHECK(database->GetStats().sources[0].superseded == 1);
}

// A file's own time says when it was extracted.
TEST_CASE("a file that was modified later corrects one that was modified earlier", "[versions]") {
  Database database(*Schema::Parse(kFileSchema));
  const auto write = [&](const std::string& name, const std::string& content, int hours_ago) {
    const std::string path = database.directory() / name;
    std::ofstream(path, std::ios::binary) << content;
    const auto now = std::filesystem::file_time_type::clock::now();
    std::filesystem::last_write_time(path, now - std::chrono::hours(hours_ago));
    return path;
  };
  const std::string corrected = write("corrected.csv", "id,name\n1,Ada\n", 1);
  const std::string first = write("first.csv", "id,name\n1,Zoe\n", 2);
  CHECK(database.IngestFile({.source = "list", .path = corrected})->accepted == 1);
  CHECK(database.IngestFile({.source = "list", .path = first})->superseded == 1);
  // The least time says no more than none.
  CHECK(database.IngestFile({.source = "list", .path = first, .extracted_at = Time::min()})->superseded == 1);
  const auto profile = database->Lookup("list", "1");
  CHECK(std::get<std::string_view>(profile->attribute("name")->value) == "Ada");
}

// Each version is a row of its own, so a record's row does not grow with them. Before, 20,000 took 5.9 s.
TEST_CASE("very many versions of one record, in any order, leave its row as large as one version", "[versions]") {
  constexpr int kVersions = 5000;
  Database database(Shop());
  std::vector<Record> versions;
  for (int i = 0; i < kVersions; ++i) {
    versions.push_back(Version(0, "Jane"));
    versions.back().version = At(0) + std::chrono::minutes((i * 1237) % kVersions);
  }
  for (size_t i = 0; i < versions.size(); i += 500)
    REQUIRE(database->Ingest(std::span<const Record>(versions).subspan(i, 500)).ok());
  CHECK(database->Lookup("crm", "1")->first_seen() == At(0));
  CHECK(database->Lookup("crm", "1")->last_seen() == At(0) + std::chrono::minutes(kVersions - 1));
  CHECK(Faults(database) == kNone);
  const std::vector<std::string> keys = {"1"};
  REQUIRE(database->WithdrawRecords("crm", keys, At(0) + std::chrono::minutes(2999)).ok());
  CHECK(database->Lookup("crm", "1")->first_seen() == At(0) + std::chrono::minutes(3000));
  CHECK(Faults(database) == kNone);
  REQUIRE(database->WithdrawSource("crm").ok());
  CHECK(database->GetStats().profiles == 0);
  CHECK(Faults(database) == kNone);
}

}  // namespace kintsugi::testing
