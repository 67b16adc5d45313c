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

void Run(benchmark::State& state, uint32_t users) {
  const identity::Rules rules{.namespaces = {{.max_per_profile = 1}, {}}};
  const Component component = MakeComponent(static_cast<uint32_t>(state.range(0)), users);
  for (auto _ : state) {
    const identity::Resolution resolution = identity::Resolve(rules, component);
    if (resolution.profile_count != users) state.SkipWithError("not the profiles that were expected");
    benchmark::DoNotOptimize(resolution.profile_of.data());
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(component.identifiers.size()));
}

void NoConflict(benchmark::State& state) {
  Run(state, 1);
}
void Conflict(benchmark::State& state) {
  Run(state, static_cast<uint32_t>(state.range(0)) / 4);
}

const auto* const kNoConflict =
    benchmark::RegisterBenchmark("resolve/no_conflict", NoConflict) -> Arg(2) -> Arg(16) -> Arg(128) -> Arg(1024);
const auto* const kConflict =
    benchmark::RegisterBenchmark("resolve/conflict", Conflict) -> Arg(16) -> Arg(128) -> Arg(1024);

}  // namespace
}  // namespace kintsugi::bench
