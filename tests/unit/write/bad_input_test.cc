// Bad input gets a clear error, and nothing is lost.

#include <fstream>

#include "catch.h"
#include "engine_fixture.h"

namespace kintsugi::testing {
namespace {

constexpr const char* kSchema = R"(
  namespaces { name: "user" max_per_profile: 1 }
  namespaces { name: "email" normalize: EMAIL blocked: "noreply@example.com" }
  namespaces { name: "device" }
  sources { name: "log" events { format: NATIVE } }
  sources { name: "web" events { format: SEGMENT map { field: "userId" namespace: "user" } } }
  sources { name: "crm" table { format: CSV key: "id" updated_at: "at" identifiers { field: "mail" namespace: "email" } attributes { field: "first" name: "first" } } }
)";

// A database and files for it.
class Fixture {
 public:
  std::string Write(const std::string& name, const std::string& content) {
    const std::string path = database_.directory() / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }
  absl::StatusOr<IngestReport> Ingest(const std::string& source, const std::string& content) {
    return database_.IngestFile({.source = source, .path = Write("file-" + std::to_string(++files_), content)});
  }
  std::vector<QuarantinedRow> Quarantine() {
    std::vector<QuarantinedRow> rows;
    if (!database_->ForEachQuarantined([&](const QuarantinedRow& row) { return rows.push_back(row), true; }).ok())
      rows.clear();
    return rows;
  }
  // Reads one line of a source, which must go to quarantine as it is, and gives the reason.
  std::string Refusal(const std::string& source, const std::string& line) {
    const size_t before = Quarantine().size();
    const auto report = Ingest(source, line + "\n");
    REQUIRE(report.ok());
    CHECK(report->read == 1);
    CHECK(report->quarantined == 1);
    const auto rows = Quarantine();
    REQUIRE(rows.size() == before + 1);
    CHECK(rows.back().source == source);
    CHECK(rows.back().line == 1);
    CHECK(rows.back().raw == line);
    return rows.back().reason;
  }
  Database& database() { return database_; }

 private:
  Database database_{*Schema::Parse(kSchema)};
  int files_ = 0;
};

bool Contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}
std::string Message(const absl::Status& status) {
  return std::string(status.message());
}

std::string Line(const std::string& id, const std::string& identifiers,
                 const std::string& time = "2026-01-01T00:00:00Z") {
  return R"({"id":")" + id + R"(","time":")" + time + R"(","name":"View","identifiers":)" + identifiers + "}";
}

}  // namespace

TEST_CASE("an unknown source is an error that names the declared ones") {
  Fixture f;
  const auto status = f.Ingest("till", "").status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK(Contains(Message(status), "log, web, crm"));
  CHECK(absl::IsInvalidArgument(f.database()->Ingest(Event{.source = "till"}).status()));
}

TEST_CASE("a row without any identifier that can be used is refused, and says which were left out") {
  Fixture f;
  CHECK(Contains(f.Refusal("log", Line("1", "{}")), "no identifier"));
  CHECK(Contains(f.Refusal("log", Line("2", R"({"email":"noreply@example.com"})")), "email blocked"));
  CHECK(Contains(f.Refusal("log", Line("3", R"({"email":"nonsense","device":""})")), "email malformed"));
}

TEST_CASE("an identifier that cannot be used is left out, and the rest of the row is kept") {
  Fixture f;
  const auto report = f.Ingest("log", Line("1", R"({"email":"nonsense","device":"d"})"));
  CHECK(report->accepted == 1);
  CHECK(f.database()->Lookup("device", "d").ok());
  CHECK(f.database()->GetStats().sources[0].refused_identifiers.at("email: malformed") == 1);
}

TEST_CASE("two values of a namespace of which a profile may hold one are refused") {
  Fixture f;
  CHECK(Contains(f.Refusal("log", Line("1", R"({"user":["a","b"],"device":"d"})")), "2 values of `user`"));
  CHECK(f.Ingest("log", Line("2", R"({"user":["a","a"]})"))->accepted == 1);  // the same value twice is one
}

TEST_CASE("a record's key that would break a line of output is refused") {
  Fixture f;
  CHECK(f.database()->Ingest(Record{.source = "crm", .key = "k\n0000 evil"})->quarantined == 1);
  CHECK(f.database()->Ingest(Record{.source = "crm", .key = "k\t"})->quarantined == 1);
  CHECK(f.database()->Ingest(Record{.source = "crm", .key = "\xff"})->quarantined == 1);
  CHECK(f.database().Clusters().empty());
}

TEST_CASE("rows without a key are the same row whatever the order of the columns, and other rows are not") {
  TemporaryDirectory directory;
  Database database(*Schema::Parse(R"(
    namespaces { name: "c" } sources { name: "list" table { identifiers { field: "c" namespace: "c" } } })"));
  const auto ingest = [&](const std::string& name, const std::string& text) {
    std::ofstream(directory / name) << text;
    return *database.IngestFile({.source = "list", .path = directory / name});
  };
  CHECK(ingest("a.csv", "c,x\n1,2\n").accepted == 1);
  CHECK(ingest("b.csv", "x,c\n2,1\n").duplicates == 1);
  CHECK(ingest("c.csv", "x,c\n1,2\n").accepted == 1);
  CHECK(database->Lookup("c", "1").ok());
  CHECK(database->Lookup("c", "2").ok());
}

TEST_CASE("an alias whose previousId no namespace takes is refused, for its evidence would be lost") {
  Fixture f;
  CHECK(Contains(
      f.Refusal(
          "web",
          R"({"type":"alias","messageId":"a","previousId":"old","userId":"new","timestamp":"2026-01-01T00:00:00Z"})"),
      "previousId"));
}

TEST_CASE("an undeclared namespace is refused, for a typing error would lose an identity silently") {
  Fixture f;
  CHECK(Contains(f.Refusal("log", Line("1", R"({"usr":"a"})")), "`usr`"));
}

TEST_CASE("a message id that is used again with other content is refused, and the first event stays") {
  Fixture f;
  CHECK(f.Ingest("log", Line("1", R"({"user":"a"})"))->accepted == 1);
  CHECK(f.Ingest("log", Line("1", R"({"user":"a"})"))->duplicates == 1);
  CHECK(Contains(f.Refusal("log", Line("1", R"({"user":"b"})")), "`1`"));
  CHECK(f.database()->Lookup("user", "a").ok());
  CHECK(absl::IsNotFound(f.database()->Lookup("user", "b").status()));
  f.database().Reopen();
  CHECK(f.Ingest("log", Line("1", R"({"user":"a"})"))->duplicates == 1);
}

TEST_CASE("times that are no times, and years beyond 9999, are refused") {
  Fixture f;
  CHECK(Contains(f.Refusal("log", Line("1", R"({"user":"a"})", "60000-01-01T00:00:00Z")), "time"));
  CHECK(Contains(f.Refusal("log", Line("2", R"({"user":"a"})", "yesterday")), "time"));
  CHECK(f.database()->Ingest(Event{.source = "log", .identifiers = {{"user", "a"}}})->quarantined == 1);
  CHECK(f.database()
            ->Ingest(Event{
                .source = "log", .time = Time::max() - std::chrono::microseconds(1), .identifiers = {{"user", "a"}}})
            ->quarantined == 1);
}

TEST_CASE("text that is not UTF-8, not JSON or binary is refused row by row, and the rows around it are taken") {
  Fixture f;
  const std::string binary = std::string(
                                 "\x7f"
                                 "ELF\x02\x01\0\0\n",
                                 9) +
                             std::string("\0\0\xff\xfe", 4);
  const auto report = f.Ingest("log", Line("1", R"({"user":"a"})") + "\n{\"user\":\"\xff\xfe\"}\n[1,2]\n" + binary +
                                          "\n" + Line("2", R"({"user":"b"})"));
  REQUIRE(report.ok());
  CHECK(report->accepted == 2);
  CHECK(report->quarantined == 4);
  CHECK(f.Quarantine()[0].raw == "{\"user\":\"\xff\xfe\"}");
}

TEST_CASE("a line of 100 MB goes to quarantine whole, and the lines around it are taken") {
  Fixture f;
  const std::string huge = Line("2", R"({"user":")" + std::string(100'000'000, 'x') + R"("})");
  const auto report = f.Ingest("log", Line("1", R"({"user":"a"})") + "\n" + huge + "\n" + Line("3", R"({"user":"b"})"));
  REQUIRE(report.ok());
  CHECK(report->accepted == 2);
  CHECK(report->quarantined == 1);
  const auto rows = f.Quarantine();
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].line == 2);
  CHECK((rows[0].raw == huge));
}

TEST_CASE(
    "an archive that breaks off is an error that says where, the rows before are in and reported, and a second try is "
    "safe") {
  Fixture f;
  const std::string plain = f.Write("rows.jsonl", [] {
    std::string lines;
    for (int i = 0; i < 20'000; ++i)
      lines += Line(std::to_string(i), R"({"user":")" + std::to_string(i * 7919) + R"("})") + "\n";
    return lines;
  }());
  REQUIRE(std::system(("gzip -k " + plain).c_str()) == 0);
  const auto size = std::filesystem::file_size(plain + ".gz");
  std::filesystem::copy_file(plain + ".gz", plain + ".cut.gz");
  std::filesystem::resize_file(plain + ".cut.gz", size / 2);

  IngestReport cut;
  const absl::Status status = f.database()->IngestFile({.source = "log", .path = plain + ".cut.gz"}, cut);
  CHECK(absl::IsDataLoss(status));
  CHECK(Contains(Message(status), plain + ".cut.gz"));
  const uint64_t in = f.database()->GetStats().events;
  CHECK(cut.read == in);
  CHECK(cut.accepted == in);
  CHECK(in > 1000);
  CHECK(in < 20'000);
  const auto whole = f.database().IngestFile({.source = "log", .path = plain + ".gz"});
  REQUIRE(whole.ok());
  CHECK(whole->accepted == 20'000 - in);
  CHECK(whole->duplicates == in);
}

TEST_CASE("a file that is not there, and a table without its key column, are errors before anything is applied") {
  Fixture f;
  CHECK(absl::IsNotFound(f.database().IngestFile({.source = "log", .path = "/no/such/file"}).status()));
  const auto status = f.Ingest("crm", "name,mail\nJane,jane@example.com\n").status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK(Contains(Message(status), "id"));
  CHECK(f.database()->GetStats().records == 0);
}

TEST_CASE("a table that lacks a declared column is read, and the report says what is missing") {
  Fixture f;
  const auto report = f.Ingest("crm", "id,at\n1,2026-01-01\n");
  REQUIRE(report.ok());
  CHECK(report->accepted == 1);
  REQUIRE(report->warnings.size() >= 1);
  CHECK(Contains(report->warnings[0], "mail"));
}

TEST_CASE("rows in quarantine are kept once however often the file is read, and replayed when the cause is gone") {
  Fixture f;
  const std::string path =
      f.Write("late.jsonl", Line("1", R"({"user":"b"})") + "\n" + Line("9", R"({"usr":"x"})") + "\n");
  CHECK(f.database()
            ->Ingest(Event{.source = "log", .id = "1", .time = Time(), .identifiers = {{"user", "a"}}})
            ->accepted == 1);
  for (int i = 0; i < 2; ++i) {
    CHECK(f.database().IngestFile({.source = "log", .path = path})->quarantined == 2);
    CHECK(f.Quarantine().size() == 2);
    CHECK(f.database()->GetStats().quarantined == 2);
  }
  const auto replay = f.database().ReplayQuarantine();
  REQUIRE(replay.ok());
  CHECK(replay->read == 2);
  CHECK(replay->quarantined == 2);
  CHECK(f.Quarantine().size() == 2);
}

TEST_CASE("a refused event of the API is shown as JSON, and replayed as it came") {
  Fixture f;
  const Event event{.source = "log",
                    .id = "e",
                    .time = Time(),
                    .name = "View",
                    .identifiers = {{"usr", "x"}},
                    .traits = {{"age", int64_t{4}}}};
  CHECK(f.database()->Ingest(event)->quarantined == 1);
  CHECK(
      f.Quarantine()[0].raw ==
      R"({"id":"e","time":"1970-01-01T00:00:00Z","name":"View","identifiers":{"usr":["x"]},"traits":{"age":4},"properties":{}})");
  const Record record{.source = "crm", .key = "", .identifiers = {{"email", "a@example.com"}}};
  CHECK(f.database()->Ingest(record)->quarantined == 1);
  CHECK(f.database().ReplayQuarantine()->quarantined == 2);
  CHECK(f.Quarantine().size() == 2);
}

TEST_CASE("a schema that means something else is refused; the same in other words is not") {
  TemporaryDirectory directory;
  const std::string path = directory / "db";
  const Schema schema = *Schema::Parse(kSchema);
  REQUIRE(Engine::Open({.schema = schema}, path).ok());
  const Record record{.source = "crm", .key = "1", .identifiers = {{"email", "a@example.com"}}};
  REQUIRE((*Engine::Open({}, path))->Ingest(record)->accepted == 1);  // an empty one would take another
  Schema other = schema;
  other.namespaces[0].max_per_profile = 2;
  const auto status = Engine::Open({.schema = other}, path).status();
  CHECK(absl::IsFailedPrecondition(status));
  CHECK(Contains(Message(status), "kintsugi migrate"));
  CHECK(Engine::Open({.schema = *Schema::Parse(std::string("# the same\n") + kSchema)}, path).ok());
  CHECK(Engine::Open({}, path).ok());
}

TEST_CASE("what is not a database is left alone") {
  TemporaryDirectory directory;
  const Schema schema = *Schema::Parse(kSchema);
  std::ofstream(directory / "file") << "text";
  CHECK(absl::IsInvalidArgument(Engine::Open({.schema = schema}, directory / "file").status()));
  std::filesystem::create_directory(directory / "photos");
  std::ofstream(directory / "photos/cat.jpg") << "meow";
  const auto status = Engine::Open({.schema = schema}, directory / "photos").status();
  CHECK(absl::IsInvalidArgument(status));
  CHECK(Contains(Message(status), "not a Kintsugi database"));
  CHECK(std::distance(std::filesystem::directory_iterator(directory / "photos"), {}) == 1);

  CHECK(absl::IsInvalidArgument(Engine::Open({}, directory / "none").status()));
  CHECK(absl::IsNotFound(Engine::Open({.create_if_missing = false}, directory / "none").status()));
  CHECK_FALSE(std::filesystem::exists(directory / "none"));
}

TEST_CASE("a directory is open in one engine at a time") {
  Fixture f;
  const auto status = Engine::Open({}, f.database().directory() / "db").status();
  CHECK(absl::IsUnavailable(status));
  CHECK(Contains(Message(status), "open"));
}

}  // namespace kintsugi::testing
