// Withdrawal: the state is what it would be if the evidence had never come.

#include <algorithm>

#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

using Keys = std::vector<std::string>;

const Identifier kJane{"email", "jane@example.com"};
const Identifier kPhone{"device", "phone"};
const Identifier kTablet{"device", "tablet"};

Record Version(int day, const char* name) {
  return Row("7", {{"customer_id", "7"}, {"email", std::string(name) + "@example.com"}}, day,
             {{"first_name", std::string(name)}});
}

std::vector<NamedValue> Likes(const char* colour) {
  return {{"colours", std::string(colour)}};
}

// Nobody's, so that there is a state beside what is withdrawn.
Evidence Others() {
  return {Row("1", {{"customer_id", "1"}}, 1), Seen("other", {{"device", "other"}}, 2)};
}

Evidence operator+(Evidence a, const Evidence& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

WithdrawReport Withdraw(Database& database, const Keys& ids) {
  const auto report = database->WithdrawEvents("app", ids);
  REQUIRE(report.ok());
  return *report;
}

WithdrawReport WithdrawRow(Database& database, const Keys& keys, std::optional<Time> version = std::nullopt) {
  const auto report = database->WithdrawRecords("crm", keys, version);
  REQUIRE(report.ok());
  return *report;
}

}  // namespace

TEST_CASE("a withdrawn record leaves the state of a database that never had it", "[withdrawal]") {
  Database database(Shop());
  Take(database, Others() + Evidence{Version(5, "jane"), Version(3, "joan"), Version(9, "june")});
  const auto report = WithdrawRow(database, {"7"});
  CHECK(report.withdrawn == 1);
  CHECK(report.unknown == 0);
  CHECK(StateOf(database) == StateOf(Shop(), Others()));
  CHECK(Faults(database) == kNone);
  CHECK(database->GetStats().records == 1);
  database.Reopen();
  CHECK(StateOf(database) == StateOf(Shop(), Others()));
  CHECK(WithdrawRow(database, {"7"}).unknown == 1);
}

TEST_CASE("a newer version brings a withdrawn record back, the same and older ones do not", "[withdrawal]") {
  Database database(Shop());
  Take(database, {Version(3, "joan"), Version(5, "jane")});
  WithdrawRow(database, {"7"});
  for (const Record& again : {Version(5, "jane"), Version(5, "zoe"), Version(3, "joan"), Version(4, "june")}) {
    CHECK(database->Ingest(again)->duplicates == 1);
    CHECK(StateOf(database) == kNone);
  }
  Take(database, {Version(6, "june")});
  // What came before was forgotten, its times too.
  CHECK(StateOf(database) == StateOf(Shop(), {Version(6, "june")}));
  CHECK(database->Ingest(Version(4, "june"))->duplicates == 1);
  CHECK(StateOf(database) == StateOf(Shop(), {Version(6, "june")}));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("versions up to a time are withdrawn in whatever order they and the withdrawal come", "[withdrawal]") {
  // What is left is what came after day 5: versions 6 and 8.
  const auto expected = StateOf(Shop(), {Version(8, "zoe"), Version(6, "june")});
  std::vector<int> steps = {3, 5, 6, 8, 0};  // days of versions; 0 is the withdrawal
  do {
    Database database(Shop());
    for (const int step : steps) {
      if (step == 0)
        WithdrawRow(database, {"7"}, At(5));
      else
        REQUIRE(database->Ingest(Version(step, step == 8 ? "zoe" : "june")).ok());
    }
    REQUIRE(StateOf(database) == expected);
    REQUIRE(Faults(database) == kNone);
  } while (std::next_permutation(steps.begin(), steps.end()));
}

TEST_CASE("a withdrawal of an older version does not undo a newer one", "[withdrawal]") {
  Database database(Shop());
  Take(database, {Version(5, "jane")});
  WithdrawRow(database, {"7"}, At(6));
  WithdrawRow(database, {"7"}, At(2));
  CHECK(database->Ingest(Version(6, "jane"))->duplicates == 1);
  Take(database, {Version(7, "jane")});
  CHECK(Faults(database) == kNone);
}

TEST_CASE("without version times the next version brings a withdrawn record back", "[withdrawal]") {
  Database database(Shop());
  const Record row{.source = "list", .key = "1", .identifiers = {kJane}};
  Take(database, {row});
  const Keys keys = {"1", "2"};
  const auto report = *database->WithdrawRecords("list", keys);
  CHECK(report.withdrawn == 1);
  CHECK(report.unknown == 1);
  CHECK(StateOf(database) == kNone);
  Take(database, {row});
  CHECK(StateOf(database) == StateOf(Shop(), {row}));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("a withdrawn event stays away until it is readmitted", "[withdrawal]") {
  Database database(Shop());
  const Event event = Seen("m-1", {kJane, kPhone}, 5, Likes("red"));
  Take(database, Others() + Evidence{event});
  CHECK(Withdraw(database, {"m-1", "m-2"}).withdrawn == 1);
  CHECK(StateOf(database) == StateOf(Shop(), Others()));
  CHECK(database->GetStats().events == 1);
  for (int round = 0; round < 2; ++round) {
    CHECK(database->Ingest(event)->duplicates == 1);
    CHECK(database->Ingest(Seen("m-1", {kTablet}, 6))->duplicates == 1);  // whatever it says now
    CHECK(StateOf(database) == StateOf(Shop(), Others()));
    CHECK(Withdraw(database, {"m-1"}).unknown == 1);
    database.Reopen();
  }
  const Keys ids = {"m-1", "other", "none"};
  const auto readmitted = *database->ReadmitEvents("app", ids);
  CHECK(readmitted.withdrawn == 1);
  CHECK(readmitted.unknown == 2);
  Take(database, {event});
  CHECK(StateOf(database) == StateOf(Shop(), Others() + Evidence{event}));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("times and attribute values go back to what the remaining events say", "[withdrawal]") {
  const std::vector<Event> events = {Seen("m-1", {kJane, kPhone}, 1, Likes("red")),
                                     Seen("m-2", {kJane, kPhone}, 4, Likes("blue")),
                                     Seen("m-3", {kJane, kPhone}, 4, Likes("red")),
                                     Seen("m-4", {kJane}, 6, Likes("blue")),
                                     Seen("m-5", {kJane, kPhone}, 9, {{"first_name", std::string("Jane")}}),
                                     Seen("m-6", {kJane, kTablet}, 8, {{"first_name", Null()}})};
  // Every set of events that can be withdrawn at once.
  for (uint32_t gone = 1; gone < (1u << events.size()); ++gone) {
    Keys ids;
    Evidence rest = Others();
    for (size_t i = 0; i < events.size(); ++i) {
      if ((gone >> i & 1) != 0)
        ids.push_back(events[i].id);
      else
        rest.push_back(events[i]);
    }
    Database database(Shop());
    Take(database, Others() + Evidence(events.begin(), events.end()));
    REQUIRE(Withdraw(database, ids).withdrawn == ids.size());
    REQUIRE(StateOf(database) == StateOf(Shop(), rest));
    REQUIRE(Faults(database) == kNone);
  }
}

TEST_CASE("profiles split when what connected them is withdrawn, and join when it comes again", "[withdrawal]") {
  const Evidence ends = {Seen("m-1", {kJane, kPhone}, 1), Seen("m-2", {kTablet, {"device", "watch"}}, 2)};
  Database database(Shop());
  Take(database, ends);
  Take(database, {Seen("bridge", {kPhone, kTablet}, 3)});
  CHECK(IsTogether(database, kJane, kTablet));
  Withdraw(database, {"bridge"});
  CHECK(StateOf(database) == StateOf(Shop(), ends));
  CHECK(database->GetStats().profiles == 2);

  Take(database,
       {Row("b", {{"email", "bridge@example.com"}}, 4), Seen("m-3", {{"email", "bridge@example.com"}, kPhone}, 5)});
  Take(database, {Seen("m-4", {{"email", "bridge@example.com"}, kTablet}, 6)});
  CHECK(IsTogether(database, kJane, kTablet));
  Withdraw(database, {"m-4"});
  CHECK_FALSE(IsTogether(database, kJane, kTablet));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("who was refused is let in when the winner is withdrawn", "[withdrawal]") {
  const Evidence first = {Row("1", {{"customer_id", "1"}}, 1), Row("2", {{"customer_id", "2"}}, 1),
                          Seen("m-1", {{"customer_id", "1"}, kPhone}, 2)};
  Database database(Shop());
  Take(database, first);
  Take(database, {Seen("m-2", {{"customer_id", "2"}, kPhone}, 3)});
  CHECK(IsTogether(database, {"customer_id", "2"}, kPhone));
  Withdraw(database, {"m-2"});
  CHECK(IsTogether(database, {"customer_id", "1"}, kPhone));
  CHECK(StateOf(database) == StateOf(Shop(), first));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("the wrong kind of source and an unknown one are errors that change nothing", "[withdrawal]") {
  Database database(Shop());
  Take(database, Others());
  const Keys keys = {"1", "other"};
  CHECK(absl::IsInvalidArgument(database->WithdrawRecords("app", keys).status()));
  CHECK(absl::IsInvalidArgument(database->WithdrawEvents("crm", keys).status()));
  CHECK(absl::IsInvalidArgument(database->ReadmitEvents("crm", keys).status()));
  CHECK(absl::IsInvalidArgument(database->WithdrawEvents("none", keys).status()));
  CHECK(absl::IsInvalidArgument(database->WithdrawSource("none").status()));
  CHECK(StateOf(database) == StateOf(Shop(), Others()));
}

TEST_CASE("a withdrawn event of one source leaves the same id of another", "[withdrawal]") {
  Database database(Shop());
  Event till = Seen("m-1", {kPhone}, 1);
  till.source = "till";
  Take(database, {Seen("m-1", {kPhone}, 3), till});
  Withdraw(database, {"m-1"});
  CHECK(StateOf(database) == StateOf(Shop(), {till}));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("a key that is named twice in one call is withdrawn once", "[withdrawal]") {
  Database database(Shop());
  Take(database, Others() + Evidence{Seen("m-1", {kPhone}, 1), Version(1, "jane")});
  const auto events = Withdraw(database, {"m-1", "m-1"});
  CHECK(events.withdrawn == 1);
  CHECK(events.unknown == 1);
  const auto rows = WithdrawRow(database, {"7", "7"});
  CHECK(rows.withdrawn == 1);
  CHECK(rows.unknown == 1);
  CHECK(StateOf(database) == StateOf(Shop(), Others()));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("a withdrawn source is as if it had never been, and can be loaded from the beginning", "[withdrawal]") {
  Event bad = Seen("bad", {}, 3);
  Event till = Seen("t-1", {kPhone}, 2, Likes("green"));
  till.source = "till";
  const Evidence app = {Seen("m-1", {kJane, kPhone}, 1, Likes("red")), Seen("m-2", {kPhone, kTablet}, 9)};
  const Evidence rest = Others() + Evidence{till, Version(4, "jane")};

  Database database(Shop());
  Take(database, rest + app);
  CHECK(database->Ingest(bad)->quarantined == 1);
  Withdraw(database, {"m-2"});
  Withdraw(database, {"other"});
  const auto report = database->WithdrawSource("app");
  REQUIRE(report.ok());
  CHECK(report->withdrawn == 1);
  CHECK(StateOf(database) == StateOf(Shop(), {Row("1", {{"customer_id", "1"}}, 1), till, Version(4, "jane")}));
  CHECK(QuarantineOf(database).empty());
  CHECK(database->GetStats().quarantined == 0);
  CHECK(database->GetStats().events == 1);
  CHECK(Faults(database) == kNone);

  Take(database, app + Evidence{Seen("other", {{"device", "other"}}, 2)});
  CHECK(StateOf(database) == StateOf(Shop(), rest + app));
  CHECK(Faults(database) == kNone);

  // Records go with their tombstones.
  WithdrawRow(database, {"7"}, At(50));
  REQUIRE(database->WithdrawSource("crm").ok());
  Take(database, {Version(4, "jane"), Row("1", {{"customer_id", "1"}}, 1)});
  CHECK(StateOf(database) == StateOf(Shop(), rest + app));
  CHECK(Faults(database) == kNone);
}

}  // namespace kintsugi::testing
