#include "format/family.h"

#include <fmt/format.h>

#include <array>

namespace kintsugi::format {
namespace {

// By Family.
constexpr std::array<std::string_view, kFamilyCount> kNames = {
    "meta",        "identifiers", "profiles",   "evidence",   "crossings", "former_ids", "records",
    "events",      "messages",    "quarantine", "assertions", "asserted",  "changes",    "hubs",
    "versions",    "tallies",     "sightings",  "values",     "items",     "due",        "item_tallies",
    "item_firsts", "asked_items", "members",    "feed"};

}  // namespace

std::string_view NameOf(Family family) {
  return kNames[static_cast<size_t>(family)];
}

absl::Status DamagedRow(Family family) {
  return absl::DataLossError(fmt::format("a damaged row in `{}`", NameOf(family)));
}

}  // namespace kintsugi::format
