// 160 web events with the sessions and page views that Snowplow's published model makes of them. snowplow_test.cc has
// their users.

#include <simdjson.h>

#include <algorithm>
#include <set>

#include "absl/strings/str_join.h"
#include "catch.h"
#include "data_dir.h"
#include "engine_fixture.h"
#include "snowplow_rows.h"

namespace kintsugi::testing {
namespace {

using namespace snowplow;
using std::chrono::hours;
using std::chrono::seconds;

// A session, or a browser. The version of an event that was derived last counts, where three of them came twice.
constexpr const char* kOfSessions = R"(
  namespaces { name: "session" }
  sources { name: "web" table {
    format: JSONL key: "event_id" updated_at: "derived_tstamp"
    identifiers { field: "domain_sessionid" namespace: "session" }
)";
constexpr const char* kOfBrowsers = R"(
  namespaces { name: "browser" }
  sources { name: "web" table {
    format: JSONL key: "event_id" updated_at: "derived_tstamp"
    identifiers { field: "domain_userid" namespace: "browser" }
)";

// What is counted in the model is what happened within three days of a session's beginning. So the clock is moved
// there, and the windows end there: an hour before it, for a window ends some hours before the clock if it ends at all.
constexpr const char* kMeaning = R"(
    event {
      name: "Event" time: "derived_tstamp"
      properties { field: "event_name" name: "event" }
      properties { field: "contexts_com_snowplowanalytics_snowplow_web_page_1_0_0.0.id" name: "page_view" }
    }
  } }
  visits { gap_minutes: 30 }

  activities { name: "page_view" where { property: "event" is: "page_view" } }
  activities { name: "on_a_page" where { property: "event" is: "page_view" is: "page_ping" } }

  traits { name: "start" first { of: "$time" } window { hours: 100000 until_hours: 1 } }
  traits { name: "end" last { of: "$time" } window { hours: 100000 until_hours: 1 } }
  traits { name: "total_events" count {} window { hours: 100000 until_hours: 1 } }
  traits { name: "event_counts" top { of: "event" k: 10 } window { hours: 100000 until_hours: 1 } }
  traits {
    name: "page_views" activity: "on_a_page" distinct { of: "page_view" } window { hours: 100000 until_hours: 1 }
  }
  traits {
    name: "page_view_ids" activity: "page_view" values { of: "page_view" } window { hours: 100000 until_hours: 1 }
  }
)";

constexpr auto kLongestSession = hours(72);

// The events, and what is expected of them; nothing without the data.
struct Web {
  std::vector<Row> events;
  std::vector<Row> sessions;
  std::vector<Row> page_views;
};

std::optional<Web> ReadWeb() {
  const auto events = DataFileOrSkip("data/snowplow_web/source__snowplow_web_events.csv");
  if (!events) return std::nullopt;
  const auto folder = events->parent_path();
  return Web{ReadCsv(events->string()),
             ReadCsv((folder / "expected__default__snowplow_web_sessions_expected.csv").string()),
             ReadCsv((folder / "expected__snowplow_web_page_views_expected.csv").string())};
}

void Load(Database& database, const Web& web) {
  const std::string file = database.directory() / "events.jsonl";
  WriteJsonLines(web.events, file);
  const auto report = database.IngestFile({.source = "web", .path = file});
  REQUIRE(report.ok());
  CHECK(report->read == 160);
  CHECK(report->quarantined == 0);
  CHECK(database->GetStats().records == 157);  // three came twice
}

std::string TraitOf(const Profile& profile, const std::string& name) {
  const auto value = profile.trait(name);
  return value ? ViewToJson(*value) : "";
}

const std::string& SessionOf(const Row& row) {
  return row.at("original_domain_sessionid");
}

// The model lets a session that has pings of pages, and no page view, begin as long before its first ping as a ping
// tells of: five seconds. (Three of the sessions; theirs are the only starts that differ.)
Time StartOf(const Row& session) {
  const bool only_pings = session.at("event_counts").find("page_view") == std::string::npos;
  return TimeOf(session.at("start_tstamp")) + seconds(only_pings ? 5 : 0);
}

using Counts = std::map<std::string, int64_t>;

// {"link_click" :1, "page_view" :6}
Counts ExpectedCounts(const std::string& json) {
  simdjson::dom::parser parser;
  Counts out;
  for (const auto& [name, count] : simdjson::dom::object(parser.parse(json))) out[std::string(name)] = count;
  return out;
}

// [{"value":"page_view","count":6},{"value":"link_click","count":1}]
Counts CountsOf(const std::string& json) {
  simdjson::dom::parser parser;
  Counts out;
  for (const simdjson::dom::element one : parser.parse(json))
    out[std::string(std::string_view(one["value"]))] = one["count"];
  return out;
}

// As a trait lists them, in order of bytes.
std::string PageViewIdsOf(const Web& web, const std::string& session) {
  std::set<std::string> ids;
  for (const Row& row : web.page_views) {
    if (SessionOf(row) == session) ids.insert('"' + row.at("page_view_id") + '"');
  }
  return "[" + absl::StrJoin(ids, ",") + "]";
}

// In the order in which the model says that they came.
std::vector<const Row*> PageViewsOf(const Web& web, const std::string& session) {
  std::vector<const Row*> out;
  for (const Row& row : web.page_views) {
    if (SessionOf(row) == session) out.push_back(&row);
  }
  std::sort(out.begin(), out.end(), [](const Row* a, const Row* b) {
    return std::stoi(a->at("page_view_in_session_index")) < std::stoi(b->at("page_view_in_session_index"));
  });
  return out;
}

std::string PropertyOf(const TimelineItem& item, const std::string& name) {
  for (const auto& [key, value] : item.properties) {
    if (key == name && std::holds_alternative<std::string>(value)) return std::get<std::string>(value);
  }
  return {};
}

// Event ids and times of the page views in a session's timeline; of one that is there twice, the earlier.
std::vector<std::string> PageViewsOf(const Database& database, const Row& session) {
  const auto page = database->Timeline({"session", SessionOf(session)}, {.to = StartOf(session) + kLongestSession});
  REQUIRE(page.ok());
  std::set<std::string> seen;
  std::vector<std::string> out;
  for (const TimelineItem& item : page->items) {
    if (PropertyOf(item, "event") == "page_view" && seen.insert(PropertyOf(item, "page_view")).second)
      out.push_back(item.id + " " + FormatTime(item.time));
  }
  return out;
}

// The oldest first: from when to when, of how many items.
std::vector<std::string> VisitsOf(const Database& database, const IdentifierView& browser) {
  const auto visits = database->Visits(browser);
  REQUIRE(visits.ok());
  std::vector<std::string> out;
  for (const Visit& visit : *visits)
    out.push_back(FormatTime(visit.start) + " " + FormatTime(visit.end) + " " + std::to_string(visit.items));
  std::reverse(out.begin(), out.end());
  return out;
}

// Of all browsers that events of the session name; of an event without one, which is alone, the record's own.
std::vector<std::string> VisitsOfSession(const Database& database, const Web& web, const std::string& session) {
  std::set<Identifier> who;
  for (const Row& event : web.events) {
    if (event.at("domain_sessionid") != session) continue;
    const std::string& browser = event.at("domain_userid");
    who.insert(browser.empty() ? Identifier{"web", event.at("event_id")} : Identifier{"browser", browser});
  }
  std::vector<std::string> out;
  for (const Identifier& one : who) {
    for (std::string& visit : VisitsOf(database, {one.ns, one.value})) out.push_back(std::move(visit));
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("18 sessions of the web are as the model expects them, when the clock is three days after their beginning",
          "[data][living]") {
  const auto web = ReadWeb();
  if (!web) return;
  Database database(*Schema::Parse(std::string(kOfSessions) + kMeaning));
  Load(database, *web);
  std::vector<const Row*> sessions;
  for (const Row& row : web->sessions) sessions.push_back(&row);
  std::sort(sessions.begin(), sessions.end(), [](const Row* a, const Row* b) { return StartOf(*a) < StartOf(*b); });
  REQUIRE(sessions.size() == 18);
  for (const Row* session : sessions) {
    REQUIRE(database->Advance(StartOf(*session) + kLongestSession + hours(1)).ok());
    const auto profile = database->Lookup("session", SessionOf(*session));
    REQUIRE(profile.ok());
    CHECK(TraitOf(*profile, "start") == ToJson(Value(FormatTime(StartOf(*session)))));
    CHECK(TraitOf(*profile, "end") == ToJson(Value(FormatTime(TimeOf(session->at("end_tstamp"))))));
    CHECK(TraitOf(*profile, "total_events") == session->at("total_events"));
    CHECK(TraitOf(*profile, "page_views") == session->at("page_views"));
    CHECK(CountsOf(TraitOf(*profile, "event_counts")) == ExpectedCounts(session->at("event_counts")));
    CHECK(TraitOf(*profile, "page_view_ids") == PageViewIdsOf(*web, SessionOf(*session)));
  }
  CHECK(database->Verify()->empty());
}

// Of the 46 sessions in the file. The others have no page: 26 of a consent banner, one whose page view has no id.
TEST_CASE("The sessions with a page are the 18 of the model, and one whose events it leaves out as too late",
          "[data][living]") {
  const auto web = ReadWeb();
  if (!web) return;
  Database database(*Schema::Parse(std::string(kOfSessions) + kMeaning));
  Load(database, *web);
  REQUIRE(database->Advance(TimeOf("2021-04-01")).ok());
  std::set<std::string> expected{"7edb1641de77b65c48e43041507678a2ea2ab77382b62575169db6bac8f066fc"};
  for (const Row& row : web->sessions) expected.insert(SessionOf(row));
  std::set<std::string> sessions, with_a_page;
  const auto visit = [&](const ProfileView& profile) {
    const IdentifierView id = profile.identifiers().front();
    if (id.ns != "session") return true;
    sessions.emplace(id.value);
    if (ViewToJson(*profile.trait("page_views")) != "0") with_a_page.emplace(id.value);
    return true;
  };
  REQUIRE(database->ForEachProfile(visit).ok());
  CHECK(sessions.size() == 46);
  CHECK(with_a_page == expected);
}

TEST_CASE("43 page views are in the timelines of their sessions, in the model's order", "[data][living]") {
  const auto web = ReadWeb();
  if (!web) return;
  Database database(*Schema::Parse(std::string(kOfSessions) + kMeaning));
  Load(database, *web);
  size_t count = 0;
  for (const Row& session : web->sessions) {
    std::vector<std::string> expected;
    for (const Row* row : PageViewsOf(*web, SessionOf(session))) {
      // This one came twice, with two times, and the model takes the row that came first. Here it is the record's
      // newest version that counts: 0.92 seconds later.
      const bool came_twice = row->at("event_id") == "1b4b3b57-3cb7-4df2-a7fd-526afa9e3c76";
      expected.push_back("web:" + row->at("event_id") + " " +
                         (came_twice ? "2021-03-01T20:56:40.112Z" : FormatTime(TimeOf(row->at("derived_tstamp")))));
    }
    CHECK(PageViewsOf(database, session) == expected);
    count += expected.size();
  }
  CHECK(count == 43);
}

// A visit is told by half an hour without an item, and the model's session by the id that the browser gave it. So there
// are six sessions that are no visits.
TEST_CASE("12 of the 18 sessions are visits of browsers, and visits say of the others what the ids do not",
          "[data][living]") {
  const auto web = ReadWeb();
  if (!web) return;
  Database database(*Schema::Parse(std::string(kOfBrowsers) + kMeaning));
  Load(database, *web);
  size_t same = 0;
  std::map<std::string, std::vector<std::string>> others;  // the visits of each session that is none, by its user
  for (const Row& session : web->sessions) {
    const std::string expected = FormatTime(StartOf(session)) + " " + FormatTime(TimeOf(session.at("end_tstamp"))) +
                                 " " + session.at("total_events");
    const auto visits = VisitsOfSession(database, *web, SessionOf(session));
    if (std::count(visits.begin(), visits.end(), expected) == 1)
      ++same;
    else
      others[session.at("user_id")] = visits;
  }
  CHECK(same == 12);
  const std::map<std::string, std::vector<std::string>> explained{
      // Two sessions with different ids at one time, of 5 and 2 events, are one visit; and so are these of 5 and 1.
      {"Multiple first sessions per user", {"2021-03-02T07:23:19.675Z 2021-03-02T07:23:28.297Z 7"}},
      {"Multiple last sessions per user", {"2021-03-02T02:01:19.675Z 2021-03-02T02:01:28.297Z 6"}},
      // One session of two days, with another browser each day, is three visits of three browsers.
      {"Rotating domain_userid per session",
       {"2021-03-02T15:55:18.539Z 2021-03-02T15:55:23.355Z 2", "2021-03-03T15:55:26.044Z 2021-03-03T15:55:26.061Z 2",
        "2021-03-04T15:55:27.084Z 2021-03-04T15:55:27.084Z 1"}},
      // One session of ten days, an event each. The model ends it after three days, and then it has three events.
      {"long session",
       {"2021-03-01T21:39:43.815Z 2021-03-01T21:39:43.815Z 1", "2021-03-02T21:39:42.446Z 2021-03-02T21:39:42.446Z 1",
        "2021-03-03T21:39:50.989Z 2021-03-03T21:39:50.989Z 1", "2021-03-04T21:39:49.485Z 2021-03-04T21:39:49.485Z 1",
        "2021-03-05T21:39:50.720Z 2021-03-05T21:39:50.720Z 1", "2021-03-06T21:40:44.322Z 2021-03-06T21:40:44.322Z 1",
        "2021-03-07T21:40:46.188Z 2021-03-07T21:40:46.188Z 1", "2021-03-08T21:40:45.949Z 2021-03-08T21:40:45.949Z 1",
        "2021-03-09T21:41:56.571Z 2021-03-09T21:41:56.571Z 1", "2021-03-10T21:41:56.531Z 2021-03-10T21:41:56.531Z 1",
        "2021-03-11T21:42:15.543Z 2021-03-11T21:42:15.543Z 1"}}};
  CHECK((others == explained));
}

}  // namespace kintsugi::testing
