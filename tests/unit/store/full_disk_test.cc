// A disk that is full, and then is not.

#include <rocksdb/env.h>

#include "catch.h"
#include "engine/impl.h"
#include "engine_fixture.h"
#include "unit/store/small_disk.h"

namespace kintsugi::testing {
namespace {

Schema LogSchema() {
  return *Schema::Parse(R"(namespaces { name: "user" } sources { name: "log" events {} })");
}

Event Of(const char* user) {
  return {.source = "log", .time = Time(), .identifiers = {{"user", user}}};
}

}  // namespace

TEST_CASE("on a full disk a group fails whole with a clear error, and goes in when there is space again") {
  TemporaryDirectory directory;
  const auto disk = std::make_shared<SmallDisk>();
  const auto env = rocksdb::NewCompositeEnv(disk);
  auto engine = EngineForTesting::Open({.schema = LogSchema()}, directory / "db", env.get());
  REQUIRE(engine.ok());
  REQUIRE((*engine)->Ingest(Of("a")).ok());

  disk->room = 0;
  const auto status = (*engine)->Ingest(Of("b")).status();
  CHECK(absl::IsResourceExhausted(status));
  CHECK(std::string(status.message()).find("space") != std::string::npos);
  CHECK((*engine)->Lookup("user", "a").ok());
  CHECK(absl::IsNotFound((*engine)->Lookup("user", "b").status()));
  CHECK((*engine)->GetStats().events == 1);

  disk->room = 1'000'000;
  const auto again = (*engine)->Ingest(Of("b")).status();
  INFO(again);
  CHECK(again.ok());
  engine->reset();
  engine = EngineForTesting::Open({}, directory / "db", env.get());
  REQUIRE(engine.ok());
  CHECK((*engine)->GetStats().events == 2);
  CHECK((*engine)->Verify()->empty());
}

TEST_CASE("an engine can be closed while the disk is full, and what it had applied is there afterwards") {
  TemporaryDirectory directory;
  const auto disk = std::make_shared<SmallDisk>();
  const auto env = rocksdb::NewCompositeEnv(disk);
  auto engine = EngineForTesting::Open({.schema = LogSchema()}, directory / "db", env.get());
  REQUIRE(engine.ok());
  REQUIRE((*engine)->Ingest(Of("a")).ok());
  disk->room = 0;
  CHECK_FALSE((*engine)->Ingest(Of("b")).ok());
  engine->reset();
  disk->room = 1'000'000;
  engine = EngineForTesting::Open({}, directory / "db", env.get());
  REQUIRE(engine.ok());
  CHECK((*engine)->Lookup("user", "a").ok());
  CHECK((*engine)->Verify()->empty());
}

TEST_CASE("wherever the creation of a database breaks off, the directory can be opened when the cause is gone") {
  int broken_off = 0;
  for (int room = 0;; ++room) {
    TemporaryDirectory directory;
    const auto disk = std::make_shared<SmallDisk>();
    const auto env = rocksdb::NewCompositeEnv(disk);
    disk->room = room;
    const bool created = EngineForTesting::Open({.schema = LogSchema()}, directory / "db", env.get()).ok();
    if (!created) {
      ++broken_off;
      CHECK_FALSE(Engine::Open({}, directory / "db").ok());  // there is no schema in it yet
    }
    INFO("broken off after " << room << " appends");
    const auto engine = Engine::Open({.schema = LogSchema()}, directory / "db");
    INFO(engine.status());
    REQUIRE(engine.ok());
    CHECK((*engine)->Ingest(Of("a")).ok());
    CHECK((*engine)->Verify()->empty());
    if (created) break;
  }
  CHECK(broken_off > 3);
}

}  // namespace kintsugi::testing
