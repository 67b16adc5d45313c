// Look-ups from several threads, and beside a writer. Wall-clock time, so their names end in real_time.

#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include "bench/harness.h"
#include "bench/people.h"

namespace kintsugi::bench {
namespace {

constexpr uint64_t kIdentifiers = 100'000;

// Their own database: what the writer leaves behind must not slow the other benchmarks.
struct FewPeople : People {
  FewPeople() : People(kIdentifiers) {}
};

// Writes 100 new events of known people ten times a second until it is destroyed: some per cent of a core, so that
// there are two left for two readers.
class Writer {
 public:
  explicit Writer(Engine& engine) : thread_([this, &engine] { Run(engine); }) {}
  ~Writer() {
    stop_ = true;
    thread_.join();
  }

 private:
  void Run(Engine& engine) {
    static uint64_t number = 0;
    std::vector<Event> events(100);
    while (!stop_) {
      for (Event& event : events) {
        event = PersonEvent(number % (kIdentifiers / kIdentifiersPerProfile));
        event.id = "writer-" + std::to_string(number++);
        event.traits.resize(1);
      }
      Check(engine.Ingest(events).status());
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }

  std::atomic<bool> stop_ = false;
  std::thread thread_;
};

void Run(benchmark::State& state) {
  const Engine& engine = Shared<FewPeople>().engine();
  Probes probes = Probes::Hot(kIdentifiers);
  for (size_t i = probes.size() + probes.size() / 2 * state.thread_index(); i > 0; --i) LookUp(engine, probes.Next());
  bool found = true;
  for (auto _ : state) found &= LookUp(engine, probes.Next()) != 0;
  state.SetItemsProcessed(state.iterations());
  if (!found) state.SkipWithError("an identifier was not found");
}

void RunWhileWriting(benchmark::State& state) {
  std::optional<Writer> writer;
  if (state.thread_index() == 0) writer.emplace(Shared<FewPeople>().engine());
  Run(state);
}

const auto* const kThreads =
    benchmark::RegisterBenchmark("threads/lookup_hot", Run) -> ThreadRange(1, 2) -> UseRealTime();
const auto* const kWriting = benchmark::RegisterBenchmark("threads/lookup_hot_while_writing", RunWhileWriting)
                                 -> ThreadRange(1, 2) -> UseRealTime();

}  // namespace
}  // namespace kintsugi::bench
