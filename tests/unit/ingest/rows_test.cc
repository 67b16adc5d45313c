#include "ingest/rows.h"

#include <iostream>

#include "catch.h"
#include "data_dir.h"
#include "unit/ingest/support.h"

namespace kintsugi::ingest {
namespace {

Source Crm() {
  Source source{.name = "crm", .rows = Table()};
  source.table()->key = "id";
  source.table()->identifiers = {{"id", "customer_id"}, {"mail", "email"}};
  source.table()->attributes = {{"name", "name"}, {"mail", "mail"}};
  return source;
}

absl::StatusOr<RowFormat> Open(std::string_view bytes, const Source& source = Crm()) {
  return OpenRows(Schema(), source, MemoryByteSource(bytes));
}

std::vector<Parsed> ParseAll(RowFormat& format) {
  std::vector<Parsed> parsed;
  RawRow row;
  while (format.splitter->Next(row).value_or(false)) {
    if (row.rejected.empty()) format.parser->Parse(row.text, parsed);
    if (!row.rejected.empty()) parsed.push_back(Rejection{row.rejected});
  }
  return parsed;
}

TEST_CASE("ingest: a CSV is opened by its header") {
  // Whatever its delimiter, with a byte order mark and blank lines before it.
  for (const std::string text : {"\xEF\xBB\xBFid,name,mail\r\n1,Jane,j@x.com\r\n",
                                 "\n\nmail;id;name\n\"j@x.com\";1;Jane", "name\tid\tmail\nJane\t1\tj@x.com\n"}) {
    absl::StatusOr<RowFormat> format = Open(text);
    REQUIRE(format.ok());
    CHECK(format->missing_columns.empty());
    const Record record = OnlyRecord(ParseAll(*format));
    CHECK(record.key == "1");
    CHECK(Show(record.identifiers) == "customer_id:1 email:j@x.com");
    CHECK(Get(record.attributes, "name") == Value("Jane"));
  }
}

TEST_CASE("ingest: a CSV row out of quarantine is read again by its kept header") {
  // The parser of a file and the parser of its header alone say the same.
  absl::StatusOr<RowFormat> format = Open("x;\"na\nme\";id\n5;Jane;1\n");
  REQUIRE(format.ok());
  CHECK(format->header == "x;\"na\nme\";id");
  absl::StatusOr<std::unique_ptr<RowParser>> parser = OpenParser(Schema(), Crm(), format->header);
  REQUIRE(parser.ok());
  CHECK(OnlyRecord(ParseRow(**parser, "5;Jane;1")).key == "1");
}

TEST_CASE("ingest: a CSV without its key column is an error that names the columns") {
  // Every row would be refused; it is the wrong file, or the wrong source.
  const absl::Status status = Open("customer,mail\n1,j@x.com\n").status();
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  const std::string message(status.message());
  CHECK(message.find("no column `id`") != std::string::npos);
  CHECK(message.find("customer, mail") != std::string::npos);
  CHECK(Open("").status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(Open("\n\n").status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(Open("\"id,mail\n1,2\n").status().code() == absl::StatusCode::kInvalidArgument);
}

TEST_CASE("ingest: other declared columns that are missing are warnings") {
  // Each once, however often it is declared.
  absl::StatusOr<RowFormat> format = Open("id\n1\n");
  REQUIRE(format.ok());
  CHECK(format->missing_columns == std::vector<std::string>{"mail", "name"});
  CHECK(OnlyRecord(ParseAll(*format)).key == "1");
}

TEST_CASE("ingest: the other formats are lines of JSON") {
  // Tables, native events and Segment messages, each by its parser.
  Source table = Crm();
  table.table()->format = TableFormat::kJsonl;
  absl::StatusOr<RowFormat> rows = Open("{\"id\":1}\n\n{\"id\":2}", table);
  REQUIRE(rows.ok());
  CHECK(ParseAll(*rows).size() == 2);
  CHECK(rows->header.empty());

  absl::StatusOr<RowFormat> events = Open("{\"time\":\"2026-01-01\",\"name\":\"x\"}\n", Source{.name = "app"});
  CHECK(OnlyEvent(ParseAll(*events)).name == "x");

  const Source web{.name = "web", .rows = Events{.format = EventFormat::kSegment}};
  absl::StatusOr<RowFormat> messages = Open("{\"timestamp\":\"2026-01-01\",\"type\":\"page\"}\n", web);
  CHECK(OnlyEvent(ParseAll(*messages)).name == "Page Viewed");
}

TEST_CASE("ingest: one bad line of a real file costs one row") {
  // Senzing's load of 500 records has a quote missing in line 460.
  const std::optional<std::filesystem::path> data = DataDir();
  if (!data) {
    std::cout << "skipped: no data\n";
    return;
  }
  Source source{.name = "test"};
  source.rows = Table{.format = TableFormat::kJsonl, .key = "RECORD_ID", .identifiers = {{"PHONE_NUMBER", "phone"}}};
  absl::StatusOr<std::unique_ptr<ByteSource>> bytes =
      OpenByteSource((*data / "data/senzing_loads/load-500-with-errors.jsonl").string());
  REQUIRE(bytes.ok());
  absl::StatusOr<RowFormat> format = OpenRows(Schema(), source, *std::move(bytes));
  REQUIRE(format.ok());

  std::vector<uint64_t> rejected;
  size_t records = 0;
  for (const RawRow& row : Split(*format->splitter).rows) {
    const std::vector<Parsed> parsed = ParseRow(*format->parser, row.text);
    REQUIRE(parsed.size() == 1);
    records += std::holds_alternative<Record>(parsed[0]);
    if (!ReasonOf(parsed[0]).empty()) rejected.push_back(row.line);
  }
  CHECK(rejected == std::vector<uint64_t>{460});
  CHECK(records == 499);
}

}  // namespace
}  // namespace kintsugi::ingest
