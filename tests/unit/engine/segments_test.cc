// Segments through the engine: who is in one at each moment, how many, and who reads them.

#include <map>
#include <string>
#include <vector>

#include "heap.h"
#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

using namespace std::chrono_literals;

constexpr auto kDay = 24h;
constexpr auto kInstant = 1us;

const std::string kSources = R"(
    namespaces { name: "user" max_per_profile: 1 }
    namespaces { name: "cookie" }
    sources { name: "web" events { format: NATIVE } }
    sources { name: "crm" table { key: "id" updated_at: "at" identifiers { field: "user" namespace: "user" } } } )";

// Customers, those who have not been seen for long, and those about whom nobody knows who they are.
const std::string kTraits = R"(
    traits { name: "orders" events: "Order" count {} }
    traits { name: "lately" events: "Order" count {} window { days: 7 } } )";
const std::string kSegments = R"(
    segments { name: "at_risk" all { segment: "customers" } all { last_seen_days {} more_than: 60 } none { attribute: "vip" is: "true" } }
    segments { name: "customers" all { trait: "orders" at_least: 1 } }
    segments { name: "active" all { trait: "lately" at_least: 1 } }
    segments { name: "unknown" none { has: "user" } } )";

Schema SchemaOf(const std::string& more) {
  const auto schema = Schema::Parse(kSources + more);
  if (!schema.ok()) throw std::runtime_error(std::string(schema.status().message()));
  return *schema;
}

Event Did(const std::string& id, std::vector<Identifier> who, Time time, const std::string& name = "View",
          std::vector<NamedValue> traits = {}) {
  return {.source = "web",
          .id = id,
          .time = time,
          .name = name,
          .identifiers = std::move(who),
          .traits = std::move(traits)};
}

const Identifier kJane{"user", "jane"};
const Identifier kJohn{"user", "john"};
const Identifier kCookie{"cookie", "c"};

void TakeAll(Database& database, const std::vector<Event>& events) {
  const auto report = database->Ingest(std::span<const Event>(events));
  REQUIRE(report.ok());
  REQUIRE(report->accepted == events.size());
}

std::string Listed(const ProfileView& profile) {
  std::string text;
  for (const std::string_view segment : profile.segments()) {
    CHECK(profile.in(segment));
    text += (text.empty() ? "" : " ") + std::string(segment);
  }
  return text;
}

std::string SegmentsOf(const Database& database, const Identifier& identifier) {
  const auto profile = database->Lookup(identifier);
  return profile.ok() ? Listed(profile->view()) : std::string(profile.status().message());
}

// "at_risk=0 customers=1", and that the members are those golden records that say so.
std::string CountsOf(const Database& database) {
  std::map<std::string, std::vector<std::string>> members;
  const auto visit = [&](const ProfileView& profile) {
    for (const std::string_view segment : profile.segments()) members[std::string(segment)].push_back(profile.ToJson());
    return true;
  };
  REQUIRE(database->ForEachProfile(visit).ok());
  std::string text;
  for (const SegmentStats& segment : database->GetStats().segments) {
    std::vector<std::string> lines;
    const auto status = database->ForEachMember(
        segment.name, [&](const ProfileView& profile) { return lines.push_back(profile.ToJson()), true; });
    REQUIRE(status.ok());
    CHECK(lines == members[segment.name]);
    CHECK(lines.size() == segment.members);
    text += (text.empty() ? "" : " ") + segment.name + "=" + std::to_string(segment.members);
  }
  return text;
}

}  // namespace

TEST_CASE("segments follow a person through a login, a decision and a withdrawal", "[segments]") {
  Database database(SchemaOf(kTraits + kSegments));
  TakeAll(database, {Did("1", {kCookie}, At(0), "Order"), Did("2", {kJane}, At(1))});
  CHECK(SegmentsOf(database, kCookie) == "customers active unknown");
  CHECK(SegmentsOf(database, kJane) == "");
  CHECK(CountsOf(database) == "at_risk=0 customers=1 active=1 unknown=1");
  TakeAll(database, {Did("3", {kJane, kCookie}, At(2))});
  CHECK(SegmentsOf(database, kJane) == "customers active");
  CHECK(CountsOf(database) == "at_risk=0 customers=1 active=1 unknown=0");
  CHECK(Faults(database) == kNone);

  const auto never = database->Assert(
      {.kind = Assertion::Kind::kNever, .a = kJane, .b = kCookie, .by = "ann", .because = "she called"});
  REQUIRE(never.ok());
  CHECK(SegmentsOf(database, kJane) == "");
  CHECK(SegmentsOf(database, kCookie) == "customers active unknown");
  CHECK(Faults(database) == kNone);
  REQUIRE(database->Retract({.id = *never, .by = "ann", .because = "a mistake"}).ok());
  CHECK(CountsOf(database) == "at_risk=0 customers=1 active=1 unknown=0");

  database.Reopen();
  const std::vector<std::string> gone = {"1"};
  REQUIRE(database->WithdrawEvents("web", gone).ok());
  CHECK(CountsOf(database) == "at_risk=0 customers=0 active=0 unknown=0");
  REQUIRE(database->WithdrawSource("web").ok());
  CHECK(CountsOf(database) == "at_risk=0 customers=0 active=0 unknown=0");
  CHECK(Faults(database) == kNone);
}

TEST_CASE("who enters and leaves by time alone does so at the instant", "[segments]") {
  Database database(SchemaOf(kTraits + kSegments));
  TakeAll(database, {Did("1", {kJane}, At(0), "Order"), Did("2", {kJohn}, At(3), "Order", {{"vip", true}})});
  CHECK(CountsOf(database) == "at_risk=0 customers=2 active=2 unknown=0");  // no time has passed
  const auto advance = [&](Time now) {
    REQUIRE(database->Advance(now).ok());
    return CountsOf(database);
  };
  CHECK(advance(At(7) - kInstant) == "at_risk=0 customers=2 active=2 unknown=0");
  CHECK(advance(At(7)) == "at_risk=0 customers=2 active=1 unknown=0");
  database.Reopen();
  CHECK(advance(At(61) - kInstant) == "at_risk=0 customers=2 active=0 unknown=0");
  CHECK(advance(At(61)) == "at_risk=1 customers=2 active=0 unknown=0");
  CHECK(SegmentsOf(database, kJane) == "at_risk customers");
  CHECK(advance(At(64)) == "at_risk=1 customers=2 active=0 unknown=0");  // the other one is important
  CHECK(Faults(database) == kNone);

  TakeAll(database, {Did("3", {kJane}, At(63))});
  CHECK(SegmentsOf(database, kJane) == "customers");
  TakeAll(database, {Did("4", {kJohn}, At(2), "View", {{"vip", false}})});  // an older value
  CHECK(SegmentsOf(database, kJohn) == "customers");
  TakeAll(database, {Did("5", {kJohn}, At(3) + 1h, "View", {{"vip", false}})});
  CHECK(SegmentsOf(database, kJohn) == "customers");
  CHECK(advance(At(64) + 1h) == "at_risk=1 customers=2 active=0 unknown=0");
  database.Reopen();
  CHECK(advance(At(124)) == "at_risk=2 customers=2 active=0 unknown=0");
  CHECK(Faults(database) == kNone);
}

TEST_CASE("however the clock was moved and evidence came, the same are members", "[segments]") {
  const std::vector<Event> events = {Did("1", {kJane}, At(0), "Order"), Did("2", {kJane, kCookie}, At(2)),
                                     Did("3", {kJohn}, At(50), "Order"), Did("4", {{"cookie", "d"}}, At(70))};
  Database at_once(SchemaOf(kTraits + kSegments));
  TakeAll(at_once, events);
  REQUIRE(at_once->Advance(At(100)).ok());
  Database by_and_by(SchemaOf(kTraits + kSegments));
  for (size_t i = events.size(); i-- > 0;) {
    TakeAll(by_and_by, {events[i]});
    REQUIRE(by_and_by->Advance(At(100 - 20 * static_cast<int>(i))).ok());
  }
  CHECK(StateOf(at_once) == StateOf(by_and_by));
  CHECK(CountsOf(at_once) == "at_risk=1 customers=2 active=0 unknown=1");
  CHECK(CountsOf(by_and_by) == CountsOf(at_once));
  CHECK(Faults(by_and_by) == kNone);
}

TEST_CASE("a schema may have segments and no traits", "[segments]") {
  Database database(SchemaOf(R"(segments { name: "vip" all { attribute: "vip" is: "true" } }
                                segments { name: "new" all { first_seen_days {} at_most: 1 } } )"));
  TakeAll(database, {Did("1", {kJane}, At(0), "View", {{"vip", true}}), Did("2", {kJohn}, At(1))});
  CHECK(CountsOf(database) == "vip=1 new=0");  // before all times nobody was seen some days ago
  REQUIRE(database->Advance(At(2) - kInstant).ok());
  CHECK(CountsOf(database) == "vip=1 new=2");
  REQUIRE(database->Advance(At(2)).ok());
  CHECK(SegmentsOf(database, kJane) == "vip");
  CHECK(SegmentsOf(database, kJohn) == "new");
  CHECK(Contains(database->Lookup(kJohn)->ToJson(), R"("attributes":{},"segments":["new"],"first_seen":)"));
  REQUIRE(database->Advance(At(9)).ok());
  CHECK(Contains(database->Lookup(kJohn)->ToJson(), R"("attributes":{},"segments":[],"first_seen":)"));
  CHECK(Faults(database) == kNone);

  Database without(SchemaOf(kTraits));
  TakeAll(without, {Did("1", {kJane}, At(0))});
  CHECK(!Contains(without->Lookup(kJane)->ToJson(), "segments"));
  CHECK(without->GetStats().segments.empty());
}

TEST_CASE("what is due next does not tell when it was asked for", "[segments]") {
  const Schema schema = SchemaOf(
      "segments { name: \"seg\" all { first_seen_days {} at_least: 10 } all { last_seen_days {} at_most: 3 } }"
      "segments { name: \"either\" any { first_seen_days {} less_than: 4 } any { last_seen_days {} more_than: 8 } }");
  Database database(schema);
  TakeAll(database, {Did("1", {kJane}, At(0))});
  for (int day = 0; day < 15; ++day) {
    REQUIRE(database->Advance(At(day)).ok());
    CHECK(Faults(database) == kNone);
  }
}

TEST_CASE("as of a time there are the members of then", "[segments]") {
  Database database(SchemaOf(kTraits + kSegments));
  TakeAll(database, {Did("1", {kJane}, At(0), "Order"), Did("2", {kJane}, At(90))});
  REQUIRE(database->Advance(At(100)).ok());
  const auto as_of = [&](Time time) { return Listed(database->LookupAsOf(kJane, time)->view()); };
  CHECK(as_of(At(0)) == "customers active");
  CHECK(as_of(At(61) - kInstant) == "customers");
  CHECK(as_of(At(61)) == "at_risk customers");
  CHECK(as_of(At(90)) == "customers");
}

TEST_CASE("another schema tells who would enter and leave, and then they do", "[segments]") {
  Database database(SchemaOf(kTraits + kSegments));
  TakeAll(database, {Did("1", {kJane}, At(0), "Order"), Did("2", {kJohn}, At(1)), Did("3", {kCookie}, At(2))});
  const Schema other = SchemaOf(kTraits + R"(
    segments { name: "unknown" none { has: "user" } }
    segments { name: "customers" all { trait: "orders" at_most: 0 } }
    segments { name: "seen" any { trait: "orders" exists: true } } )");
  const auto difference = database->Simulate(other);
  REQUIRE(difference.ok());
  REQUIRE(difference->segments.size() == 5);
  const auto told = [&](const std::string& segment) {
    const Difference::SegmentChange& change = difference->segments.at(segment);
    std::string text = std::to_string(change.entered) + "+" + std::to_string(change.left) + "-";
    for (const Identifier& one : change.entering) text += " +" + one.ToString();
    for (const Identifier& one : change.leaving) text += " -" + one.ToString();
    return text;
  };
  CHECK(told("at_risk") == "0+0-");
  CHECK(told("active") == "0+1- -user:jane");
  CHECK(told("unknown") == "0+0-");
  CHECK(Contains(told("customers"), "2+1-"));
  CHECK(Contains(told("customers"), " +user:john"));
  CHECK(Contains(told("customers"), " +cookie:c"));
  CHECK(Contains(told("customers"), " -user:jane"));
  CHECK(Contains(told("seen"), "3+0-"));
  CHECK(Contains(difference->ToJson(), R"("active":{"entered":0,"left":1,"entering":[],"leaving":["user:jane"]})"));
  CHECK(CountsOf(database) == "at_risk=0 customers=1 active=1 unknown=1");  // nothing was changed

  const auto report = database.Migrate(other);
  REQUIRE(report.ok());
  CHECK(report->difference.ToJson() == difference->ToJson());
  CHECK(CountsOf(database) == "unknown=1 customers=2 seen=3");
  CHECK(Faults(database) == kNone);
  REQUIRE(database.Migrate(SchemaOf(kTraits)).ok());
  CHECK(CountsOf(database) == "");
  CHECK(Faults(database) == kNone);
}

TEST_CASE("what asks for a segment that is not there is told which are", "[segments]") {
  Database database(SchemaOf(kTraits + kSegments));
  TakeAll(database, {Did("1", {kJane}, At(0), "Order")});
  const auto status = database->ForEachMember("customer", [](const ProfileView&) { return true; });
  CHECK(absl::IsInvalidArgument(status));
  CHECK(status.message() == "there is no segment `customer`; the schema declares: at_risk, customers, active, unknown");
  CHECK(!database->Lookup(kJane)->in("customer"));
}

TEST_CASE("whether somebody is in a segment is read without allocating", "[segments]") {
  Database database(SchemaOf(kTraits + kSegments));
  TakeAll(database, {Did("1", {kJane}, At(0), "Order")});
  const auto profile = database->Lookup(kJane);
  REQUIRE(profile.ok());
  const HeapPeak heap;
  const bool is_customer = profile->in("customers");
  const bool is_at_risk = profile->in("at_risk");
  const int64_t allocated = heap.bytes();
  CHECK(allocated == 0);
  CHECK(is_customer);
  CHECK(!is_at_risk);
}

TEST_CASE("segments of many do not depend on how many they are", "[segments]") {
  std::string many;
  for (int i = 0; i < 20; ++i) {
    many += "segments { name: 's" + std::to_string(i) + "' all { trait: 'orders' at_least: " + std::to_string(i % 3) +
            " } }";
  }
  Database database(SchemaOf(kTraits + many));
  TakeAll(database, {Did("1", {kJane}, At(0), "Order"), Did("2", {kJohn}, At(0))});
  CHECK(SegmentsOf(database, kJohn) == "s0 s3 s6 s9 s12 s15 s18");
  CHECK(SegmentsOf(database, kJane) == "s0 s1 s3 s4 s6 s7 s9 s10 s12 s13 s15 s16 s18 s19");
  CHECK(Faults(database) == kNone);
}

}  // namespace kintsugi::testing
