#include "store/keyed_table.h"

#include <rocksdb/slice_transform.h>
#include <rocksdb/version.h>

#include <cassert>

#include "base/table_hash.h"

namespace kintsugi::store {
namespace {

static_assert(ROCKSDB_MAJOR > 7 || (ROCKSDB_MAJOR == 7 && ROCKSDB_MINOR >= 6),
              "before RocksDB 7.6 a reader of its hash table may miss a row while another is added (its change 10401)");

using rocksdb::MemTableRep;

class KeyedTable : public MemTableRep {
 public:
  // `table` is a hash table of all rows, in the allocator's memory; `list` a vector that points to their keys.
  KeyedTable(rocksdb::Allocator* allocator, MemTableRep* table, MemTableRep* list)
      : MemTableRep(allocator), table_(table), list_(list) {}

  // The hash table has a head before each key, and knows the row by it; the vector knows it by the key.
  rocksdb::KeyHandle Allocate(size_t size, char** key) override {
    allocated_ = table_->Allocate(size, key);
    allocated_key_ = *key;
    return allocated_;
  }
  void Insert(rocksdb::KeyHandle row) override {
    assert(row == allocated_);
    table_->Insert(row);
    list_->Insert(allocated_key_);
  }
  void MarkReadOnly() override {
    table_->MarkReadOnly();
    list_->MarkReadOnly();
  }

  bool Contains(const char* key) const override { return table_->Contains(key); }
  void Get(const rocksdb::LookupKey& key, void* context, bool (*visit)(void*, const char*)) override {
    table_->Get(key, context, visit);
  }
  Iterator* GetIterator(rocksdb::Arena* arena) override { return list_->GetIterator(arena); }

  size_t ApproximateMemoryUsage() override {
    return table_->ApproximateMemoryUsage() + list_->ApproximateMemoryUsage();
  }

 private:
  const std::unique_ptr<MemTableRep> table_;
  const std::unique_ptr<MemTableRep> list_;
  rocksdb::KeyHandle allocated_ = nullptr;  // the last row, to assert that it is the one inserted
  char* allocated_key_ = nullptr;
};

// What the hash table puts into one bucket are rows of one prefix, whose hash has a seed that everybody knows. So the
// prefix of a key is its hash under this process's secret: nobody can choose keys that share a bucket.
class SecretPrefix : public rocksdb::SliceTransform {
 public:
  const char* Name() const override { return "KintsugiSecretPrefix"; }
  // Valid until the thread's next call: the hash table takes its hash at once.
  rocksdb::Slice Transform(const rocksdb::Slice& key) const override {
    static thread_local uint64_t hash;
    hash = TableHash().Add({key.data(), key.size()}).Finish();
    return {reinterpret_cast<const char*>(&hash), sizeof(hash)};
  }
  bool InDomain(const rocksdb::Slice&) const override { return true; }
};

class KeyedTableFactory : public rocksdb::MemTableRepFactory {
 public:
  explicit KeyedTableFactory(size_t buckets) : tables_(rocksdb::NewHashLinkListRepFactory(buckets)) {}

  MemTableRep* CreateMemTableRep(const MemTableRep::KeyComparator& compare, rocksdb::Allocator* allocator,
                                 const rocksdb::SliceTransform* prefix, rocksdb::Logger* logger) override {
    return new KeyedTable(allocator, tables_->CreateMemTableRep(compare, allocator, &prefix_, logger),
                          lists_.CreateMemTableRep(compare, allocator, prefix, logger));
  }
  const char* Name() const override { return "KintsugiKeyedTableFactory"; }

 private:
  const std::unique_ptr<rocksdb::MemTableRepFactory> tables_;
  rocksdb::VectorRepFactory lists_;
  const SecretPrefix prefix_;
};

}  // namespace

std::unique_ptr<rocksdb::MemTableRepFactory> NewKeyedTableFactory(size_t buckets) {
  return std::make_unique<KeyedTableFactory>(buckets);
}

}  // namespace kintsugi::store
