// The families that rows are in. docs/data_layout.md has a section for each.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "absl/status/status.h"

namespace kintsugi::format {

// The version of all stored bytes; meta has it.
inline constexpr uint32_t kFormat = 7;

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
  kTallies,
  kSightings,
  kValues,
  kItems,
  kDue,
  kItemTallies,
  kItemFirsts,
  kAskedItems,
  kMembers,
  kFeed,
};
inline constexpr size_t kFamilyCount = 25;

// As docs/data_layout.md and messages call it.
std::string_view NameOf(Family family);

// kDataLoss.
absl::Status DamagedRow(Family family);

}  // namespace kintsugi::format
