// A disk that is full when the test wants it to be.

#pragma once

#include <rocksdb/file_system.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>

namespace kintsugi::testing {

// Passes everything on, until `room` appends were made: then the disk is full, and nothing can be appended or created.
class SmallDisk : public rocksdb::FileSystemWrapper {
 public:
  SmallDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "SmallDisk"; }
  std::atomic<int> room = 1'000'000;

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    if (room <= 0) return Full();
    std::unique_ptr<rocksdb::FSWritableFile> inner;
    const auto status = FileSystemWrapper::NewWritableFile(name, options, &inner, debug);
    if (status.ok()) *file = std::make_unique<File>(std::move(inner), room);
    return status;
  }

 private:
  static rocksdb::IOStatus Full() { return rocksdb::IOStatus::NoSpace("No space left on device"); }

  class File : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, std::atomic<int>& room)
        : FSWritableFileOwnerWrapper(std::move(file)), room_(room) {}
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      return --room_ < 0 ? Full() : FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& info, rocksdb::IODebugContext* debug) override {
      return --room_ < 0 ? Full() : FSWritableFileOwnerWrapper::Append(data, options, info, debug);
    }

   private:
    std::atomic<int>& room_;
  };
};

}  // namespace kintsugi::testing
