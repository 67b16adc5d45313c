// Rows of `evidence`, `sightings` and `asserted`: what is loaded as bytes, and back.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "graph/crossings.h"
#include "graph/loaded.h"
#include "graph/observations.h"

namespace kintsugi::graph {

// Fills a stored profile, which has nothing but its place, and its identifiers. `asserted` are those of them that an
// assertion names. kDataLoss for a damaged row.
absl::Status DecodeEvidence(std::string_view row, ProfileSlot slot, Loaded& loaded, std::vector<NodeId>& asserted);
// `crossed`: identifiers that an association of another profile holds.
std::string EncodeEvidence(const Loaded& loaded, const Observations& observations, const Resolved& profile,
                           const absl::flat_hash_set<NodeId>& crossed);

// What sources say of an association. False for a damaged row.
bool DecodeSightings(std::string_view row, const format::Catalog& catalog, std::vector<Sighting>& sightings);
std::string EncodeSightings(const format::Catalog& catalog, const std::vector<Sighting>& sightings);

absl::Status DecodePairs(std::string_view row, NodeId id, Loaded& loaded);
std::string EncodePairs(const Loaded& loaded, const std::vector<Pair>& pairs);

}  // namespace kintsugi::graph
