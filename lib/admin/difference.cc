#include "admin/difference.h"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>
#include <vector>

namespace kintsugi::admin {
namespace {

// An identifier of both partitions, looked at from one of them: `one` may hold identifiers of many profiles there.
struct Shared {
  ProfileId one;
  ProfileId many;
  const Identifier* identifier;
};

using Sizes = std::map<ProfileId, uint64_t>;

Sizes CountMembers(const Partition& partition) {
  Sizes out;
  for (const auto& [identifier, profile] : partition) ++out[profile];
  return out;
}

// As the profiles after see it, in order of identifiers.
std::vector<Shared> FindShared(const Partition& before, const Partition& after) {
  std::vector<Shared> out;
  auto old = before.begin();
  for (const auto& [identifier, profile] : after) {
    while (old != before.end() && old->first < identifier) ++old;
    if (old != before.end() && old->first == identifier) out.push_back({profile, old->second, &identifier});
  }
  return out;
}

// Calls `visit` with every run of elements that have equal `key`s.
template <typename Visit>
void ForEachRun(std::span<const Shared> shared, ProfileId Shared::*key, const Visit& visit) {
  while (!shared.empty()) {
    size_t end = 1;
    while (end < shared.size() && shared[end].*key == shared[0].*key) ++end;
    visit(shared.first(end));
    shared = shared.subspan(end);
  }
}

// A profile that shares identifiers with several profiles of the other partition.
struct Group {
  std::span<const Shared> shared;  // sorted by the others
  uint64_t identifiers = 0;        // of all of these profiles together
};

// `shared` is sorted by `one`, then `many`.
std::vector<Group> FindGroups(std::span<const Shared> shared, const Sizes& one, const Sizes& many) {
  std::vector<Group> out;
  ForEachRun(shared, &Shared::one, [&](std::span<const Shared> run) {
    if (run.front().many == run.back().many) return;
    Group group{run, one.at(run[0].one) - run.size()};
    ForEachRun(run, &Shared::many, [&](std::span<const Shared> cell) { group.identifiers += many.at(cell[0].many); });
    out.push_back(group);
  });
  return out;
}

// The profile of the other partition with which a profile shares most identifiers, and how many.
struct Closest {
  ProfileId profile;
  uint64_t identifiers = 0;
};

// For each profile of `one`; of several the one with the smaller id. `shared` is sorted by `one`, then `many`.
std::map<ProfileId, Closest> FindClosest(std::span<const Shared> shared) {
  std::map<ProfileId, Closest> out;
  ForEachRun(shared, &Shared::one, [&](std::span<const Shared> run) {
    Closest& closest = out[run[0].one];
    ForEachRun(run, &Shared::many, [&](std::span<const Shared> cell) {
      if (cell.size() > closest.identifiers) closest = {cell[0].many, cell.size()};
    });
  });
  return out;
}

// The identifiers of the pairs in which each is the other's closest: there the one continues the other.
uint64_t CountContinued(const std::map<ProfileId, Closest>& of_before, const std::map<ProfileId, Closest>& of_after) {
  uint64_t count = 0;
  for (const auto& [before, closest] : of_before) {
    if (of_after.at(closest.profile).profile == before) count += closest.identifiers;
  }
  return count;
}

// One of each of the many, then a second of each, until there is no room: so that every one of them is seen.
std::vector<Identifier> Show(std::span<const Shared> shared) {
  std::vector<std::span<const Shared>> cells;
  ForEachRun(shared, &Shared::many, [&](std::span<const Shared> cell) { cells.push_back(cell); });
  std::vector<Identifier> out;
  const size_t room = std::min(shared.size(), Difference::kMaxShown);
  for (size_t round = 0; out.size() < room; ++round) {
    for (const auto& cell : cells) {
      if (round < cell.size() && out.size() < room) out.push_back(*cell[round].identifier);
    }
  }
  std::sort(out.begin(), out.end());
  return out;
}

// An example of each of the largest groups, with the one profile in `one` and the others in `many`.
std::vector<Difference::Example> ToExamples(std::vector<Group> groups, std::vector<ProfileId> Difference::Example::*one,
                                            std::vector<ProfileId> Difference::Example::*many) {
  std::sort(groups.begin(), groups.end(), [](const Group& a, const Group& b) {
    return std::tie(b.identifiers, a.shared[0].one) < std::tie(a.identifiers, b.shared[0].one);
  });
  groups.resize(std::min(groups.size(), Difference::kMaxExamples));
  std::vector<Difference::Example> out;
  for (const Group& group : groups) {
    Difference::Example example{.identifiers = group.identifiers, .shown = Show(group.shared)};
    example.*one = {group.shared[0].one};
    ForEachRun(group.shared, &Shared::many,
               [&](std::span<const Shared> cell) { (example.*many).push_back(cell[0].many); });
    out.push_back(std::move(example));
  }
  return out;
}

// Identifiers of one pair of profiles stay in their order.
void SortByProfiles(std::vector<Shared>& shared) {
  std::stable_sort(shared.begin(), shared.end(),
                   [](const Shared& a, const Shared& b) { return std::tie(a.one, a.many) < std::tie(b.one, b.many); });
}

}  // namespace

Difference Compare(const Partition& before, const Partition& after) {
  using Example = Difference::Example;
  const Sizes sizes_before = CountMembers(before);
  const Sizes sizes_after = CountMembers(after);
  std::vector<Shared> shared = FindShared(before, after);
  Difference out{.profiles_before = sizes_before.size(),
                 .profiles_after = sizes_after.size(),
                 .identifiers_before = before.size(),
                 .identifiers_after = after.size(),
                 .added = after.size() - shared.size(),
                 .gone = before.size() - shared.size()};

  SortByProfiles(shared);
  const std::map<ProfileId, Closest> closest_of_after = FindClosest(shared);
  std::vector<Group> groups = FindGroups(shared, sizes_after, sizes_before);
  out.merged = groups.size();
  out.merges = ToExamples(std::move(groups), &Example::after, &Example::before);

  for (Shared& one : shared) std::swap(one.one, one.many);
  SortByProfiles(shared);
  groups = FindGroups(shared, sizes_before, sizes_after);
  out.split = groups.size();
  out.splits = ToExamples(std::move(groups), &Example::before, &Example::after);
  out.moved = shared.size() - CountContinued(FindClosest(shared), closest_of_after);
  return out;
}

}  // namespace kintsugi::admin
