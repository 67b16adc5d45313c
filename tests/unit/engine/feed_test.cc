// The feed of a database: what each write tells, that it can be resumed for ever, and that a replay is the present.

#include <fstream>

#include "catch.h"
#include "feed_support.h"
#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

using Kind = FeedEntry::Kind;
using Lines = std::vector<std::string>;

std::string WithFeed(const std::string& feed) {
  return std::string(kShop) + R"(
    traits { name: "views" events: "View" count {} feed: true }
    traits { name: "views_lately" events: "View" count {} window { days: 2 } }
    segments { name: "named" all { attribute: "first_name" exists: true } }
    segments { name: "keen" all { trait: "views_lately" at_least: 2 } } )" +
         feed;
}

Schema FeedShop(const std::string& feed = "feed {}") {
  return *Schema::Parse(WithFeed(feed));
}

std::string IdOf(const Database& database, const Identifier& identifier) {
  return database->Lookup(identifier)->id().ToString();
}

// What was told after a sequence, and the last one now.
Lines Since(const Database& database, uint64_t& last) {
  const auto entries = EntriesOf(*database, last);
  if (!entries.empty()) last = entries.back().sequence;
  return InWords(entries);
}

void CheckSound(const Database& database) {
  CHECK(Wrong(*database) == "");
  CHECK(*database->Verify() == Lines{});
}

void WriteText(const std::string& path, const std::string& text) {
  std::ofstream(path) << text;
}

}  // namespace

TEST_CASE("the feed tells what each write changed") {
  Database database(FeedShop());
  uint64_t last = 0;
  Take(database, {Seen("1", {{"email", "jane@x.com"}}, 1, {{"first_name", std::string("Jane")}})});
  CHECK(Since(database, last) == Lines{"PROFILE_CREATED", "ATTRIBUTE_CHANGED first_name \"Jane\"",
                                       "TRAIT_CHANGED views 1", "SEGMENT_ENTERED named"});
  // A group tells the difference that it makes, and not each step on the way.
  const std::vector<Event> events = {Seen("2", {{"email", "jane@x.com"}}, 2, {{"first_name", std::string("J.")}}),
                                     Seen("3", {{"email", "jane@x.com"}}, 3, {{"first_name", std::string("Jane")}})};
  REQUIRE(database->Ingest(std::span<const Event>(events)).ok());
  CHECK(Since(database, last) == Lines{"TRAIT_CHANGED views 3", "SEGMENT_ENTERED keen"});
  REQUIRE(database->Ingest(std::span<const Event>(events)).ok());
  CHECK(Since(database, last).empty());
  // Time alone makes her leave.
  REQUIRE(database->Advance(At(4)).ok());
  CHECK(Since(database, last) == Lines{"SEGMENT_LEFT keen"});
  CheckSound(database);
}

TEST_CASE("merges, splits and withdrawals are told, and undone ones, too") {
  Database database(FeedShop());
  uint64_t last = 0;
  Take(database, {Seen("1", {{"email", "jane@x.com"}}, 1, {{"first_name", std::string("Jane")}}),
                  Seen("2", {{"device", "d"}}, 2, {{"first_name", std::string("Ann")}})});
  Since(database, last);
  const std::string jane = IdOf(database, {"email", "jane@x.com"});
  const std::string device = IdOf(database, {"device", "d"});
  Take(database, {Seen("3", {{"email", "jane@x.com"}, {"device", "d"}}, 3)});
  uint64_t before = last;
  CHECK(Since(database, last) == Lines{"SEGMENT_LEFT named", "PROFILES_MERGED", "ATTRIBUTE_CHANGED first_name \"Ann\"",
                                       "TRAIT_CHANGED views 3", "SEGMENT_ENTERED keen"});
  auto entries = EntriesOf(*database, before);
  CHECK(entries[0].profile_id.ToString() == device);
  CHECK(entries[1].profile_id.ToString() == jane);
  CHECK(entries[1].others.front().ToString() == device);
  CheckSound(database);

  before = last;
  REQUIRE(database->WithdrawEvents("app", std::vector<std::string>{"3"}).ok());
  CHECK(Since(database, last).front() == "PROFILE_SPLIT");
  entries = EntriesOf(*database, before);
  CHECK(entries[0].profile_id.ToString() == jane);
  CHECK(entries[0].others.front().ToString() == device);
  CheckSound(database);

  // An earlier sighting of another identifier: the same person under another id.
  Take(database, {Seen("4", {{"device", "e"}}, 9)});
  Since(database, last);
  before = last;
  const std::string old_id = IdOf(database, {"device", "e"});
  Take(database, {Seen("5", {{"email", "e@x.com"}, {"device", "e"}}, 0)});
  CHECK(Since(database, last).front() == "PROFILE_RENAMED");
  entries = EntriesOf(*database, before);
  CHECK(entries[0].profile_id.ToString() == IdOf(database, {"email", "e@x.com"}));
  CHECK(entries[0].others.front().ToString() == old_id);
  CheckSound(database);

  REQUIRE(database->WithdrawSource("app").ok());
  CHECK(Since(database, last).back() == "PROFILE_REMOVED");
  CHECK(database.Profiles().empty());
  CheckSound(database);
}

TEST_CASE("the feed goes on after a restart, and numbers are not used twice") {
  Database database(FeedShop());
  Take(database, {Seen("1", {{"device", "d"}}, 1)});
  const auto first = EntriesOf(*database);
  database.Reopen();
  Take(database, {Seen("2", {{"device", "e"}}, 1)});
  const auto all = EntriesOf(*database);
  REQUIRE(all.size() == 2 * first.size());
  for (size_t i = 0; i < all.size(); ++i) CHECK(all[i].sequence == i + 1);
  CHECK(LinesOf(EntriesOf(*database, {}, 1)) == LinesOf(all));
  CheckSound(database);
}

TEST_CASE("a schema without a feed has none, and says so") {
  Database database(Shop());
  Take(database, {Seen("1", {{"device", "d"}}, 1)});
  const auto page = database->ReadFeed();
  CHECK(absl::IsFailedPrecondition(page.status()));
  CHECK(page.status().message().find("feed {}") != std::string_view::npos);
  const auto snapshot = database->ForEachFeedSnapshotEntry([](const FeedEntry&) { return true; });
  CHECK(absl::IsFailedPrecondition(snapshot.status()));
  database.Close();
  const auto engine = Engine::Open({.on_changes = [](std::span<const FeedEntry>) {}}, database.path());
  CHECK(absl::IsFailedPrecondition(engine.status()));
}

TEST_CASE("half a snapshot is none") {
  Database database(FeedShop());
  Take(database, {Seen("1", {{"device", "d"}}, 1)});
  size_t seen = 0;
  const auto stopped = database->ForEachFeedSnapshotEntry([&](const FeedEntry&) { return ++seen < 1; });
  CHECK(stopped.status().code() == absl::StatusCode::kCancelled);
  CHECK(seen == 1);
}

TEST_CASE("attributes may be left out") {
  Database database(FeedShop("feed { attributes: NONE }"));
  Take(database, {Seen("1", {{"device", "d"}}, 1, {{"first_name", std::string("Jane")}})});
  uint64_t last = 0;
  CHECK(Since(database, last) == Lines{"PROFILE_CREATED", "TRAIT_CHANGED views 1", "SEGMENT_ENTERED named"});
  CheckSound(database);
}

TEST_CASE("a page has the kinds that are asked for, and the next one goes on after all that was looked at") {
  Database database(FeedShop());
  Take(database,
       {Seen("1", {{"device", "d"}}, 1, {{"first_name", std::string("Jane")}}), Seen("2", {{"device", "e"}}, 1)});
  const auto page = database->ReadFeed({.limit = 3, .kinds = {Kind::kProfileCreated}});
  REQUIRE(page.ok());
  CHECK(InWords(page->entries) == Lines{"PROFILE_CREATED"});
  CHECK(page->next == 3);
  CHECK(page->last == 6);
  CHECK(page->is_whole);
  const auto rest = database->ReadFeed({.after = page->next, .kinds = {Kind::kProfileCreated}});
  REQUIRE(rest.ok());
  CHECK(InWords(rest->entries) == Lines{"PROFILE_CREATED"});
  CHECK(rest->next == rest->last);
  CHECK(absl::IsInvalidArgument(database->ReadFeed({.limit = 0}).status()));
  CHECK(absl::IsOutOfRange(database->ReadFeed({.after = 7}).status()));
  CHECK(absl::IsOutOfRange(database->ReadFeed({.after = UINT64_MAX}).status()));
}

TEST_CASE("consumers are remembered, each for itself, also by an engine that only reads") {
  Database database(FeedShop());
  Take(database, {Seen("1", {{"device", "d"}}, 1)});
  CHECK(*database->AcknowledgedBy("mailer") == std::nullopt);
  REQUIRE(database->Acknowledge("mailer", 1).ok());
  {
    const auto reader = Engine::Open({.read_only = true}, database.path());
    REQUIRE(reader.ok());
    CHECK(*(*reader)->AcknowledgedBy("mailer") == 1);
    REQUIRE((*reader)->Acknowledge("mailer", 2).ok());
    Take(database, {Seen("2", {{"device", "e"}}, 1)});
    REQUIRE((*reader)->TryCatchUp().ok());
    CHECK(InWords(EntriesOf(**reader, 2)) == Lines{"PROFILE_CREATED", "TRAIT_CHANGED views 1"});
  }
  CHECK(*database->AcknowledgedBy("mailer") == 2);
  CHECK(*database->AcknowledgedBy("index") == std::nullopt);
  database.Reopen();
  CHECK(*database->AcknowledgedBy("mailer") == 2);
  for (const std::string name : {"", ".hidden", "a/b", "..", "a b", std::string(65, 'x').c_str()})
    CHECK(absl::IsInvalidArgument(database->Acknowledge(name, 1)));
  CHECK(database->Acknowledge(std::string(64, 'x'), 1).ok());
}

TEST_CASE("a feed that went on otherwise than a consumer knows is told apart from its own") {
  Database database(FeedShop());
  Take(database, {Seen("1", {{"device", "d"}}, 1)});
  REQUIRE(database->Acknowledge("mailer", 2).ok());
  // As if a crash had taken back what was acknowledged, and something else had come.
  WriteText(database.path() + "/consumers/mailer", "2 12345\n");
  CHECK(absl::IsOutOfRange(database->AcknowledgedBy("mailer").status()));
  WriteText(database.path() + "/consumers/mailer", "nothing\n");
  CHECK(absl::IsDataLoss(database->AcknowledgedBy("mailer").status()));
}

TEST_CASE("old entries go, and who needs them is told and has a snapshot") {
  Time now = At(0);
  Database database(FeedShop("feed { keep_days: 30 }"), 1 << 20, [&] { return now; });
  Take(database, {Seen("1", {{"email", "jane@x.com"}}, 1, {{"first_name", std::string("Jane")}})});
  REQUIRE(database->Acknowledge("mailer", 1).ok());
  now = At(30);
  Take(database, {Seen("2", {{"device", "d"}}, 1)});
  CHECK(database->ReadFeed()->is_whole);
  CheckSound(database);
  now = At(31);
  Take(database, {Seen("3", {{"device", "e"}}, 1)});
  const auto page = database->ReadFeed();
  REQUIRE(page.ok());
  CHECK(!page->is_whole);
  CHECK(InWords(page->entries) ==
        Lines{"PROFILE_CREATED", "TRAIT_CHANGED views 1", "PROFILE_CREATED", "TRAIT_CHANGED views 1"});
  CHECK(page->entries.front().sequence == 5);
  CHECK(*database->Verify() == Lines{});
  CHECK(absl::IsOutOfRange(database->ReadFeed({.after = 0}).status()));
  CHECK(absl::IsOutOfRange(database->ReadFeed({.after = *database->AcknowledgedBy("mailer")}).status()));
  CHECK(database->ReadFeed({.after = 4}).ok());

  std::vector<FeedEntry> snapshot;
  const auto as_of =
      database->ForEachFeedSnapshotEntry([&](const FeedEntry& e) { return snapshot.push_back(e), true; });
  REQUIRE(as_of.ok());
  CHECK(*as_of == page->last);
  uint64_t number = 0;
  for (FeedEntry& entry : snapshot) {
    CHECK(entry.sequence == *as_of);
    entry.sequence = ++number;  // a replay asks for ascending ones
  }
  const auto known = NaiveReplay(database->schema(), LinesOf(snapshot));
  REQUIRE(known.ok());
  CHECK(*known == Present(*database));
  // All of it may go, and then it goes on.
  now = At(100);
  Take(database, {Seen("4", {{"device", "f"}}, 1)});
  CHECK(EntriesOf(*database).front().sequence == page->last + 1);
  CHECK(*database->Verify() == Lines{});
}

TEST_CASE("deleting old entries never makes one write long, and never falls behind") {
  Time now = At(0);
  Database database(FeedShop("feed { keep_days: 1 }"), 1 << 20, [&] { return now; });
  std::vector<Event> events;
  for (int i = 0; i < 200; ++i) events.push_back(Seen("m" + std::to_string(i), {{"device", std::to_string(i)}}, 1));
  REQUIRE(database->Ingest(std::span<const Event>(events)).ok());
  REQUIRE(EntriesOf(*database).size() == 400);
  now = At(2);
  size_t before = 400;
  for (int i = 0; i < 20; ++i) {
    Take(database, {Seen("n" + std::to_string(i), {{"device", "n" + std::to_string(i)}}, 1)});
    const size_t left = EntriesOf(*database).size();
    CHECK(left + 100 > before);
    CHECK(*database->Verify() == Lines{});
    before = left;
  }
  CHECK(before == 40);
}

TEST_CASE("the host is told of each group that is written, by the time that readers see it") {
  TemporaryDirectory directory;
  std::vector<std::string> told;
  Engine* engine = nullptr;
  const auto tell = [&](std::span<const FeedEntry> entries) {
    CHECK(engine->Lookup(entries.front().profile_id).ok());
    for (const FeedEntry& entry : entries) told.push_back(entry.ToJson());
    if (told.size() > 2) throw std::runtime_error("the host's own business");
  };
  auto opened = Engine::Open({.schema = FeedShop(), .on_changes = tell}, directory / "db");
  REQUIRE(opened.ok());
  engine = opened->get();
  REQUIRE(engine->Ingest(Seen("1", {{"device", "d"}}, 1)).ok());
  REQUIRE(engine->Ingest(Seen("1", {{"device", "d"}}, 1)).ok());  // nothing new
  CHECK(told.size() == 2);
  REQUIRE(engine->Ingest(Seen("2", {{"device", "d"}}, 2)).ok());
  REQUIRE(engine->Advance(At(9)).ok());
  CHECK(told == LinesOf(EntriesOf(*engine)));
  CHECK(told.size() == 5);
}

TEST_CASE("another schema begins the feed anew, and who followed is told so") {
  Database database(FeedShop());
  Take(database, {Seen("1", {{"email", "jane@x.com"}}, 1, {{"first_name", std::string("Jane")}}),
                  Seen("2", {{"email", "jane@x.com"}, {"device", "d"}}, 2)});
  const uint64_t last = EntriesOf(*database).back().sequence;
  REQUIRE(database->Acknowledge("mailer", last).ok());
  Schema next = FeedShop();
  next.segments[0].name = "called";
  next.traits[1].feed = true;
  REQUIRE(database.Migrate(next).ok());
  CheckSound(database);
  const auto page = database->ReadFeed();
  REQUIRE(page.ok());
  CHECK(page->is_whole);
  CHECK(page->entries.front().sequence > last + 1);
  // A new consumer reads all of it, and the one that knows the other feed does not go on in this one.
  CHECK(database->ReadFeed({.after = 0}).ok());
  CHECK(*database->AcknowledgedBy("mailer") == last);
  CHECK(absl::IsOutOfRange(database->ReadFeed({.after = last}).status()));
  Take(database, {Seen("3", {{"email", "jane@x.com"}}, 3)});
  CheckSound(database);

  // Without a feed, and with one again.
  REQUIRE(database.Migrate(Shop()).ok());
  CHECK(absl::IsFailedPrecondition(database->ReadFeed().status()));
  CHECK(*database->Verify() == Lines{});
  const uint64_t second = page->last;
  REQUIRE(database.Migrate(FeedShop()).ok());
  CheckSound(database);
  CHECK(EntriesOf(*database).front().sequence > second + 1);
}

}  // namespace kintsugi::testing
