// 160 web events of a published stitching model, with the users that it expects.

#include "catch.h"
#include "data_dir.h"
#include "engine_fixture.h"
#include "snowplow_rows.h"

namespace kintsugi::testing {
namespace {

using namespace snowplow;

// The model says: a browser belongs to the user who was last seen in it.
constexpr const char* kSchema = R"(
  namespaces { name: "user_id" max_per_profile: 1 }
  namespaces { name: "domain_userid" }
  identity { on_conflict: KEEP_NEWEST }
  sources { name: "web" table {
    format: CSV key: "event_id" updated_at: "derived_tstamp"
    identifiers { field: "user_id" namespace: "user_id" }
    identifiers { field: "domain_userid" namespace: "domain_userid" }
  } }
)";

}  // namespace

TEST_CASE("web visitors are stitched to users as the published model expects", "[data]") {
  const auto events = DataFileOrSkip("data/snowplow_web/source__snowplow_web_events.csv");
  if (!events) return;
  Database database(*Schema::Parse(kSchema));
  const auto report = database.IngestFile({.source = "web", .path = events->string()});
  REQUIRE(report.ok());
  CHECK(report->read == 160);
  CHECK(report->quarantined == 0);

  size_t checked = 0;
  for (const char* expected :
       {"expected__default__snowplow_web_sessions_expected.csv", "expected__snowplow_web_page_views_expected.csv"}) {
    for (const Row& row : ReadCsv((events->parent_path() / expected).string())) {
      // The rows without a browser are about how the model fills gaps, not about users.
      if (row.at("original_domain_userid").empty() || row.at("stitched_user_id").empty()) continue;
      const auto profile = database->Lookup("domain_userid", row.at("original_domain_userid"));
      REQUIRE(profile.ok());
      std::vector<std::string> users;
      for (const IdentifierView& id : profile->identifiers()) {
        if (id.ns == "user_id") users.emplace_back(id.value);
      }
      CHECK(users == std::vector<std::string>{row.at("stitched_user_id")});
      ++checked;
    }
  }
  CHECK(checked > 50);
}

}  // namespace kintsugi::testing
