// RocksDB without the library, with the library's own options: two gets to find, a get and a put to change.

#include <rocksdb/write_batch.h>

#include "bench/directory.h"
#include "bench/raw_rocksdb.h"
#include "bench/workload/memory.h"
#include "bench/workload/targets.h"
#include "bench/workload/value.h"

namespace kintsugi::bench {
namespace {

rocksdb::Slice ToSlice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

void Check(const rocksdb::Status& status) {
  bench::Check(status.ok(), status.ToString());
}

struct Families {
  rocksdb::DB& db;
  rocksdb::ColumnFamilyHandle* identifiers;
  rocksdb::ColumnFamilyHandle* profiles;

  explicit Families(RawRocksDb& raw)
      : db(raw.db()), identifiers(raw.family("identifiers")), profiles(raw.family("profiles")) {}
};

class RocksDbSession : public Session {
 public:
  explicit RocksDbSession(Families families) : families_(families) {}

  void LookUp(std::span<const Operation> operations) override {
    for (const Operation& operation : operations) {
      const auto profile = Get(families_.identifiers, ToSlice(ToView(operation.probe.key)));
      const auto bytes = Get(families_.profiles, profile);
      Read({bytes.data(), bytes.size()});
    }
  }

  void Apply(const Operation& operation) override {
    const auto profile = Get(families_.identifiers, ToSlice(ToView(operation.probe.key)));
    Check(families_.db.Put({}, families_.profiles, profile, ToSlice(bytes_.For(operation))));
  }

 private:
  rocksdb::PinnableSlice Get(rocksdb::ColumnFamilyHandle* family, const rocksdb::Slice& key) {
    rocksdb::PinnableSlice value;
    Check(families_.db.Get({}, family, key, &value));
    return value;
  }

  const Families families_;
  EventBytes bytes_;
};

class TwoFamilies : public Target {
 public:
  void Load(uint64_t begin, uint64_t end) override {
    rocksdb::WriteBatch batch;
    const Families families(*raw_);
    for (uint64_t profile = begin; profile < end; ++profile) {
      const Key key = ProfileKey(profile);
      for (size_t i = 0; i < kIdentifiersPerProfile; ++i) {
        const Key identifier = KeyOf(profile * kIdentifiersPerProfile + i);
        Check(batch.Put(families.identifiers, ToSlice(ToView(identifier)), ToSlice(ToView(key))));
      }
      Check(batch.Put(families.profiles, ToSlice(ToView(key)), ProfileBytes(profile)));
      if (batch.Count() > 10'000) Write(batch);
    }
    Write(batch);
  }

  void Settle() override { raw_->Settle(); }
  std::unique_ptr<Session> NewSession() override { return std::make_unique<RocksDbSession>(Families(*raw_)); }
  std::optional<uint64_t> DiskBytes() override { return BytesBelow(directory_.path()); }

 private:
  void Write(rocksdb::WriteBatch& batch) {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    Check(raw_->db().Write(options, &batch));
    batch.Clear();
  }

  Directory directory_;
  const std::unique_ptr<RawRocksDb> raw_ = RawRocksDb::CreateLikeLibrary(directory_.path());
};

}  // namespace

std::unique_ptr<Target> NewRocksDb(const Servers&) {
  return std::make_unique<TwoFamilies>();
}

}  // namespace kintsugi::bench
