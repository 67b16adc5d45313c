// What was derived with one release of a library is found again under another.

#include "format/stored.pb.h"
#include "store/store.h"
#include "unit/engine/support.h"

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

std::unique_ptr<Engine> Open(const std::string& path) {
  auto engine = Engine::Open({}, path);
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

}  // namespace kintsugi::testing
