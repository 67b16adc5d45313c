// What one further event costs that names an identifier which very many people were seen with: a kiosk.
//
// Half of a database's events are a user with a device of the user's own, half the user at a kiosk. It has the same
// number of users whatever the size of its kiosks, so a small kiosk is one of many; `floor/no_hub` is the same with a
// second own device in the place of the kiosk. Databases are settled first. New users make a kiosk larger while they
// are measured: the smallest by the number of times that their turn comes, some two or three.

#include <map>
#include <memory>
#include <string>

#include "bench/data.h"
#include "bench/harness.h"
#include "bench/new_database.h"
#include "bench/random.h"

namespace kintsugi::bench {
namespace {

constexpr std::string_view kGenericAbove8 = R"(
    namespaces { name: "user"   max_per_profile: 1 }
    namespaces { name: "device" generic_above: 8 }
    sources { name: "log" events { format: NATIVE } })";

// The same without the bound: the kiosk holds its users together in one component, in conflict.
constexpr std::string_view kNeverGeneric = R"(
    namespaces { name: "user"   max_per_profile: 1 }
    namespaces { name: "device" }
    sources { name: "log" events { format: NATIVE } })";

// 100,000, or what KINTSUGI_BENCH_HUB_USERS says.
uint64_t UserCount() {
  static const uint64_t count = CountFrom("KINTSUGI_BENCH_HUB_USERS", 100'000);
  return count;
}

// Of a component in conflict every user is read and written when it is loaded, too.
constexpr uint64_t kConflictedUsers = 10'000;

class Kiosks {
 public:
  struct Size {
    std::string_view schema;
    uint64_t users = 0;
    uint64_t users_per_kiosk = 0;  // 0: there are none, but a second device each

    friend auto operator<=>(const Size&, const Size&) = default;
  };

  explicit Kiosks(const Size& size) : size_(size), database_(size.schema) {
    Loader<Event> loader(database_);
    for (uint64_t user = 0; user < size.users; ++user) {
      loader.Add(Seen(user, Own(user)));
      loader.Add(Seen(user, KioskOf(user)));
    }
  }

  Engine& engine() { return database_.engine(); }

  Event OfNewUser() {
    const uint64_t user = size_.users + new_users_++;
    return Seen(user, KioskOf(user % size_.users, user));
  }
  Event OfKnownUser() {
    const uint64_t user = random_.Below(size_.users);
    return Seen(user, KioskOf(user));
  }
  Event NotAtHub() {
    const uint64_t user = random_.Below(size_.users);
    return Seen(user, Own(user));
  }

 private:
  static std::string Name(char kind, uint64_t number) { return kind + std::string(ToView(KeyOf(number))); }
  static std::string Own(uint64_t user) { return Name('o', user); }
  // Kiosks take turns at new users, who stand for `user`, somebody at the same kiosk.
  std::string KioskOf(uint64_t user) const { return KioskOf(user, user); }
  std::string KioskOf(uint64_t user, uint64_t owner) const {
    if (size_.users_per_kiosk == 0) return Name('s', owner);
    return Name('k', user % (size_.users / size_.users_per_kiosk));
  }

  Event Seen(uint64_t user, std::string device) {
    const uint64_t number = events_++;
    return {.source = "log",
            .id = Name('e', number),
            .time = Time(std::chrono::milliseconds(1'700'000'000'000 + number)),
            .name = "Page Viewed",
            .identifiers = {{"user", Name('u', user)}, {"device", std::move(device)}},
            .traits = {{"first_name", std::string("Jane")}}};
  }

  const Size size_;
  uint64_t events_ = 0;
  uint64_t new_users_ = 0;
  Random random_{1};
  NewDatabase database_;
};

// Databases are shared by the benchmarks of one size, and by repetitions.
Kiosks& Get(const Kiosks::Size& size) {
  auto& made = Shared<std::map<Kiosks::Size, std::unique_ptr<Kiosks>>>()[size];
  if (!made) made = std::make_unique<Kiosks>(size);
  return *made;
}

using NextEvent = Event (Kiosks::*)();

void Run(benchmark::State& state, const Kiosks::Size& size, NextEvent next) {
  if (std::max(size.users_per_kiosk, size.users) > std::max(UserCount(), kConflictedUsers)) {
    state.SkipWithError(fmt::format("left out: set KINTSUGI_BENCH_HUB_USERS={} (loads as many users, minutes)",
                                    std::max(size.users_per_kiosk, size.users))
                            .c_str());
    return;
  }
  Kiosks& kiosks = Get(size);
  uint64_t accepted = 0;
  WallClockRate rate(state);
  for (auto _ : state) {
    const auto report = kiosks.engine().Ingest((kiosks.*next)());
    if (report.ok()) accepted += report->accepted;
  }
  rate.SetItems(1);
  if (accepted != state.iterations()) state.SkipWithError("an event was not accepted");
}

void Hub(benchmark::State& state, NextEvent next) {
  const auto users = static_cast<uint64_t>(state.range(0));
  Run(state, {kGenericAbove8, std::max(users, UserCount()), users}, next);
}

void NoHub(benchmark::State& state, NextEvent next) {
  Run(state, {kGenericAbove8, UserCount(), 0}, next);
}

void Conflicted(benchmark::State& state, NextEvent next) {
  Run(state, {kNeverGeneric, kConflictedUsers, static_cast<uint64_t>(state.range(0))}, next);
}

void NoConflict(benchmark::State& state) {
  Run(state, {kNeverGeneric, kConflictedUsers, 0}, &Kiosks::OfKnownUser);
}

void Sizes(benchmark::internal::Benchmark* hub) {
  for (const int64_t users : {10, 1'000, 100'000, 1'000'000}) hub->Arg(users);
}

const auto* const kFloorNew = benchmark::RegisterBenchmark("floor/no_hub/new_user", NoHub, &Kiosks::OfNewUser);
const auto* const kFloorKnown = benchmark::RegisterBenchmark("floor/no_hub/known_user", NoHub, &Kiosks::OfKnownUser);
const auto* const kNewUser = benchmark::RegisterBenchmark("hub/new_user", Hub, &Kiosks::OfNewUser) -> Apply(Sizes);
const auto* const kKnownUser =
    benchmark::RegisterBenchmark("hub/known_user", Hub, &Kiosks::OfKnownUser) -> Apply(Sizes);
const auto* const kNotAtHub = benchmark::RegisterBenchmark("hub/not_at_hub", Hub, &Kiosks::NotAtHub) -> Apply(Sizes);

const auto* const kFloorConflicted = benchmark::RegisterBenchmark("floor/no_conflict/known_user", NoConflict);
const auto* const kConflicted = benchmark::RegisterBenchmark("hub/conflicted", Conflicted, &Kiosks::OfKnownUser)
                                    -> RangeMultiplier(10) -> Range(10, 10'000);
const auto* const kConflictedElsewhere =
    benchmark::RegisterBenchmark("hub/conflicted_elsewhere", Conflicted, &Kiosks::NotAtHub) -> RangeMultiplier(10)
        -> Range(10, 10'000);

}  // namespace
}  // namespace kintsugi::bench
