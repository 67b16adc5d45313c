// Items, visits, traits and the clock, through the engine.

#include <algorithm>
#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "rows_read.h"
#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

using namespace std::chrono_literals;

// Views and orders of a web shop and an app, and the receipts of a till.
Schema LivingShop(const std::string& more = "") {
  return *Schema::Parse(R"(
    namespaces { name: "user" max_per_profile: 1 }
    namespaces { name: "cookie" }
    sources { name: "web" events { format: NATIVE } }
    sources { name: "app" events { format: NATIVE } }
    sources { name: "till" table { key: "id" updated_at: "at" identifiers { field: "user" namespace: "user" }
      event { name: "Receipt" time: "sold" properties { field: "total" type: NUMBER } } } }
    activities { name: "order" events: "Order" events: "Receipt" once_per: "order_id" }
    traits { name: "items" count {} }
    traits { name: "orders" activity: "order" count {} }
    traits { name: "spent" sum { of: "total" } }
    traits { name: "last_week" count {} window { days: 7 } } )" +
                        more);
}

Event Item(const std::string& id, std::vector<Identifier> who, Time time, std::vector<NamedValue> properties = {},
           const std::string& name = "View", const std::string& source = "web") {
  return {.source = source,
          .id = id,
          .time = time,
          .name = name,
          .identifiers = std::move(who),
          .properties = std::move(properties)};
}

Record Receipt(const std::string& key, const std::string& user, Time version, double total) {
  return {.source = "till",
          .key = key,
          .version = version,
          .identifiers = {{"user", user}},
          .properties = {{"total", total}}};
}

const Identifier kJane{"user", "jane"};
const Identifier kCookie{"cookie", "c"};

void TakeTogether(Database& database, const std::vector<Event>& events) {
  const auto report = database->Ingest(std::span<const Event>(events));
  REQUIRE(report.ok());
  REQUIRE(report->accepted == events.size());
}

std::string TraitsOf(const Database& database, const Identifier& identifier) {
  const auto profile = database->Lookup(identifier);
  if (!profile.ok()) return std::string(profile.status().message());
  std::string text;
  for (const auto& [name, value] : profile->traits()) {
    text += text.empty() ? "" : " ";
    text += std::string(name) + "=" + ViewToJson(value);
  }
  return text;
}

std::string Ids(const std::vector<TimelineItem>& items) {
  std::string text;
  for (const TimelineItem& item : items) text += (text.empty() ? "" : " ") + item.id;
  return text;
}

void CheckSound(const Database& database) {
  const auto differences = database->Verify();
  REQUIRE(differences.ok());
  CHECK(*differences == std::vector<std::string>());
}

}  // namespace

TEST_CASE("traits follow a person through a login, a correction and a withdrawal", "[living]") {
  Database database(LivingShop());
  TakeTogether(database, {Item("1", {kCookie}, At(0)), Item("2", {kJane}, At(1), {{"total", 0.1}}, "Order", "app")});
  CHECK(TraitsOf(database, kCookie) == "items=1 orders=0 spent=0 last_week=1");
  CHECK(TraitsOf(database, kJane) == "items=1 orders=1 spent=0.1 last_week=1");
  TakeTogether(database, {Item("3", {kJane, kCookie}, At(2), {{"total", 0.2}})});
  CHECK(TraitsOf(database, kCookie) == "items=3 orders=1 spent=0.3 last_week=3");
  REQUIRE(database->Ingest(Receipt("r", "jane", At(3), 5)).ok());
  CHECK(TraitsOf(database, kJane) == "items=4 orders=2 spent=5.3 last_week=4");
  REQUIRE(database->Ingest(Receipt("r", "jane", At(4), 4)).ok());  // the receipt was wrong
  CHECK(TraitsOf(database, kJane) == "items=4 orders=2 spent=4.3 last_week=4");
  const std::vector<std::string> gone = {"3"};
  REQUIRE(database->WithdrawEvents("web", gone).ok());
  CHECK(TraitsOf(database, kCookie) == "items=1 orders=0 spent=0 last_week=1");
  CHECK(TraitsOf(database, kJane) == "items=2 orders=2 spent=4.1 last_week=2");
  const std::vector<std::string> receipt = {"r"};
  REQUIRE(database->WithdrawRecords("till", receipt).ok());
  CHECK(TraitsOf(database, kJane) == "items=1 orders=1 spent=0.1 last_week=1");
  CheckSound(database);
}

TEST_CASE("an order counts once, whichever channel tells of it", "[living]") {
  Database database(LivingShop());
  TakeTogether(database, {Item("1", {kJane}, At(1), {{"order_id", "o"}}, "Order"),
                          Item("2", {kCookie}, At(0), {{"order_id", "o"}}, "Order", "app")});
  CHECK(TraitsOf(database, kJane).starts_with("items=1 orders=1"));
  TakeTogether(database, {Item("3", {kJane, kCookie}, At(2))});
  CHECK(TraitsOf(database, kJane).starts_with("items=3 orders=1"));
  CheckSound(database);
}

TEST_CASE("of orders with one id the earliest counts, also if it comes last", "[living]") {
  Database database(LivingShop());
  const auto order = [](const std::string& id, const Identifier& who, Time time, int64_t of) {
    return Item(id, {who}, time, {{"order_id", of}}, "Order");
  };
  TakeTogether(database, {order("1", kJane, At(5), 1), order("2", kJane, At(6), 1), order("3", kJane, At(6), 2)});
  CHECK(TraitsOf(database, kJane).starts_with("items=3 orders=2"));
  TakeTogether(database, {order("0", kJane, At(1), 1)});
  CHECK(TraitsOf(database, kJane).starts_with("items=4 orders=2"));
  TakeTogether(database, {order("4", kCookie, At(2), 2), order("5", kCookie, At(2), 3)});
  TakeTogether(database, {Item("6", {kJane, kCookie}, At(7))});
  CHECK(TraitsOf(database, kJane).starts_with("items=7 orders=3"));
  TakeTogether(database, {order("7", kCookie, At(8), 1), order("8", kJane, At(8), 4)});
  CHECK(TraitsOf(database, kJane).starts_with("items=9 orders=4"));
  CheckSound(database);
  database.Reopen();
  const std::vector<std::string> gone = {"0", "1", "2"};
  REQUIRE(database->WithdrawEvents("web", gone).ok());
  CHECK(TraitsOf(database, kJane).starts_with("items=6 orders=4"));
  const std::vector<std::string> more = {"7", "4"};
  REQUIRE(database->WithdrawEvents("web", more).ok());
  CHECK(TraitsOf(database, kJane).starts_with("items=4 orders=3"));
  CheckSound(database);
}

TEST_CASE("windows move with the clock alone, also over a restart", "[living]") {
  Database database(LivingShop());
  CHECK(database->now() == std::nullopt);
  TakeTogether(database, {Item("1", {kJane}, At(0)), Item("2", {kJane}, At(3))});
  REQUIRE(database->Advance(At(6)).ok());
  CHECK(TraitsOf(database, kJane).ends_with("last_week=2"));
  REQUIRE(database->Advance(At(7)).ok());
  CHECK(TraitsOf(database, kJane).ends_with("last_week=1"));
  database.Reopen();
  CHECK(database->now() == At(7));
  REQUIRE(database->Advance(At(10)).ok());
  CHECK(TraitsOf(database, kJane).ends_with("last_week=0"));
  CHECK(database->Advance(At(9)).code() == absl::StatusCode::kInvalidArgument);
  CHECK(database->now() == At(10));
  CheckSound(database);
}

// More than one batch of them.
TEST_CASE("everybody who is due is told in one call, and nobody who is not is looked at", "[living]") {
  Database database(LivingShop());
  std::vector<Event> events;
  for (int i = 0; i < 2500; ++i)
    events.push_back(Item(std::to_string(i), {{"user", std::to_string(i)}}, At(i % 2 == 0 ? 0 : 30)));
  TakeTogether(database, events);
  REQUIRE(database->Advance(At(1)).ok());
  REQUIRE(database->Advance(At(8)).ok());
  for (int i = 0; i < 2500; ++i)
    REQUIRE(TraitsOf(database, {"user", std::to_string(i)}).ends_with(i % 2 == 0 ? "last_week=0" : "last_week=1"));
  CheckSound(database);
}

TEST_CASE("those of one instant are swept once, however many batches they take", "[living]") {
  Database database(LivingShop());
  std::vector<Event> events;
  for (int i = 0; i < 5000; ++i) events.push_back(Item(std::to_string(i), {{"user", std::to_string(i)}}, At(0)));
  TakeTogether(database, events);
  REQUIRE(database->Advance(At(1)).ok());
  const auto counted = CountedWhile([&] { REQUIRE(database->Advance(At(7)).ok()); });
  CHECK(TraitsOf(database, {"user", "4999"}).ends_with("last_week=0"));
  CHECK(counted.internal_delete_skipped_count < 100);
}

TEST_CASE("cutting an advance into steps, or opening the database between them, leaves no trace", "[living]") {
  const std::vector<Event> events = {Item("1", {kJane}, At(0)), Item("2", {kCookie}, At(2)),
                                     Item("3", {kJane, kCookie}, At(4))};
  Database at_once(LivingShop());
  TakeTogether(at_once, events);
  REQUIRE(at_once->Advance(At(10)).ok());
  Database in_steps(LivingShop());
  for (const Event& event : events) {
    TakeTogether(in_steps, {event});
    REQUIRE(in_steps->Advance(*event.time + 13h).ok());
    in_steps.Reopen();
  }
  for (int day = 6; day <= 10; ++day) REQUIRE(in_steps->Advance(At(day)).ok());
  CHECK(at_once.Profiles() == in_steps.Profiles());
  CheckSound(in_steps);
}

TEST_CASE("a read-only engine has the clock and the traits of the writer", "[living]") {
  Database database(LivingShop());
  TakeTogether(database, {Item("1", {kJane}, At(0))});
  REQUIRE(database->Advance(At(1)).ok());
  const auto reader = Engine::Open({.read_only = true}, database.path());
  REQUIRE(reader.ok());
  CHECK((*reader)->now() == At(1));
  CHECK((*reader)->Lookup(kJane)->trait("items") == ValueView(int64_t{1}));
  CHECK((*reader)->Advance(At(2)).code() == absl::StatusCode::kFailedPrecondition);
}

TEST_CASE("a trait that the schema does not have, or that is absent, is nothing", "[living]") {
  Database database(LivingShop("traits { name: 'mean' average { of: 'total' } }"));
  TakeTogether(database, {Item("1", {kJane}, At(0))});
  const auto profile = database->Lookup(kJane);
  REQUIRE(profile.ok());
  CHECK(profile->trait("items") == ValueView(int64_t{1}));
  CHECK(profile->trait("mean") == std::nullopt);
  CHECK(profile->trait("other") == std::nullopt);
  CHECK(profile->ToJson().find(R"("traits":{"items":1,"orders":0,"spent":0,"last_week":1})") != std::string::npos);
}

// The clock that the host gives is asked again only after the first Advance has returned.
TEST_CASE("a thread of the engine moves the clock if the host asks for that", "[living]") {
  TemporaryDirectory directory;
  std::promise<void> again;
  std::atomic<int> calls = 0;
  const auto clock = [&] {
    if (++calls == 2) again.set_value();
    return At(9);
  };
  const auto engine = Engine::Open(
      {.schema = LivingShop(), .clock = clock, .advance_every = std::chrono::milliseconds(1)}, directory / "db");
  REQUIRE(engine.ok());
  again.get_future().wait();
  CHECK((*engine)->now() == At(9));
}

TEST_CASE("the clock is not moved beyond the years that times have", "[living]") {
  Database database(LivingShop());
  TakeTogether(database, {Item("1", {kJane}, At(0))});
  for (const Time far : {Time::max(), Time::min(), At(0) + std::chrono::days(365 * 9000)})
    CHECK(database->Advance(far).code() == absl::StatusCode::kInvalidArgument);
  CHECK(database->now() == std::nullopt);
  CHECK(database->Advance(At(1)).ok());
}

TEST_CASE("values of two identifiers are told exactly, however many each has", "[living]") {
  Database database(LivingShop("traits { name: 'pages' distinct { of: 'page' } }"));
  std::vector<Event> events;
  for (int i = 0; i < 12'000; ++i)
    events.push_back(Item(std::to_string(i), {i % 2 == 0 ? kJane : kCookie}, At(0) + i * 1s, {{"page", int64_t{i}}}));
  TakeTogether(database, events);
  TakeTogether(database, {Item("join", {kJane, kCookie}, At(1))});
  CHECK(database->Lookup(kJane)->trait("pages") == ValueView(int64_t{12'000}));
  CheckSound(database);
}

// Its window is over before its deadline comes, so it is never told, and nothing is ever due.
TEST_CASE("an item that waits longer than its window leaves no trace of when it was looked at", "[living]") {
  const Schema schema = LivingShop(
      "traits { name: 'left' events: 'View' not_followed { by: 'order' within_hours: 48 } window { days: 1 } }");
  Database database(schema);
  REQUIRE(database->Advance(At(0) + 21h).ok());
  TakeTogether(database, {Item("1", {kJane}, At(0) + 20h)});
  REQUIRE(database->Advance(At(2) + 12h).ok());
  CheckSound(database);
}

TEST_CASE("a property of a record may not be named as its time is", "[living]") {
  Database database(LivingShop());
  Record record = Receipt("r", "jane", At(1), 3);
  record.properties.push_back({"$time", std::string("2020-01-01")});
  CHECK(database->Ingest(record)->quarantined == 1);
  record.properties.pop_back();
  record.happened_at = Time::max() - 1us;
  CHECK(database->Ingest(record)->quarantined == 1);
}

TEST_CASE("a migration counts the records without a time anew", "[living][migrate]") {
  Database database(LivingShop());
  Record record = Receipt("r", "jane", At(1), 3);
  record.version.reset();
  REQUIRE(database->Ingest(record).ok());
  CHECK(database->GetStats().sources[2].records_without_time == 1);
  REQUIRE(database.Migrate(LivingShop("traits { name: 'more' count {} }")).ok());
  CHECK(database->GetStats().sources[2].records_without_time == 1);
}

TEST_CASE("a visit of one instant is read a few times only, however many its items are", "[living]") {
  Database database(LivingShop());
  std::vector<Event> events;
  for (int i = 0; i < 5000; ++i) events.push_back(Item(std::to_string(i), {kJane}, At(0)));
  TakeTogether(database, events);
  CHECK(database->Visits(kJane)->front().items == 5000);
}

// ---- timelines

TEST_CASE("a timeline is in order of time over all of a person's identifiers, both ways, page by page", "[living]") {
  Database database(LivingShop());
  std::vector<Event> events = {Item("join", {kJane, kCookie}, At(5))};
  for (int i = 0; i < 10; ++i) events.push_back(Item("j" + std::to_string(i), {kJane}, At(0) + i * 2h));
  for (int i = 0; i < 10; ++i) events.push_back(Item("c" + std::to_string(i), {kCookie}, At(0) + i * 2h + 1h));
  TakeTogether(database, events);
  REQUIRE(database->Ingest(Receipt("r", "jane", At(0) + 90min, 1)).ok());

  for (const bool newest_first : {false, true}) {
    std::string all;
    size_t pages = 0;
    for (TimelineQuery query{.limit = 3, .newest_first = newest_first};; ++pages) {
      const auto page = database->Timeline(kCookie, query);
      REQUIRE(page.ok());
      all += (all.empty() ? "" : " ") + Ids(page->items);
      query.after = page->next;
      if (query.after.empty()) break;
      REQUIRE(page->items.size() == 3);
    }
    CHECK(pages == 7);
    const auto whole = database->Timeline(kJane, {.newest_first = newest_first});
    REQUIRE(whole.ok());
    CHECK(whole->next.empty());
    CHECK(all == Ids(whole->items));
    CHECK(whole->items.size() == 22);
    CHECK(std::is_sorted(whole->items.begin(), whole->items.end(), [&](const TimelineItem& a, const TimelineItem& b) {
      return newest_first ? a.time > b.time : a.time < b.time;
    }));
  }
  CHECK(Ids(database->Timeline(kJane, {.from = At(0) + 1h, .to = At(0) + 2h})->items) == "c0 till:r");
  CHECK(Ids(database->Timeline(kJane, {.names = {"Receipt"}})->items) == "till:r");
  CHECK(Ids(database->Timeline(kJane, {.sources = {"till"}})->items) == "till:r");
}

TEST_CASE("items of one time are in order of source, then of id, and pages end among them", "[living]") {
  Database database(LivingShop());
  TakeTogether(database, {Item("b", {kJane}, At(0)), Item("a", {kCookie}, At(0)), Item("c", {kJane, kCookie}, At(0)),
                          Item("0", {kCookie}, At(0), {}, "View", "app")});
  CHECK(Ids(database->Timeline(kJane)->items) == "a b c 0");
  CHECK(Ids(database->Timeline(kJane, {.newest_first = true})->items) == "0 c b a");
  const auto first = database->Timeline(kJane, {.limit = 2});
  CHECK(Ids(first->items) == "a b");
  CHECK(Ids(database->Timeline(kJane, {.limit = 2, .after = first->next})->items) == "c 0");
}

TEST_CASE("a cursor belongs to its filters and direction", "[living]") {
  Database database(LivingShop());
  TakeTogether(database, {Item("1", {kJane}, At(0)), Item("2", {kJane}, At(1))});
  const std::string next = database->Timeline(kJane, {.limit = 1})->next;
  REQUIRE_FALSE(next.empty());
  CHECK(database->Timeline(kJane, {.limit = 5, .after = next}).ok());  // as many as one likes
  for (const TimelineQuery& other :
       {TimelineQuery{.newest_first = true, .after = next}, TimelineQuery{.names = {"View"}, .after = next},
        TimelineQuery{.from = At(0), .after = next}, TimelineQuery{.after = "xyz"}, TimelineQuery{.after = "00"}})
    CHECK(database->Timeline(kJane, other).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(database->Timeline(kJane, {.sources = {"nobody"}}).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(database->Timeline(kJane, {.limit = 0}).status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(database->Timeline({"user", "nobody"}).status().code() == absl::StatusCode::kNotFound);
}

// An id may have any length, so without its last bytes a cursor would be another one.
TEST_CASE("a cursor that is not whole is refused, and said to be so", "[living]") {
  Database database(LivingShop());
  TakeTogether(database, {Item("long-1", {kJane}, At(0)), Item("long-2", {kJane}, At(0)), Item("3", {kJane}, At(1))});
  for (const bool newest_first : {false, true}) {
    const std::string next = database->Timeline(kJane, {.limit = 1, .newest_first = newest_first})->next;
    const auto check_refused = [&](std::string cursor) {
      CAPTURE(next, cursor);
      const auto page = database->Timeline(kJane, {.newest_first = newest_first, .after = std::move(cursor)});
      CHECK(page.status() ==
            absl::InvalidArgumentError("this is no cursor, or not all of one: give it as the page before told it"));
    };
    for (size_t size = 1; size < next.size(); ++size) {
      check_refused(next.substr(0, size));
      check_refused(next.substr(size));
    }
    for (size_t i = 0; i < next.size(); ++i) {
      std::string other = next;
      other[i] = other[i] == '0' ? '1' : '0';
      check_refused(std::move(other));
    }
    check_refused(next + "00");
    check_refused(next + next);
    CHECK(database->Timeline(kJane, {.newest_first = newest_first, .after = next})->items.size() == 2);
  }
}

TEST_CASE("an item says what came with it, a record's without its own identifier", "[living]") {
  Database database(LivingShop());
  Event event = Item("1", {kJane, kCookie}, At(0), {{"total", 2.5}});
  event.traits = {{"plan", "pro"}};
  TakeTogether(database, {event});
  REQUIRE(database->Ingest(Receipt("r", "jane", At(1), 3)).ok());
  const auto page = database->Timeline(kJane);
  REQUIRE(page.ok());
  CHECK(page->items[0].ToJson() ==
        R"({"id":"1","time":"2026-01-01T00:00:00Z","name":"View","source":"web",)"
        R"("identifiers":{"user":["jane"],"cookie":["c"]},"traits":{"plan":"pro"},"properties":{"total":2.5}})");
  CHECK(page->items[1].ToJson() == R"({"id":"till:r","time":"2026-01-02T00:00:00Z","name":"Receipt","source":"till",)"
                                   R"("identifiers":{"user":["jane"]},"properties":{"total":3}})");
}

TEST_CASE("a record without a time is no item", "[living]") {
  Database database(LivingShop());
  Record record = Receipt("r", "jane", At(1), 3);
  record.version.reset();
  REQUIRE(database->Ingest(record).ok());
  CHECK(database->Timeline(kJane)->items.empty());
  CHECK(TraitsOf(database, kJane).starts_with("items=0"));
  record.happened_at = At(2);
  record.extracted_at = At(3);
  REQUIRE(database->Ingest(record).ok());
  CHECK(Ids(database->Timeline(kJane)->items) == "till:r");
  CheckSound(database);
}

TEST_CASE("an event that retention has taken is no item, but says who is who for ever", "[living]") {
  Database database(LivingShop("retention { name: 'View' days: 2 }"));
  TakeTogether(database, {Item("1", {kJane, kCookie}, At(0)), Item("2", {kJane}, At(0), {}, "Order")});
  REQUIRE(database->Advance(At(2)).ok());
  CHECK(Ids(database->Timeline(kCookie)->items) == "1 2");
  REQUIRE(database->Advance(At(3)).ok());
  CHECK(Ids(database->Timeline(kCookie)->items) == "2");
  CHECK(TraitsOf(database, kCookie) == "items=1 orders=1 spent=0 last_week=1");
  TakeTogether(database, {Item("3", {kCookie}, At(0))});  // late, and too old at once
  CHECK(TraitsOf(database, kCookie) == "items=1 orders=1 spent=0 last_week=1");
  CheckSound(database);
}

// ---- visits

TEST_CASE("a visit goes on over channels and a login, until a gap", "[living]") {
  Database database(LivingShop("visits { gap_minutes: 30 source: 'web' source: 'app' }"));
  TakeTogether(database, {Item("1", {kCookie}, At(0), {{"url", "http://shop/?utm_source=mail&utm_campaign=spring"}}),
                          Item("2", {kJane, kCookie}, At(0) + 20min, {}, "Login", "app"),
                          Item("3", {kJane}, At(0) + 50min, {}, "Order"), Item("4", {kJane}, At(0) + 81min)});
  REQUIRE(database->Ingest(Receipt("r", "jane", At(0) + 65min, 3)).ok());  // of no source that visits are made of
  REQUIRE(database->Advance(At(0) + 111min).ok());
  const auto visits = database->Visits(kCookie);
  REQUIRE(visits.ok());
  REQUIRE(visits->size() == 2);
  CHECK((*visits)[1].ToJson() ==
        R"({"start":"2026-01-01T00:00:00Z","end":"2026-01-01T00:50:00Z","seconds":3000,"items":3,)"
        R"("sources":["web","app"],"first":{"name":"View","properties":)"
        R"({"url":"http://shop/?utm_source=mail&utm_campaign=spring"}},"last":{"name":"Order","properties":{}},)"
        R"("campaign":{"name":"spring","source":"mail"},"current":false})");
  CHECK((*visits)[0].is_current);
  const auto current = database->CurrentVisit(kJane);
  REQUIRE(current.ok());
  REQUIRE(*current);
  CHECK(Ids((*current)->items) == "4");
  CHECK(database->Visits(kJane, 1)->size() == 1);
  REQUIRE(database->Advance(At(0) + 112min).ok());
  CHECK_FALSE(*database->CurrentVisit(kJane));
}

TEST_CASE("an item of a clock that goes wrong does not hide the visit that is going on", "[living]") {
  Database database(LivingShop());
  TakeTogether(database, {Item("1", {kJane}, At(0)), Item("2", {kJane}, At(0) + 5min), Item("far", {kJane}, At(900)),
                          Item("farther", {kJane}, At(950))});
  REQUIRE(database->Advance(At(0) + 10min).ok());
  const auto current = database->CurrentVisit(kJane);
  REQUIRE(current.ok());
  REQUIRE(*current);
  CHECK(Ids((*current)->items) == "1 2");
  REQUIRE(database->Advance(At(1)).ok());
  CHECK_FALSE(*database->CurrentVisit(kJane));
}

TEST_CASE("a visit of more items than are read at a time is one visit", "[living]") {
  Database database(LivingShop());
  std::vector<Event> events;
  for (int i = 0; i < 600; ++i) events.push_back(Item(std::to_string(i), {kJane}, At(0) + i * 1min));
  TakeTogether(database, events);
  const auto visits = database->Visits(kJane);
  REQUIRE(visits.ok());
  REQUIRE(visits->size() == 1);
  CHECK(visits->front().items == 600);
}

// ---- migration

TEST_CASE("another schema's traits are computed from the stored events", "[living][migrate]") {
  Database database(LivingShop());
  TakeTogether(database, {Item("1", {kJane}, At(0), {{"total", 1.5}}), Item("2", {kCookie}, At(1))});
  REQUIRE(database->Ingest(Receipt("r", "jane", At(2), 3)).ok());
  REQUIRE(database->Advance(At(8)).ok());
  const auto report = database.Migrate(LivingShop("traits { name: 'most' max { of: 'total' } window { days: 30 } }"));
  REQUIRE(report.ok());
  CHECK(database->now() == At(8));
  CHECK(TraitsOf(database, kJane) == "items=2 orders=1 spent=4.5 last_week=1 most=3");
  CHECK(Ids(database->Timeline(kJane)->items) == "1 till:r");
  CheckSound(database);
}

TEST_CASE("simulating and migrating tell whose traits would be other ones", "[living][simulate]") {
  Database database(LivingShop());
  TakeTogether(database, {Item("1", {kJane}, At(0)), Item("2", {kCookie}, At(5))});
  REQUIRE(database->Advance(At(8)).ok());
  const Schema other = LivingShop("traits { name: 'views' events: 'View' count {} window { days: 4 } }");
  const auto difference = database->Simulate(other);
  REQUIRE(difference.ok());
  CHECK(difference->changed_traits == std::map<std::string, uint64_t>{{"views", 2}});
  CHECK(difference->changed_attributes == 0);
  const auto report = database.Migrate(other);
  REQUIRE(report.ok());
  CHECK(report->difference.changed_traits == difference->changed_traits);
  CHECK(report->difference.ToJson().find(R"("changed_traits":{"views":2})") != std::string::npos);
}

// ---- approximate traits

TEST_CASE("stats count the profiles of which a trait is approximate, also when they join, part, age and move",
          "[living]") {
  const Schema schema = *Schema::Parse(R"(
    namespaces { name: "user" max_per_profile: 1 }
    namespaces { name: "cookie" }
    sources { name: "web" events { format: NATIVE } }
    traits { name: "seen" distinct { of: "what" } window { days: 7 } } )");
  Database database(schema);
  const auto approximate = [&] { return database->GetStats().approximate; };
  CHECK(approximate() == 0);
  const auto look = [&](const Identifier& who, int first, int count) {
    std::vector<Event> events;
    for (int i = 0; i < count; ++i) {
      const std::string id = who.value + std::to_string(first + i);
      events.push_back(Item(id, {who}, At(0), {{"what", id}}));
    }
    TakeTogether(database, events);
  };
  look(kJane, 0, 10'000);
  CHECK(approximate() == 0);
  look(kJane, 10'000, 1);
  CHECK(approximate() == 1);
  look(kCookie, 0, 10'001);
  CHECK(approximate() == 2);
  CheckSound(database);
  TakeTogether(database, {Item("both", {kJane, kCookie}, At(0))});
  CHECK(approximate() == 1);
  CheckSound(database);
  const std::vector<std::string> both = {"both"};
  REQUIRE(database->WithdrawEvents("web", both).ok());
  CHECK(approximate() == 2);
  CheckSound(database);
  REQUIRE(database.Migrate(schema).ok());
  CHECK(approximate() == 2);
  REQUIRE(database->Advance(At(8)).ok());
  CHECK(approximate() == 0);
  CheckSound(database);
  database.Reopen();
  CHECK(approximate() == 0);
}

TEST_CASE("stats of a schema without traits do not speak of approximate ones", "[living]") {
  CHECK(Database(Shop())->GetStats().approximate == std::nullopt);
}

}  // namespace kintsugi::testing
