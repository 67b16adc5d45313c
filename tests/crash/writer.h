// What the writing process and the test that kills it agree on.

#pragma once

#include <string>
#include <vector>

#include "kintsugi/event.h"

namespace kintsugi::testing {

inline constexpr const char* kCrashSchema = R"(
  namespaces { name: "user" max_per_profile: 1 } namespaces { name: "device" } sources { name: "log" events {} }
  segments { name: "users" all { has: "user" } } feed {})";

// The one whose acknowledgements the consuming process writes.
inline constexpr const char* kCrashConsumer = "crasher";
// So many entries it takes in one run, at most: there are enough for some runs.
inline constexpr int kCrashTaken = 15;

inline constexpr int kCrashGroup = 5;

// Five events of one person; the devices are everybody's, so that each group changes what others wrote.
inline std::vector<Event> CrashGroup(int i) {
  std::vector<Event> group;
  for (int j = 0; j < kCrashGroup; ++j) {
    group.push_back({.source = "log",
                     .id = std::to_string(i) + "-" + std::to_string(j),
                     .time = Time(std::chrono::seconds(i)),
                     .identifiers = {{"user", std::to_string(i)}, {"device", std::to_string(j)}}});
  }
  return group;
}

}  // namespace kintsugi::testing
