// Writers take turns: a flush among them, and one that fails does not hold up the others.

#include <rocksdb/env.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <filesystem>
#include <latch>
#include <new>
#include <stdexcept>
#include <thread>

#include "engine/impl.h"
#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

// A disk on which the first table to be written waits until it is let go.
class HeldDisk : public rocksdb::FileSystemWrapper {
 public:
  HeldDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "HeldDisk"; }
  std::latch is_held{1};
  std::latch let_go{1};

  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* file,
                                    rocksdb::IODebugContext* debug) override {
    if (name.ends_with(".sst") && !was_held_.exchange(true)) {
      is_held.count_down();
      let_go.wait();
    }
    return FileSystemWrapper::NewWritableFile(name, options, file, debug);
  }

 private:
  std::atomic<bool> was_held_ = false;
};

// A database with one event that only a flush makes durable, and that flush, which is held in the middle.
struct HeldFlush {
  TemporaryDirectory directory;
  std::shared_ptr<HeldDisk> disk = std::make_shared<HeldDisk>();
  std::unique_ptr<rocksdb::Env> env = rocksdb::NewCompositeEnv(disk);
  std::unique_ptr<Engine> engine = *EngineForTesting::Open({.schema = Shop()}, directory / "db", env.get());
  absl::Status status;
  std::thread thread;

  HeldFlush() {
    const Event first = Seen("first", {{"device", "first"}}, 1);
    REQUIRE(engine->Ingest(first, {.durability = Durability::kLosesOnAnyCrash}).ok());
    thread = std::thread([this] { status = engine->Flush(); });
    disk->is_held.wait();
  }

  // Whether a call that is made meanwhile returns before the flush is let go. `in_between` is called before that.
  bool Overtakes(const std::function<absl::Status()>& call, const std::function<void()>& in_between) {
    std::atomic<bool> is_done = false;
    absl::Status its_status;
    std::thread other([&] {
      its_status = call();
      is_done = true;
    });
    while (!is_done && EngineForTesting::Waiting(*engine) < 2) std::this_thread::yield();
    const bool overtook = is_done;
    in_between();
    disk->let_go.count_down();
    other.join();
    thread.join();
    CHECK(status.ok());
    CHECK(its_status.ok());
    return overtook;
  }
};

}  // namespace

TEST_CASE("a crash in the middle of a flush leaves no later write without the earlier ones", "[writers]") {
  HeldFlush flush;
  const std::string crashed = flush.directory / "crashed";
  const auto write = [&] { return flush.engine->Ingest(Seen("second", {{"device", "second"}}, 2)).status(); };
  const auto crash = [&] { std::filesystem::copy(flush.directory / "db", crashed); };
  CHECK_FALSE(flush.Overtakes(write, crash));
  const auto after = Engine::Open({}, crashed);
  REQUIRE(after.ok());
  CHECK(((*after)->Lookup("device", "first").ok() || !(*after)->Lookup("device", "second").ok()));
  CHECK((*after)->Verify()->empty());
  CHECK(flush.engine->Lookup("device", "second").ok());
}

TEST_CASE("a flush returns when everything that was written is durable, also while another is at it", "[writers]") {
  HeldFlush flush;
  const std::string crashed = flush.directory / "crashed";
  const auto crash = [&] { std::filesystem::copy(flush.directory / "db", crashed); };
  const bool overtook = flush.Overtakes([&] { return flush.engine->Flush(); }, crash);
  const auto after = Engine::Open({}, crashed);
  REQUIRE(after.ok());
  CHECK((!overtook || (*after)->Lookup("device", "first").ok()));
}

TEST_CASE("whatever is thrown while a group is applied is an error for all who are in it, and for nobody else",
          "[writers]") {
  const TemporaryDirectory directory;
  const Engine* opened = nullptr;
  std::atomic<int> groups = 0;
  const auto clock = [&]() -> Time {
    switch (groups++) {
      case 0:  // of one writer, while the two others wait
        while (EngineForTesting::Waiting(*opened) < 3) std::this_thread::yield();
        throw std::bad_alloc();
      case 1:  // of those two
        throw std::runtime_error("the clock has stopped");
      default:
        return At(1);
    }
  };
  const auto engine = *Engine::Open({.schema = Shop(), .clock = clock}, directory / "db");
  opened = engine.get();
  const std::vector<std::string> names = {"a", "b", "c"};
  std::vector<absl::Status> statuses(names.size());
  const auto write = [&](size_t i) { return engine->Ingest(Seen(names[i], {{"device", names[i]}}, 1)); };
  std::vector<std::thread> threads;
  for (size_t i = 0; i < names.size(); ++i) threads.emplace_back([&, i] { statuses[i] = write(i).status(); });
  for (std::thread& thread : threads) thread.join();
  int out_of_memory = 0;
  int broken = 0;
  for (const absl::Status& status : statuses) {
    INFO(status.ToString());
    out_of_memory += absl::IsResourceExhausted(status);
    const bool tells = absl::IsInternal(status) && Contains(std::string(status.message()), "the clock has stopped");
    broken += tells;
  }
  CHECK(out_of_memory == 1);
  CHECK(broken == 2);
  CHECK(groups == 2);
  CHECK(engine->GetStats().events == 0);
  for (size_t i = 0; i < names.size(); ++i) CHECK(write(i)->accepted == 1);
  CHECK(engine->Verify()->empty());
}

}  // namespace kintsugi::testing
