// What was put into a store can be got and scanned: out of memory, out of the log, out of files.

#include "store/store.h"
#include "store/convert.h"

#include <array>
#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <shared_mutex>
#include <string>
#include <thread>

#include "catch.h"
#include "engine_fixture.h"

namespace kintsugi::testing {
namespace {

using format::Family;
using store::Store;

using Rows = std::map<std::string, std::string>;

// One family of each kind of memory: found by key, and kept in order.
constexpr std::array kFamilies = {Family::kIdentifiers, Family::kCrossings};

std::unique_ptr<Store> OpenStore(const TemporaryDirectory& directory) {
  auto store = Store::Open({.write_buffer_bytes = size_t{4} << 20}, directory / "db", 1);
  REQUIRE(store.ok());
  return *std::move(store);
}

void Put(Store& store, Family family, const std::string& key, const std::string& value) {
  store::Batch batch = store.NewBatch();
  batch.Put(family, key, value);
  REQUIRE(store.Write(batch, Durability::kLosesOnMachineCrash).ok());
}

// Everything that is in memory goes to files. (A flush does so only if there is something that the log has not.)
void MoveToFiles(Store& store) {
  store::Batch batch = store.NewBatch();
  batch.Put(Family::kMeta, "unlogged", "");
  REQUIRE(store.Write(batch, Durability::kLosesOnAnyCrash).ok());
  REQUIRE(store.Flush().ok());
}

Rows ScanAll(const Store& store, Family family, std::string_view prefix, const Store::Snapshot* snapshot = nullptr) {
  Rows rows;
  std::string last;
  const auto status = store.Scan(
      family, prefix,
      [&](std::string_view key, std::string_view value) {
        CHECK((rows.empty() || last < key));
        last = key;
        rows.emplace(key, value);
        return true;
      },
      snapshot);
  REQUIRE(status.ok());
  return rows;
}

// Every key is what it should be, one by one, together, and in order; as are those that are not there.
void CheckRows(const Store& store, Family family, const Rows& expected, const Store::Snapshot* snapshot = nullptr) {
  CHECK(ScanAll(store, family, "", snapshot) == expected);
  for (const auto& [key, value] : expected) CHECK(*store.Get(family, key, snapshot) == value);
  CHECK(*store.Get(family, "not there", snapshot) == std::nullopt);
  if (snapshot != nullptr) return;
  std::vector<std::string> keys = {"not there"};
  for (const auto& [key, value] : expected) keys.push_back(key);
  const auto many = store.GetMany(family, keys);
  REQUIRE(many.ok());
  CHECK(many->front() == std::nullopt);
  for (size_t i = 1; i < keys.size(); ++i) CHECK((*many)[i] == expected.at(keys[i]));
}

TEST_CASE("rows are what was last written, in memory, in the log and in files", "[store]") {
  std::mt19937_64 random(1);
  for (const Family family : kFamilies) {
    TemporaryDirectory directory;
    auto store = OpenStore(directory);
    Rows expected;
    for (int step = 1; step <= 4000; ++step) {
      store::Batch batch = store->NewBatch();
      for (int i = 0; i < 3; ++i) {
        const std::string key = "key " + std::to_string(random() % 500);
        if (random() % 4 == 0) {
          batch.Delete(family, key);
          expected.erase(key);
        } else {
          expected[key] = std::string(random() % 40, 'a') + std::to_string(step);
          batch.Put(family, key, expected[key]);
        }
      }
      REQUIRE(store->Write(batch, Durability::kLosesOnMachineCrash).ok());
      if (step % 500 == 0) CheckRows(*store, family, expected);
      if (step % 700 == 0) MoveToFiles(*store);
      if (step % 900 == 0) {
        store.reset();  // what is not in files is read from the log
        store = OpenStore(directory);
        CheckRows(*store, family, expected);
      }
    }
  }
}

TEST_CASE("a scan visits the rows with a prefix, in order", "[store]") {
  for (const Family family : kFamilies) {
    TemporaryDirectory directory;
    auto store = OpenStore(directory);
    for (const char* key : {"b2", "a", "b", "c1", "b10", "bb"}) Put(*store, family, key, key);
    CHECK(ScanAll(*store, family, "b") == Rows{{"b", "b"}, {"b10", "b10"}, {"b2", "b2"}, {"bb", "bb"}});
    CHECK(ScanAll(*store, family, "d").empty());
    std::vector<std::string> visited;
    const auto visit = [&](std::string_view key, std::string_view) {
      visited.emplace_back(key);
      return key != "b1";
    };
    REQUIRE(store->ScanEach(family, {"c", "x", "b1", "a"}, visit).ok());
    CHECK(visited == std::vector<std::string>{"c1", "b10", "a"});
    Put(*store, family, "b1", "");
    REQUIRE(store->ScanEach(family, {"b", "c"}, visit).ok());
    CHECK(visited == std::vector<std::string>{"c1", "b10", "a", "b", "b1"});
  }
}

TEST_CASE("a snapshot keeps its moment, however often a row is written afterwards", "[store]") {
  for (const Family family : kFamilies) {
    TemporaryDirectory directory;
    auto store = OpenStore(directory);
    Rows then;
    for (int i = 0; i < 50; ++i) {
      then["row " + std::to_string(i)] = "then";
      Put(*store, family, "row " + std::to_string(i), "then");
    }
    const Store::Snapshot snapshot(*store);
    Rows now = then;
    now["row 7"] = "version 999";
    for (int version = 0; version < 1000; ++version) Put(*store, family, "row 7", "version " + std::to_string(version));
    CheckRows(*store, family, then, &snapshot);
    CheckRows(*store, family, now);
    MoveToFiles(*store);
    CheckRows(*store, family, then, &snapshot);
    CheckRows(*store, family, now);
  }
}

TEST_CASE("who reads while another thread writes sees whole groups", "[store]") {
  for (const Family family : kFamilies) {
    TemporaryDirectory directory;
    auto store = OpenStore(directory);
    constexpr int kGroups = 2000;
    const std::string ballast(2000, 'x');  // so that rows move to files meanwhile
    std::atomic<int> written = 0;
    std::atomic<bool> done = false;
    std::thread writer([&] {
      for (int group = 1; group <= kGroups; ++group) {
        store::Batch batch = store->NewBatch();
        for (const char* name : {"one", "two"}) batch.Put(family, name, std::to_string(group));
        batch.Put(family, "group " + std::to_string(group), ballast);
        if (!store->Write(batch, Durability::kLosesOnMachineCrash).ok()) break;
        written = group;
      }
      done = true;
    });
    bool whole = true;
    for (bool last = false; whole && !last;) {
      last = done;
      const int before = written;
      if (before == 0) continue;
      const Store::Snapshot snapshot(*store);
      const auto get = [&](const std::string& key) {
        return store->Get(family, key, &snapshot).value_or(std::nullopt).value_or("missing");
      };
      const auto count = [&](const char* prefix) {
        int rows = 0;
        const auto status = store->Scan(
            family, prefix, [&](auto, auto) { return ++rows != 0; }, &snapshot);
        return status.ok() ? rows : -1;
      };
      const std::string one = get("one");
      const int seen = std::atoi(one.c_str());
      whole = seen >= before && get("two") == one && get("group " + one) == ballast &&
              get("group " + std::to_string(seen + 1)) == "missing" && count("group ") == seen;
    }
    writer.join();
    CHECK(whole);
    CHECK(written == kGroups);
    CHECK(ScanAll(*store, family, "group ").size() == kGroups);
  }
}

TEST_CASE("the last row before a key is found within its prefix", "[store]") {
  for (const Family family : kFamilies) {
    TemporaryDirectory directory;
    auto store = OpenStore(directory);
    for (const char* key : {"a9", "b1", "b3", "b5", "c0"}) Put(*store, family, key, key);
    for (const bool in_files : {false, true}) {
      if (in_files) MoveToFiles(*store);
      const auto last_before = [&](const char* prefix, const char* end) {
        std::string found = "none";
        const auto visit = [&](std::string_view key, std::string_view value) {
          CHECK(key == value);
          found = key;
          return true;
        };
        const auto is_there = store->ReadLastBefore(family, prefix, end, visit, nullptr);
        CHECK(is_there.ok());
        CHECK(*is_there == (found != "none"));
        return found;
      };
      CHECK(last_before("b", "b9") == "b5");
      CHECK(last_before("b", "b5") == "b3");  // and not itself
      CHECK(last_before("b", "b4") == "b3");
      CHECK(last_before("b", "b1") == "none");
      CHECK(last_before("d", "d5") == "none");
    }
  }
}

TEST_CASE("an error says whose fault it is by what it is, and not by letters in it", "[store]") {
  using rocksdb::Status;
  const auto of = [](const Status& status) { return store::ToStatus(status, "clock/db"); };
  const auto broken = of(Status::IOError("While appending to clock/db/000012.log", "Input/output error"));
  CHECK(absl::IsUnavailable(broken));
  CHECK(std::string(broken.message()).find("another process") == std::string::npos);
  const auto denied = of(Status::IOError("While open a file for lock: clock/db/LOCK", "Permission denied"));
  CHECK(absl::IsPermissionDenied(denied));
  CHECK(std::string(denied.message()).find("clock/db/LOCK") != std::string::npos);
  const auto locked = of(Status::IOError("While lock file: clock/db/LOCK", "Resource temporarily unavailable"));
  CHECK(absl::IsUnavailable(locked));
  CHECK(std::string(locked.message()).find("another process has the database open") != std::string::npos);
}

TEST_CASE("a mutex whose readers come first lets them in while somebody waits to have it alone", "[store]") {
  store::ReadersFirstMutex mutex;
  int changes = 0;
  mutex.lock_shared();
  std::thread changer([&] {
    const std::unique_lock alone(mutex);
    ++changes;
  });
  while (!mutex.is_awaited()) std::this_thread::yield();
  {
    const std::shared_lock again(mutex);
    std::thread other([&] {
      const std::shared_lock shared(mutex);
      CHECK(changes == 0);
    });
    other.join();
  }
  CHECK(changes == 0);
  mutex.unlock_shared();
  changer.join();
  CHECK(changes == 1);
  CHECK_FALSE(mutex.is_awaited());
}

}  // namespace
}  // namespace kintsugi::testing
