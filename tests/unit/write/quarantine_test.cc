// What is refused is kept once, told in full, tried again and thrown away, however much of it there is.

#include <fstream>

#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

constexpr const char* kSources = R"(
  namespaces { name: "user_id" max_per_profile: 1 }
  namespaces { name: "email" normalize: EMAIL }
  sources { name: "web" events { format: SEGMENT } }
  sources { name: "log" events { format: NATIVE } }
  sources { name: "crm" table { format: CSV key: "id" identifiers { field: "mail" namespace: "email" } } }
)";

// A database, and files that it reads.
class Files {
 public:
  explicit Files(const std::string& schema = kSources) : database_(*Schema::Parse(schema)) {}

  IngestReport Ingest(const std::string& source, const std::string& name, const std::string& content) {
    const std::string path = database_.directory() / name;
    std::ofstream(path, std::ios::binary) << content;
    const auto report = database_.IngestFile({.source = source, .path = path});
    REQUIRE(report.ok());
    return *report;
  }
  std::vector<std::string> Raw() const {
    std::vector<std::string> raw;
    for (const QuarantinedRow& row : QuarantineOf(database_)) raw.push_back(row.raw);
    return raw;
  }
  std::vector<std::string> Reasons() const {
    std::vector<std::string> reasons;
    for (const QuarantinedRow& row : QuarantineOf(database_)) reasons.push_back(row.reason);
    return reasons;
  }
  uint64_t Counted() const { return database_->GetStats().quarantined; }
  Database& database() { return database_; }

 private:
  Database database_;
};

std::string Page(const std::string& id, const std::string& user) {
  return R"({"type":"page","messageId":")" + id + R"(","timestamp":"2026-01-01","userId":")" + user + R"("})";
}

std::string Batch(const std::vector<std::string>& messages) {
  std::string text;
  for (const std::string& message : messages) text += (text.empty() ? "" : ",") + message;
  return R"({"batch":[)" + text + "]}";
}

std::string Batch(size_t count, const std::string& message) {
  return Batch(std::vector<std::string>(count, message));
}

}  // namespace

TEST_CASE("of a batch the messages that are refused are told one by one, each as it stands in the row",
          "[quarantine]") {
  Files files;
  const std::string row = Batch({Page("1", "u"), "{}", R"( {"type" : "nope", "n": 1.50e3} )", Page("2", "u"), "7"});
  const auto report = files.Ingest("web", "web.jsonl", row + "\n");
  CHECK(report.read == 5);
  CHECK(report.accepted == 2);
  CHECK(report.quarantined == 3);
  CHECK(files.Counted() == 3);
  CHECK(files.Raw() == std::vector<std::string>{"{}", R"({"type" : "nope", "n": 1.50e3})", "7"});
  const auto reasons = files.Reasons();
  REQUIRE(reasons.size() == 3);
  CHECK(Contains(reasons[0], "batch[1]"));
  CHECK(Contains(reasons[2], "batch[4]"));

  CHECK(files.Ingest("web", "web.jsonl", row + "\n").quarantined == 3);  // the same file again
  CHECK(files.Counted() == 3);
  CHECK(files.Raw().size() == 3);
}

TEST_CASE("a batch of which every message is refused is kept once, not once for each", "[quarantine]") {
  Files files;
  const std::string row = Batch(10'000, R"({"type":"nope"})");  // 160 KB: once for each would be 1.6 GB
  const auto report = files.Ingest("web", "web.jsonl", row + "\n");
  CHECK(report.read == 10'000);
  CHECK(report.quarantined == 10'000);
  CHECK(files.Counted() == 10'000);
  REQUIRE(files.database()->Flush().ok());
  CHECK(files.database()->GetStats().disk_bytes < 8'000'000);
  CHECK(files.Raw().size() == 10'000);

  const auto replay = files.database().ReplayQuarantine();
  REQUIRE(replay.ok());
  CHECK(replay->read == 10'000);
  CHECK(replay->quarantined == 10'000);
  CHECK(files.Counted() == 10'000);
}

TEST_CASE("a row of more items than a row may have is one refused row, and says how many it may have", "[quarantine]") {
  Files files;
  const std::string row = Batch(10'001, "{}");
  const auto report = files.Ingest("web", "web.jsonl", row + "\n" + Page("1", "u") + "\n");
  CHECK(report.read == 2);
  CHECK(report.accepted == 1);
  CHECK(report.quarantined == 1);
  CHECK(files.Raw() == std::vector<std::string>{row});
  CHECK(Contains(files.Reasons()[0], "10000"));
}

TEST_CASE("what messages inherit from their batch counts for each of them, and may not be without bound",
          "[quarantine]") {
  Files files;
  const std::string shared = R"({"traits":{"note":")" + std::string(100'000, 'x') + R"("}})";
  std::string row = Batch(1'000, "{}");  // a hundred kilobytes that become a hundred megabytes
  row.insert(1, R"("context":)" + shared + ",");
  CHECK(files.Ingest("web", "web.jsonl", row + "\n").quarantined == 1);
  CHECK(Contains(files.Reasons()[0], "inherit"));
}

TEST_CASE("a replay takes the refused messages of a batch alone, with all that the batch gives them", "[quarantine]") {
  Files files;
  // The second message has the first one's id, which another event has already.
  CHECK(files.Ingest("web", "first.jsonl", Page("1", "a") + "\n").accepted == 1);
  const std::string inheriting = R"({"type":"page","messageId":"1","userId":"b","originalTimestamp":"2026-02-01"})";
  std::string row = Batch({Page("2", "b"), inheriting, "{}"});
  row.insert(1, R"("context":{"traits":{"city":"Ulm"}},)");
  CHECK(files.Ingest("web", "batch.jsonl", row + "\n").quarantined == 2);
  REQUIRE(files.database()->WithdrawSource("web").ok());
  CHECK(files.Counted() == 0);  // by messages, not by rows
  CHECK(files.Raw().empty());

  CHECK(files.Ingest("web", "first.jsonl", Page("1", "a") + "\n").accepted == 1);
  CHECK(files.Ingest("web", "batch.jsonl", row + "\n").quarantined == 2);
  // Once the id is free for it: the first event is withdrawn with its name.
  Database& database = files.database();
  const std::vector<std::string> ids = {"1"};
  REQUIRE(database->WithdrawEvents("web", ids).ok());
  REQUIRE(database->ReadmitEvents("web", ids).ok());
  const auto replay = database.ReplayQuarantine();
  REQUIRE(replay.ok());
  CHECK(replay->read == 2);
  CHECK(replay->accepted == 1);
  CHECK(replay->quarantined == 1);
  CHECK(files.Counted() == 1);
  CHECK(files.Raw() == std::vector<std::string>{"{}"});
  const auto profile = database->Lookup("user_id", "b");
  REQUIRE(profile.ok());
  CHECK(Contains(profile->ToJson(), "Ulm"));
  CHECK(Contains(profile->ToJson(), "2026-02-01"));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("a row whose stored header no longer fits the schema stays with that reason, and the others are tried",
          "[quarantine]") {
  const std::string by_id = kSources;
  std::string by_number = by_id;
  by_number.replace(by_number.find(R"(key: "id")"), 9, R"(key: "no")");
  Files files(by_id);
  CHECK(files.Ingest("crm", "a.csv", "id,mail\n,a@example.com\n").quarantined == 1);
  CHECK(files.Ingest("crm", "b.csv", "id,no,mail\n,7,b@example.com\n").quarantined == 1);
  REQUIRE(files.database().Migrate(*Schema::Parse(by_number)).ok());
  CHECK(files.Counted() == 2);
  const auto replay = files.database().ReplayQuarantine();
  REQUIRE(replay.ok());
  CHECK(replay->read == 2);
  CHECK(replay->accepted == 1);
  CHECK(replay->quarantined == 1);
  CHECK(files.database()->Lookup("email", "b@example.com").ok());
  CHECK(files.Raw() == std::vector<std::string>{",a@example.com"});
  CHECK(Contains(files.Reasons()[0], "no column `no`"));
  CHECK(files.database().ReplayQuarantine()->quarantined == 1);  // and again
}

TEST_CASE("a replay works in groups, and a row that stays is tried once a replay", "[quarantine]") {
  Files files;
  std::string lines;
  for (int i = 0; i < 5'000; ++i) lines += R"({"id":")" + std::to_string(i) + R"(","time":"soon"})" + "\n";
  CHECK(files.Ingest("log", "log.jsonl", lines).quarantined == 5'000);
  for (int i = 0; i < 2; ++i) {
    const auto replay = files.database().ReplayQuarantine();
    REQUIRE(replay.ok());
    CHECK(replay->read == 5'000);
    CHECK(replay->quarantined == 5'000);
    CHECK(files.Counted() == 5'000);
  }
  CHECK(files.Raw().size() == 5'000);
}

TEST_CASE("migration keeps the count of refused messages, not of rows", "[quarantine]") {
  Files files;
  CHECK(files.Ingest("web", "web.jsonl", Batch(3, "{}") + "\n").quarantined == 3);
  REQUIRE(files.database().Migrate(*Schema::Parse(std::string(kSources) + R"(namespaces { name: "x" })")).ok());
  CHECK(files.Counted() == 3);
  CHECK(files.Raw().size() == 3);
}

TEST_CASE("the quarantine is looked at and thrown away by source and by file", "[quarantine]") {
  Files files;
  files.Ingest("web", "web.jsonl", Batch(3, "{}") + "\n");
  files.Ingest("log", "log.jsonl", "{}\n[]\n");
  files.Ingest("log", "log.jsonl.2", "{}\n");
  CHECK(files.database()->Ingest(Event{.source = "log"})->quarantined == 1);
  Database& database = files.database();
  const auto count = [&](const QuarantineSelection& of) {
    size_t rows = 0;
    REQUIRE(database->ForEachQuarantined([&](const QuarantinedRow&) { return ++rows > 0; }, of).ok());
    return rows;
  };
  const std::string file = database.directory() / "log.jsonl";
  CHECK(count({}) == 7);
  CHECK(count({.source = "web"}) == 3);
  CHECK(count({.source = "log"}) == 4);
  CHECK(count({.file = file}) == 2);
  CHECK(count({.source = "log", .file = file}) == 2);
  CHECK(count({.source = "web", .file = file}) == 0);
  CHECK(absl::IsInvalidArgument(database->DiscardQuarantine({.source = "till"}).status()));

  CHECK(*database->DiscardQuarantine({.source = "log", .file = file}) == 2);
  CHECK(count({.source = "log"}) == 2);
  CHECK(*database->DiscardQuarantine({.source = "web"}) == 3);
  CHECK(files.Counted() == 2);
  CHECK(*database->DiscardQuarantine({}) == 2);
  CHECK(*database->DiscardQuarantine({}) == 0);
  CHECK(files.Counted() == 0);
  CHECK(files.Ingest("log", "log.jsonl", "{}\n[]\n").quarantined == 2);  // it may come again
}

TEST_CASE("a report says why the first rows were refused, and where they are", "[quarantine]") {
  Files files;
  const auto report = files.Ingest("crm", "crm.csv", "id,mail\n,a@example.com\n1,b@example.com\n2\n");
  REQUIRE(report.reasons.size() == 2);
  CHECK(Contains(report.reasons[0], "crm, "));
  CHECK(Contains(report.reasons[0], "crm.csv:2: row has no key"));
  CHECK(Contains(report.reasons[1], "crm.csv:4: "));
  const auto misspelt =
      files.database()->Ingest(Event{.source = "log", .id = "e-1", .time = At(1), .identifiers = {{"usr", "x"}}});
  REQUIRE(misspelt->reasons.size() == 1);
  CHECK(Contains(misspelt->reasons[0], "log, event `e-1`: "));
  CHECK(Contains(misspelt->reasons[0], "`usr`"));
  CHECK(files.Ingest("log", "log.jsonl", "1\n2\n3\n4\n5\n6\n7\n").reasons.size() == 5);
}

}  // namespace kintsugi::testing
