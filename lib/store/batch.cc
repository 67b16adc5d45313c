#include "store/batch.h"

#include <algorithm>

#include "store/convert.h"

namespace kintsugi::store {
namespace {

// Visits the keys of a batch with the families that they are in, by RocksDB's numbers for those.
class Keys : public rocksdb::WriteBatch::Handler {
 public:
  Keys(const std::vector<rocksdb::ColumnFamilyHandle*>& handles,
       const std::function<void(format::Family, std::string_view)>& visit)
      : visit_(visit) {
    for (const rocksdb::ColumnFamilyHandle* handle : handles) numbers_.push_back(handle->GetID());
  }
  rocksdb::Status PutCF(uint32_t number, const rocksdb::Slice& key, const rocksdb::Slice&) override {
    return Visit(number, key);
  }
  rocksdb::Status DeleteCF(uint32_t number, const rocksdb::Slice& key) override { return Visit(number, key); }

 private:
  rocksdb::Status Visit(uint32_t number, const rocksdb::Slice& key) {
    const auto at = std::find(numbers_.begin(), numbers_.end(), number);
    visit_(static_cast<format::Family>(at - numbers_.begin()), ToView(key));
    return rocksdb::Status::OK();
  }

  std::vector<uint32_t> numbers_;  // by Family
  const std::function<void(format::Family, std::string_view)>& visit_;
};

}  // namespace

void Batch::Put(format::Family family, std::string_view key, std::string_view value) {
  batch_.Put(handles_[static_cast<size_t>(family)], ToSlice(key), ToSlice(value));
}

void Batch::Delete(format::Family family, std::string_view key) {
  batch_.Delete(handles_[static_cast<size_t>(family)], ToSlice(key));
}

absl::Status Batch::ForEachKey(const std::function<void(format::Family, std::string_view)>& visit) const {
  Keys keys(handles_, visit);
  return ToStatus(batch_.Iterate(&keys), "reading a batch");
}

}  // namespace kintsugi::store
