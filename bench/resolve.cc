// Resolution of one component, pure: users and the devices that they were seen with.

#include "identity/resolve.h"

#include "bench/data.h"
#include "bench/harness.h"

namespace kintsugi::bench {
namespace {

using identity::Component;

constexpr identity::NamespaceIndex kUser = 0;
constexpr identity::NamespaceIndex kDevice = 1;

// `users` users and devices, `size` identifiers together; every device was seen with a user, and the next
// user's first device with both, so that all of it is one component.
Component MakeComponent(uint32_t size, uint32_t users) {
  Component component;
  for (uint32_t i = 0; i < size; ++i) {
    component.identifiers.push_back({i < users ? kUser : kDevice, fmt::format("{:016}", i)});
  }
  const auto seen = [&](uint32_t user, uint32_t device) {
    const Time time(std::chrono::seconds(component.associations.size() * 7919 % 1000));
    component.associations.push_back({.members = {user, device}, .first_seen = time, .last_seen = time});
  };
  for (uint32_t device = users; device < size; ++device) {
    const uint32_t user = (device - users) % users;
    seen(user, device);
    if (user == device - users && users > 1) seen((user + 1) % users, device);
  }
  return component;
}

// A kiosk without a bound: `size` identifiers, one device and all the users who were seen with it.
Component MakeStar(uint32_t size) {
  Component component;
  const uint32_t device = size - 1;
  for (uint32_t user = 0; user < device; ++user) {
    component.identifiers.push_back({kUser, fmt::format("{:016}", user)});
    const Time time(std::chrono::seconds(user * 7919 % 1000));
    component.associations.push_back({.members = {user, device}, .first_seen = time, .last_seen = time});
  }
  component.identifiers.push_back({kDevice, fmt::format("{:016}", device)});
  return component;
}

void Run(benchmark::State& state, const Component& component, uint32_t users) {
  const identity::Rules rules{.namespaces = {{.max_per_profile = 1}, {}}};
  for (auto _ : state) {
    const identity::Resolution resolution = identity::Resolve(rules, component);
    if (resolution.profile_count != users) state.SkipWithError("not the profiles that were expected");
    benchmark::DoNotOptimize(resolution.profile_of.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(component.identifiers.size()));
}

void NoConflict(benchmark::State& state) {
  Run(state, MakeComponent(static_cast<uint32_t>(state.range(0)), 1), 1);
}
void Conflict(benchmark::State& state) {
  const auto size = static_cast<uint32_t>(state.range(0));
  Run(state, MakeComponent(size, size / 4), size / 4);
}
void Star(benchmark::State& state) {
  const auto size = static_cast<uint32_t>(state.range(0));
  Run(state, MakeStar(size), size - 1);
}

void InConflict(benchmark::internal::Benchmark* resolve) {
  for (const int64_t size : {16, 128, 1'024, 10'000, 100'000}) resolve->Arg(size);
}

const auto* const kNoConflict =
    benchmark::RegisterBenchmark("resolve/no_conflict", NoConflict) -> Arg(2) -> Arg(16) -> Arg(128) -> Arg(1024);
const auto* const kConflict = benchmark::RegisterBenchmark("resolve/conflict", Conflict) -> Apply(InConflict);
const auto* const kStar = benchmark::RegisterBenchmark("resolve/star", Star) -> Apply(InConflict);

}  // namespace
}  // namespace kintsugi::bench
