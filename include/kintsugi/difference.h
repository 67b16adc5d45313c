// Differences: what another schema makes of the same evidence.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "kintsugi/export.h"
#include "kintsugi/ids.h"

namespace kintsugi {

// The difference between two partitions of (nearly) the same identifiers into profiles.
struct KINTSUGI_EXPORT Difference {
  // Profiles before that share identifiers with profiles after: one of these is more than one.
  struct Example {
    std::vector<ProfileId> before;  // sorted
    std::vector<ProfileId> after;   // sorted
    uint64_t identifiers = 0;       // how many the profiles before and after hold together
    std::vector<Identifier> shown;  // some of them: one of each side at least, at most kMaxShown; sorted
  };
  static constexpr size_t kMaxExamples = 10;
  static constexpr size_t kMaxShown = 20;

  uint64_t profiles_before = 0;
  uint64_t profiles_after = 0;
  uint64_t merged = 0;  // profiles after that hold identifiers of more than one profile before
  uint64_t split = 0;   // profiles before whose identifiers are in more than one profile after

  uint64_t identifiers_before = 0;
  uint64_t identifiers_after = 0;
  uint64_t added = 0;  // identifiers that only the new schema knows
  uint64_t gone = 0;   // identifiers that the new schema drops or writes otherwise
  // Identifiers of both that change their profile. A profile after continues a profile before if each is the one with
  // which the other shares most identifiers (of several the one of the smaller id); all that are not in such a pair
  // moved. So if 5 split into 3 and 2, then 2 moved.
  uint64_t moved = 0;

  uint64_t refused_rows = 0;        // events and records that the new schema refuses
  uint64_t changed_attributes = 0;  // profiles with the same identifiers and other attribute values
  // The same for each trait of either schema, if there are any: a trait that only one has is absent in the other.
  std::map<std::string, uint64_t> changed_traits;

  // Who would be in a segment, and nobody of whose identifiers is now; and who is, and nobody of whose identifiers
  // would be. An identifier of each is shown, at most kMaxExamples.
  struct SegmentChange {
    uint64_t entered = 0;
    uint64_t left = 0;
    std::vector<Identifier> entering;
    std::vector<Identifier> leaving;
  };
  // Of each segment of either schema: one that only one has is empty in the other.
  std::map<std::string, SegmentChange> segments;

  std::vector<Example> merges;  // the largest, by identifiers
  std::vector<Example> splits;

  // One line of JSON, as `kintsugi simulate` prints it (docs/cli.md).
  std::string ToJson() const;
};

// What `Engine::Migrate` did.
struct MigrationReport {
  uint64_t records = 0;
  uint64_t events = 0;
  uint64_t quarantined = 0;  // rows that the new schema refuses
  Difference difference;
};

}  // namespace kintsugi
