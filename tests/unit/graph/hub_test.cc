// Hubs: a generic identifier costs what its limit is, and not what its users are; and its state is the same however it
// came about.

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <random>

#include "engine/impl.h"
#include "ingest/assertion.h"
#include "unit/engine/support.h"
#include "unit/write/marks.h"

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

namespace {

const Identifier kBox{"email", "box"};

// Of the links of a mailbox those to cookies are active, and all but one are refused.
Schema BoxSchema() {
  return *Schema::Parse(R"(
    namespaces { name: "user" max_per_profile: 1 }
    namespaces { name: "account" }
    namespaces { name: "email" generic_above: 5 }
    namespaces { name: "cookie" }
    sources { name: "app" events { format: NATIVE } }
  )");
}

Event AtBox(int i, int day) {
  return Seen("box-" + std::to_string(i) + "-" + std::to_string(day),
              {User(i), kBox, {"cookie", "c-" + std::to_string(i)}}, day);
}

// What several writers want at the same time and is one group, so: events and assertions, all new.
class Group {
 public:
  explicit Group(Schema schema = BoxSchema())
      : schema_(std::move(schema)), context_(*ingest::Context::Create(schema_, {})) {}

  Group& Add(const Event& event) {
    const ingest::Preparer preparer(*context_);
    std::visit([&](auto&& prepared) { items_.emplace_back().evidence = std::move(prepared); },
               preparer.Prepare(0, event));
    events_.push_back(event);
    return *this;
  }
  Group& Add(const Assertion& assertion) {
    items_.emplace_back().evidence = *ingest::PrepareAssertion(*context_, assertion);
    assertions_.push_back(assertion);
    return *this;
  }

  // How many profiles were read. The state must be that of a database that got all events, and then one assertion after
  // the other; both lists grow by what is here.
  size_t ApplyTo(Database& database, std::vector<Event>& events, std::vector<Assertion>& assertions) const {
    database.Close();
    size_t profiles_loaded = 0;
    {
      auto store = store::Store::Open({}, database.path(), format::kFormat);
      REQUIRE(store.ok());
      stored::Counters counters;
      const auto counted = (*store)->Get(format::Family::kMeta, "counters");
      REQUIRE(counted.ok());
      if (*counted) REQUIRE(counters.ParseFromString(**counted));  // else nothing has come yet
      write::Applier applier(*context_, rules_, **store, counters);
      std::vector<write::Verdict> verdicts;
      std::vector<std::string> reasons;
      REQUIRE(applier.Apply(items_, verdicts, reasons).ok());
      CHECK(std::count(verdicts.begin(), verdicts.end(), write::Verdict::kQuarantined) == 0);
      store::Batch batch = (*store)->NewBatch();
      REQUIRE(applier.Finish(batch, At(1000)).ok());
      profiles_loaded = applier.profiles_loaded();
      CheckMarks(applier.cache_marks(), batch);
      REQUIRE((*store)->Write(batch, Durability::kLosesOnMachineCrash).ok());
    }
    database.Reopen();
    events.insert(events.end(), events_.begin(), events_.end());
    assertions.insert(assertions.end(), assertions_.begin(), assertions_.end());
    Database other(schema_);
    if (!events.empty()) TakeAll(other, events);
    for (const Assertion& assertion : assertions) REQUIRE(other->Assert(assertion).ok());
    REQUIRE(StateOf(database) == StateOf(other));
    REQUIRE(Faults(database) == kNone);
    return profiles_loaded;
  }

 private:
  Schema schema_;
  std::unique_ptr<const ingest::Context> context_;
  const living::Rules rules_{*context_};
  std::vector<write::Item> items_;
  std::vector<Event> events_;
  std::vector<Assertion> assertions_;
};

Assertion Decision(Assertion::Kind kind, const Identifier& a, const Identifier& b) {
  return {.kind = kind, .a = a, .b = b, .by = "jane", .because = "she knows"};
}

// What comes beside an event at the box concerns strangers: ann, bob and carl.
class Strangers {
 public:
  Strangers() : database_(BoxSchema()) {
    for (int i = 0; i < kUsers; ++i) events_.push_back(AtBox(i, 10 + i % 100));
    events_.push_back(Seen("ann", {{"user", "ann"}, {"email", "ann"}}, 1));
    events_.push_back(Seen("bob", {{"user", "bob"}, {"email", "bob"}}, 2));
    // One more than these five, and the list is generic.
    for (int i = 0; i < 5; ++i) {
      events_.push_back(Seen("list-" + std::to_string(i),
                             {{"user", "l-" + std::to_string(i)}, {"email", "list"}, {"cookie", "l"}}, i));
    }
    // The cookie is ann's by its newest link, and bob's mail is refused it, for bob is there first.
    events_.push_back(Seen("bob's", {{"email", "bob"}, {"cookie", "shared"}}, 3));
    events_.push_back(Seen("ann's", {{"email", "ann"}, {"cookie", "shared"}}, 5));
    TakeAll(database_, events_);
    database_.Reopen();
  }

  size_t Loaded(const Group& group) { return group.ApplyTo(database_, events_, assertions_); }
  const Database& database() const { return database_; }

 private:
  Database database_;
  std::vector<Event> events_;
  std::vector<Assertion> assertions_;
};

}  // namespace

TEST_CASE("an assertion about strangers leaves a mailbox of 3,000 alone", "[hub]") {
  for (const auto kind : {Assertion::Kind::kSame, Assertion::Kind::kNever}) {
    Strangers strangers;
    CHECK(strangers.Loaded(Group()
                               .Add(AtBox(3, 200))
                               .Add(Decision(kind, {"email", "ann"}, {"cookie", "l"}))
                               .Add(AtBox(kUsers, 201))) <= 3 * kHandful);
    CHECK(IsTogether(strangers.database(), {"email", "ann"}, {"cookie", "l"}) == (kind == Assertion::Kind::kSame));
  }
}

TEST_CASE("an identifier of strangers that becomes generic leaves a mailbox of 3,000 alone", "[hub]") {
  Strangers strangers;
  CHECK(strangers.Loaded(
            Group().Add(AtBox(3, 200)).Add(Seen("list-5", {{"user", "l-5"}, {"email", "list"}, {"cookie", "l"}}, 9))) <=
        3 * kHandful);
}

TEST_CASE("strangers whose refused link is refused no longer leave a mailbox of 3,000 alone", "[hub]") {
  Strangers strangers;
  REQUIRE(IsTogether(strangers.database(), {"user", "ann"}, {"cookie", "shared"}));
  // Accounts come before bob at his mail now, and so does the cookie.
  CHECK(strangers.Loaded(Group()
                             .Add(AtBox(3, 200))
                             .Add(Seen("bob-1", {{"account", "1"}, {"email", "bob"}}, 8))
                             .Add(Seen("bob-2", {{"account", "2"}, {"email", "bob"}}, 9))) <= 3 * kHandful);
  CHECK(IsTogether(strangers.database(), {"email", "bob"}, {"cookie", "shared"}));
}

// The other property tests decide one thing at a time.
TEST_CASE("whatever events and decisions are one group, its state is that of all of them one by one",
          "[hub][property]") {
  const char* steps = std::getenv("KINTSUGI_PROPERTY_STEPS");
  const int rounds = steps == nullptr ? 30 : std::max(30, std::atoi(steps) / 100);
  constexpr const char* kLimits[] = {"max_per_profile: 1", "max_per_profile: 2", ""};
  for (int round = 0; round < rounds; ++round) {
    CAPTURE(round);  // and it is the seed
    std::mt19937 random(static_cast<uint32_t>(round));
    const Schema schema = *Schema::Parse(std::string(R"(
      namespaces { name: "user" )") + kLimits[round % 3] +
                                         R"( }
      namespaces { name: "email" generic_above: 2 }
      namespaces { name: "cookie" generic_above: )" +
                                         (round % 2 == 0 ? "3" : "0") + R"( }
      sources { name: "app" events { format: NATIVE } }
    )");
    const auto any = [&]() -> Identifier {
      constexpr const char* kNamespaces[] = {"user", "email", "cookie"};
      const uint32_t ns = random() % 3;
      return {kNamespaces[ns], std::to_string(random() % (ns == 1 ? 5 : 9))};
    };
    Database database(schema);
    std::vector<Event> events;
    std::vector<Assertion> assertions;
    for (int step = 0; step < 12; ++step) {
      Group group(schema);
      for (uint32_t i = 0; i < 1 + random() % 3; ++i) {
        std::vector<Identifier> seen;
        if (random() % 2 == 0) seen.push_back({"user", std::to_string(random() % 9)});
        if (random() % 3 != 0) seen.push_back({"email", std::to_string(random() % 5)});
        if (random() % 2 == 0 || seen.empty()) seen.push_back({"cookie", std::to_string(random() % 9)});
        group.Add(Seen(std::to_string(step) + "-" + std::to_string(i), seen, static_cast<int>(random() % 30)));
      }
      if (random() % 2 == 0) {
        const Identifier a = any();
        const Identifier b = any();
        if (a != b) group.Add(Decision(random() % 3 == 0 ? Assertion::Kind::kNever : Assertion::Kind::kSame, a, b));
      }
      group.ApplyTo(database, events, assertions);
    }
  }
}

}  // namespace kintsugi::testing
