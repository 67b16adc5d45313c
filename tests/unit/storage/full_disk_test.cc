// A disk that is full, and then is not.

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>

#include "catch.h"
#include "engine/impl.h"
#include "engine_fixture.h"

namespace kintsugi::testing {
namespace {

// Passes everything on, until it is told that the disk is full: then nothing more can be appended.
class FullDisk : public rocksdb::FileSystemWrapper {
 public:
  FullDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "FullDisk"; }
  std::atomic<bool> full = false;

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    std::unique_ptr<rocksdb::FSWritableFile> inner;
    const auto status = FileSystemWrapper::NewWritableFile(name, options, &inner, debug);
    if (status.ok()) *file = std::make_unique<File>(std::move(inner), full);
    return status;
  }

 private:
  class File : public rocksdb::FSWritableFileOwnerWrapper {
   public:
    File(std::unique_ptr<rocksdb::FSWritableFile> file, const std::atomic<bool>& full)
        : FSWritableFileOwnerWrapper(std::move(file)), full_(full) {}
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             rocksdb::IODebugContext* debug) override {
      return full_ ? rocksdb::IOStatus::NoSpace("No space left on device")
                   : FSWritableFileOwnerWrapper::Append(data, options, debug);
    }
    rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                             const rocksdb::DataVerificationInfo& info, rocksdb::IODebugContext* debug) override {
      return full_ ? rocksdb::IOStatus::NoSpace("No space left on device")
                   : FSWritableFileOwnerWrapper::Append(data, options, info, debug);
    }

   private:
    const std::atomic<bool>& full_;
  };
};

}  // namespace

TEST_CASE("on a full disk a group fails whole with a clear error, and goes in when there is space again") {
  TemporaryDirectory directory;
  const auto disk = std::make_shared<FullDisk>();
  const auto env = rocksdb::NewCompositeEnv(disk);
  const Schema schema = *Schema::Parse(R"(namespaces { name: "user" } sources { name: "log" events {} })");
  auto engine = EngineForTesting::Open({.schema = schema}, directory / "db", env.get());
  REQUIRE(engine.ok());
  const auto event = [](const char* user) {
    return Event{.source = "log", .time = Time(), .identifiers = {{"user", user}}};
  };
  REQUIRE((*engine)->Ingest(event("a")).ok());

  disk->full = true;
  const auto status = (*engine)->Ingest(event("b")).status();
  CHECK(absl::IsResourceExhausted(status));
  CHECK(std::string(status.message()).find("space") != std::string::npos);
  CHECK((*engine)->Lookup("user", "a").ok());
  CHECK(absl::IsNotFound((*engine)->Lookup("user", "b").status()));
  CHECK((*engine)->GetStats().events == 1);

  disk->full = false;
  const auto again = (*engine)->Ingest(event("b")).status();
  INFO(again);
  CHECK(again.ok());
  engine->reset();
  engine = EngineForTesting::Open({}, directory / "db", env.get());
  REQUIRE(engine.ok());
  CHECK((*engine)->GetStats().events == 2);
  CHECK((*engine)->Verify()->empty());
}

}  // namespace kintsugi::testing
