// Readers beside a writer that merges, splits and deletes.

#include <atomic>
#include <random>
#include <thread>

#include "catch.h"
#include "property/run.h"

namespace kintsugi::testing {
namespace {

// What the writer has come to. A look-up that begins when `done` groups are written, and ends when `begun` are being
// written, may answer as of any of those between.
struct Progress {
  std::atomic<size_t> done = 0;
  std::atomic<size_t> begun = 0;
  std::atomic<bool> has_failed = false;
  std::atomic<size_t> lookups = 0;  // made so far, by all readers
};

// Looks up at random until the writer is through; counts, and tells what was wrong first.
class Reader {
 public:
  Reader(const Engine& engine, const std::vector<Found>& states, Progress& progress, unsigned seed)
      : engine_(engine), states_(states), progress_(progress), random_(seed) {}

  void Run() {
    while (progress_.done.load() + 1 < states_.size() && wrong_.empty()) LookUpOnce();
    for (int i = 0; i < 100 && wrong_.empty(); ++i) LookUpOnce();  // by now, of the last state only
  }

  const std::string& wrong() const { return wrong_; }

 private:
  void LookUpOnce() {
    const Identifier& identifier = AllIdentifiers()[random_() % AllIdentifiers().size()];
    const size_t first = progress_.done.load();
    const std::string answer = LookUp(engine_, identifier);
    const size_t last = progress_.begun.load();
    ++progress_.lookups;
    for (size_t i = first; i <= last; ++i) {
      const auto at = states_[i].find(identifier);
      if (answer == (at == states_[i].end() ? "" : at->second)) return;
    }
    wrong_ = identifier.ToString() + " after " + std::to_string(first) + " to " + std::to_string(last) +
             " groups: " + answer;
    progress_.has_failed = true;
  }

  const Engine& engine_;
  const std::vector<Found>& states_;
  Progress& progress_;
  std::mt19937 random_;
  std::string wrong_;
};

constexpr size_t kLookupsPerGroup = 20;

void CheckReaders(uint64_t seed, size_t schema_index, size_t cache_bytes) {
  INFO("seed " << seed << ", schema " << schema_index << ", cache of " << cache_bytes);
  const Schema schema = ConflictSchema(false, schema_index);
  std::vector<Step> steps = AnySteps(seed, 150);
  // Closing is not for a database that is being read, and a source is withdrawn in several groups.
  std::erase_if(steps, [](const Step& step) {
    return std::holds_alternative<Reopened>(step.what) || std::holds_alternative<SourceWithdrawn>(step.what);
  });
  Reference reference(schema);
  std::vector<Found> states(1);
  for (const Step& step : steps) {
    Take(step, reference);
    states.push_back(FoundIn(reference.Ask()));
  }

  const TemporaryDirectory directory;
  auto engine = Engine::Open({.schema = schema, .profile_cache_bytes = cache_bytes}, directory / "db");
  REQUIRE(engine.ok());
  Progress progress;
  std::vector<Reader> readers;
  for (unsigned i = 0; i < 2; ++i) readers.emplace_back(**engine, states, progress, i);
  std::vector<std::thread> threads;
  for (Reader& reader : readers) threads.emplace_back([&reader] { reader.Run(); });
  std::string failed;
  const auto is_wrong = [&] { return progress.has_failed.load(); };
  for (const Step& step : steps) {
    progress.begun.fetch_add(1);
    if (std::string wrong = std::visit(EngineTaker(**engine), step.what); !wrong.empty()) failed = wrong;
    progress.done.fetch_add(1);
    // Readers keep up with the writer, however the machine shares its time: some look-ups after each group.
    const size_t enough = progress.lookups + kLookupsPerGroup;
    while (progress.lookups < enough && !is_wrong()) std::this_thread::yield();
  }
  CHECK(progress.lookups >= kLookupsPerGroup * steps.size());
  for (std::thread& thread : threads) thread.join();
  CHECK(failed == "");
  for (const Reader& reader : readers) {
    CHECK(reader.wrong() == "");
  }
}

}  // namespace

// Some 45,000 look-ups, each compared with a full recomputation from the evidence of that moment: none is stale, none
// is torn. With a cache, with the smallest that there is, and with none.
TEST_CASE("Look-ups while groups are written answer as of a moment between begin and end", "[property][readers]") {
  uint64_t seed = std::random_device()();
  for (size_t schema = 0; schema < 6; ++schema) {
    for (const size_t cache_bytes : {size_t{1} << 20, size_t{1} << 16, size_t{0}})
      CheckReaders(seed++, schema, cache_bytes);
  }
}

}  // namespace kintsugi::testing
