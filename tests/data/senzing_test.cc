// A real update stream: 10,000 person records, then new versions of 5,000 of them.

#include <fstream>
#include <random>

#include "catch.h"
#include "data_dir.h"
#include "engine_fixture.h"
#include "ingest/rows.h"
#include "reference/reference.h"

namespace kintsugi::testing {
namespace {

constexpr const char* kSchema = R"(
  namespaces { name: "ssn" normalize: DIGITS max_per_profile: 1 }
  namespaces { name: "card" normalize: DIGITS max_per_profile: 2 }
  namespaces { name: "licence" max_per_profile: 2 }
  namespaces { name: "phone" normalize: PHONE phone_region: "US" generic_above: 3 }
  namespaces { name: "handle" normalize: LOWER }
  sources { name: "people" table {
    format: JSONL key: "RECORD_ID"
    identifiers { field: "SSN_NUMBER" namespace: "ssn" }
    identifiers { field: "CC_ACCOUNT_NUMBER" namespace: "card" }
    identifiers { field: "DRIVERS_LICENSE_NUMBER" namespace: "licence" }
    identifiers { field: "PHONE_NUMBER" namespace: "phone" }
    identifiers { field: "SOCIAL_HANDLE" namespace: "handle" }
    attributes { field: "NAME_FIRST" name: "first_name" } attributes { field: "NAME_LAST" name: "last_name" }
    attributes { field: "ADDR_LINE1" name: "street" } attributes { field: "ADDR_CITY" name: "city" }
  } }
  golden { attributes { name: "first_name" keep: LONGEST } groups { name: "address" keep: MOST_RECENT attributes: "street" attributes: "city" } }
)";

void AddFile(Reference& reference, const Schema& schema, const std::string& path) {
  auto format = *ingest::OpenRows(schema, schema.sources[0], *ingest::OpenByteSource(path));
  ingest::RawRow row;
  std::vector<ingest::Parsed> parsed;
  while (*format.splitter->Next(row)) format.parser->Parse(row.text, parsed);
  for (const ingest::Parsed& one : parsed) {
    if (const auto* record = std::get_if<Record>(&one)) reference.Add(*record);
  }
}

}  // namespace

TEST_CASE("10,000 records and then 5,000 new versions are what the naive reference says", "[data]") {
  const auto load = DataFileOrSkip("data/senzing_loads/load-10K.jsonl");
  const auto replace = DataFileOrSkip("data/senzing_loads/replace-5K.jsonl");
  if (!load || !replace) return;
  const Schema schema = *Schema::Parse(kSchema);
  Database database(schema, 8 << 20);
  Reference reference(schema);
  for (const auto& file : {*load, *replace}) {
    const auto report = database->IngestFile({.source = "people", .path = file.string()});
    REQUIRE(report.ok());
    CHECK(report->quarantined == (file == *replace ? 1 : 0));  // its last row has no key
    AddFile(reference, schema, file.string());
    CHECK(database.Clusters() == reference.Clusters());
    CHECK(database.Profiles() == reference.Profiles());
  }
  CHECK(database->GetStats().records == 10'000);
  CHECK(database->Verify()->empty());

  // Loading the last file again brings nothing new.
  const auto before = database.Profiles();
  const auto again = database->IngestFile({.source = "people", .path = replace->string()});
  REQUIRE(again.ok());
  CHECK(again->duplicates == again->read - 1);
  CHECK(database.Profiles() == before);
}

TEST_CASE("a file with broken lines puts exactly those into quarantine, and all others in", "[data]") {
  const auto file = DataFileOrSkip("data/senzing_loads/load-500-with-errors.jsonl");
  if (!file) return;
  Database database(*Schema::Parse(kSchema));
  const auto report = database->IngestFile({.source = "people", .path = file->string()});
  REQUIRE(report.ok());
  CHECK(report->quarantined == 1);
  CHECK(report->accepted == report->read - 1);
  std::vector<QuarantinedRow> rows;
  REQUIRE(database->ForEachQuarantined([&](const QuarantinedRow& row) { return rows.push_back(row), true; }).ok());
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].line == 460);
  std::ifstream in(*file);
  std::string line;
  for (int i = 0; i < 460; ++i) std::getline(in, line);
  CHECK(rows[0].raw + "\r" == line);
}

}  // namespace kintsugi::testing
