// 833 events of a shop, on the web and in an app: what Snowplow's published model makes of them, release 0.6.1, and
// what visits and traits do.

#include <algorithm>
#include <set>

#include "catch.h"
#include "data_dir.h"
#include "engine_fixture.h"
#include "snowplow_rows.h"

namespace kintsugi::testing {
namespace {

using namespace snowplow;

#define SESSION_CONTEXT "contexts_com_snowplowanalytics_snowplow_client_session_1_0_1.0."
#define TRANSACTION_CONTEXT "contexts_com_snowplowanalytics_snowplow_ecommerce_transaction_1_0_0.0."

// Whose the events are: the app says in a context what has columns on the web. One schema knows visitors, another one
// only sessions, so that a session's traits are a profile's.
constexpr const char* kOfVisitors = R"(
  namespaces { name: "visitor" }
  sources { name: "shop" table {
    format: JSONL key: "event_id"
    identifiers { field: "domain_userid" namespace: "visitor" }
    identifiers { field: ")" SESSION_CONTEXT R"(userId" namespace: "visitor" }
)";
constexpr const char* kOfSessions = R"(
  namespaces { name: "session" }
  sources { name: "shop" table {
    format: JSONL key: "event_id"
    identifiers { field: "domain_sessionid" namespace: "session" }
    identifiers { field: ")" SESSION_CONTEXT R"(sessionId" namespace: "session" }
)";

// When they were: a session lasts from the first to the last time at which the collector got an event of it; what is
// first and last in it is so by the times that were derived from the device's.
constexpr const char* kCollected = R"( event { name: "Action" time: "collector_tstamp" )";
constexpr const char* kDerived = R"( event { name: "Action" time: "derived_tstamp" )";

// What they mean. Transactions are counted by their ids, and refunds are none: the model takes nothing off for them.
constexpr const char* kMeaning = R"(
      properties {
        field: "unstruct_event_com_snowplowanalytics_snowplow_ecommerce_snowplow_ecommerce_action_1_0_0.type"
        name: "type"
      }
      properties { field: ")" TRANSACTION_CONTEXT R"(transaction_id" name: "transaction" }
      properties { field: ")" TRANSACTION_CONTEXT R"(revenue" name: "revenue" type: NUMBER }
      properties { field: ")" TRANSACTION_CONTEXT R"(total_quantity" name: "quantity" type: NUMBER }
    }
  } }
  visits { gap_minutes: 30 }

  activities { name: "view" where { property: "type" is: "product_view" is: "list_view" } }
  activities { name: "add" where { property: "type" is: "add_to_cart" } }
  activities { name: "remove" where { property: "type" is: "remove_from_cart" } }
  activities { name: "transaction" where { property: "type" is: "transaction" } once_per: "transaction" }

  traits { name: "items" count {} }
  traits { name: "start_tstamp" first { of: "$time" } }
  traits { name: "end_tstamp" last { of: "$time" } }
  traits { name: "number_product_views" activity: "view" count {} }
  traits { name: "number_add_to_carts" activity: "add" count {} }
  traits { name: "number_remove_from_carts" activity: "remove" count {} }
  traits { name: "total_number_transactions" activity: "transaction" count {} }
  traits { name: "total_transaction_revenue" activity: "transaction" sum { of: "revenue" } }
  traits { name: "total_transaction_quantity" activity: "transaction" sum { of: "quantity" } }
  traits { name: "first_product_view" activity: "view" first { of: "$time" } }
  traits { name: "last_product_view" activity: "view" last { of: "$time" } }
  traits { name: "first_product_add_to_cart" activity: "add" first { of: "$time" } }
  traits { name: "last_product_add_to_cart" activity: "add" last { of: "$time" } }
  traits { name: "first_product_remove_from_cart" activity: "remove" first { of: "$time" } }
  traits { name: "last_product_remove_from_cart" activity: "remove" last { of: "$time" } }
  traits { name: "first_transaction_completed" activity: "transaction" first { of: "$time" } }
  traits { name: "last_transaction_completed" activity: "transaction" last { of: "$time" } }
)";

const std::vector<std::string> kNumbers = {"number_product_views",      "number_add_to_carts",
                                           "number_remove_from_carts",  "total_number_transactions",
                                           "total_transaction_revenue", "total_transaction_quantity"};
const std::vector<std::string> kTimes = {"first_product_view",
                                         "last_product_view",
                                         "first_product_add_to_cart",
                                         "last_product_add_to_cart",
                                         "first_product_remove_from_cart",
                                         "last_product_remove_from_cart",
                                         "first_transaction_completed",
                                         "last_transaction_completed"};

// The events and the sessions that are expected of them; nothing without the data.
struct Shop {
  std::vector<Row> events;
  std::vector<Row> sessions;
};

std::optional<Shop> ReadShop() {
  const auto events = DataFileOrSkip("data/snowplow_ecommerce/source__snowplow_ecommerce_events.csv");
  if (!events) return std::nullopt;
  const auto sessions = events->parent_path() / "expected__snowplow_ecommerce_sessions_expected.csv";
  return Shop{ReadCsv(events->string()), ReadCsv(sessions.string())};
}

Schema SchemaOf(const std::string& whose, const std::string& when) {
  return *Schema::Parse(whose + when + kMeaning);
}

void Load(Database& database, const Shop& shop) {
  const std::string file = database.directory() / "events.jsonl";
  WriteJsonLines(shop.events, file);
  const auto report = database.IngestFile({.source = "shop", .path = file});
  REQUIRE(report.ok());
  CHECK(report->accepted == 833);
}

// A profile's trait as text; of none that is absent.
std::string TraitOf(const Profile& profile, const std::string& name) {
  const auto value = profile.trait(name);
  if (!value) return {};
  const auto* text = std::get_if<std::string_view>(&*value);
  return text != nullptr ? std::string(*text) : ViewToJson(*value);
}

// "26.0" as 26, and of no transaction an empty cell as 0.
std::string NumberOf(const std::string& cell) {
  if (cell.empty()) return "0";
  return cell.ends_with(".0") ? cell.substr(0, cell.size() - 2) : cell;
}

std::string TimeTextOf(const std::string& cell) {
  return cell.empty() ? cell : FormatTime(TimeOf(cell));
}

using Span = std::pair<Time, Time>;

Span SpanOf(const Row& session) {
  return {TimeOf(session.at("start_tstamp")), TimeOf(session.at("end_tstamp"))};
}

// Over the sessions of a visitor that are expected.
double SumOf(const Shop& shop, const std::string& visitor, const std::string& name) {
  double sum = 0;
  for (const Row& session : shop.sessions) {
    if (session.at("domain_userid") == visitor) sum += std::stod(NumberOf(session.at(name)));
  }
  return sum;
}

// How many events say that they are of the session, in the column or in the context.
size_t EventsOf(const Shop& shop, const std::string& session) {
  return std::count_if(shop.events.begin(), shop.events.end(), [&](const Row& event) {
    return event.at("domain_sessionid") == session ||
           event.at("contexts_com_snowplowanalytics_snowplow_client_session_1_0_1").find(session) != std::string::npos;
  });
}

}  // namespace

TEST_CASE("The 63 sessions of a shop are the visits of its 60 visitors", "[data][living]") {
  const auto shop = ReadShop();
  if (!shop) return;
  Database database(SchemaOf(kOfVisitors, kCollected));
  Load(database, *shop);
  REQUIRE(shop->sessions.size() == 63);
  std::map<std::string, std::map<Span, size_t>> expected;  // the number of events, by visitor
  for (const Row& session : shop->sessions)
    expected[session.at("domain_userid")][SpanOf(session)] = EventsOf(*shop, session.at("domain_sessionid"));
  CHECK(expected.size() == 60);

  size_t items = 0;
  for (const auto& [visitor, sessions] : expected) {
    const auto visits = database->Visits({"visitor", visitor});
    REQUIRE(visits.ok());
    std::map<Span, size_t> got;
    for (const Visit& visit : *visits) {
      got[{visit.start, visit.end}] = visit.items;
      items += visit.items;
    }
    CHECK((got == sessions));
    // And traits, which know no visits, are sums over all of them.
    const auto profile = database->Lookup("visitor", visitor);
    REQUIRE(profile.ok());
    for (const std::string& name : kNumbers) CHECK(std::stod(TraitOf(*profile, name)) == SumOf(*shop, visitor, name));
  }
  // All events but one: `skip-me`, which the model is told to leave out, names no visitor.
  CHECK(items == 832);
}

// 410 of the events, all of those of November 28 and 29, do not say what was done. They are items of their sessions,
// and neither here nor in the model views, adds or transactions, although 14 of them have a transaction with them. So
// 42 of the sessions have nothing to count, and of the 28 transactions in the file 14 count.
TEST_CASE("Views, adds, removes, transactions and revenue of 63 sessions are what traits say of a visit's items",
          "[data][living]") {
  const auto shop = ReadShop();
  if (!shop) return;
  Database database(SchemaOf(kOfSessions, kCollected));
  Load(database, *shop);
  std::map<std::string, double> totals;
  for (const Row& session : shop->sessions) {
    const auto profile = database->Lookup("session", session.at("domain_sessionid"));
    REQUIRE(profile.ok());
    CHECK(TraitOf(*profile, "start_tstamp") == TimeTextOf(session.at("start_tstamp")));
    CHECK(TraitOf(*profile, "end_tstamp") == TimeTextOf(session.at("end_tstamp")));
    for (const std::string& name : kNumbers) {
      CHECK(TraitOf(*profile, name) == NumberOf(session.at(name)));
      totals[name] += std::stod(NumberOf(session.at(name)));
    }
    const auto visits = database->Visits({"session", session.at("domain_sessionid")});
    REQUIRE(visits.ok());
    REQUIRE(visits->size() == 1);
    CHECK(std::to_string(visits->front().items) == TraitOf(*profile, "items"));
    CHECK(Span{visits->front().start, visits->front().end} == SpanOf(session));
  }
  CHECK(totals == std::map<std::string, double>{{"number_product_views", 279},
                                                {"number_add_to_carts", 38},
                                                {"number_remove_from_carts", 15},
                                                {"total_number_transactions", 14},
                                                {"total_transaction_revenue", 1466094.89},
                                                {"total_transaction_quantity", 14}});
  // The 64th session is that of `skip-me`.
  CHECK(database.Profiles().size() == 64);
}

TEST_CASE("By the times of the devices, first and last views, adds, removes and transactions are the model's",
          "[data][living]") {
  const auto shop = ReadShop();
  if (!shop) return;
  Database database(SchemaOf(kOfSessions, kDerived));
  Load(database, *shop);
  for (const Row& session : shop->sessions) {
    const auto profile = database->Lookup("session", session.at("domain_sessionid"));
    REQUIRE(profile.ok());
    for (const std::string& name : kTimes) CHECK(TraitOf(*profile, name) == TimeTextOf(session.at(name)));
  }
}

}  // namespace kintsugi::testing
