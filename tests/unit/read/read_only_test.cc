// Engines that only read, beside one that writes.

#include <filesystem>
#include <thread>

#include "engine/impl.h"
#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

std::unique_ptr<Engine> OpenToRead(const Database& database) {
  auto engine = Engine::Open({.read_only = true}, database.path());
  REQUIRE(engine.ok());
  return *std::move(engine);
}

std::string TextOf(const absl::StatusOr<Profile>& profile, std::string_view name) {
  if (!profile.ok()) return absl::IsNotFound(profile.status()) ? "nobody" : profile.status().ToString();
  const auto attribute = profile->attribute(name);
  return attribute ? std::string(std::get<std::string_view>(attribute->value)) : "";
}

}  // namespace

TEST_CASE("an engine that only reads sees what was written, beside the writer, and more when it catches up",
          "[read_only]") {
  Database database(Shop());
  Take(database, {Seen("1", {{"device", "d-1"}}, 1, {{"first_name", std::string("Jane")}})});
  const auto reader = OpenToRead(database);
  const auto another = OpenToRead(database);
  CHECK(TextOf(reader->Lookup("device", "d-1"), "first_name") == "Jane");
  CHECK(TextOf(reader->Lookup("device", "d-2"), "first_name") == "nobody");
  Take(database, {Seen("2", {{"device", "d-1"}}, 2, {{"first_name", std::string("Joan")}}),
                  Seen("3", {{"device", "d-2"}}, 2, {{"first_name", std::string("John")}})});
  CHECK(TextOf(reader->Lookup("device", "d-1"), "first_name") == "Jane");
  CHECK(TextOf(reader->Lookup("device", "d-2"), "first_name") == "nobody");
  CHECK(reader->GetStats().events == 1);
  REQUIRE(reader->TryCatchUp().ok());
  CHECK(TextOf(reader->Lookup("device", "d-1"), "first_name") == "Joan");
  CHECK(TextOf(reader->Lookup("device", "d-2"), "first_name") == "John");
  CHECK(reader->GetStats().events == 3);
  CHECK(TextOf(another->Lookup("device", "d-1"), "first_name") == "Jane");
  // Everything else that reads.
  CHECK(reader->Verify()->empty());
  CHECK(reader->ExplainHow({"device", "d-1"}).ok());
  int visited = 0;
  CHECK(reader->ForEachIdentifier([&](const auto&, const auto&) { return ++visited; }).ok());
  CHECK(visited == 2);
}

TEST_CASE("catching up with nothing keeps what was looked up in memory", "[read_only]") {
  Database database(Shop());
  Take(database, {Seen("1", {{"device", "d-1"}}, 1)});
  const auto reader = OpenToRead(database);
  const Profile before = *reader->Lookup("device", "d-1");
  REQUIRE(reader->TryCatchUp().ok());
  CHECK(&reader->Lookup("device", "d-1")->shared() == &before.shared());
  Take(database, {Seen("2", {{"device", "d-2"}}, 1)});
  REQUIRE(reader->TryCatchUp().ok());
  CHECK(&reader->Lookup("device", "d-1")->shared() != &before.shared());
}

TEST_CASE("an engine that only reads refuses whatever would write, and leaves no trace", "[read_only]") {
  Database database(Shop());
  Take(database, {Seen("1", {{"device", "d-1"}}, 1), Row("42", {{"email", "jane@x.com"}}, 1)});
  const auto before = FilesOf(database.path());
  const std::vector<std::string> names = {"42"};
  IngestReport report;
  {
    const auto reader = OpenToRead(database);
    for (const absl::Status& status :
         {reader->Ingest(Seen("2", {{"device", "d-2"}}, 1)).status(), reader->Ingest(Row("43", {}, 1)).status(),
          reader->WithdrawRecords("crm", names).status(), reader->WithdrawEvents("app", names).status(),
          reader->ReadmitEvents("app", names).status(), reader->WithdrawSource("crm").status(),
          reader->ReplayQuarantine(report), reader->Flush(),
          reader->Assert({.a = {"device", "d-1"}, .b = {"email", "jane@x.com"}, .by = "me", .because = "so"}).status(),
          reader->Retract({.id = "x", .by = "me", .because = "so"})}) {
      INFO(status.ToString());
      CHECK(absl::IsFailedPrecondition(status));
    }
    CHECK(absl::IsFailedPrecondition(database->TryCatchUp()));
    CHECK(TextOf(reader->Lookup("crm", "42"), "first_name").empty());
  }
  CHECK(FilesOf(database.path()) == before);
}

TEST_CASE("an engine that only reads creates nothing", "[read_only]") {
  const TemporaryDirectory directory;
  CHECK(absl::IsNotFound(Engine::Open({.schema = Shop(), .read_only = true}, directory / "none").status()));
  CHECK_FALSE(std::filesystem::exists(directory / "none"));
  std::filesystem::create_directory(directory / "empty");
  CHECK(absl::IsNotFound(Engine::Open({.read_only = true}, directory / "empty").status()));
  CHECK(std::filesystem::is_empty(directory / "empty"));
}

TEST_CASE("a visit of an engine that only reads may look up while somebody waits to catch up, and sees its own moment",
          "[read_only]") {
  Database database(Shop());
  Take(database, {Seen("1", {{"device", "d-1"}}, 1, {{"first_name", std::string("Jane")}})});
  const auto reader = OpenToRead(database);
  Take(database, {Seen("2", {{"device", "d-1"}}, 2, {{"first_name", std::string("Joan")}})});
  std::thread catching_up;
  absl::Status caught_up;
  std::vector<std::string> seen;
  const auto visited = reader->ForEachProfile([&](const ProfileView&) {
    catching_up = std::thread([&] { caught_up = reader->TryCatchUp(); });
    while (!EngineForTesting::IsCatchUpAwaited(*reader)) std::this_thread::yield();
    seen.push_back(TextOf(reader->Lookup("device", "d-1"), "first_name"));
    std::thread helper([&] { seen.push_back(TextOf(reader->Lookup("device", "D-1"), "first_name")); });
    helper.join();
    CHECK(reader->ForEachChange({"device", "d-1"}, [](const Change&) { return true; }).ok());
    CHECK(reader->ForEachQuarantined([](const QuarantinedRow&) { return true; }).ok());
    return true;
  });
  catching_up.join();
  CHECK(visited.ok());
  CHECK(caught_up.ok());
  CHECK(seen == std::vector<std::string>{"Jane", "nobody"});
  CHECK(TextOf(reader->Lookup("device", "d-1"), "first_name") == "Joan");
}

TEST_CASE("after a migration an engine that only reads says that it must be opened again", "[read_only]") {
  Database database(Shop());
  Take(database, {Seen("1", {{"device", "d-1"}}, 1)});
  const auto reader = OpenToRead(database);
  Schema other = Shop();
  other.identity.max_identifiers = 7;
  REQUIRE(database.Migrate(other).ok());
  CHECK(absl::IsFailedPrecondition(reader->TryCatchUp()));
  CHECK(TextOf(reader->Lookup("device", "d-1"), "first_name").empty());  // as before
  CHECK(OpenToRead(database)->Lookup("device", "d-1").ok());
}

// Two people are renamed together, thousands of times, with so much ballast that the writer moves its rows from the log
// to files all the while. Whenever a reader looks, it sees them with one name, and one that is not older than what
// was written when it began to catch up. Another thread, which looks while the reader catches up, never sees time
// go backwards.
TEST_CASE("an engine that only reads sees whole groups, whatever the writer does with its files", "[read_only]") {
  const TemporaryDirectory directory;
  auto writer = Engine::Open({.schema = Shop(), .write_buffer_bytes = 1 << 20}, directory / "db");
  REQUIRE(writer.ok());
  const std::string ballast(20'000, 'x');
  const auto rename = [&](int number) {
    std::vector<Event> events;
    for (const char* device : {"d-1", "d-2"}) {
      const NamedValue name = {"first_name", std::to_string(number)};
      events.push_back(Seen(device + std::to_string(number), {{"device", device}}, number, {name}));
      events.back().properties = {{"ballast", ballast}};
    }
    return (*writer)->Ingest(events).ok();
  };
  REQUIRE(rename(0));
  const auto reader = Engine::Open({.read_only = true}, directory / "db");
  REQUIRE(reader.ok());
  std::atomic<int> written = 0;
  std::atomic<bool> failed = false;
  constexpr int kLast = 1500;
  std::thread thread([&] {
    for (int i = 1; i <= kLast; ++i) {
      if (!rename(i)) failed = true;
      written = i;
    }
  });
  std::atomic<bool> done = false;
  std::string went_back;
  std::thread beside([&] {
    int seen = 0;
    for (int i = 0; !done && went_back.empty(); ++i) {
      const auto profile = (*reader)->Lookup("device", i % 2 == 0 ? "d-1" : "d-2");
      if (absl::IsUnavailable(profile.status())) continue;
      const std::string name = TextOf(profile, "first_name");
      const int now = std::atoi(name.c_str());
      if (now < seen) went_back = name + " after " + std::to_string(seen);
      seen = now;
    }
  });
  int caught_up = 0;
  std::string wrong;
  for (bool is_last = false; wrong.empty() && !is_last;) {
    const int least = written;
    is_last = least == kLast;
    const absl::Status status = (*reader)->TryCatchUp();
    if (absl::IsUnavailable(status)) {
      is_last = false;
      continue;
    }
    ++caught_up;
    const std::string one = TextOf((*reader)->Lookup("device", "d-1"), "first_name");
    const std::string two = TextOf((*reader)->Lookup("device", "d-2"), "first_name");
    if (!status.ok()) wrong = status.ToString();
    if (one != two) wrong = "torn: " + one + " and " + two;
    if (wrong.empty() && std::atoi(one.c_str()) < least) wrong = "old: " + one + " after " + std::to_string(least);
  }
  thread.join();
  done = true;
  beside.join();
  CHECK(wrong == "");
  CHECK(went_back == "");
  CHECK_FALSE(failed);
  CHECK(caught_up >= 1);
}

}  // namespace kintsugi::testing
