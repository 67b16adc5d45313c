#include "bench/workload/driver.h"

#include <sys/prctl.h>

#include <array>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

namespace kintsugi::bench {
namespace {

using Clock = std::chrono::steady_clock;
using Duration = Clock::duration;
using TimePoint = Clock::time_point;

Duration Seconds(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

// Sleeping ends late by the tens of microseconds that many an operation takes, so the last stretch is spent looking at
// the clock.
void WaitUntil(TimePoint due) {
  constexpr auto kSpin = std::chrono::microseconds(150);
  if (due - Clock::now() > 2 * kSpin) std::this_thread::sleep_until(due - kSpin);
  while (Clock::now() < due) {
  }
}

// One thread's part.
class Worker {
 public:
  Worker(Target& target, const Load& load, const Chooser& chooser, uint64_t seed, std::atomic<uint64_t>& events)
      : session_(target.NewSession()),
        batch_(target.batch()),
        load_(load),
        chooser_(chooser),
        random_(seed),
        events_(events) {}

  // Each operation begins when the one before it has ended. Choosing them takes as long as finding one in a hash map
  // does, so they are chosen in advance, while the clock of this thread stands.
  void RunClosed(TimePoint end) {
    std::array<Operation, 256> chosen;
    while (Clock::now() < end) {
      for (Operation& operation : chosen) operation = Choose();
      const TimePoint begin = ready_ = Clock::now();
      for (const Operation& operation : chosen) Start(operation, ready_);
      Finish();
      busy_ += ready_ - begin;
    }
  }

  // Each operation begins when it is due, or as soon after as the ones before it allow. False if it falls behind by
  // more than the whole run was to take.
  bool RunOpen(TimePoint begin, Duration every, int64_t count) {
    const TimePoint latest = begin + 2 * every * count + std::chrono::seconds(1);
    for (int64_t i = 0; i < count && ready_ < latest; ++i) {
      const Operation operation = Choose();
      const TimePoint due = begin + every * i;
      if (Clock::now() < due) Finish();
      WaitUntil(due);
      Start(operation, due);
    }
    Finish();
    busy_ = ready_ - begin;
    return ready_ < latest;
  }

  const Histogram& lookups_ns() const { return lookups_ns_; }
  const Histogram& events_ns() const { return events_ns_; }
  double PerSecond() const {
    const double seconds = std::chrono::duration<double>(busy_).count();
    return seconds == 0 ? 0 : static_cast<double>(lookups_ns_.count() + events_ns_.count()) / seconds;
  }

 private:
  Operation Choose() {
    Operation operation;
    operation.identifier = chooser_.Choose(random_);
    operation.probe = {NamespaceOf(operation.identifier), KeyOf(operation.identifier)};
    const bool looks_up = static_cast<double>(random_.Below(1'000'000)) < load_.lookup_percent * 10'000;
    operation.event = looks_up ? 0 : ++events_;
    return operation;
  }

  // Does it, or, if it is a look-up that may go with others, keeps it until there are enough of them.
  void Start(const Operation& operation, TimePoint due) {
    if (operation.event != 0) {
      session_->Apply(operation);
      ready_ = Clock::now();
      Record(events_ns_, due);
      return;
    }
    waiting_.push_back(operation);
    due_.push_back(due);
    if (waiting_.size() == batch_) Finish();
  }

  void Finish() {
    if (waiting_.empty()) return;
    session_->LookUp(waiting_);
    ready_ = Clock::now();
    for (const TimePoint due : due_) Record(lookups_ns_, due);
    waiting_.clear();
    due_.clear();
  }

  void Record(Histogram& histogram, TimePoint due) const {
    histogram.Record(static_cast<uint64_t>(std::chrono::nanoseconds(ready_ - due).count()));
  }

  const std::unique_ptr<Session> session_;
  const size_t batch_;
  const Load& load_;
  const Chooser& chooser_;
  Random random_;
  std::atomic<uint64_t>& events_;
  std::vector<Operation> waiting_;
  std::vector<TimePoint> due_;
  TimePoint ready_;
  Duration busy_{};
  Histogram lookups_ns_;
  Histogram events_ns_;
};

}  // namespace

Outcome Driver::Run(const Load& load) {
  const Chooser chooser(load.distribution, load.identifiers);
  std::vector<std::unique_ptr<Worker>> workers;
  for (size_t i = 0; i < load.threads; ++i) {
    workers.push_back(std::make_unique<Worker>(target_, load, chooser, Mix(runs_) + i, events_));
  }
  ++runs_;

  std::atomic<bool> kept_up = true;
  const TimePoint begin = Clock::now() + std::chrono::milliseconds(10);  // by then all threads are there
  const auto work = [&](size_t i) {
    prctl(PR_SET_TIMERSLACK, 1UL);
    if (load.rate == 0) {
      WaitUntil(begin);
      return workers[i]->RunClosed(begin + Seconds(load.seconds));
    }
    const auto threads = static_cast<double>(load.threads);
    const auto count = static_cast<int64_t>(load.rate * load.seconds / threads);
    const TimePoint first = begin + Seconds(static_cast<double>(i) / load.rate);
    if (!workers[i]->RunOpen(first, Seconds(threads / load.rate), count)) kept_up = false;
  };
  std::vector<std::thread> threads;
  for (size_t i = 0; i < load.threads; ++i) threads.emplace_back(work, i);
  for (std::thread& thread : threads) thread.join();

  Outcome outcome{.kept_up = kept_up};
  for (const auto& worker : workers) {
    outcome.lookups_ns.Add(worker->lookups_ns());
    outcome.events_ns.Add(worker->events_ns());
    outcome.per_second += worker->PerSecond();
  }
  return outcome;
}

}  // namespace kintsugi::bench
