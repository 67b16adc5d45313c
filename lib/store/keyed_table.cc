#include "store/keyed_table.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cassert>
#include <cstring>
#include <iterator>
#include <mutex>
#include <new>
#include <string_view>
#include <utility>
#include <vector>

#include "base/table_hash.h"

namespace kintsugi::store {
namespace {

using rocksdb::MemTableRep;
using rocksdb::Slice;

uint64_t LoadLittle(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof(word));
  return std::endian::native == std::endian::big ? __builtin_bswap64(word) : word;
}

// A key as RocksDB has it inside: the user's, and a tag of its number in the sequence of writes and what it did.
struct Key {
  static constexpr size_t kTagBytes = 8;

  explicit Key(const Slice& bytes)
      : user(bytes.data(), bytes.size() - kTagBytes), tag(LoadLittle(bytes.data() + user.size())) {}
  // In a table its length is before it, a byte at a time if it is short.
  explicit Key(const char* in_table)
      : Key(static_cast<signed char>(*in_table) >= 0 ? Slice(in_table + 1, static_cast<size_t>(*in_table))
                                                     : rocksdb::GetLengthPrefixedSlice(in_table)) {}

  std::string_view user;
  uint64_t tag;
};

// Rows of one key go from the newest to the oldest.
bool Before(const Key& a, const Key& b) {
  const int order = a.user.compare(b.user);
  return order != 0 ? order < 0 : a.tag > b.tag;
}

// A row. What RocksDB asked for follows it: a key with its length, and what belongs to it.
struct Row {
  char* in_table() { return reinterpret_cast<char*>(this + 1); }
  Key key() { return Key(in_table()); }

  std::atomic<Row*> next = nullptr;   // of another key; of the newest row of a key only
  std::atomic<Row*> older = nullptr;  // of the same key
  Row* added_before = nullptr;
};

// Where a row is, and how its key begins: most rows are put in order without being looked at.
struct Place {
  explicit Place(const char* in_table) : Place(Key(in_table), in_table) {}
  Place(const Key& key, const char* in_table) : in_table(in_table) {
    char bytes[16] = {};
    std::memcpy(bytes, key.user.data(), std::min(key.user.size(), sizeof(bytes)));
    // The order of bytes is that of numbers whose first byte counts most.
    head = __builtin_bswap64(LoadLittle(bytes));
    tail = __builtin_bswap64(LoadLittle(bytes + 8));
  }

  uint64_t head, tail;
  const char* in_table;
};

bool operator<(const Place& a, const Place& b) {
  if (a.head != b.head) return a.head < b.head;
  if (a.tail != b.tail) return a.tail < b.tail;
  return Before(Key(a.in_table), Key(b.in_table));
}

using Places = std::vector<Place>;

// Memory that goes when the allocator does, through the one public way to it.
class MemoryOf : public MemTableRep {
 public:
  explicit MemoryOf(rocksdb::Allocator* allocator) : MemTableRep(allocator) {}

  void* Get(size_t bytes) {
    char* memory = nullptr;
    size_t room = bytes + alignof(Row) - 1;
    MemTableRep::Allocate(room, &memory);
    void* aligned = memory;
    return std::align(alignof(Row), bytes, aligned, room);
  }

 private:
  void Insert(rocksdb::KeyHandle) override {}
  bool Contains(const char*) const override { return false; }
  size_t ApproximateMemoryUsage() override { return 0; }
  Iterator* GetIterator(rocksdb::Arena*) override { return nullptr; }
};

class KeyedTable : public MemTableRep {
 public:
  KeyedTable(rocksdb::Allocator* allocator, size_t buckets)
      : MemTableRep(allocator), memory_(allocator), bucket_count_(std::clamp<size_t>(buckets, 1, UINT32_MAX)) {
    buckets_ = static_cast<std::atomic<Row*>*>(memory_.Get(bucket_count_ * sizeof(*buckets_)));
    std::uninitialized_value_construct_n(buckets_, bucket_count_);
  }

  rocksdb::KeyHandle Allocate(size_t size, char** in_table) override {
    Row* row = new (memory_.Get(sizeof(Row) + size)) Row;
    *in_table = row->in_table();
    return row;
  }

  // A key's newest row takes the place of the one before in its bucket. A reader that stands on that one goes on to
  // what came after it then: whatever has changed since is newer than what the reader may see.
  void Insert(rocksdb::KeyHandle handle) override {
    Row* row = static_cast<Row*>(handle);
    const Key key = row->key();
    std::atomic<Row*>* link = LinkTo(key.user);
    Row* same = link->load(std::memory_order_relaxed);
    if (same != nullptr && same->key().tag > key.tag) {
      link = OlderLink(same, key.tag);
      same = link->load(std::memory_order_relaxed);
    } else if (same != nullptr) {
      row->next.store(same->next.load(std::memory_order_relaxed), std::memory_order_relaxed);
    }
    row->older.store(same, std::memory_order_relaxed);
    link->store(row, std::memory_order_release);
    row->added_before = last_.load(std::memory_order_relaxed);
    last_.store(row, std::memory_order_release);
    count_.store(count_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  bool Contains(const char* in_table) const override {
    const Key key(in_table);
    Row* row = Find(key);
    return row != nullptr && row->key().tag == key.tag;
  }

  Iterator* GetIterator(rocksdb::Arena* arena) override;
  // Only the base's Get() asks for it without an arena, for LookupKey is not public: it seeks, visits, and goes on.
  Iterator* GetDynamicPrefixIterator(rocksdb::Arena* arena) override;

  // Rows and buckets are the allocator's. What is sorted comes late, and the figure of a table that is full may not
  // change: RocksDB adds it to a sum then, and takes it away again in the end.
  size_t ApproximateMemoryUsage() override { return 0; }

  // The newest row of the key that is not newer than that.
  Row* Find(const Key& key) const {
    Row* row = LinkTo(key.user)->load(std::memory_order_acquire);
    if (row == nullptr || row->key().tag <= key.tag) return row;
    return OlderLink(row, key.tag)->load(std::memory_order_acquire);
  }

  // All rows so far, or more. Whoever comes while they are being sorted waits for that instead of doing it, too.
  std::shared_ptr<const Places> InOrder() {
    const std::lock_guard lock(mutex_);
    Row* const last = last_.load(std::memory_order_acquire);
    if (last == last_sorted_) return sorted_;
    Places places;
    places.reserve(count_.load(std::memory_order_relaxed));
    for (Row* row = last; row != last_sorted_; row = row->added_before) places.emplace_back(row->in_table());
    std::sort(places.begin(), places.end());
    if (!sorted_->empty()) {
      Places all;
      all.reserve(sorted_->size() + places.size());
      std::merge(sorted_->begin(), sorted_->end(), places.begin(), places.end(), std::back_inserter(all));
      places = std::move(all);
    }
    sorted_ = std::make_shared<const Places>(std::move(places));
    last_sorted_ = last;
    return sorted_;
  }

  size_t FullestBucket() const {
    size_t most = 0;
    for (size_t i = 0; i < bucket_count_; ++i) {
      size_t keys = 0;
      for (const Row* row = buckets_[i]; row != nullptr; row = row->next) ++keys;
      most = std::max(most, keys);
    }
    return most;
  }

 private:
  // What leads to the key's newest row, or what would if there were one.
  std::atomic<Row*>* LinkTo(std::string_view user_key) const {
    const uint64_t hash = TableHash().Add(user_key).Finish();
    std::atomic<Row*>* link = &buckets_[(hash >> 32) * bucket_count_ >> 32];
    for (Row* row = link->load(std::memory_order_acquire); row != nullptr && row->key().user != user_key;) {
      link = &row->next;
      row = link->load(std::memory_order_acquire);
    }
    return link;
  }

  // What leads from a row that is newer than the tag to the first that is not.
  static std::atomic<Row*>* OlderLink(Row* row, uint64_t tag) {
    for (;;) {
      Row* older = row->older.load(std::memory_order_acquire);
      if (older == nullptr || older->key().tag <= tag) return &row->older;
      row = older;
    }
  }

  MemoryOf memory_;
  const size_t bucket_count_;
  std::atomic<Row*>* buckets_;
  std::atomic<Row*> last_ = nullptr;  // that was added
  std::atomic<size_t> count_ = 0;

  std::mutex mutex_;  // over what is sorted
  std::shared_ptr<const Places> sorted_ = std::make_shared<const Places>();
  Row* last_sorted_ = nullptr;
};

// Over the rows that there are when it is first used.
class InOrderIterator : public MemTableRep::Iterator {
 public:
  explicit InOrderIterator(KeyedTable& table) : table_(table) {}

  bool Valid() const override { return at_ < size_; }
  const char* key() const override { return (*places_)[at_].in_table; }
  // Rows that follow each other are anywhere in memory, so some are asked for ahead.
  void Next() override {
    constexpr size_t kAhead = 8;
    ++at_;
    if (at_ + kAhead < size_) __builtin_prefetch((*places_)[at_ + kAhead].in_table);
  }
  void Prev() override { at_ = at_ > 0 ? at_ - 1 : size_; }
  void Seek(const Slice& key, const char*) override { at_ = FirstNotBefore(key); }
  void SeekForPrev(const Slice& key, const char*) override {
    at_ = FirstNotBefore(key);
    const bool is_there = at_ < size_ && !Before(Key(key), Key((*places_)[at_].in_table));
    if (!is_there) Prev();
  }
  void SeekToFirst() override {
    Load();
    at_ = 0;
  }
  void SeekToLast() override {
    Load();
    at_ = size_;
    Prev();
  }

 private:
  void Load() {
    if (places_ != nullptr) return;
    places_ = table_.InOrder();
    size_ = places_->size();
  }

  size_t FirstNotBefore(const Slice& bytes) {
    Load();
    const Key key(bytes);
    const Place target(key, nullptr);
    const auto before = [&](const Place& place, const Place&) {
      if (place.head != target.head) return place.head < target.head;
      if (place.tail != target.tail) return place.tail < target.tail;
      return Before(Key(place.in_table), key);
    };
    return static_cast<size_t>(std::lower_bound(places_->begin(), places_->end(), target, before) - places_->begin());
  }

  KeyedTable& table_;
  std::shared_ptr<const Places> places_;
  size_t at_ = 0;
  size_t size_ = 0;
};

// Over the rows of one key, from the newest that may be seen. One for each thread: the base's Get() never gives it
// back, and whoever deletes it does no harm.
class OneKeyIterator : public MemTableRep::Iterator {
 public:
  static OneKeyIterator* OfThisThread(const KeyedTable& table) {
    alignas(OneKeyIterator) static thread_local char memory[sizeof(OneKeyIterator)];
    return new (memory) OneKeyIterator(table);
  }
  static void operator delete(void*) {}

  bool Valid() const override { return row_ != nullptr; }
  const char* key() const override { return row_->in_table(); }
  void Next() override { row_ = row_->older.load(std::memory_order_acquire); }
  void Seek(const Slice& key, const char*) override { row_ = table_.Find(Key(key)); }

  // Nobody asks one key's rows for those.
  void Prev() override { row_ = nullptr; }
  void SeekForPrev(const Slice&, const char*) override { row_ = nullptr; }
  void SeekToFirst() override { row_ = nullptr; }
  void SeekToLast() override { row_ = nullptr; }

 private:
  static void* operator new(size_t, void* memory) { return memory; }

  explicit OneKeyIterator(const KeyedTable& table) : table_(table) {}

  const KeyedTable& table_;
  Row* row_ = nullptr;
};

// RocksDB destroys what is in an arena, and does not delete it. Its Arena, whose header is not public, is an Allocator
// and nothing else.
MemTableRep::Iterator* KeyedTable::GetIterator(rocksdb::Arena* arena) {
  if (arena == nullptr) return new InOrderIterator(*this);
  MemoryOf memory(reinterpret_cast<rocksdb::Allocator*>(arena));
  return new (memory.Get(sizeof(InOrderIterator))) InOrderIterator(*this);
}

MemTableRep::Iterator* KeyedTable::GetDynamicPrefixIterator(rocksdb::Arena* arena) {
  if (arena != nullptr) return GetIterator(arena);
  return OneKeyIterator::OfThisThread(*this);
}

class KeyedTableFactory : public rocksdb::MemTableRepFactory {
 public:
  explicit KeyedTableFactory(size_t buckets) : buckets_(buckets) {}

  MemTableRep* CreateMemTableRep(const MemTableRep::KeyComparator&, rocksdb::Allocator* allocator,
                                 const rocksdb::SliceTransform*, rocksdb::Logger*) override {
    return new KeyedTable(allocator, buckets_);
  }
  const char* Name() const override { return "KintsugiKeyedTableFactory"; }

 private:
  const size_t buckets_;
};

}  // namespace

std::unique_ptr<rocksdb::MemTableRepFactory> NewKeyedTableFactory(size_t buckets) {
  return std::make_unique<KeyedTableFactory>(buckets);
}

size_t FullestBucketForTesting(const rocksdb::MemTableRep& table) {
  return static_cast<const KeyedTable&>(table).FullestBucket();
}

}  // namespace kintsugi::store
