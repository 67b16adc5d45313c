// Counts and sizes of a database.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "kintsugi/ids.h"
#include "kintsugi/value.h"

namespace kintsugi {

// How good a source's rows are, since the database began.
struct SourceStats {
  std::string name;
  uint64_t accepted = 0;
  uint64_t duplicates = 0;
  uint64_t superseded = 0;
  uint64_t quarantined = 0;
  // Values that were not of their declared type, and so were left out of an accepted row: "birth_date: not a DATE" →
  // how many, and one of them.
  struct RefusedValues {
    uint64_t count = 0;
    std::string example;
  };
  std::map<std::string, RefusedValues> refused_values;
  // Values beyond Survivorship::max_values, by attribute; `*` stands for those that the schema does not list: how often
  // one was said and not kept. They stay evidence.
  std::map<std::string, uint64_t> values_left_out;
  // Identifiers that were left out of an accepted row: "email: malformed" → how many.
  std::map<std::string, uint64_t> refused_identifiers;
  // Records that are no items now because nobody knows when they happened; nothing if the source's records are none.
  std::optional<uint64_t> records_without_time;
};

// How many profiles are members of a segment, as of the database's `now`.
struct SegmentStats {
  std::string name;
  uint64_t members = 0;
};

struct Stats {
  uint64_t profiles = 0;
  uint64_t identifiers = 0;  // records included
  uint64_t associations = 0;
  uint64_t records = 0;
  uint64_t events = 0;
  uint64_t quarantined = 0;  // rows in quarantine now
  uint64_t disk_bytes = 0;
  uint64_t memory_bytes = 0;  // block cache, write buffers and cached golden records
  std::optional<Time> now;    // the database's clock
  // Profiles of which some trait is approximate (docs/living.md); nothing if the schema has no traits.
  std::optional<uint64_t> approximate;
  // Spendings of points that were not there; nothing if the schema has no `loyalty`.
  std::optional<uint64_t> overdrawn;
  std::vector<SegmentStats> segments;  // in schema order
  std::vector<SourceStats> sources;    // likewise
};

// The state of the identity graph, for those who tend it.
struct IdentityStats {
  struct LargeProfile {
    ProfileId id;
    uint64_t identifiers = 0;
    Identifier example;  // the strongest
  };
  // A component with refused links.
  struct Conflict {
    uint64_t profiles = 0;
    uint64_t identifiers = 0;
    uint64_t refused_links = 0;
    Identifier example;  // the identifier with most refused links
  };
  struct Generic {
    Identifier identifier;
    uint64_t links = 0;  // to identifiers of the namespace that it has most of
    std::string ns;      // that namespace
  };

  std::vector<LargeProfile> largest_profiles;  // largest first
  std::vector<Conflict> conflicts;             // most refused links first
  std::vector<Generic> generic;                // most links first
  uint64_t conflict_count = 0;
  uint64_t generic_count = 0;
  std::map<uint64_t, uint64_t> profile_sizes;           // 1, 2, 3-4, 5-8, ... by upper end → how many profiles
  std::map<std::string, uint64_t> refused_links;        // "max_per_profile: customer_id", "never" → how many
  std::map<std::string, uint64_t> refused_identifiers;  // "email: malformed" → how many, of all sources
};

}  // namespace kintsugi
