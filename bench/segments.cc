// Segments in real time: how soon a listener hears of it, and what it costs when very many leave at one moment.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "bench/check.h"
#include "bench/harness.h"
#include "bench/living_shop.h"
#include "bench/new_database.h"
#include "kintsugi/engine.h"

namespace kintsugi::bench {
namespace {

using Clock = std::chrono::steady_clock;

// How long each of many things took.
class Durations {
 public:
  void Add(Clock::duration duration) {
    microseconds_.push_back(std::chrono::duration<double, std::micro>(duration).count());
  }
  // As NAME_p50_us, NAME_p99_us and NAME_max_us.
  void Tell(benchmark::State& state, const std::string& name) {
    Check(!microseconds_.empty(), "nothing was measured");
    std::sort(microseconds_.begin(), microseconds_.end());
    const auto at = [&](double share) {
      return microseconds_[static_cast<size_t>(share * static_cast<double>(microseconds_.size() - 1))];
    };
    state.counters[name + "_p50_us"] = at(0.5);
    state.counters[name + "_p99_us"] = at(0.99);
    state.counters[name + "_max_us"] = at(1);
  }

 private:
  std::vector<double> microseconds_;
};

// A thread that waits for something to be handed over, and notes when it has it.
class Listener {
 public:
  Listener() : thread_([this] { Run(); }) {}
  ~Listener() {
    {
      const std::lock_guard lock(mutex_);
      is_over_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  void HandOver() {
    {
      const std::lock_guard lock(mutex_);
      ++handed_over_;
    }
    changed_.notify_all();
  }
  // When it had the n-th, once it has.
  Clock::time_point WaitFor(uint64_t n) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return taken_ >= n; });
    return taken_at_;
  }

 private:
  void Run() {
    std::unique_lock lock(mutex_);
    while (!is_over_) {
      changed_.wait(lock, [&] { return is_over_ || taken_ < handed_over_; });
      taken_ = handed_over_;
      taken_at_ = Clock::now();
      changed_.notify_all();
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t handed_over_ = 0;
  uint64_t taken_ = 0;
  Clock::time_point taken_at_;
  bool is_over_ = false;
  std::thread thread_;
};

// The floor: from one thread to another, and nothing else.
void HandOver(benchmark::State& state) {
  Listener listener;
  Durations durations;
  uint64_t n = 0;
  for (auto _ : state) {
    const auto begin = Clock::now();
    listener.HandOver();
    durations.Add(listener.WaitFor(++n) - begin);
  }
  durations.Tell(state, "heard");
}

// From the call of Ingest with a person's first order to a listener in another thread, who is told by the feed that
// they are a customer now. With 20 traits and 20 segments.
void Flip(benchmark::State& state) {
  Listener listener;
  Options options;
  options.on_changes = [&](std::span<const FeedEntry> entries) {
    const auto is_it = [](const FeedEntry& entry) {
      return entry.kind == FeedEntry::Kind::kSegmentEntered && entry.name == "customers";
    };
    if (std::any_of(entries.begin(), entries.end(), is_it)) listener.HandOver();
  };
  constexpr uint64_t kPeople = 10'000;
  NewDatabase database(SchemaWith(Living::kFeed), options);
  Fill(database, kPeople, 3);
  Durations durations;
  uint64_t n = 0;
  for (auto _ : state) {
    Event order = ItemOf(n, 9);
    order.time = TimeOf(3);
    const auto begin = Clock::now();
    Check(ValueOf(database.engine().Ingest(order)).accepted == 1, "the order was not accepted");
    durations.Add(listener.WaitFor(++n) - begin);
  }
  durations.Tell(state, "heard");
}

// A million people, of whom a tenth leaves a segment at one moment, for nothing but time; and what somebody who looks
// people up and somebody who writes feel meanwhile. `leave`: whether anybody does, or the two are by themselves.
void Leave(benchmark::State& state, bool leave) {
  constexpr uint64_t kPeople = 1'000'000;
  constexpr uint64_t kLeave = 100'000;
  NewDatabase database(SchemaWith(Living::kNone) +
                       "traits { name: 'views_7d' events: 'Product Viewed' count {} window { days: 7 } }"
                       "segments { name: 'active' all { trait: 'views_7d' at_least: 1 } } feed {}");
  {
    Loader<Event> loader(database);
    for (uint64_t person = 0; person < kPeople; ++person) loader.Add(ItemOf(person, person < kLeave ? 0 : 1));
  }
  Engine& engine = database.engine();
  Check(engine.Advance(TimeOf(2)));
  Durations reads;
  Durations writes;
  std::atomic<bool> is_over = false;
  std::thread reader([&] {
    for (uint64_t n = 0; !is_over; ++n) {
      const std::string user = ItemOf(n * 7919 % kPeople, 0).identifiers[0].value;
      const auto begin = Clock::now();
      const auto profile = engine.Lookup("user", user);
      reads.Add(Clock::now() - begin);
      Check(profile.status());
    }
  });
  std::thread writer([&] {
    for (uint64_t n = 0; !is_over; ++n) {
      const Event event = ItemOf(kPeople - 1 - n % kLeave, 2 + n / kLeave);
      const auto begin = Clock::now();
      const auto report = engine.Ingest(event);
      writes.Add(Clock::now() - begin);
      Check(report.status());
    }
  });
  for (auto _ : state) {
    if (leave)
      Check(engine.Advance(TimeOf(0) + std::chrono::days(7)));
    else
      std::this_thread::sleep_for(std::chrono::seconds(5));
  }
  is_over = true;
  reader.join();
  writer.join();
  reads.Tell(state, "read");
  writes.Tell(state, "write");
  if (!leave) return;
  const Stats stats = engine.GetStats();
  Check(stats.segments[0].members == kPeople - kLeave, "not all have left");
}

const auto* const kHandOver = benchmark::RegisterBenchmark("segments/floor_hand_over", HandOver) -> Iterations(5000);
const auto* const kFlip = benchmark::RegisterBenchmark("segments/flip_to_listener", Flip) -> Iterations(5000);
const auto* const kAlone = benchmark::RegisterBenchmark("segments/100000_of_1000000_leave/nobody", Leave, false)
                               -> Iterations(1) -> Unit(benchmark::kMillisecond) -> UseRealTime();
const auto* const kLeave = benchmark::RegisterBenchmark("segments/100000_of_1000000_leave/all", Leave, true)
                               -> Iterations(1) -> Unit(benchmark::kMillisecond) -> UseRealTime();

}  // namespace
}  // namespace kintsugi::bench
