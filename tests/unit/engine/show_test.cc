// A person on one screen, through the engine.

#include <string>
#include <vector>

#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

using namespace std::chrono_literals;

const Identifier kJane{"user", "jane"};
const Identifier kCookie{"cookie", "c"};

Schema Club() {
  return *Schema::Parse(R"(
    namespaces { name: "user" max_per_profile: 1 }
    namespaces { name: "cookie" }
    sources { name: "web" events { format: NATIVE } }
    sources { name: "app" events { format: NATIVE } }
    commerce {}
    loyalty { earn { events: "Order Completed" of: "total" points_per: 1 } expire_days: 10
              tiers { name: "silver" earned: 20 days: 30 } }
    segments { name: "left" all { trait: "cart_abandoned" is: "true" } }
    segments { name: "never" all { trait: "orders" less_than: 0 } })");
}

Event Did(const std::string& id, std::vector<Identifier> who, Time time, const std::string& name,
          std::vector<NamedValue> properties = {}, const std::string& source = "web") {
  return {.source = source,
          .id = id,
          .time = time,
          .name = name,
          .identifiers = std::move(who),
          .traits = {{"name", "Jane"}},
          .properties = std::move(properties)};
}

}  // namespace

TEST_CASE("a person is shown with points, cart, way, visit and last items", "[living][show]") {
  Database database(Club());
  const std::vector<Event> events = {
      Did("1", {kJane}, At(0), "Order Completed", {{"total", int64_t{25}}}, "app"),
      Did("2", {kCookie}, At(2), "Page Viewed", {{"page", "lamps"}}),
      Did("3", {kCookie}, At(2) + 5min, "Product Added",
          {{"product_id", int64_t{7}}, {"name", "Lamp"}, {"price", 9.5}, {"quantity", int64_t{2}}}),
      Did("4", {kCookie, kJane}, At(2) + 6min, "Login"),
  };
  REQUIRE(database->Ingest(std::span<const Event>(events))->accepted == events.size());
  REQUIRE(database->Advance(At(3)).ok());

  const auto jane = database->Show(kCookie, 3);
  REQUIRE(jane.ok());
  CHECK(jane->profile.ToJson() == database->Lookup(kJane)->ToJson());
  CHECK(jane->profile.in("left"));
  REQUIRE(jane->loyalty);
  CHECK(jane->loyalty->points == Value(int64_t{25}));
  CHECK(jane->loyalty->expiring_30d == Value(int64_t{25}));
  CHECK(jane->loyalty->tier == "silver");
  REQUIRE(jane->cart);
  REQUIRE(jane->cart->lines.size() == 1);
  CHECK(jane->cart->lines[0].product_id == "7");
  CHECK(jane->cart->lines[0].name == Value("Lamp"));
  CHECK(jane->cart->lines[0].quantity == Value(int64_t{2}));
  CHECK(jane->cart->lines[0].price == Value(9.5));
  CHECK(jane->cart->value == Value(int64_t{19}));
  CHECK(jane->cart->since == At(2) + 5min);
  CHECK(jane->cart->is_abandoned);
  REQUIRE(jane->cart->path.size() == 2);
  CHECK(jane->cart->path[0].page == Value("lamps"));
  CHECK(jane->cart->path[1].name == "Product Added");
  REQUIRE(jane->visit);
  CHECK(jane->visit->items == 3);
  CHECK_FALSE(jane->visit->is_current);
  REQUIRE(jane->latest.size() == 3);
  CHECK(jane->latest[0].id == "4");
  CHECK(database->Show(kJane, 0)->latest.empty());
}

TEST_CASE("who did nothing is shown without cart, visit and items; who is nobody is not", "[living][show]") {
  Database database(Club());
  REQUIRE(database->Ingest(Did("1", {kJane}, At(0), "Login"))->accepted == 1);
  const auto jane = database->Show(kJane);
  REQUIRE(jane.ok());
  CHECK_FALSE(jane->cart);
  CHECK(jane->loyalty->points == Value(int64_t{0}));
  CHECK(jane->loyalty->tier.empty());
  CHECK(jane->visit->items == 1);
  CHECK(absl::IsNotFound(database->Show(kCookie).status()));
  CHECK(absl::IsInvalidArgument(database->Show({"card", "1"}).status()));
  const std::vector<std::string> gone = {"1"};
  REQUIRE(database->WithdrawEvents("web", gone).ok());
  CHECK(absl::IsNotFound(database->Show(kJane).status()));
}

TEST_CASE("a schema without commerce and loyalty shows neither", "[living][show]") {
  Database database(*Schema::Parse(R"(namespaces { name: "user" } sources { name: "web" events { format: NATIVE } })"));
  REQUIRE(database->Ingest(Did("1", {kJane}, At(0), "Login"))->accepted == 1);
  const auto jane = database->Show(kJane);
  REQUIRE(jane.ok());
  CHECK_FALSE(jane->cart);
  CHECK_FALSE(jane->loyalty);
  CHECK(jane->latest.size() == 1);
}

}  // namespace kintsugi::testing
