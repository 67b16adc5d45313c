// Carts, orders and points as traits, through the engine: kept right by whatever comes, goes or moves.

#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include "rows_read.h"
#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

using namespace std::chrono_literals;

Schema Market(const std::string& more = "") {
  return *Schema::Parse(R"(
    namespaces { name: "user" max_per_profile: 1 }
    namespaces { name: "cookie" }
    sources { name: "web" events { format: NATIVE } }
    sources { name: "app" events { format: NATIVE } }
    sources { name: "till" table { key: "id" updated_at: "at" identifiers { field: "user" namespace: "user" }
      event { name: "Order Completed" time: "sold" properties { field: "total" type: NUMBER } } } }
    traits { name: "views" events: "Page Viewed" count {} }
    traits { name: "views_per_order" ratio { of: "views" to: "orders" } }
    traits { name: "spender" band { of: "revenue" at: 10 at: 100 } }
    commerce {} )" + more);
}

Schema Club() {
  return Market(R"(
    loyalty {
      earn { events: "Order Completed" of: "total" points_per: 1 }
      earn { events: "Review Written" points: 5 at_most { times: 1 days: 30 } }
      spend { events: "Reward Redeemed" of: "points" }
      expire_days: 10
      tiers { name: "silver" earned: 20 days: 5 } tiers { name: "gold" earned: 50 days: 5 }
    }
    traits { name: "points_per_order" ratio { of: "points" to: "orders" } })");
}

const Identifier kJane{"user", "jane"};
const Identifier kCookie{"cookie", "c"};

// `minute`: of the first day.
Event Did(const std::string& id, const Identifier& who, int minute, const std::string& name,
          std::vector<NamedValue> properties = {}, const std::string& source = "web") {
  return {.source = source,
          .id = id,
          .time = At(0) + std::chrono::minutes(minute),
          .name = name,
          .identifiers = {who},
          .properties = std::move(properties)};
}
Event Added(const std::string& id, const Identifier& who, int minute, const std::string& sku) {
  return Did(id, who, minute, "Product Added", {{"sku", sku}, {"price", 2.5}});
}
Event LoggedIn(const std::string& id, int minute) {
  Event event = Did(id, kJane, minute, "Login");
  event.identifiers.push_back(kCookie);
  return event;
}

void TakeAll(Database& database, const std::vector<Event>& events) {
  for (const Event& event : events) {
    const auto report = database->Ingest(event);
    REQUIRE(report.ok());
    REQUIRE(report->accepted == 1);
  }
}

std::string Says(const Database& database, const Identifier& who, const std::string& trait) {
  const auto profile = database->Lookup(who);
  if (!profile.ok()) return std::string(profile.status().message());
  const auto value = profile->trait(trait);
  return value ? ViewToJson(*value) : "absent";
}

uint64_t Overdrawn(const Database& database) {
  const Stats stats = database->GetStats();
  REQUIRE(stats.overdrawn);
  return *stats.overdrawn;
}

}  // namespace

TEST_CASE("a cart is told with each item, and the path to it", "[living][commerce]") {
  Database database(Market());
  TakeAll(database, {Did("0", kJane, 0, "Page Viewed"), Added("1", kJane, 1, "a")});
  CHECK(Says(database, kJane, "cart") == R"([{"product_id":"a","quantity":1,"price":2.5}])");
  CHECK(Says(database, kJane, "cart_since") == R"("2026-01-01T00:01:00Z")");
  TakeAll(database, {Did("2", kJane, 2, "Page Viewed", {{"page", "b"}}, "app"), Added("3", kJane, 3, "a"),
                     Did("4", kJane, 4, "Page Viewed")});
  CHECK(Says(database, kJane, "cart") == R"([{"product_id":"a","quantity":2,"price":2.5}])");
  CHECK(Says(database, kJane, "cart_value") == "5");
  CHECK(Says(database, kJane, "cart_path") == R"([{"time":"2026-01-01T00:00:00Z","name":"Page Viewed"},)"
                                              R"({"time":"2026-01-01T00:01:00Z","name":"Product Added"},)"
                                              R"({"time":"2026-01-01T00:02:00Z","name":"Page Viewed","page":"b"},)"
                                              R"({"time":"2026-01-01T00:03:00Z","name":"Product Added"}])");
  CHECK(Says(database, kJane, "cart_abandoned") == "false");
  CHECK(Says(database, kJane, "orders") == "0");
  CHECK(Faults(database) == kNone);
  TakeAll(database, {Did("5", kJane, 5, "Product Removed", {{"sku", "a"}, {"quantity", int64_t{2}}})});
  CHECK(Says(database, kJane, "cart") == "[]");
  CHECK(Says(database, kJane, "cart_since") == "absent");
  CHECK(Says(database, kJane, "cart_path") == "[]");
  CHECK(Faults(database) == kNone);
}

TEST_CASE("a late item of the visit comes into the path, and a late one of the cart into the cart",
          "[living][commerce]") {
  Database database(Market());
  TakeAll(database, {Added("1", kJane, 40, "a"), Did("2", kJane, 50, "Page Viewed")});
  TakeAll(database, {Did("3", kJane, 20, "Page Viewed"), Did("4", kJane, 9, "Page Viewed")});
  CHECK(Says(database, kJane, "cart_path") ==
        R"([{"time":"2026-01-01T00:09:00Z","name":"Page Viewed"},{"time":"2026-01-01T00:20:00Z","name":"Page Viewed"},)"
        R"({"time":"2026-01-01T00:40:00Z","name":"Product Added"}])");
  TakeAll(database, {Added("5", kJane, 30, "b")});
  CHECK(Says(database, kJane, "cart") ==
        R"([{"product_id":"b","quantity":1,"price":2.5},{"product_id":"a","quantity":1,"price":2.5}])");
  CHECK(Says(database, kJane, "cart_since") == R"("2026-01-01T00:30:00Z")");
  TakeAll(database, {Did("6", kJane, 35, "Order Completed", {{"total", int64_t{3}}})});
  CHECK(Says(database, kJane, "cart") == R"([{"product_id":"a","quantity":1,"price":2.5}])");
  CHECK(Says(database, kJane, "cart_since") == R"("2026-01-01T00:40:00Z")");
  CHECK(Faults(database) == kNone);
}

TEST_CASE("an order of any source empties the cart, and the same order again does not", "[living][commerce]") {
  Database database(Market());
  TakeAll(database, {Added("1", kJane, 1, "a"),
                     Did("2", kJane, 2, "Order Completed", {{"order_id", "A"}, {"total", 12.5}}, "app")});
  CHECK(Says(database, kJane, "cart") == "[]");
  TakeAll(database,
          {Added("3", kJane, 3, "b"), Did("4", kJane, 4, "Order Completed", {{"order_id", "A"}, {"total", 99.0}})});
  CHECK(Says(database, kJane, "cart") == R"([{"product_id":"b","quantity":1,"price":2.5}])");
  CHECK(Says(database, kJane, "orders") == "1");
  CHECK(Says(database, kJane, "revenue") == "12.5");
  CHECK(Says(database, kJane, "spender") == "1");
  const Record receipt{
      .source = "till", .key = "r", .version = At(1), .identifiers = {kJane}, .properties = {{"total", int64_t{100}}}};
  REQUIRE(database->Ingest(receipt).ok());
  CHECK(Says(database, kJane, "cart") == "[]");
  CHECK(Says(database, kJane, "revenue") == "112.5");
  CHECK(Says(database, kJane, "average_order") == "56.25");
  CHECK(Says(database, kJane, "last_order") == R"("2026-01-02T00:00:00Z")");
  CHECK(Says(database, kJane, "spender") == "2");
  CHECK(Faults(database) == kNone);
  const std::vector<std::string> gone = {"r"};
  REQUIRE(database->WithdrawRecords("till", gone).ok());
  CHECK(Says(database, kJane, "cart") == R"([{"product_id":"b","quantity":1,"price":2.5}])");
  CHECK(Says(database, kJane, "revenue") == "12.5");
  CHECK(Faults(database) == kNone);
}

TEST_CASE("ids that are long and begin alike leave no trace of the order in which they came", "[living][commerce]") {
  // Of 64 bytes on an id stands with a hash for its end, which may turn two of them around.
  for (int pair = 0; pair < 8; ++pair) {
    const std::string begin = std::string(60, 'x') + std::to_string(pair);
    const Event added = Added(begin + "000-a", kJane, 1, "a");
    const Event removed = Did(begin + "000-b", kJane, 1, "Product Removed", {{"sku", "a"}});
    Database one(Market());
    TakeAll(one, {added, removed});
    Database other(Market());
    TakeAll(other, {removed, added});
    CHECK(one.Profiles() == other.Profiles());
    CHECK(Faults(one) == kNone);
    CHECK(Faults(other) == kNone);
  }
}

TEST_CASE("refunds, cancellations and coupons concern their orders", "[living][commerce]") {
  Database database(Market());
  TakeAll(database,
          {Added("1", kJane, 1, "a"), Did("2", kJane, 2, "Coupon Applied", {{"coupon_id", "w"}}),
           Did("3", kJane, 3, "Order Completed", {{"order_id", "A"}, {"total", int64_t{50}}, {"coupon", "s"}}),
           Did("4", kJane, 4, "Order Completed", {{"order_id", "B"}, {"revenue", int64_t{30}}})});
  CHECK(Says(database, kJane, "coupons") == R"(["s","w"])");
  TakeAll(database, {Did("5", kJane, 5, "Order Refunded", {{"order_id", "B"}, {"total", int64_t{10}}})});
  CHECK(Says(database, kJane, "revenue") == "70");
  TakeAll(database, {Did("6", kJane, 6, "Order Cancelled", {{"order_id", "A"}})});
  CHECK(Says(database, kJane, "revenue") == "20");
  CHECK(Says(database, kJane, "orders") == "1");
  CHECK(Says(database, kJane, "coupons") == R"(["w"])");
  CHECK(Says(database, kJane, "cart") == "[]");  // the order that was cancelled has emptied it all the same
  CHECK(Faults(database) == kNone);
}

TEST_CASE("what was looked at is told without reading it again", "[living][commerce]") {
  Database database(Market());
  TakeAll(database, {Did("1", kJane, 1, "Product Viewed", {{"category", "lamps"}}),
                     Did("2", kCookie, 2, "Product Viewed", {{"category", "rugs"}}),
                     Did("3", kCookie, 3, "Product Added",
                         {{"products", Json{R"([{"category":"rugs","sku":"r"},{"category":"lamps","sku":"l"}])"}}})});
  CHECK(Says(database, kJane, "categories") == R"([{"value":"lamps","count":1}])");
  TakeAll(database, {LoggedIn("4", 4)});
  CHECK(Says(database, kJane, "categories") == R"([{"value":"lamps","count":2},{"value":"rugs","count":2}])");
  CHECK(Faults(database) == kNone);
}

TEST_CASE("a cart is abandoned at the exact minute, by the clock alone", "[living][commerce]") {
  Database database(Market("segments { name: \"left\" all { trait: \"cart_abandoned\" is: \"true\" } }"));
  TakeAll(database, {Added("1", kJane, 1, "a"), Did("2", kJane, 5, "Cart Viewed"), Did("3", kJane, 7, "Page Viewed")});
  CHECK(Says(database, kJane, "cart_abandoned") == "false");
  const Time abandoned = At(0) + 35min;
  REQUIRE(database->Advance(abandoned - 1us).ok());
  CHECK(Says(database, kJane, "cart_abandoned") == "false");
  CHECK(Faults(database) == kNone);
  REQUIRE(database->Advance(abandoned).ok());
  CHECK(Says(database, kJane, "cart_abandoned") == "true");
  CHECK(Says(database, kJane, "cart_path").ends_with(R"({"time":"2026-01-01T00:05:00Z","name":"Cart Viewed"}])"));
  CHECK(Faults(database) == kNone);
  TakeAll(database, {Did("4", kJane, 36, "Product Removed", {{"sku", "none"}})});
  CHECK(Says(database, kJane, "cart_abandoned") == "false");
  REQUIRE(database->Advance(At(9)).ok());
  CHECK(Says(database, kJane, "cart_abandoned") == "true");
  TakeAll(database, {Did("5", kJane, 37, "Order Completed")});
  CHECK(Says(database, kJane, "cart_abandoned") == "false");
  CHECK(Faults(database) == kNone);
}

TEST_CASE("a cart goes with the person through a login, and comes apart with them", "[living][commerce]") {
  Database database(Market());
  TakeAll(database, {Added("1", kCookie, 1, "a"), Added("2", kJane, 2, "b")});
  TakeAll(database, {LoggedIn("3", 3)});
  CHECK(Says(database, kCookie, "cart") ==
        R"([{"product_id":"a","quantity":1,"price":2.5},{"product_id":"b","quantity":1,"price":2.5}])");
  CHECK(Says(database, kJane, "cart_since") == R"("2026-01-01T00:01:00Z")");
  CHECK(Faults(database) == kNone);
  const auto never =
      database->Assert({.kind = Assertion::Kind::kNever, .a = kJane, .b = kCookie, .by = "us", .because = "two"});
  REQUIRE(never.ok());
  CHECK(Says(database, kCookie, "cart") == R"([{"product_id":"a","quantity":1,"price":2.5}])");
  CHECK(Says(database, kJane, "cart") == R"([{"product_id":"b","quantity":1,"price":2.5}])");
  CHECK(Faults(database) == kNone);
  REQUIRE(database->Retract({.id = *never, .by = "us", .because = "one"}).ok());
  TakeAll(database, {Added("4", kCookie, 4, "a")});
  CHECK(Says(database, kJane, "cart") ==
        R"([{"product_id":"a","quantity":2,"price":2.5},{"product_id":"b","quantity":1,"price":2.5}])");
  const std::vector<std::string> gone = {"1"};
  REQUIRE(database->WithdrawEvents("web", gone).ok());
  CHECK(Says(database, kJane, "cart") ==
        R"([{"product_id":"b","quantity":1,"price":2.5},{"product_id":"a","quantity":1,"price":2.5}])");
  CHECK(Faults(database) == kNone);
}

TEST_CASE("a name of kilobytes hides nothing of the path to a cart", "[living][commerce]") {
  const std::string huge(1100, 'x');
  Database database(Market());
  TakeAll(database, {Did("huge", kJane, 10, huge), Added("a", kJane, 30, "a")});
  TakeAll(database, {Did("late", kJane, 0, "Seen")});
  CHECK(Says(database, kJane, "cart_path").find("Seen") != std::string::npos);
  CHECK(Faults(database) == kNone);
  std::vector<Event> events;
  for (int i = 0; i < 110; ++i)
    events.push_back(Did("s" + std::to_string(i), kCookie, i / 4, i == 60 ? huge : "Page Viewed"));
  events.push_back(Added("b", kCookie, 29, "b"));
  TakeAll(database, events);
  CHECK(Faults(database) == kNone);
}

TEST_CASE("a receipt that comes again as it was has no item read", "[living][commerce]") {
  Database database(Club());
  std::vector<Event> events;
  for (int i = 0; i < 3000; ++i) events.push_back(Did("v" + std::to_string(i), kJane, i, "Page Viewed"));
  TakeAll(database, events);
  const auto sold = [](int version) {
    return Record{.source = "till",
                  .key = "r",
                  .version = At(version),
                  .identifiers = {kJane},
                  .properties = {{"total", int64_t{7}}},
                  .happened_at = At(1)};
  };
  REQUIRE(database->Ingest(sold(2))->accepted == 1);
  const auto counted = CountedWhile([&] { REQUIRE(database->Ingest(sold(3))->accepted == 1); });
  CHECK(counted.next_on_memtable_count < 300);
  CHECK(Says(database, kJane, "revenue") == "7");
  CHECK(Faults(database) == kNone);
}

TEST_CASE("an order, a point and a login read none of the items that lie between", "[living][commerce]") {
  Database database(Club());
  std::vector<Event> events;
  for (int i = 0; i < 3000; ++i)
    events.push_back(Did("v" + std::to_string(i), kJane, i, i % 1000 == 0 ? "Order Completed" : "Page Viewed",
                         {{"order_id", std::to_string(i)}, {"total", int64_t{7}}}));
  events.push_back(Did("c", kCookie, 2, "Page Viewed"));
  TakeAll(database, events);
  const auto rows_of = [&](const Event& event) {
    const auto counted = CountedWhile([&] { TakeAll(database, {event}); });
    return counted.next_on_memtable_count + counted.prev_on_memtable_count + counted.seek_on_memtable_count;
  };
  CHECK(rows_of(Did("o", kJane, 4000, "Order Completed", {{"order_id", "o"}, {"total", int64_t{9}}})) < 300);
  CHECK(rows_of(Did("late", kJane, 1, "Order Completed", {{"order_id", "p"}, {"total", int64_t{1}}})) < 300);
  CHECK(rows_of(Did("r", kJane, 4001, "Review Written")) < 300);
  CHECK(rows_of(LoggedIn("l", 4002)) < 300);
  CHECK(Says(database, kCookie, "revenue") == "31");
  CHECK(Says(database, kCookie, "orders") == "5");
  CHECK(Faults(database) == kNone);
}

TEST_CASE("points are earned, spent and lost, and tiers reached and left", "[living][commerce]") {
  Database database(Club());
  TakeAll(database, {Did("1", kJane, 0, "Order Completed", {{"total", 30.9}}), Did("2", kJane, 1, "Review Written"),
                     Did("3", kJane, 2, "Review Written")});
  CHECK(Says(database, kJane, "points") == "35");
  CHECK(Says(database, kJane, "points_expiring_30d") == "0");
  CHECK(Says(database, kJane, "tier") == R"("silver")");
  CHECK(Says(database, kJane, "points_per_order") == "35");
  TakeAll(database, {Did("4", kJane, 3, "Reward Redeemed", {{"points", int64_t{32}}})});
  CHECK(Says(database, kJane, "points") == "3");
  REQUIRE(database->Advance(At(5) - 1us).ok());
  CHECK(Says(database, kJane, "tier") == R"("silver")");
  CHECK(Says(database, kJane, "points_expiring_30d") == "3");
  REQUIRE(database->Advance(At(5)).ok());
  CHECK(Says(database, kJane, "tier") == "absent");
  REQUIRE(database->Advance(At(10)).ok());
  CHECK(Says(database, kJane, "points") == "3");  // those of the review, a minute later
  REQUIRE(database->Advance(At(10) + 1min).ok());
  CHECK(Says(database, kJane, "points") == "0");
  CHECK(Overdrawn(database) == 0);
  CHECK(Faults(database) == kNone);
}

TEST_CASE("overdrawn spendings are counted as long as they are", "[living][commerce]") {
  Database database(Club());
  TakeAll(database, {Did("1", kJane, 1, "Reward Redeemed", {{"points", int64_t{5}}}),
                     Did("2", kJane, 3, "Reward Redeemed", {{"points", int64_t{5}}}),
                     Did("3", kCookie, 2, "Order Completed", {{"total", int64_t{12}}})});
  CHECK(Says(database, kJane, "points") == "-10");
  CHECK(Overdrawn(database) == 2);
  TakeAll(database, {LoggedIn("4", 4)});  // what the cookie earned pays the first, and is there for the second
  CHECK(Says(database, kJane, "points") == "2");
  CHECK(Overdrawn(database) == 1);
  CHECK(Faults(database) == kNone);
  TakeAll(database, {Did("5", kJane, 0, "Order Completed", {{"total", int64_t{5}}})});
  CHECK(Overdrawn(database) == 0);
  database.Reopen();
  const std::vector<std::string> gone = {"5", "3"};
  REQUIRE(database->WithdrawEvents("web", gone).ok());
  CHECK(Overdrawn(database) == 2);
  CHECK(Faults(database) == kNone);
  REQUIRE(database->WithdrawSource("web").ok());
  CHECK(Overdrawn(database) == 0);
  CHECK(Faults(database) == kNone);
}

TEST_CASE("the order in which a person's items come leaves no trace", "[living][commerce]") {
  std::mt19937 random(1);
  std::vector<Event> events;
  const auto pick = [&](std::vector<std::string> of) { return of[random() % of.size()]; };
  for (int i = 0; i < 60; ++i) {
    const Identifier who = random() % 2 == 0 ? kJane : kCookie;
    const std::string name = pick({"Product Added", "Product Added", "Product Removed", "Order Completed",
                                   "Order Refunded", "Order Cancelled", "Cart Viewed", "Page Viewed", "Page Viewed",
                                   "Product Viewed", "Coupon Applied", "Review Written", "Reward Redeemed"});
    Event event = Did(std::to_string(i), who, static_cast<int>(random() % 300), name);
    event.properties = {{"category", pick({"x", "y"})},      {"coupon", pick({"m", "n"})},
                        {"order_id", pick({"A", "B", "C"})}, {"points", int64_t(random() % 9)},
                        {"sku", pick({"a", "b", "c"})},      {"total", int64_t(random() % 40)}};
    events.push_back(std::move(event));
  }
  events.push_back(LoggedIn("login", 100));
  const auto state_of = [&](bool one_by_one) {
    Database database(Club());
    REQUIRE(database->Advance(At(0) + 200min).ok());
    if (one_by_one)
      TakeAll(database, events);
    else
      REQUIRE(database->Ingest(std::span<const Event>(events)).ok());
    REQUIRE(database->Ingest(std::span<const Event>(events)).ok());  // and all again
    CHECK(Faults(database) == kNone);
    return StateOf(database);
  };
  const auto expected = state_of(false);
  for (int i = 0; i < 8; ++i) {
    std::shuffle(events.begin(), events.end(), random);
    CHECK(state_of(i % 2 == 0) == expected);
  }
}

TEST_CASE("a schema that has commerce and points from now on tells them of all that was", "[living][commerce]") {
  Database database(*Schema::Parse(R"(
    namespaces { name: "user" max_per_profile: 1 } namespaces { name: "cookie" }
    sources { name: "web" events { format: NATIVE } } sources { name: "app" events { format: NATIVE } })"));
  const std::vector<Event> events = {
      Added("1", kCookie, 1, "a"), LoggedIn("2", 2), Did("3", kJane, 3, "Order Completed", {{"total", int64_t{12}}}),
      Did("4", kJane, 4, "Reward Redeemed", {{"points", int64_t{20}}}), Added("5", kJane, 5, "b")};
  TakeAll(database, events);
  REQUIRE(database.Migrate(Club()).ok());
  CHECK(Overdrawn(database) == 1);
  CHECK(Faults(database) == kNone);
  Database fresh(Club());
  TakeAll(fresh, events);
  CHECK(StateOf(database) == StateOf(fresh));
  CHECK(Says(database, kJane, "cart") == R"([{"product_id":"b","quantity":1,"price":2.5}])");
}

}  // namespace kintsugi::testing
