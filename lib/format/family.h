// The families that rows are in. docs/data_layout.md has a section for each.

#pragma once

#include <cstddef>
#include <cstdint>

namespace kintsugi::format {

// The version of all stored bytes; meta has it.
inline constexpr uint32_t kFormat = 4;

enum class Family {
  kMeta,
  kIdentifiers,
  kProfiles,
  kEvidence,
  kCrossings,
  kFormerIds,
  kRecords,
  kEvents,
  kMessages,
  kQuarantine,
  kAssertions,
  kAsserted,
  kChanges,
  kHubs,
  kVersions,
};
inline constexpr size_t kFamilyCount = 15;

}  // namespace kintsugi::format
