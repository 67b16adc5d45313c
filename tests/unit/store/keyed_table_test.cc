#include "store/keyed_table.h"

#include <rocksdb/comparator.h>
#include <rocksdb/db.h>

#include <string>
#include <vector>

#include "base/table_hash.h"
#include "catch.h"
#include "engine_fixture.h"

namespace kintsugi::testing {
namespace {

constexpr size_t kBuckets = 512;

// The order of bytes; counts how often two keys are compared.
class CountingComparator : public rocksdb::Comparator {
 public:
  const char* Name() const override { return "counting"; }
  int Compare(const rocksdb::Slice& a, const rocksdb::Slice& b) const override {
    ++comparisons;
    return a.compare(b);
  }
  void FindShortestSeparator(std::string*, const rocksdb::Slice&) const override {}
  void FindShortSuccessor(std::string*) const override {}

  mutable uint64_t comparisons = 0;
};

// Rows in memory, as a process has them whose hashes have this key.
class Table {
 public:
  explicit Table(const HashKey& key) {
    TableHash::SetKeyForTesting(key);
    rocksdb::Options options;
    options.create_if_missing = true;
    options.comparator = &comparator_;
    options.allow_concurrent_memtable_write = false;
    options.memtable_factory = store::NewKeyedTableFactory(kBuckets);
    rocksdb::DB* db = nullptr;
    REQUIRE(rocksdb::DB::Open(options, directory_ / "db", &db).ok());
    db_.reset(db);
  }

  // Each returns how many comparisons it took.
  uint64_t Put(const std::string& key) {
    const uint64_t before = comparator_.comparisons;
    REQUIRE(db_->Put({}, key, "").ok());
    return comparator_.comparisons - before;
  }
  uint64_t Get(const std::string& key) {
    const uint64_t before = comparator_.comparisons;
    std::string value;
    (void)db_->Get({}, key, &value);
    return comparator_.comparisons - before;
  }

 private:
  CountingComparator comparator_;
  TemporaryDirectory directory_;
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace

// Who sends identifiers and message ids chooses the keys of these tables.
TEST_CASE("keys that fall into one bucket of one process are spread over the buckets of another", "[store]") {
  std::vector<std::string> colliding;
  {
    Table table({1});
    table.Put("first");
    for (int i = 0; colliding.size() < 200; ++i) {
      const std::string key = "key-" + std::to_string(i);
      if (table.Get(key) > 0) colliding.push_back(key);  // there is something to compare with
    }
  }
  Table table({2});
  uint64_t comparisons = 0;
  for (const std::string& key : colliding) comparisons += table.Put(key);
  CHECK(comparisons < colliding.size());
  for (const std::string& key : colliding) CHECK(table.Get(key) > 0);
}

}  // namespace kintsugi::testing
