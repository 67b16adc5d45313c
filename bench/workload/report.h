// What the driver prints and writes.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "bench/workload/driver.h"

namespace kintsugi::bench {

// One target under one load.
struct Report {
  std::string target;
  Load load;
  double load_seconds = 0;  // how long it took to bring the people in, settled
  Outcome outcome;
  std::optional<uint64_t> memory_bytes;
  std::optional<uint64_t> disk_bytes;
};

// The words above the table's columns.
std::string TableHead();
// A line for look-ups and one for events, those of which there were any.
std::string TableRows(const Report& report);
// All of it, as one line of JSON.
std::string ToJson(const Report& report);

std::string_view ToString(Distribution distribution);

}  // namespace kintsugi::bench
