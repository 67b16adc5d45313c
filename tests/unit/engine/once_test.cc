// `once_per` where identifiers of one profile have items with one value.

#include <string>
#include <vector>

#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

using namespace std::chrono_literals;

Schema Orders(const std::string& traits) {
  return *Schema::Parse(R"(
    namespaces { name: "user" } namespaces { name: "card" }
    sources { name: "web" events { format: NATIVE } }
    activities { name: "order" events: "Order" once_per: "order_id" } )" +
                        traits);
}

const Identifier kUser{"user", "u"};
const Identifier kCard{"card", "c"};

Event Of(const std::string& id, std::vector<Identifier> who, Time time, std::vector<NamedValue> properties,
         const std::string& name = "Order") {
  return {.source = "web",
          .id = id,
          .time = time,
          .name = name,
          .identifiers = std::move(who),
          .properties = std::move(properties)};
}

void TakeGroup(Database& database, const std::vector<Event>& events) {
  const auto report = database->Ingest(std::span<const Event>(events));
  REQUIRE(report.ok());
  REQUIRE(report->accepted == events.size());
}

void CheckSound(const Database& database) {
  const auto differences = database->Verify();
  REQUIRE(differences.ok());
  CHECK(*differences == std::vector<std::string>());
}

std::string TraitOf(const Database& database, const std::string& name) {
  const auto profile = database->Lookup(kUser);
  REQUIRE(profile.ok());
  const auto value = profile->trait(name);
  return value ? ViewToJson(*value) : "absent";
}

}  // namespace

TEST_CASE("rows of tallies are as of the clock also where another identifier's order counts", "[living]") {
  Database database(Orders(R"(traits { name: "recent" activity: "order" count {} window { hours: 12 } })"));
  const Time midnight = At(0);
  TakeGroup(database,
            {Of("1", {kUser}, midnight, {{"order_id", "A"}}), Of("2", {kCard}, midnight + 2h, {{"order_id", "A"}}),
             Of("3", {kUser, kCard}, midnight + 150min, {}, "Login")});
  for (const auto hours : {3h, 13h, 15h}) {
    REQUIRE(database->Advance(midnight + hours).ok());
    CHECK(TraitOf(database, "recent") == (hours < 12h ? "1" : "0"));
    CheckSound(database);
  }
}

TEST_CASE("so many values of each identifier are exact, also if one order was told of twice", "[living]") {
  Database database(Orders(R"(traits { name: "seen" activity: "order" distinct { of: "what" } })"));
  std::vector<Event> events = {Of("both", {kUser, kCard}, At(0), {{"order_id", "A"}})};
  for (int64_t i = 0; i < 6000; ++i) {
    events.push_back(Of("u" + std::to_string(i), {kUser}, At(0), {{"order_id", i}, {"what", i}}));
    events.push_back(Of("c" + std::to_string(i), {kCard}, At(0), {{"order_id", -1 - i}, {"what", -1 - i}}));
  }
  TakeGroup(database, events);
  CHECK(TraitOf(database, "seen") == "12000");
  TakeGroup(database, {Of("again", {kCard}, At(1), {{"order_id", "A"}})});
  CHECK(TraitOf(database, "seen") == "12000");
  CHECK(database->GetStats().approximate == 0);
  CheckSound(database);
}

TEST_CASE("ids of whatever length tell items apart, and which was first", "[living]") {
  Database database(Orders(R"(traits { name: "first" activity: "order" first { of: "what" } }
                              traits { name: "orders" activity: "order" count {} })"));
  const std::string id(1000, 'i');
  TakeGroup(database, {Of(id + "2", {kUser}, At(0), {{"order_id", "A"}, {"what", 2}}),
                       Of("b", {kUser}, At(0), {{"order_id", "A"}, {"what", 3}}),
                       Of(id + "1", {kUser}, At(0), {{"order_id", "B"}, {"what", 1}})});
  CHECK(TraitOf(database, "orders") == "2");
  CHECK(TraitOf(database, "first") == "3");
  CheckSound(database);
  const std::vector<std::string> gone = {"b"};
  REQUIRE(database->WithdrawEvents("web", gone).ok());
  CHECK(TraitOf(database, "orders") == "2");
  CheckSound(database);
}

TEST_CASE("a group that brings orders of many identifiers of one profile shares what they share", "[living]") {
  Database database(Orders(R"(traits { name: "orders" activity: "order" count {} })"));
  const auto order = [](int64_t user, int64_t number) {
    const std::string of = std::to_string(user);
    return Of(of + "-" + std::to_string(number), {{"user", of}, kCard, kUser}, At(0), {{"order_id", number}});
  };
  std::vector<Event> events = {Of("u", {kUser, kCard}, At(0), {}, "Login")};
  for (int64_t user = 0; user < 40; ++user) events.push_back(order(user, user));
  TakeGroup(database, events);
  CHECK(TraitOf(database, "orders") == "40");
  events.clear();
  for (int64_t user = 0; user < 40; ++user) events.push_back(order(user, 100 + user));
  TakeGroup(database, events);
  CHECK(TraitOf(database, "orders") == "80");
  CheckSound(database);
  TakeGroup(database, {order(3, 4)});  // the fourth user's
  CHECK(TraitOf(database, "orders") == "80");
  TakeGroup(database, {order(5, 200), order(6, 200)});
  CHECK(TraitOf(database, "orders") == "81");
  CheckSound(database);
}

}  // namespace kintsugi::testing
