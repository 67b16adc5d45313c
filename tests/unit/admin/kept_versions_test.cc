// Kept versions through a change of the schema: as of any time a migrated database is one that had the schema from the
// beginning. And that damage to them is found.

#include "admin/database.h"
#include "format/version_rows.h"
#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

constexpr const char* kNamespaces = R"(
  namespaces { name: "customer_id" } namespaces { name: "email" } namespaces { name: "device" }
)";
constexpr const char* kSources = R"(
  sources { name: "crm" table { key: "id" updated_at: "at" keep_versions: true
    identifiers { field: "c" namespace: "customer_id" } identifiers { field: "m" namespace: "email" } } }
  sources { name: "app" events { format: NATIVE } }
)";

Schema Plain() {
  return *Schema::Parse(std::string(kNamespaces) + kSources);
}
Schema With(const std::function<void(Schema&)>& change) {
  Schema schema = Plain();
  change(schema);
  return schema;
}

Record Version(int day, std::vector<Identifier> identifiers) {
  return Row("1", std::move(identifiers), day, {{"name", "of day " + std::to_string(day)}});
}

// The third is one that a limit of one customer does not take.
const std::vector<Record> kVersions = {Version(1, {{"email", "A@x.com"}}), Version(3, {{"email", "B@x.com"}}),
                                       Version(5, {{"customer_id", "1"}, {"customer_id", "2"}}),
                                       Version(7, {{"email", "C@x.com"}})};

void Give(Database& database, std::span<const Record> versions) {
  for (const Record& version : versions) REQUIRE(database->Ingest(version).ok());
}

// All that is said of each day.
std::vector<std::string> Days(const Database& database) {
  std::vector<std::string> lines = database.Profiles();
  for (int day = 0; day < 9; ++day) {
    lines.push_back("day " + std::to_string(day));
    const auto status = database->ForEachProfileAsOf(
        At(day), [&](const ProfileView& one) { return lines.push_back(one.ToJson()), true; });
    REQUIRE(status.ok());
    for (const std::string mail : {"A@x.com", "B@x.com", "C@x.com", "a@x.com"}) {
      const auto profile = database->LookupAsOf({"email", mail}, At(day));
      lines.push_back(mail + " " + (profile.ok() ? profile->ToJson() : ""));
    }
  }
  return lines;
}

std::vector<std::string> DaysOf(const Schema& schema, std::span<const Record> versions) {
  Database database(schema);
  Give(database, versions);
  return Days(database);
}

}  // namespace

TEST_CASE("a schema says that versions are kept, and says so again", "[as-of][schema]") {
  CHECK(Plain().sources[0].table()->keep_versions);
  CHECK(Schema::Parse(Plain().ToText())->sources[0].table()->keep_versions);
  CHECK_FALSE(Shop().sources[0].table()->keep_versions);
  CHECK_FALSE(Contains(Shop().ToText(), "keep_versions"));
}

TEST_CASE("as of any time a migrated database is one that had the schema from the beginning", "[as-of][migrate]") {
  const std::vector<Schema> schemas = {
      Plain(),
      With([](Schema& s) { s.namespaces[1].normalize = Normalization::kEmail; }),
      With([](Schema& s) { s.namespaces[0].max_per_profile = 1; }),
      With([](Schema& s) { s.sources[0].table()->keep_versions = false; }),
      With([](Schema& s) { std::reverse(s.namespaces.begin(), s.namespaces.end()); }),
  };
  for (size_t newest = 2; newest <= kVersions.size(); ++newest) {
    const std::span<const Record> versions = std::span(kVersions).first(newest);
    for (const Schema& schema : schemas) {
      INFO(schema.ToText() << "\n" << newest << " versions");
      Database database(Plain());
      Give(database, versions);
      const auto simulated = database->Simulate(schema);
      const auto report = database.Migrate(schema);
      REQUIRE(report.ok());
      CHECK(simulated->ToJson() == report->difference.ToJson());
      CHECK(Days(database) == DaysOf(schema, versions));
      CHECK(Faults(database) == kNone);
      // And it goes on like one.
      Give(database, versions);
      CHECK(Days(database) == DaysOf(schema, versions));
      CHECK(Faults(database) == kNone);
    }
  }
}

TEST_CASE("a version that a schema refused comes back from quarantine under one that takes it", "[as-of][migrate]") {
  Database database(Plain());
  Give(database, kVersions);
  REQUIRE(database.Migrate(With([](Schema& s) { s.namespaces[0].max_per_profile = 1; })).ok());
  CHECK(QuarantineOf(database).size() == 1);
  REQUIRE(database.Migrate(Plain()).ok());
  REQUIRE(database.ReplayQuarantine().ok());
  CHECK(QuarantineOf(database).empty());
  CHECK(Days(database) == DaysOf(Plain(), kVersions));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("versions that came before their content was kept are told of by nobody", "[as-of][migrate]") {
  Database database(With([](Schema& s) { s.sources[0].table()->keep_versions = false; }));
  Give(database, std::span(kVersions).first(2));
  REQUIRE(database.Migrate(Plain()).ok());
  CHECK(Faults(database) == kNone);
  CHECK(absl::IsNotFound(database->LookupAsOf({"crm", "1"}, At(2)).status()));
  CHECK(database->LookupAsOf({"crm", "1"}, At(3)).ok());
  // When one comes again, it is there.
  Give(database, std::span(kVersions).first(1));
  CHECK(database->LookupAsOf({"email", "A@x.com"}, At(2)).ok());
  CHECK(Faults(database) == kNone);
}

TEST_CASE("a retracted decision stands before that also after a migration", "[as-of][migrate]") {
  Database database(Plain());
  Take(database, {Seen("m-1", {{"email", "A@x.com"}}, 1), Seen("m-2", {{"email", "B@x.com"}}, 1)});
  const auto same = database->Assert({.kind = Assertion::Kind::kSame,
                                      .a = {"email", "A@x.com"},
                                      .b = {"email", "B@x.com"},
                                      .by = "ann",
                                      .because = "she said so",
                                      .time = At(2)});
  REQUIRE(same.ok());
  REQUIRE(database->Retract({.id = *same, .by = "ann", .because = "no", .time = At(4)}).ok());
  REQUIRE(database.Migrate(With([](Schema& s) { s.namespaces[1].normalize = Normalization::kEmail; })).ok());
  const auto together = [&](int day) {
    return database->LookupAsOf({"email", "a@x.com"}, At(day))->identifier_count() == 2;
  };
  CHECK_FALSE(together(1));
  CHECK(together(3));
  CHECK_FALSE(together(4));
}

TEST_CASE("verify finds a kept version that nothing leads to, and what leads nowhere", "[as-of][verify]") {
  Database database(Plain());
  Give(database, kVersions);
  database.Close();
  {
    auto opened = admin::OpenDatabase({.create_if_missing = false}, database.path());
    REQUIRE(opened.ok());
    const auto number = [&](const std::string& name) {
      uint16_t position = 0;
      REQUIRE(opened->context->catalog.FindName(name, position));
      return opened->context->catalog.number(position);
    };
    store::Batch batch = opened->store->NewBatch();
    const auto key = [&](const std::string& mail) {
      return format::VersionThatSaysKey({number("email"), mail}, number("crm"), "1", At(1));
    };
    batch.Delete(format::Family::kVersions, key("A@x.com"));
    batch.Put(format::Family::kVersions, key("Z@x.com"), "");
    REQUIRE(opened->store->Write(batch, Durability::kLosesNothing).ok());
  }
  database.Reopen();
  const std::vector<std::string> faults = Faults(database);
  REQUIRE(faults.size() == 2);
  CHECK(Contains(faults[0], "A@x.com"));
  CHECK(Contains(faults[0], "is missing"));
  CHECK(Contains(faults[1], "Z@x.com"));
  CHECK(Contains(faults[1], "should not be there"));
}

}  // namespace kintsugi::testing
