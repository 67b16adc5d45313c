// Withdrawing one event or one record, of profiles of so many identifiers. The database has many profiles; each loses
// one, and when all have, what was withdrawn is put back outside the measured time.

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bench/harness.h"
#include "bench/new_database.h"
#include "bench/stars.h"

namespace kintsugi::bench {
namespace {

std::string NameOf(size_t profile) {
  return fmt::format("{}-0", profile);
}

// Events: a profile of n identifiers is a user and n - 1 devices, one event each.
class Events {
 public:
  explicit Events(size_t identifiers) : profiles_(kStarIdentifiers / identifiers), database_(kStarSchema) {
    Loader<Event> loader(database_);
    for (size_t profile = 0; profile < profiles_; ++profile) {
      for (size_t device = 0; device + 1 < identifiers; ++device) loader.Add(StarEvent(profile, device));
    }
  }

  size_t profiles() const { return profiles_; }
  absl::StatusOr<WithdrawReport> Withdraw(const std::string& name) {
    return database_.engine().WithdrawEvents("log", {&name, 1});
  }
  void PutBack(size_t profiles) {
    std::vector<std::string> names;
    std::vector<Event> events;
    for (size_t profile = 0; profile < profiles; ++profile) {
      names.push_back(NameOf(profile));
      events.push_back(StarEvent(profile, 0));
    }
    Check(database_.engine().ReadmitEvents("log", names).status());
    Check(ValueOf(database_.engine().Ingest(events)).accepted == profiles, "an event did not come back");
  }

 private:
  size_t profiles_;
  NewDatabase database_;
};

// Records are identifiers too: n of them are a user and (n - 1) / 2 records, each with a device.
class Records {
 public:
  explicit Records(size_t identifiers) : profiles_(kStarIdentifiers / identifiers), database_(kStarSchema) {
    Loader<Record> loader(database_);
    for (size_t profile = 0; profile < profiles_; ++profile) {
      for (size_t device = 0; device < (identifiers - 1) / 2; ++device) loader.Add(StarRecord(profile, device));
    }
  }

  size_t profiles() const { return profiles_; }
  absl::StatusOr<WithdrawReport> Withdraw(const std::string& name) {
    return database_.engine().WithdrawRecords("crm", {&name, 1});
  }
  void PutBack(size_t profiles) {
    std::vector<Record> records;
    for (size_t profile = 0; profile < profiles; ++profile) records.push_back(StarRecord(profile, 0));
    Check(ValueOf(database_.engine().Ingest(records)).accepted == profiles, "a record did not come back");
  }

 private:
  size_t profiles_;
  NewDatabase database_;
};

// One database for each size, for all repetitions.
template <typename Evidence>
Evidence& Get(size_t identifiers) {
  auto& made = Shared<std::map<size_t, std::unique_ptr<Evidence>>>()[identifiers];
  if (!made) made = std::make_unique<Evidence>(identifiers);
  return *made;
}

template <typename Evidence>
void Withdraw(benchmark::State& state) {
  auto& evidence = Get<Evidence>(static_cast<size_t>(state.range(0)));
  size_t withdrawn = 0;
  for (auto _ : state) {
    const auto report = evidence.Withdraw(NameOf(withdrawn));
    if (!report.ok() || report->withdrawn != 1) state.SkipWithError("it was not withdrawn");
    if (++withdrawn < evidence.profiles()) continue;
    state.PauseTiming();
    evidence.PutBack(std::exchange(withdrawn, 0));
    state.ResumeTiming();
  }
  if (withdrawn > 0) evidence.PutBack(withdrawn);
}

const auto* const kEvent =
    benchmark::RegisterBenchmark("withdraw/event", Withdraw<Events>) -> Arg(10) -> Arg(100) -> Arg(1000);
const auto* const kRecord =
    benchmark::RegisterBenchmark("withdraw/record", Withdraw<Records>) -> Arg(10) -> Arg(100) -> Arg(1000);

}  // namespace
}  // namespace kintsugi::bench
