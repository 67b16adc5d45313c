// Resolving what was loaded.

#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "graph/crossings.h"
#include "graph/loaded.h"
#include "graph/loader.h"
#include "identity/resolve.h"

namespace kintsugi::graph {

// When each identifier was seen, and which are still spoken of at all, by the evidence as it is now.
absl::Status SeeEvidence(Loaded& loaded, Loader& loader);

// The profiles that active links or a `same` connect, by their places.
std::vector<std::vector<ProfileSlot>> ComponentsOf(const Loaded& loaded);

// Which evidence, and how much of it: `kBefore` is what is stored, and inactive links are in `kWhole` only, for they
// connect nobody.
enum class Extent { kBefore, kNow, kWhole };
// `index`: the place of each of `ids`.
identity::Component ComponentOf(const Loaded& loaded, const std::vector<NodeId>& ids,
                                const std::vector<AssociationId>& associations,
                                const absl::flat_hash_map<NodeId, uint32_t>& index, Extent extent);

// RefusedLink::broken of links between a generic identifier and weaker ones, by the former.
using BrokenAtHubs = absl::flat_hash_map<NodeId, std::set<uint64_t>>;

// The profiles of one component now; adds to `broken`. Nothing if that depends on sightings that are not loaded.
std::optional<std::vector<Resolved>> ResolveComponent(const Loaded& loaded, const std::vector<ProfileSlot>& slots,
                                                      BrokenAtHubs& broken);

// Whether links lead from what is loaded, and is not whole, to what is not loaded.
bool HasEdges(const Loaded& loaded);

// The identifiers that have a link across such an edge of which it is not certain that it stays refused. All sightings
// there are loaded.
std::vector<NodeId> EndsOfOpenEdges(const Loaded& loaded);

// What is loaded, resolved: everything of the components, and the names of generic identifiers beside them.
struct Part {
  identity::Component component;
  identity::Resolution resolution;
  std::vector<std::optional<ProfileId>> profiles;  // by identifier; none if it is not loaded
  std::vector<Time> first_seen;                    // by identifier
  std::vector<std::vector<Sighting>> sightings;    // by association
  std::vector<std::string> assertion_ids;          // by assertion
};
Part ResolvePart(const Loaded& loaded);

}  // namespace kintsugi::graph
