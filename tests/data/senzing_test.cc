// A real update stream: 10,000 person records, then new versions of 5,000 of them, then 1,000 of those deleted.

#include <simdjson.h>

#include <algorithm>
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

std::vector<Record> RecordsOf(const Schema& schema, const std::string& path) {
  auto format = *ingest::OpenRows(schema, schema.sources[0], *ingest::OpenByteSource(path));
  ingest::RawRow row;
  std::vector<ingest::Parsed> parsed;
  while (*format.splitter->Next(row)) format.parser->Parse(row.text, parsed);
  std::vector<Record> records;
  for (const ingest::Parsed& one : parsed) {
    if (const auto* record = std::get_if<Record>(&one)) records.push_back(*record);
  }
  return records;
}

// The rows of the three files; none without the data.
struct Stream {
  std::vector<Record> load;
  std::vector<Record> replace;
  std::vector<std::string> deleted;  // keys
};

std::optional<Stream> ReadStream(const Schema& schema) {
  const auto load = DataFileOrSkip("data/senzing_loads/load-10K.jsonl");
  const auto replace = DataFileOrSkip("data/senzing_loads/replace-5K.jsonl");
  const auto del = DataFileOrSkip("data/senzing_loads/del-1K.jsonl");
  if (!load || !replace || !del) return std::nullopt;
  Stream out{RecordsOf(schema, load->string()), RecordsOf(schema, replace->string()), {}};
  simdjson::dom::parser parser;
  for (const simdjson::dom::element row : parser.load_many(del->string()))
    out.deleted.emplace_back(row["RECORD_ID"].get_string().value());
  return out;
}

// A version of a record, or its withdrawal.
struct Step {
  Record record;  // of a withdrawal only the key and the version
  bool is_withdrawal = false;
};

// Rows of load, replace and delete with these version times.
std::vector<Step> StepsOf(const Stream& stream, std::optional<Time> load, std::optional<Time> replace,
                          std::optional<Time> deleted) {
  std::vector<Step> steps;
  for (const Record& record : stream.load) steps.emplace_back(Step{record}).record.version = load;
  for (const Record& record : stream.replace) steps.emplace_back(Step{record}).record.version = replace;
  for (const std::string& key : stream.deleted)
    steps.push_back({Record{.source = "people", .key = key, .version = deleted}, true});
  return steps;
}

void Take(Reference& reference, const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    if (step.is_withdrawal)
      reference.Withdraw("people", step.record.key, step.record.version);
    else
      reference.Add(step.record);
  }
}

// Neighbours of one kind go together.
void Take(Database& database, const std::vector<Step>& steps) {
  for (size_t i = 0; i < steps.size();) {
    const Step& first = steps[i];
    std::vector<Record> records;
    std::vector<std::string> keys;
    for (; i < steps.size() && steps[i].is_withdrawal == first.is_withdrawal; ++i) {
      if (first.is_withdrawal)
        keys.push_back(steps[i].record.key);
      else
        records.push_back(steps[i].record);
    }
    if (first.is_withdrawal)
      REQUIRE(database->WithdrawRecords("people", keys, first.record.version).ok());
    else
      REQUIRE(database->Ingest(std::span<const Record>(records)).ok());
  }
}

std::vector<Step> Shuffled(std::vector<Step> steps) {
  std::mt19937_64 random(20260304);
  std::shuffle(steps.begin(), steps.end(), random);
  return steps;
}

constexpr Time Day(int day) {
  return Time(std::chrono::hours(24 * (365 * 56 + day)));
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
    const auto report = database.IngestFile({.source = "people", .path = file.string()});
    REQUIRE(report.ok());
    CHECK(report->quarantined == (file == *replace ? 1 : 0));  // its last row has no key
    for (const Record& record : RecordsOf(schema, file.string())) reference.Add(record);
    const auto expected = reference.Ask();
    CHECK(database.Clusters() == expected.clusters);
    CHECK(database.Profiles() == expected.profiles);
  }
  CHECK(database->GetStats().records == 10'000);
  CHECK(database->Verify()->empty());

  // Loading the last file again brings nothing new.
  const auto before = database.Profiles();
  const auto again = database.IngestFile({.source = "people", .path = replace->string()});
  REQUIRE(again.ok());
  CHECK(again->duplicates == again->read - 1);
  CHECK(database.Profiles() == before);
}

TEST_CASE("load, replace and delete are what the naive reference says", "[data]") {
  const Schema schema = *Schema::Parse(kSchema);
  const auto stream = ReadStream(schema);
  if (!stream) return;
  REQUIRE(stream->deleted.size() == 1'000);
  Database database(schema, 8 << 20);
  for (const char* file : {"data/senzing_loads/load-10K.jsonl", "data/senzing_loads/replace-5K.jsonl"})
    REQUIRE(database.IngestFile({.source = "people", .path = DataFileOrSkip(file)->string()}).ok());
  const auto report = database->WithdrawRecords("people", stream->deleted);
  REQUIRE(report.ok());
  CHECK(report->withdrawn == 1'000);
  CHECK(report->unknown == 0);

  Reference reference(schema);
  Take(reference, StepsOf(*stream, std::nullopt, std::nullopt, std::nullopt));
  const auto expected = reference.Ask();
  CHECK(database.Clusters() == expected.clusters);
  CHECK(database.Profiles() == expected.profiles);
  CHECK(database->GetStats().records == 9'000);
  CHECK(database->Verify()->empty());

  // Deleting them again finds nothing.
  const auto again = database->WithdrawRecords("people", stream->deleted);
  REQUIRE(again.ok());
  CHECK(again->unknown == 1'000);
  CHECK(database.Profiles() == expected.profiles);
}

TEST_CASE("versions and deletions with times may come in any order", "[data]") {
  const Schema schema = *Schema::Parse(kSchema);
  const auto stream = ReadStream(schema);
  if (!stream) return;
  const std::vector<Step> steps = StepsOf(*stream, Day(1), Day(2), Day(3));
  Database ordered(schema, 8 << 20);
  Take(ordered, steps);
  Database shuffled(schema, 8 << 20);
  Take(shuffled, Shuffled(steps));
  Reference reference(schema);
  Take(reference, steps);
  const auto expected = reference.Ask();
  CHECK(shuffled.Clusters() == expected.clusters);
  CHECK(shuffled.Profiles() == expected.profiles);
  CHECK(ordered.Clusters() == expected.clusters);
  CHECK(ordered.Profiles() == expected.profiles);
  CHECK(shuffled->Verify()->empty());
}

// One time for all, so that what does not survive could leave no trace in first_seen either: of equal times the larger
// content is the newer version, and a deletion takes both away.
TEST_CASE("of one version time, the whole stream in any order is the same bytes as its survivors alone", "[data]") {
  const Schema schema = *Schema::Parse(kSchema);
  const auto stream = ReadStream(schema);
  if (!stream) return;
  const std::vector<Step> steps = StepsOf(*stream, Day(1), Day(1), Day(1));
  Reference reference(schema);
  Take(reference, steps);
  const std::vector<Record> survivors = reference.Survivors();
  REQUIRE(survivors.size() == 9'000);
  Database alone(schema, 8 << 20);
  REQUIRE(alone->Ingest(std::span<const Record>(survivors)).ok());
  for (const auto& order : {steps, Shuffled(steps)}) {
    Database database(schema, 8 << 20);
    Take(database, order);
    CHECK(database.Clusters() == alone.Clusters());
    CHECK(database.Profiles() == alone.Profiles());
  }
}

TEST_CASE("without version times, the stream in its order is the same bytes as its survivors alone", "[data]") {
  const Schema schema = *Schema::Parse(kSchema);
  const auto stream = ReadStream(schema);
  if (!stream) return;
  Database database(schema, 8 << 20);
  Take(database, StepsOf(*stream, std::nullopt, std::nullopt, std::nullopt));

  std::map<std::string, Record> survivors;
  for (const Record& record : stream->load) survivors[record.key] = record;
  for (const Record& record : stream->replace) survivors[record.key] = record;
  for (const std::string& key : stream->deleted) survivors.erase(key);
  REQUIRE(survivors.size() == 9'000);
  std::vector<Record> rows;
  for (const auto& [key, record] : survivors) rows.push_back(record);
  Database alone(schema, 8 << 20);
  REQUIRE(alone->Ingest(std::span<const Record>(rows)).ok());
  CHECK(database.Clusters() == alone.Clusters());
  CHECK(database.Profiles() == alone.Profiles());
}

TEST_CASE("a file with broken lines puts exactly those into quarantine, and all others in", "[data]") {
  const auto file = DataFileOrSkip("data/senzing_loads/load-500-with-errors.jsonl");
  if (!file) return;
  Database database(*Schema::Parse(kSchema));
  const auto report = database.IngestFile({.source = "people", .path = file->string()});
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
