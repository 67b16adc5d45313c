#include "store/keyed_table.h"

#include <rocksdb/db.h>

#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/table_hash.h"
#include "catch.h"
#include "engine_fixture.h"

namespace kintsugi::testing {
namespace {

constexpr size_t kBuckets = 512;

// Makes keyed tables, and knows the last one.
class KnowsTheLast : public rocksdb::MemTableRepFactory {
 public:
  rocksdb::MemTableRep* CreateMemTableRep(const rocksdb::MemTableRep::KeyComparator& compare,
                                          rocksdb::Allocator* allocator, const rocksdb::SliceTransform* prefix,
                                          rocksdb::Logger* logger) override {
    return last = tables_->CreateMemTableRep(compare, allocator, prefix, logger);
  }
  const char* Name() const override { return "KnowsTheLast"; }

  rocksdb::MemTableRep* last = nullptr;

 private:
  const std::unique_ptr<rocksdb::MemTableRepFactory> tables_ = store::NewKeyedTableFactory(kBuckets);
};

// A database whose rows are in a keyed table until they are flushed.
class Rows {
 public:
  explicit Rows(size_t write_buffer_bytes = size_t{64} << 20) {
    rocksdb::Options options;
    options.create_if_missing = true;
    options.allow_concurrent_memtable_write = false;
    options.write_buffer_size = write_buffer_bytes;
    options.memtable_factory = tables_;
    rocksdb::DB* db = nullptr;
    REQUIRE(rocksdb::DB::Open(options, directory_ / "db", &db).ok());
    db_.reset(db);
  }

  void Put(const std::string& key, const std::string& value) { REQUIRE(db_->Put({}, key, value).ok()); }
  // "" if it is not there.
  std::string Get(const std::string& key, const rocksdb::Snapshot* snapshot = nullptr) const {
    rocksdb::ReadOptions options;
    options.snapshot = snapshot;
    std::string value;
    (void)db_->Get(options, key, &value);
    return value;
  }
  std::unique_ptr<rocksdb::Iterator> Iterate() const {
    return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator({}));
  }
  std::map<std::string, std::string> Scan() const {
    std::map<std::string, std::string> rows;
    std::string last;
    const auto it = Iterate();
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      CHECK((rows.empty() || last < it->key().ToString()));
      last = it->key().ToString();
      rows[last] = it->value().ToString();
    }
    return rows;
  }

  rocksdb::DB& db() { return *db_; }
  rocksdb::MemTableRep& table() { return *tables_->last; }

 private:
  const std::shared_ptr<KnowsTheLast> tables_ = std::make_shared<KnowsTheLast>();
  TemporaryDirectory directory_;
  std::unique_ptr<rocksdb::DB> db_;
};

// Few characters and all lengths, so that many begin alike, are each other's beginning, or come again.
std::string AnyKey(std::mt19937& random) {
  static constexpr std::string_view kCharacters{"\0a\x7f\x80\xff", 5};
  std::string key(random() % 3 == 0 ? 14 : 0, 'k');
  for (size_t left = random() % 6; left > 0; --left) key += kCharacters[random() % kCharacters.size()];
  if (random() % 50 == 0) key.append(200, 'x');  // its length takes two bytes
  return key;
}

}  // namespace

// Who sends identifiers and message ids chooses the keys of these tables.
TEST_CASE("keys that fall into one bucket of one process are spread over the buckets of another", "[store]") {
  std::vector<std::string> colliding;
  TableHash::SetKeyForTesting({1});
  for (int i = 0; colliding.size() < 200; ++i) {
    const std::string key = "key-" + std::to_string(i);
    if (TableHash().Add(key).Finish() >> 32 < (uint64_t{1} << 32) / kBuckets) colliding.push_back(key);
  }
  const auto fullest = [&](const HashKey& key) {
    TableHash::SetKeyForTesting(key);
    Rows rows;
    for (const std::string& colliding_key : colliding) rows.Put(colliding_key, "1");
    for (const std::string& colliding_key : colliding) CHECK(rows.Get(colliding_key) == "1");
    return store::FullestBucketForTesting(rows.table());
  };
  CHECK(fullest({1}) == colliding.size());
  CHECK(fullest({2}) < 10);
}

TEST_CASE("a keyed table says what a map says, in memory and when it has been flushed", "[store]") {
  std::mt19937 random(1);
  Rows rows;
  std::map<std::string, std::string> expected;
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 200; ++i) {
      const std::string key = AnyKey(random);
      if (random() % 4 == 0) {
        REQUIRE(rows.db().Delete({}, key).ok());
        expected.erase(key);
      } else {
        rows.Put(key, expected[key] = std::to_string(round * 1000 + i));
      }
    }
    CHECK(rows.Scan() == expected);  // what came since the last scan is merged into it
  }
  const auto check_seeks = [&] {
    const auto it = rows.Iterate();
    for (int i = 0; i < 500; ++i) {
      const std::string key = AnyKey(random);
      CHECK(rows.Get(key) == (expected.contains(key) ? expected.at(key) : ""));
      it->Seek(key);
      const auto at = expected.lower_bound(key);
      REQUIRE(it->Valid() == (at != expected.end()));
      if (it->Valid()) CHECK(it->key().ToString() == at->first);
      it->SeekForPrev(key);
      const auto after = expected.upper_bound(key);
      REQUIRE(it->Valid() == (after != expected.begin()));
      if (it->Valid()) CHECK(it->key().ToString() == std::prev(after)->first);
    }
    auto backwards = expected.rbegin();
    for (it->SeekToLast(); it->Valid(); it->Prev(), ++backwards) CHECK(it->key().ToString() == backwards->first);
    CHECK(backwards == expected.rend());
  };
  check_seeks();
  REQUIRE(rows.db().Flush({}).ok());
  CHECK(rows.Scan() == expected);
  check_seeks();
}

TEST_CASE("a snapshot sees the rows of its moment in a keyed table, however often a key is written after it",
          "[store]") {
  Rows rows;
  const rocksdb::Snapshot* before = rows.db().GetSnapshot();
  for (int i = 0; i < 1000; ++i) rows.Put("hot", "old " + std::to_string(i));
  const rocksdb::Snapshot* between = rows.db().GetSnapshot();
  for (int i = 0; i < 1000; ++i) rows.Put("hot", "new " + std::to_string(i));
  CHECK(rows.Get("hot", before) == "");
  CHECK(rows.Get("hot", between) == "old 999");
  CHECK(rows.Get("hot") == "new 999");
  CHECK(store::FullestBucketForTesting(rows.table()) == 1);  // the others of its bucket do not pay for its rows
  rows.db().ReleaseSnapshot(before);
  rows.db().ReleaseSnapshot(between);
}

// Only then are rows compared by more than how they begin.
TEST_CASE("thousands of keys that begin alike are in order in a keyed table", "[store]") {
  std::mt19937 random(1);
  Rows rows;
  std::map<std::string, std::string> expected;
  for (int i = 0; i < 20'000; ++i) {
    const std::string key = std::string(100, 'k') + std::to_string(random() % 15'000);
    rows.Put(key, expected[key] = std::to_string(i));
  }
  CHECK(rows.Scan() == expected);
  REQUIRE(rows.db().Flush({}).ok());
  CHECK(rows.Scan() == expected);
}

// Whatever a reader has seen of a keyed table stays, and grows: the writer's numbers ascend.
TEST_CASE("a keyed table is read while it is written", "[store]") {
  constexpr int kKeys = 100;
  Rows rows(size_t{1} << 20);  // flushed now and then
  std::atomic<bool> done = false;
  const auto key_of = [](int i) { return "key-" + std::to_string(i % kKeys); };
  const auto read = [&](bool scans) {
    std::vector<int> seen(kKeys, -1);
    const auto see = [&](int key, const std::string& value) {
      const int number = value.empty() ? -1 : std::stoi(value);
      if (number < seen[key] || (number >= 0 && number % kKeys != key)) return false;
      seen[key] = number;
      return true;
    };
    while (!done) {
      for (int key = 0; !scans && key < kKeys; ++key) {
        if (!see(key, rows.Get(key_of(key)))) return false;
      }
      const auto it = rows.Iterate();
      int count = 0;
      for (it->SeekToFirst(); scans && it->Valid(); it->Next(), ++count) {
        if (!see(std::stoi(it->key().ToString().substr(4)), it->value().ToString())) return false;
      }
      if (scans && count < kKeys && seen[kKeys - 1] >= 0) return false;
    }
    return true;
  };
  bool got = false;
  bool scanned = false;
  std::thread getting([&] { got = read(false); });
  std::thread scanning([&] { scanned = read(true); });
  bool written = true;
  for (int i = 0; i < 50'000; ++i) written = written && rows.db().Put({}, key_of(i), std::to_string(i)).ok();
  done = true;
  getting.join();
  scanning.join();
  CHECK(written);
  CHECK(got);
  CHECK(scanned);
}

}  // namespace kintsugi::testing
