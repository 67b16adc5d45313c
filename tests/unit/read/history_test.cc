// History: what became of profiles and what caused it, as the injected clock says when.

#include <algorithm>

#include "engine/impl.h"
#include "rows_read.h"
#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

const Identifier kOne{"device", "d-1"};
const Identifier kTwo{"device", "d-2"};
const Identifier kThree{"device", "d-3"};

// A database whose clock stands where the test puts it.
struct Clocked {
  Time now = At(100);
  Database database{Shop(), 1 << 20, [this] { return now; }};

  Clocked() = default;
  Clocked(const Clocked&) = delete;
  Clocked& operator=(const Clocked&) = delete;
};

template <typename What>
std::vector<Change> ChangesOf(const Database& database, const What& what) {
  std::vector<Change> changes;
  REQUIRE(database->ForEachChange(what, [&](const Change& change) { return changes.push_back(change), true; }).ok());
  return changes;
}

// The only change of an identifier.
Change OnlyChange(const Database& database, const Identifier& identifier) {
  const auto changes = ChangesOf(database, identifier);
  REQUIRE(changes.size() == 1);
  return changes[0];
}

std::string ToText(const Cause& cause) {
  return std::string(ToString(cause.kind)) + " " + cause.source + " " + cause.id;
}

std::vector<ProfileId> Sorted(std::vector<ProfileId> ids) {
  std::sort(ids.begin(), ids.end());
  return ids;
}

Assertion Decided(Assertion::Kind kind, const std::string& id) {
  return {.id = id, .kind = kind, .a = kOne, .b = kTwo, .by = "ann", .because = "told"};
}

}  // namespace

TEST_CASE("a merge tells when, who was there before, who moved and which event it was", "[history]") {
  Clocked clocked;
  Database& database = clocked.database;
  Take(database, {Seen("m-1", {kOne}, 1), Seen("m-2", {kTwo}, 2)});
  const ProfileId one = HolderOf(database, kOne);
  const ProfileId two = HolderOf(database, kTwo);
  CHECK(ChangesOf(database, kOne).empty());  // new profiles are no change
  clocked.now = At(200);
  Take(database, {Seen("m-3", {kOne, kTwo}, 3)});
  clocked.now = At(300);
  database.Reopen();

  const Change merge = OnlyChange(database, kTwo);
  CHECK(merge.sequence == 1);
  CHECK(merge.recorded_at == At(200));
  CHECK(merge.kind == Change::Kind::kMerge);
  CHECK(merge.before == Sorted({one, two}));
  CHECK(merge.after == std::vector{one});
  REQUIRE(merge.moved.size() == 1);
  CHECK(merge.moved[0].identifier == kTwo);
  CHECK(merge.moved[0].from == two);
  CHECK(merge.moved[0].to == one);
  REQUIRE(merge.causes.size() == 1);
  CHECK(ToText(merge.causes[0]) == "EVENT app m-3");
  CHECK(merge.more_causes == 0);
  // The profile that is no more knows it, too.
  CHECK(ChangesOf(database, two).size() == 1);
  CHECK(ChangesOf(database, one).size() == 1);
}

TEST_CASE("a new identifier of a known profile is no change", "[history]") {
  Clocked clocked;
  Take(clocked.database, {Seen("m-1", {kOne}, 1), Seen("m-2", {kOne, kTwo}, 2), Row("1", {{"email", "a@b.cd"}}, 1)});
  CHECK(ChangesOf(clocked.database, kOne).empty());
  CHECK(ChangesOf(clocked.database, kTwo).empty());
  CHECK(ChangesOf(clocked.database, HolderOf(clocked.database, kOne)).empty());
}

TEST_CASE("every kind of evidence and decision is named as the cause", "[history]") {
  const Identifier mail{"email", "a@example.com"};
  const Evidence apart = {Seen("m-1", {kOne, mail}, 1), Seen("m-2", {kTwo}, 2)};
  const std::vector<std::string> event = {"bridge"};
  const std::vector<std::string> row = {"42"};
  Clocked clocked;
  Database& database = clocked.database;
  Take(database, apart);
  const auto last = [&] {
    const auto changes = ChangesOf(database, kTwo);
    REQUIRE(!changes.empty());
    REQUIRE(changes[0].causes.size() == 1);
    CHECK(changes[0].more_causes == 0);
    const char* kind = changes[0].kind == Change::Kind::kMerge ? "MERGE by " : "SPLIT by ";
    return kind + ToText(changes[0].causes[0]);
  };

  REQUIRE(database->Assert(Decided(Assertion::Kind::kSame, "s")).ok());
  CHECK(last() == "MERGE by SAME  s");
  REQUIRE(database->Retract({.id = "s", .by = "b", .because = "c"}).ok());
  CHECK(last() == "SPLIT by RETRACTION  s");

  Take(database, {Seen("bridge", {kOne, kTwo}, 3)});
  CHECK(last() == "MERGE by EVENT app bridge");
  REQUIRE(database->Assert(Decided(Assertion::Kind::kNever, "n")).ok());
  CHECK(last() == "SPLIT by NEVER  n");
  REQUIRE(database->Retract({.id = "n", .by = "b", .because = "c"}).ok());
  CHECK(last() == "MERGE by RETRACTION  n");
  REQUIRE(database->WithdrawEvents("app", event).ok());
  CHECK(last() == "SPLIT by WITHDRAWN_EVENT app bridge");

  Take(database, {Seen("m-3", {{"email", "c@example.com"}, kTwo}, 4)});
  const Record joins = Row("42", {mail, {"email", "c@example.com"}}, 5);
  Take(database, {joins});
  CHECK(last() == "MERGE by RECORD crm 42");
  Take(database, {Row("42", {mail}, 6)});
  CHECK(last() == "SPLIT by RECORD crm 42");
  Take(database, {Row("42", {mail, {"email", "c@example.com"}}, 7)});
  REQUIRE(database->WithdrawRecords("crm", row).ok());
  CHECK(last() == "SPLIT by WITHDRAWN_RECORD crm 42");
  Take(database, {Row("42", {mail, {"email", "c@example.com"}}, 8)});
  REQUIRE(database->WithdrawSource("crm").ok());
  CHECK(last() == "SPLIT by WITHDRAWN_SOURCE crm ");

  const auto all = ChangesOf(database, kTwo);
  CHECK(all.size() == 12);
  CHECK(std::is_sorted(all.begin(), all.end(), [](auto& a, auto& b) { return a.sequence > b.sequence; }));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("an identifier that changes sides is a move, and its history goes with it", "[history]") {
  Clocked clocked;
  Database& database = clocked.database;
  const Identifier jane{"customer_id", "1"};
  const Identifier john{"customer_id", "2"};
  Take(database, {Seen("m-1", {jane, kOne}, 1), Seen("m-2", {john, kTwo}, 2)});
  const ProfileId of_jane = HolderOf(database, jane);
  const ProfileId of_john = HolderOf(database, john);
  Take(database, {Seen("m-3", {john, kOne}, 3)});
  const Change move = OnlyChange(database, jane);
  CHECK(move.kind == Change::Kind::kMove);
  CHECK(move.before == Sorted({of_jane, of_john}));
  CHECK(move.before.size() == 2);
  CHECK(move.after.size() == 2);
  CHECK(std::any_of(move.moved.begin(), move.moved.end(), [&](const auto& m) { return m.identifier == kOne; }));
  CHECK(ToText(move.causes[0]) == "EVENT app m-3");

  // What becomes of John now concerns the device, and not Jane.
  Take(database, {Seen("m-4", {kThree}, 4), Seen("m-5", {kThree, kTwo}, 5)});
  CHECK(ChangesOf(database, jane).size() == 1);
  const auto changes = ChangesOf(database, kOne);
  REQUIRE(changes.size() == 2);
  CHECK(changes[0].kind == Change::Kind::kMerge);
  CHECK(changes[1].sequence == move.sequence);
  // The third device came with the merge, and what was before is none of its business.
  CHECK(ChangesOf(database, kThree).size() == 1);
}

TEST_CASE("history leads through new ids of a profile, asked by any of them", "[history]") {
  Clocked clocked;
  Database& database = clocked.database;
  Take(database, {Seen("m-2", {kTwo}, 20), Seen("m-3", {kThree}, 30), Seen("m-4", {kTwo, kThree}, 40)});
  const ProfileId first = HolderOf(database, kTwo);
  Take(database, {Seen("m-5", {kOne, kTwo}, 5)});  // an older anchor: the profile has a new id
  const ProfileId second = HolderOf(database, kTwo);
  REQUIRE(first != second);
  Take(database, {Seen("m-6", {{"device", "d-4"}}, 4)});
  Take(database, {Seen("m-7", {{"device", "d-4"}, kOne}, 50)});  // and another one, by a merge
  const ProfileId third = HolderOf(database, kTwo);
  REQUIRE(third != second);
  database.Reopen();
  for (const ProfileId& id : {first, second, third}) {
    const auto changes = ChangesOf(database, id);
    REQUIRE(changes.size() == 2);
    CHECK(ToText(changes[0].causes[0]) == "EVENT app m-7");
    CHECK(ToText(changes[1].causes[0]) == "EVENT app m-4");
  }
  CHECK(ChangesOf(database, kThree).size() == 2);
  CHECK(ChangesOf(database, kOne).size() == 2);
}

TEST_CASE("a change of many causes names three and counts the others", "[history]") {
  Clocked clocked;
  Database& database = clocked.database;
  constexpr int kDevices = 6;
  std::vector<Event> links;
  for (int i = 0; i < kDevices; ++i) {
    const Identifier device{"device", "d-" + std::to_string(i)};
    Take(database, {Seen("m-" + std::to_string(i), {device}, i)});
    if (i > 0) links.push_back(Seen("l-" + std::to_string(i), {{"device", "d-0"}, device}, 50));
  }
  REQUIRE(database->Ingest(std::span<const Event>(links))->accepted == links.size());
  const Change merge = OnlyChange(database, {"device", "d-5"});
  CHECK(merge.before.size() == kDevices);
  CHECK(merge.moved.size() == kDevices - 1);
  REQUIRE(merge.causes.size() == 3);
  for (int i = 0; i < 3; ++i) CHECK(merge.causes[static_cast<size_t>(i)].id == "l-" + std::to_string(i + 1));
  CHECK(merge.more_causes == 2);
}

TEST_CASE("of events that are withdrawn together, the one that held a profile together is the cause", "[history]") {
  Clocked clocked;
  Database& database = clocked.database;
  Take(database, {Seen("m-1", {kOne}, 1), Seen("m-2", {kTwo}, 2), Seen("bridge", {kOne, kTwo}, 3),
                  Seen("m-4", {kThree}, 4), Seen("m-5", {kThree}, 5)});
  const std::vector<std::string> ids = {"m-4", "bridge", "m-5"};
  REQUIRE(database->WithdrawEvents("app", ids)->withdrawn == 3);
  const auto changes = ChangesOf(database, kTwo);
  REQUIRE(changes.size() == 2);
  REQUIRE(changes[0].causes.size() == 1);
  CHECK(ToText(changes[0].causes[0]) == "WITHDRAWN_EVENT app bridge");
}

TEST_CASE("nobody has no history, and a visit ends when it is told to", "[history]") {
  Clocked clocked;
  Database& database = clocked.database;
  const auto ignore = [](const Change&) { return true; };
  CHECK(absl::IsNotFound(database->ForEachChange(kOne, ignore)));
  CHECK(absl::IsNotFound(database->ForEachChange(ProfileId(), ignore)));
  CHECK(absl::IsInvalidArgument(database->ForEachChange(Identifier{"cookie", "c"}, ignore)));
  Take(database, {Seen("m-1", {kOne}, 1), Seen("m-2", {kTwo}, 2), Seen("m-3", {kThree}, 3),
                  Seen("m-4", {kOne, kTwo}, 4), Seen("m-5", {kOne, kThree}, 5)});
  size_t visited = 0;
  REQUIRE(database->ForEachChange(kOne, [&](const Change&) { return ++visited < 1; }).ok());
  CHECK(visited == 1);
}

TEST_CASE("the newest change costs the same however many there were before", "[history]") {
  Clocked clocked;
  Database& database = clocked.database;
  Take(database, {Seen("m-1", {kOne}, 1), Seen("m-2", {kTwo}, 2)});
  for (int i = 0; i < 500; ++i) {
    const std::string id = std::to_string(i);
    REQUIRE(database->Assert(Decided(Assertion::Kind::kSame, id)).ok());
    REQUIRE(database->Retract({.id = id, .by = "bob", .because = "no"}).ok());
  }
  const ProfileId two = HolderOf(database, kTwo);
  const auto rows_for = [&](const auto& what, size_t wanted) {
    size_t seen = 0;
    const auto counted = CountedWhile(
        [&] { REQUIRE(database->ForEachChange(what, [&](const Change&) { return ++seen < wanted; }).ok()); });
    CHECK(seen == wanted);
    return counted.next_on_memtable_count + counted.prev_on_memtable_count + counted.seek_on_memtable_count;
  };
  CHECK(rows_for(kTwo, 1) < 20);
  CHECK(rows_for(two, 1) < 20);
  CHECK(rows_for(kTwo, 10) < 200);
  // And all of them are there, newest first.
  const auto changes = ChangesOf(database, two);
  REQUIRE(changes.size() == 1000);
  for (size_t i = 0; i < changes.size(); ++i) CHECK(changes[i].sequence == 1000 - i);
  CHECK(ChangesOf(database, kTwo).size() == 1000);
}

TEST_CASE("an id leads to the profile that it named at the moment of a history, whatever was written since",
          "[history]") {
  Clocked clocked;
  Database& database = clocked.database;
  Take(database, {Seen("m-1", {kOne}, 1), Seen("m-2", {kTwo}, 2)});
  const ProfileId two = HolderOf(database, kTwo);
  const read::Reader& reader = EngineForTesting::Reader(*database);
  const store::Store::Snapshot then(reader.store());
  Take(database, {Seen("m-3", {kOne, kTwo}, 3)});
  REQUIRE(HolderOf(database, kTwo) != two);
  CHECK(reader.FindId(two, then).value() == two);
  CHECK(reader.FindId(reader.context().KeyOf(*reader.context().Normalize(kTwo.ns, kTwo.value)), &then).value() == two);
  const store::Store::Snapshot now(reader.store());
  CHECK(reader.FindId(two, now).value() == HolderOf(database, kTwo));
  CHECK(reader.FindId(ProfileId(), now).value() == std::nullopt);
}

}  // namespace kintsugi::testing
