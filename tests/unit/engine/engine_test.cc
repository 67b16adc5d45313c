// The public engine, as a host program uses it.

#include <atomic>
#include <thread>

#include "catch.h"
#include "engine_fixture.h"

namespace kintsugi::testing {
namespace {

Schema ShopSchema() {
  return *Schema::Parse(R"(
    namespaces { name: "customer_id" max_per_profile: 1 }
    namespaces { name: "email" normalize: EMAIL max_per_profile: 5 }
    namespaces { name: "device" }
    identity { on_conflict: KEEP_NEWEST }
    sources { name: "crm" trust: 0.9 table { format: CSV key: "id" updated_at: "modified" identifiers { field: "id" namespace: "customer_id" } identifiers { field: "mail" namespace: "email" } attributes { field: "first" name: "first_name" } } }
    sources { name: "app" events { format: NATIVE } }
    golden { attributes { name: "first_name" keep: MOST_RECENT } }
  )");
}

Time At(int day) {
  return std::chrono::sys_days(std::chrono::year(2026) / 1 / 1) + std::chrono::days(day);
}

Event Seen(std::vector<Identifier> identifiers, int day, std::vector<NamedValue> traits = {}) {
  return {.source = "app",
          .time = At(day),
          .name = "View",
          .identifiers = std::move(identifiers),
          .traits = std::move(traits)};
}

}  // namespace

TEST_CASE("what was ingested is there when Ingest returns, and after a restart") {
  Database database(ShopSchema());
  const auto report = database->Ingest(
      Seen({{"device", "d-1"}, {"email", " Jane@Example.com "}}, 1, {{"first_name", std::string("Jane")}}));
  REQUIRE(report.ok());
  CHECK(report->accepted == 1);
  for (int round = 0; round < 2; ++round) {
    const auto jane = database->Lookup("email", "JANE@example.com");
    REQUIRE(jane.ok());
    CHECK(std::get<std::string_view>(jane->attribute("first_name")->value) == "Jane");
    CHECK(jane->attribute("first_name")->source == "app");
    CHECK(jane->identifier_count() == 2);
    CHECK(jane->first_seen() == At(1));
    CHECK(jane->id() == database->Lookup("device", "d-1")->id());
    database.Reopen();
  }
}

TEST_CASE("a profile that was looked up stays as it was, whatever is ingested later") {
  Database database(ShopSchema());
  REQUIRE(database->Ingest(Seen({{"device", "d-1"}}, 1, {{"first_name", std::string("Jane")}})).ok());
  const auto before = *database->Lookup("device", "d-1");
  REQUIRE(database->Ingest(Seen({{"device", "d-1"}}, 2, {{"first_name", std::string("Joan")}})).ok());
  CHECK(std::get<std::string_view>(before.attribute("first_name")->value) == "Jane");
  CHECK(std::get<std::string_view>(database->Lookup("device", "d-1")->attribute("first_name")->value) == "Joan");
}

TEST_CASE("nobody is not found, and an unknown namespace is an error that names the known ones") {
  Database database(ShopSchema());
  CHECK(absl::IsNotFound(database->Lookup("device", "d-1").status()));
  CHECK(absl::IsNotFound(database->Lookup("email", "not an address").status()));
  const auto unknown = database->Lookup("cookie", "c").status();
  CHECK(absl::IsInvalidArgument(unknown));
  CHECK(std::string(unknown.message()).find("customer_id, email, device, crm, app") != std::string::npos);
}

TEST_CASE("an id that was handed out leads to whoever holds its anchor, after any number of merges and restarts") {
  Database database(ShopSchema());
  REQUIRE(database->Ingest(Seen({{"device", "d-1"}}, 2)).ok());
  REQUIRE(database->Ingest(Seen({{"device", "d-2"}}, 3)).ok());
  const ProfileId first = database->Lookup("device", "d-1")->id();
  const ProfileId second = database->Lookup("device", "d-2")->id();
  REQUIRE(first != second);

  REQUIRE(database->Ingest(Seen({{"device", "d-1"}, {"device", "d-2"}}, 4)).ok());
  CHECK(database->Lookup(second)->id() == first);  // d-1 was seen first

  REQUIRE(database->Ingest(Seen({{"device", "d-1"}, {"email", "a@example.com"}}, 1)).ok());  // late: an older anchor
  const ProfileId now = database->Lookup("device", "d-1")->id();
  database.Reopen();
  CHECK(now != first);
  CHECK(database->Lookup(first)->id() == now);
  CHECK(database->Lookup(second)->id() == now);
  CHECK(absl::IsNotFound(database->Lookup(ProfileId{}).status()));
}

TEST_CASE(
    "a record names itself, is replaced by its newer version, and an older one that comes late changes only when it "
    "was first seen") {
  Database database(ShopSchema());
  const auto version = [](int day, const char* mail, const char* name) {
    return Record{.source = "crm",
                  .key = "7",
                  .version = At(day),
                  .identifiers = {{"customer_id", "7"}, {"email", mail}},
                  .attributes = {{"first_name", std::string(name)}}};
  };
  CHECK(database->Ingest(version(5, "new@example.com", "Joan"))->accepted == 1);
  CHECK(database->Ingest(version(5, "new@example.com", "Joan"))->duplicates == 1);
  CHECK(database->Ingest(version(3, "old@example.com", "Jane"))->superseded == 1);
  CHECK(database->Ingest(version(4, "mid@example.com", "June"))->superseded == 1);  // a time that was not known
  const auto joan = *database->Lookup("crm", "7");
  CHECK(std::get<std::string_view>(joan.attribute("first_name")->value) == "Joan");
  CHECK(joan.first_seen() == At(3));
  CHECK(joan.last_seen() == At(5));
  CHECK(absl::IsNotFound(database->Lookup("email", "old@example.com").status()));

  CHECK(database->Ingest(version(6, "newest@example.com", "Joan"))->accepted == 1);
  CHECK(absl::IsNotFound(database->Lookup("email", "new@example.com").status()));
  CHECK(database->Lookup("email", "newest@example.com")->id() == joan.id());
  CHECK(database->Verify()->empty());
}

TEST_CASE("a source without version times takes the version that arrived last") {
  Database database(*Schema::Parse(
      R"(namespaces { name: "user" } sources { name: "list" table { key: "id" identifiers { field: "u" namespace: "user" } } })"));
  const auto row = [](const char* user) {
    return Record{.source = "list", .key = "1", .identifiers = {{"user", user}}};
  };
  CHECK(database->Ingest(row("a"))->accepted == 1);
  CHECK(database->Ingest(row("b"))->accepted == 1);
  CHECK(database->Ingest(row("b"))->duplicates == 1);
  CHECK(absl::IsNotFound(database->Lookup("user", "a").status()));
  const auto profile = database->Lookup("user", "b");
  CHECK(profile->ToJson().find("\"first_seen\":null,\"last_seen\":null") != std::string::npos);
}

TEST_CASE("profiles are visited by id and identifiers by their text, and both stop when told to") {
  Database database(ShopSchema());
  for (const char* device : {"d-3", "d-1", "d-2"})
    REQUIRE(database->Ingest(Seen({{"device", device}, {"email", std::string(device) + "@example.com"}}, 1)).ok());
  const auto lines = database.Clusters();
  REQUIRE(lines.size() == 6);
  CHECK(lines[0].substr(33) == "device:d-1");
  CHECK(lines[3].substr(33) == "email:d-1@example.com");
  const auto profiles = database.Profiles();
  CHECK(std::is_sorted(profiles.begin(), profiles.end()));
  size_t visited = 0;
  REQUIRE(database->ForEachProfile([&](const ProfileView&) { return ++visited < 2; }).ok());
  REQUIRE(database->ForEachIdentifier([&](const auto&, const auto&) { return ++visited < 4; }).ok());
  CHECK(visited == 4);
}

TEST_CASE("statistics count what is there and how good each source is") {
  Database database(ShopSchema());
  const std::vector<Event> events = {Seen({{"device", "d"}, {"email", "nonsense"}}, 1),
                                     Seen({{"device", "d"}, {"email", "nonsense"}}, 1),
                                     Seen({{"email", "nonsense"}}, 2)};
  const auto report = database->Ingest(std::span<const Event>(events));
  REQUIRE(report.ok());
  CHECK(report->read == 3);
  CHECK(report->duplicates == 1);
  database.Reopen();
  const Stats stats = database->GetStats();
  CHECK(stats.profiles == 1);
  CHECK(stats.identifiers == 1);
  CHECK(stats.events == 1);
  CHECK(stats.quarantined == 1);
  REQUIRE(stats.sources.size() == 2);
  CHECK(stats.sources[1].accepted == 1);
  CHECK(stats.sources[1].refused_identifiers.at("email: malformed") == 1);
}

TEST_CASE("evaluation counts pairs and gives B-cubed figures, and identifiers that nobody has are alone") {
  Database database(ShopSchema());
  REQUIRE(database->Ingest(Seen({{"device", "a"}, {"device", "b"}, {"device", "x"}}, 1)).ok());
  REQUIRE(database->Ingest(Seen({{"device", "c"}}, 1)).ok());
  const std::vector<TruthRow> truth = {{{"device", "a"}, "1"},
                                       {{"device", "b"}, "1"},
                                       {{"device", "c"}, "1"},
                                       {{"device", "x"}, "2"},
                                       {{"device", "gone"}, "2"}};
  const auto e = database->Evaluate(truth);
  REQUIRE(e.ok());
  CHECK(e->predicted_pairs == 3);
  CHECK(e->true_pairs == 4);
  CHECK(e->correct_pairs == 1);
  CHECK(e->precision == Approx(1.0 / 3));
  CHECK(e->recall == Approx(0.25));
  CHECK(e->not_found == 1);
  CHECK(e->bcubed_precision == Approx((2.0 / 3 + 2.0 / 3 + 1 + 1.0 / 3 + 1) / 5));
  CHECK(e->bcubed_recall == Approx((2.0 / 3 + 2.0 / 3 + 1.0 / 3 + 0.5 + 0.5) / 5));
}

TEST_CASE("in a truth, values that cannot be identifiers are nobody's, each for itself") {
  Database database(ShopSchema());
  const std::vector<TruthRow> truth = {{{"email", "nonsense"}, "1"}, {{"email", "more nonsense"}, "2"}};
  const auto e = database->Evaluate(truth);
  REQUIRE(e.ok());
  CHECK(e->identifiers == 2);
  CHECK(e->not_found == 2);
  const std::vector<TruthRow> contradiction = {{{"device", "d"}, "1"}, {{"device", "d"}, "2"}};
  CHECK(absl::IsInvalidArgument(database->Evaluate(contradiction).status()));
}

TEST_CASE("readers see whole groups only, while a writer merges") {
  Database database(ShopSchema());
  constexpr int kPeople = 60;
  std::atomic<bool> done = false;
  std::atomic<int> torn = 0;
  std::atomic<int> seen = 0;
  const auto read = [&] {
    while (!done) {
      for (int i = 0; i < kPeople; ++i) {
        const auto profile = database->Lookup("device", "d-" + std::to_string(i));
        if (absl::IsNotFound(profile.status())) continue;
        ++seen;
        bool holds = false;
        for (const IdentifierView& id : profile.ok() ? profile->identifiers() : std::vector<IdentifierView>{})
          holds |= id.value == "d-" + std::to_string(i);
        if (!holds) ++torn;
      }
    }
  };
  std::thread one(read);
  std::thread two(read);
  for (int i = 0; i < kPeople; ++i) CHECK(database->Ingest(Seen({{"device", "d-" + std::to_string(i)}}, 100 - i)).ok());
  for (int i = 1; i < kPeople; ++i) {
    CHECK(database->Ingest(Seen({{"device", "d-" + std::to_string(i - 1)}, {"device", "d-" + std::to_string(i)}}, 200))
              .ok());
  }
  while (seen == 0) std::this_thread::yield();
  done = true;
  one.join();
  two.join();
  CHECK(torn == 0);
  CHECK(database->GetStats().profiles == 1);
}

TEST_CASE("many writers at once lose nothing") {
  Database database(ShopSchema());
  std::vector<std::thread> writers;
  for (int w = 0; w < 4; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < 100; ++i) {
        Event event = Seen({{"device", std::to_string(w * 1000 + i)}, {"device", std::to_string(w * 1000 + i + 1)}}, i);
        if (!database->Ingest(event).ok()) std::terminate();
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  CHECK(database->GetStats().events == 400);
  CHECK(database->GetStats().profiles == 4);
  CHECK(database->Verify()->empty());
}

}  // namespace kintsugi::testing
