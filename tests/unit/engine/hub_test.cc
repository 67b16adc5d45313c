// Hubs: a generic identifier costs what its limit is, and not what its users are; and its state is the same however it
// came about.

#include <algorithm>
#include <numeric>

#include "engine/impl.h"
#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

constexpr int kUsers = 3000;
constexpr size_t kHandful = 8;

const Identifier kKiosk{"device", "kiosk"};

// `limits`: what the schema says of users beside.
Schema HubSchema(int generic_above, const std::string& limits = "max_per_profile: 1") {
  return *Schema::Parse(R"(
    namespaces { name: "user" )" +
                        limits + R"( }
    namespaces { name: "email" }
    namespaces { name: "device" generic_above: )" +
                        std::to_string(generic_above) + R"( }
    sources { name: "app" events { format: NATIVE } }
    sources { name: "till" events { format: NATIVE } }
  )");
}

Identifier User(int i) {
  return {"user", "u-" + std::to_string(i)};
}

// A user was at the kiosk.
Event Visit(int i, int day) {
  return Seen("m-" + std::to_string(i), {User(i), kKiosk}, day);
}

std::vector<Event> Visits() {
  std::vector<Event> visits;
  for (int i = 0; i < kUsers; ++i) visits.push_back(Visit(i, 10 + i % 100));
  visits[7].time = At(1);     // the first sighting of the kiosk
  visits[11].time = At(900);  // and the last
  return visits;
}

size_t Loaded(Database& database, const Event& event) {
  Take(database, {event});
  return EngineForTesting::ProfilesLoaded(*database);
}

size_t LoadedByWithdrawal(Database& database, const std::string& id) {
  const std::vector<std::string> ids = {id};
  const auto report = database->WithdrawEvents("app", ids);
  REQUIRE(report.ok());
  REQUIRE(report->withdrawn == 1);
  return EngineForTesting::ProfilesLoaded(*database);
}

void TakeAll(Database& database, const std::vector<Event>& events) {
  REQUIRE(database->Ingest(std::span<const Event>(events))->accepted == events.size());
}

std::vector<std::string> StateOfAll(const Schema& schema, const std::vector<Event>& events) {
  Database database(schema);
  if (!events.empty()) TakeAll(database, events);
  return StateOf(database);
}

}  // namespace

TEST_CASE("whatever happens at a kiosk of 3,000 users loads a handful of profiles", "[hub]") {
  const Schema schema = HubSchema(5);
  std::vector<Event> events = Visits();
  Database database(schema);
  TakeAll(database, events);
  REQUIRE(database->GetStats().profiles == kUsers + 1);
  database.Reopen();

  const auto add = [&](const Event& event) {
    events.push_back(event);
    return Loaded(database, event);
  };
  CHECK(add(Visit(kUsers, 50)) <= kHandful);                                       // a new user
  CHECK(add(Seen("again", {User(3), kKiosk}, 60)) <= kHandful);                    // a known one
  CHECK(add(Seen("two", {User(20), {"email", "e-20"}, kKiosk}, 70)) <= kHandful);  // with more
  CHECK(add(Seen("early", {User(21), kKiosk}, 0)) <= kHandful);                    // earlier than all
  CHECK(add(Seen("late", {User(22), kKiosk}, 950)) <= kHandful);                   // later than all
  CHECK(add(Seen("nobody", {kKiosk}, 40)) <= kHandful);                            // without a user
  CHECK(add(Seen("mail", {{"email", "e-20"}, kKiosk}, 41)) <= kHandful);           // of another kind
  CHECK(add(Seen("beside", {kKiosk, {"device", "beside"}}, 42)) <= kHandful);      // with its equal
  CHECK(StateOf(database) == StateOfAll(schema, events));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("withdrawing a sighting of a kiosk of 3,000 users loads a handful of profiles", "[hub]") {
  const Schema schema = HubSchema(5);
  std::vector<Event> events = Visits();
  events.push_back(Seen("nobody", {kKiosk}, 40));
  Database database(schema);
  TakeAll(database, events);
  // The first, the last, the then first and last, and one in between.
  for (const std::string id : {"m-7", "m-11", "m-0", "m-99", "m-1500", "nobody"}) {
    CHECK(LoadedByWithdrawal(database, id) <= kHandful);
    std::erase_if(events, [&](const Event& event) { return event.id == id; });
    CHECK(StateOf(database) == StateOfAll(schema, events));
  }
  CHECK(database->Lookup("device", "kiosk")->first_seen() == At(10));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("one event at a time gives a kiosk the state of one batch", "[hub]") {
  const Schema schema = HubSchema(5);
  std::vector<Event> events = Visits();
  events.resize(300);
  Database database(schema);
  size_t most = 0;
  for (const Event& event : events) most = std::max(most, Loaded(database, event));
  CHECK(most <= kHandful);
  CHECK(StateOf(database) == StateOfAll(schema, events));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("at its limit an identifier connects, above it does not, and a withdrawal brings it back", "[hub]") {
  constexpr int kLimit = 3;
  for (const char* limits : {"", "max_per_profile: 1", "max_per_profile: 2"}) {
    const Schema schema = HubSchema(kLimit, limits);
    std::vector<int> order(kLimit + 1);
    std::iota(order.begin(), order.end(), 0);
    do {
      Database database(schema);
      std::vector<Event> events;
      for (const int user : order) {
        // Users are known before they come to the kiosk, from elsewhere.
        events.push_back(Seen("home-" + std::to_string(user), {User(user), {"email", std::to_string(user)}}, 5 + user));
        events.push_back(Visit(user, 10 + user));
        TakeAll(database, {events.end()[-2], events.end()[-1]});
        REQUIRE(StateOf(database) == StateOfAll(schema, events));
      }
      const auto above = StateOf(database);
      REQUIRE(database->Lookup("device", "kiosk")->identifier_count() == 1);
      for (const int user : order) {
        LoadedByWithdrawal(database, "m-" + std::to_string(user));
        std::vector<Event> rest = events;
        std::erase_if(rest, [&](const Event& event) { return event.id == "m-" + std::to_string(user); });
        REQUIRE(StateOf(database) == StateOfAll(schema, rest));
        REQUIRE(database->Lookup("device", "kiosk")->identifier_count() > 1);
        REQUIRE(Faults(database) == kNone);
        const std::vector<std::string> ids = {"m-" + std::to_string(user)};
        REQUIRE(database->ReadmitEvents("app", ids)->withdrawn == 1);
        TakeAll(database, {Visit(user, 10 + user)});
        REQUIRE(StateOf(database) == above);
      }
      REQUIRE(Faults(database) == kNone);
    } while (std::next_permutation(order.begin(), order.end()));
  }
}

TEST_CASE("a kiosk that loses all its users is a device again, and one that nobody saw is gone", "[hub]") {
  const Schema schema = HubSchema(2);
  std::vector<Event> events;
  for (int i = 0; i < 6; ++i) events.push_back(Visit(i, 10 + i));
  Database database(schema);
  TakeAll(database, events);
  while (!events.empty()) {
    LoadedByWithdrawal(database, events.back().id);
    events.pop_back();
    CHECK(StateOf(database) == StateOfAll(schema, events));
    CHECK(Faults(database) == kNone);
  }
  CHECK(absl::IsNotFound(database->Lookup("device", "kiosk").status()));
}

TEST_CASE("a second source that saw the same pair keeps it when the first is withdrawn", "[hub]") {
  const Schema schema = HubSchema(2);
  std::vector<Event> events;
  for (int i = 0; i < 4; ++i) {
    events.push_back(Visit(i, 10 + i));
    events.push_back(Visit(i, 20 + i));
    events.back().source = "till";
  }
  Database database(schema);
  TakeAll(database, events);
  REQUIRE(database->WithdrawSource("app").ok());
  std::erase_if(events, [](const Event& event) { return event.source == "app"; });
  CHECK(StateOf(database) == StateOfAll(schema, events));
  CHECK(Faults(database) == kNone);
}

}  // namespace kintsugi::testing
