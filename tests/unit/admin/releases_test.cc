// What was derived with one release of a library is found again under another.

#include <rocksdb/env.h>

#include <filesystem>
#include <set>

#include "engine/impl.h"
#include "format/stored.pb.h"
#include "living/periods.h"
#include "store/store.h"
#include "unit/engine/support.h"
#include "unit/store/small_disk.h"

namespace kintsugi::testing {
namespace {

constexpr const char* kLowering = R"(
  namespaces { name: "account" normalize: LOWER }
  namespaces { name: "device" }
  sources { name: "crm" table { key: "id" updated_at: "at" identifiers { field: "a" namespace: "account" } } }
  sources { name: "app" events { format: NATIVE } }
)";

// Changes the meta data of a closed database.
template <typename Change>
void ChangeMeta(const std::string& path, Change change) {
  auto store = store::Store::Open({}, path, format::kFormat);
  REQUIRE(store.ok());
  stored::Meta meta;
  REQUIRE(meta.ParseFromString(**(*store)->Get(format::Family::kMeta, "meta")));
  change(meta);
  store::Batch batch = (*store)->NewBatch();
  batch.Put(format::Family::kMeta, "meta", meta.SerializeAsString());
  REQUIRE((*store)->Write(batch, Durability::kLosesOnMachineCrash).ok());
}

stored::Meta MetaOf(const std::string& path) {
  stored::Meta out;
  ChangeMeta(path, [&](const stored::Meta& meta) { out = meta; });
  return out;
}

std::unique_ptr<Engine> Open(const std::string& path, bool read_only = false) {
  auto engine = Engine::Open({.read_only = read_only}, path);
  REQUIRE(engine.ok());
  return *std::move(engine);
}

Record Account(const std::string& key, const std::string& account, int day) {
  return {.source = "crm", .key = key, .version = At(day), .identifiers = {{"account", account}}};
}

std::vector<std::string> FaultsOf(const Engine& engine) {
  auto faults = engine.Verify();
  return faults.ok() ? *faults : std::vector<std::string>{std::string(faults.status().message())};
}

// Of a person's items those of today count, and of yesterday, from the tallies, and from the items themselves.
Schema CalendarIn(const std::string& zone) {
  return *Schema::Parse(R"(
    namespaces { name: "user" max_per_profile: 1 }
    namespaces { name: "cookie" }
    sources { name: "web" events { format: NATIVE } }
    activities { name: "order" events: "Order" once_per: "order_id" }
    traits { name: "items" count {} }
    traits { name: "today" count {} window { calendar: DAY } }
    traits { name: "yesterday" count {} window { calendar: DAY back: 1 } }
    traits { name: "orders_today" activity: "order" count {} window { calendar: DAY } }
    traits { name: "share" ratio { of: "today" to: "items" } }
    calendar { zone: ")" +
                        zone + R"(" }
  )");
}

// In Berlin it is the day of `kNoon`, and in New York the one before.
const Time kLate = At(5) + std::chrono::hours(23);
const Time kNoon = At(6) + std::chrono::hours(12);

std::vector<Event> Evenings(int people) {
  std::vector<Event> events;
  for (int i = 0; i < people; ++i) {
    const std::string name = std::to_string(i);
    const Identifier user{"user", name}, cookie{"cookie", name};
    events.push_back({.source = "web", .id = "v" + name, .time = kLate, .name = "View", .identifiers = {cookie}});
    events.push_back({.source = "web",
                      .id = "o" + name,
                      .time = kLate,
                      .name = "Order",
                      .identifiers = {user, cookie},
                      .properties = {{"order_id", name}}});
  }
  return events;
}

void Fill(Engine& engine, int people) {
  const std::vector<Event> events = Evenings(people);
  REQUIRE(engine.Ingest(std::span<const Event>(events))->accepted == events.size());
  REQUIRE(engine.Advance(kNoon).ok());
}

std::vector<std::string> ProfilesOf(const Engine& engine) {
  std::vector<std::string> lines;
  REQUIRE(engine.ForEachProfile([&](const ProfileView& p) { return lines.push_back(p.ToJson()), true; }).ok());
  return lines;
}

// Those of a database that always knew when days begin.
std::vector<std::string> ProfilesIn(const std::string& zone, int people) {
  Database database(CalendarIn(zone));
  Fill(*database, people);
  return database.Profiles();
}

// A database under another release than today's, by which Berlin had the time of New York.
void MakeUnderOtherZones(const std::string& path, int people) {
  {
    auto engine = Engine::Open({.schema = CalendarIn("Europe/Berlin")}, path);
    REQUIRE(engine.ok());
    Fill(**engine, people);
  }
  ChangeMeta(path, [](stored::Meta& meta) {
    std::string& schema = *meta.mutable_schema();
    schema.replace(schema.find("Europe/Berlin"), 13, "America/New_York");
    CHECK(meta.releases().at("time zone data") == living::ZoneRelease());
    (*meta.mutable_releases())["time zone data"] = "1884a";
  });
}

// How many appends opening this database makes if there is nothing to tell anew.
int AppendsOfOpening(const std::string& path) {
  ChangeMeta(path, [](stored::Meta& meta) { (*meta.mutable_releases())["time zone data"] = living::ZoneRelease(); });
  const auto disk = std::make_shared<SmallDisk>();
  const auto env = rocksdb::NewCompositeEnv(disk);
  const int room = disk->room;
  const auto engine = EngineForTesting::Open({}, path, env.get());
  REQUIRE(engine.ok());
  return room - disk->room;
}

}  // namespace

// Another rule in the schema that is stored stands for another release of the library that lowers case. Before, each of
// these was "a record's association is missing", for the whole group and for ever.
TEST_CASE("what another release normalised is withdrawn and replaced as it was stored", "[releases]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "db";
  {
    auto engine = Engine::Open({.schema = *Schema::Parse(kLowering)}, path);
    REQUIRE(engine.ok());
    REQUIRE((*engine)->Ingest(Account("1", "JANE", 1))->accepted == 1);
    REQUIRE((*engine)->Ingest(Account("2", "Joe", 1))->accepted == 1);
    Assertion assertion{.id = "a",
                        .kind = Assertion::Kind::kSame,
                        .a = {"account", "JANE"},
                        .b = {"account", "Joe"},
                        .by = "ann",
                        .because = "she told us",
                        .time = At(1)};
    REQUIRE((*engine)->Assert(assertion).ok());
    for (const char* id : {"m-1", "m-2"})
      REQUIRE((*engine)->Ingest(Seen(id, {{"account", "Ada"}, {"device", id}}, 3))->accepted == 1);
  }
  ChangeMeta(path, [](stored::Meta& meta) {
    std::string& schema = *meta.mutable_schema();
    schema.replace(schema.find("LOWER"), 5, "NONE");
  });
  const auto engine = Open(path);
  CHECK(FaultsOf(*engine) == kNone);
  CHECK(engine->Lookup("account", "jane").ok());
  CHECK(engine->Lookup("account", "jane")->id() == engine->Lookup("account", "joe")->id());
  CHECK(engine->Retract({.id = "a", .by = "ann", .because = "she did not"}).ok());
  CHECK(engine->Lookup("account", "jane")->id() != engine->Lookup("account", "joe")->id());
  CHECK(FaultsOf(*engine) == kNone);
  CHECK(engine->Ingest(Account("1", "JANE", 2))->accepted == 1);  // a newer version, normalised anew
  CHECK(absl::IsNotFound(engine->Lookup("account", "jane").status()));
  CHECK(engine->Lookup("account", "JANE").ok());
  const std::vector<std::string> keys = {"2"};
  CHECK(engine->WithdrawRecords("crm", keys)->withdrawn == 1);
  const std::vector<std::string> ids = {"m-1"};
  CHECK(engine->WithdrawEvents("app", ids)->withdrawn == 1);
  CHECK(engine->Lookup("account", "ada").ok());
  CHECK(FaultsOf(*engine) == kNone);
}

TEST_CASE("a database that was made with another release says so, until it is migrated to the same schema",
          "[releases]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "db";
  Schema schema = Shop();
  schema.namespaces.push_back({.name = "phone", .normalize = Normalization::kPhone});
  REQUIRE(Engine::Open({.schema = schema}, path).ok());
  CHECK(Open(path)->notices() == kNone);
  ChangeMeta(path, [](stored::Meta& meta) {
    CHECK(meta.releases().contains("ICU"));
    (*meta.mutable_releases())["libphonenumber"] = "data 00000000";
  });
  const std::vector<std::string> notices = Open(path)->notices();
  REQUIRE(notices.size() == 1);
  CHECK(Contains(notices[0], "libphonenumber data 00000000"));
  CHECK(Contains(notices[0], "kintsugi migrate"));
  REQUIRE(Engine::Migrate(schema, path).ok());
  CHECK(Open(path)->notices() == kNone);
}

// Another zone in the schema that is stored stands for another release of the zones' data.
TEST_CASE("who opens a database under another release of the time zones has its traits told anew", "[releases]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "db";
  MakeUnderOtherZones(path, 3);
  const std::vector<std::string> before = ProfilesIn("Europe/Berlin", 3);
  const std::vector<std::string> after = ProfilesIn("America/New_York", 3);
  CHECK(Contains(before[0], R"("items":2,"today":2,"yesterday":0,"orders_today":1,"share":1)"));
  CHECK(Contains(after[0], R"("items":2,"today":0,"yesterday":2,"orders_today":0,"share":0)"));
  {
    const auto engine = Open(path);
    CHECK(ProfilesOf(*engine) == after);
    CHECK(FaultsOf(*engine) == kNone);
    REQUIRE(engine->notices().size() == 1);
    CHECK(engine->notices()[0] == "the database was made with time zone data 1884a, and this is " +
                                      living::ZoneRelease() +
                                      ": calendar windows may begin and end otherwise, and all traits were told anew");
    REQUIRE(engine->Advance(kNoon + std::chrono::hours(17)).ok());  // the next day in New York: all are due
    CHECK(Contains(ProfilesOf(*engine)[0], R"("today":0,"yesterday":0)"));
    CHECK(FaultsOf(*engine) == kNone);
  }
  CHECK(MetaOf(path).releases().at("time zone data") == living::ZoneRelease());
  CHECK(Open(path)->notices() == kNone);
}

TEST_CASE("who only reads a database of another release of the time zones is told so, and changes nothing",
          "[releases]") {
  const TemporaryDirectory directory;
  const std::string path = directory / "db";
  MakeUnderOtherZones(path, 3);
  const auto files = FilesOf(path);
  const auto engine = Open(path, true);
  CHECK(ProfilesOf(*engine) == ProfilesIn("Europe/Berlin", 3));
  REQUIRE(engine->notices().size() == 1);
  CHECK(engine->notices()[0] == "the database was made with time zone data 1884a, and this is " +
                                    living::ZoneRelease() +
                                    ": calendar windows may begin and end otherwise than those that are stored; who "
                                    "opens the database to write tells all traits anew");
  CHECK(FilesOf(path) == files);
}

// The profiles are more than one batch, so some breaks leave a part of them told anew.
TEST_CASE("wherever telling traits anew breaks off, it is begun again", "[releases]") {
  constexpr int kPeople = 1'001;
  const TemporaryDirectory directory;
  MakeUnderOtherZones(directory / "origin", kPeople);
  const std::vector<std::string> before = ProfilesIn("Europe/Berlin", kPeople);
  const std::vector<std::string> after = ProfilesIn("America/New_York", kPeople);
  std::filesystem::copy(directory / "origin", directory / "copy", std::filesystem::copy_options::recursive);
  const int first = AppendsOfOpening(directory / "copy") - 1;
  std::set<std::string> releases;  // that it broke off with
  bool was_in_part = false;
  bool is_opened = false;
  for (int room = first; !is_opened; ++room) {
    CAPTURE(room);
    const std::string path = directory / std::to_string(room);
    std::filesystem::copy(directory / "origin", path, std::filesystem::copy_options::recursive);
    const auto disk = std::make_shared<SmallDisk>();
    const auto env = rocksdb::NewCompositeEnv(disk);
    disk->room = room;
    is_opened = EngineForTesting::Open({}, path, env.get()).ok();
    bool left_in_part = false;
    disk->room = 1'000'000;
    if (!is_opened) {
      releases.insert(MetaOf(path).releases().at("time zone data"));
      const std::vector<std::string> left = ProfilesOf(*Open(path, true));
      left_in_part = left != before && left != after;
    }
    was_in_part |= left_in_part;
    auto engine = Open(path);
    CHECK(ProfilesOf(*engine) == after);
    if (left_in_part) CHECK(FaultsOf(*engine) == kNone);
    engine.reset();  // it deletes files as well
    std::filesystem::remove_all(path);
  }
  CHECK(was_in_part);
  CHECK(releases == std::set<std::string>{"1884a", "1884a, in part " + living::ZoneRelease()});
}

}  // namespace kintsugi::testing
