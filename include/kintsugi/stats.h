// Counts and sizes of a database.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace kintsugi {

// How good a source's rows are, since the database began.
struct SourceStats {
  std::string name;
  uint64_t accepted = 0;
  uint64_t duplicates = 0;
  uint64_t quarantined = 0;
  // Identifiers that were left out of an accepted row: "email: malformed" → how many.
  std::map<std::string, uint64_t> refused_identifiers;
};

struct Stats {
  uint64_t profiles = 0;
  uint64_t identifiers = 0;  // records included
  uint64_t associations = 0;
  uint64_t records = 0;
  uint64_t events = 0;
  uint64_t quarantined = 0;  // rows in quarantine now
  uint64_t disk_bytes = 0;
  uint64_t memory_bytes = 0;         // block cache and write buffers
  std::vector<SourceStats> sources;  // in schema order
};

}  // namespace kintsugi
