// Profiles of one user and many devices, each device seen with the user once: no conflict, one profile per user.

#pragma once

#include <string>
#include <vector>

#include "bench/data.h"
#include "bench/new_database.h"

namespace kintsugi::bench {

inline constexpr std::string_view kStarSchema = R"(
    namespaces { name: "user"   max_per_profile: 1 }
    namespaces { name: "device" }
    sources { name: "log" events { format: NATIVE } }
    sources { name: "crm" table { key: "id" } })";

// About as many identifiers altogether, whatever the size of a profile.
inline constexpr size_t kStarIdentifiers = 20'000;

inline Identifier StarUser(size_t profile) {
  return {"user", std::string(ToView(KeyOf(2 * profile)))};
}
inline Identifier StarDevice(size_t profile, size_t device) {
  return {"device", std::string(ToView(KeyOf(2 * (profile * 1'000'000 + device) + 1)))};
}

// The event of a user with one of the devices.
inline Event StarEvent(size_t profile, size_t device) {
  return {.source = "log",
          .id = fmt::format("{}-{}", profile, device),
          .time = Time(std::chrono::seconds(1'700'000'000 + device)),
          .name = "Page Viewed",
          .identifiers = {StarUser(profile), StarDevice(profile, device)},
          .traits = {{"first_name", std::string("Jane")}}};
}

// The same as a record, without a version time.
inline Record StarRecord(size_t profile, size_t device) {
  return {.source = "crm",
          .key = fmt::format("{}-{}", profile, device),
          .identifiers = {StarUser(profile), StarDevice(profile, device)},
          .attributes = {{"first_name", std::string("Jane")}}};
}

}  // namespace kintsugi::bench
