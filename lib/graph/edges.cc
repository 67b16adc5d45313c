// Graph: leaving what cannot change alone.
//
// Refused links connect profiles without joining them, and at an identifier that many share there are very many: a
// mailbox that a thousand customer records name is linked with each of them, a tablet with everybody who ever signed
// in. Resolving one of them must not mean to load all.
//
// So the graph stops at such edges: it loads the profiles on this side, and assumes that every link across is refused
// now as it was before. Then the profiles on the other side go on as they were, and those on this side can be resolved
// alone. The assumption is checked by resolving this side twice, by the evidence before and by the evidence now. A link
// was refused because what its two groups held together, when its turn came, broke a limit. The far group is as it was.
// So the link is refused again if its turn does not come sooner, and the near group then holds no less than before:
//
// (1) Of a link whose weaker end is here everything is known: its place in both orders, and what the group of that end
// held then. It must hold no less of anything that is limited.
//
// (2) Of a link whose weaker end is elsewhere the place is not known, for its rank is among links that are not loaded.
// But as that end is untouched, the place is the same. So at every point of the order the group of the end that is here
// must hold no less than it did before, of anything that is limited.
//
// (3) A hub here has a million links to weaker identifiers elsewhere, which are not even listed. What refuses them is
// kept with the hub (`hubs`), and mostly that is one limit: a profile has one customer id. At every point of the order
// the hub's group must hold no less of that.
//
// An identifier here that is weaker than others must know all its links, for their ranks: what is linked with it is
// loaded, unless it is generic and these links are inactive.
//
// Where the check fails, what is connected with the link's end here is loaded after all ("whole"), and the result is
// the same but for the time it takes. The same where an assertion was made or taken back, or an identifier became
// generic or no longer is: that changes links whose ends it does not touch.
//
// A group of evidence concerns many components, and one that is made whole leaves the others alone. Call two profiles
// connected if a link between them is active, or was before the changes, or if an assertion names an identifier of
// each. Whole profiles are closed under that: whatever is connected with one is loaded and whole. (Each connection is
// found from both its ends: an association names its members, a crossing leads from a member to the association's home,
// an assertion is kept at both identifiers; and what this group adds is loaded at both ends.) So no link and no
// assertion leads from a whole profile to one that is not, neither by the evidence before nor now, and each side is
// resolved as if the other were not there. What is on the far side of an edge is not whole for the same reason: so it
// is as it was, which is what the check of that edge assumes. And an edge that was checked once need not be checked
// again when others have become whole: either its component has become so too, or nothing in it has changed.

#include <algorithm>
#include <bit>
#include <iterator>
#include <span>

#include "absl/container/btree_map.h"
#include "graph/resolver.h"

namespace kintsugi::graph {

using format::Family;
using identity::Watch;

bool HasEdges(const Loaded& loaded) {
  for (const StoredProfile& profile : loaded.profiles) {
    if (profile.is_whole) continue;
    for (NodeId id : profile.members) {
      if (loaded.nodes[id].refused_by != 0) return true;
    }
  }
  return std::any_of(loaded.associations.begin(), loaded.associations.end(), [&](const Association& association) {
    if (loaded.IsWhole(association)) return false;
    const auto& members = association.members;
    const size_t active = ActivePart(members, [&](NodeId id) { return loaded.IsGeneric(id); });
    return std::any_of(members.begin(), members.begin() + static_cast<ptrdiff_t>(active),
                       [&](NodeId id) { return loaded.IsElsewhere(id); });
  });
}

namespace {

bool HoldsNoLess(const std::vector<uint32_t>& now, const std::vector<uint32_t>& before, uint64_t limits) {
  for (size_t limit = 0; limit < now.size(); ++limit) {
    const bool counts = (limits >> std::min<size_t>(limit, 63) & 1) != 0;
    if (counts && now[limit] < before[limit]) return false;
  }
  return true;
}

// Appends the ends here of links from stronger identifiers elsewhere, unless they are the same ones, no sooner, and
// their ends hold no less.
void AppendOpenLinks(std::vector<Watch::Step> before, const std::vector<Watch::Step>& now, std::vector<uint32_t>& out) {
  const auto by_ends = [](const Watch::Step& a, const Watch::Step& b) {
    return std::tie(a.place.stronger, a.place.weaker) < std::tie(b.place.stronger, b.place.weaker);
  };
  std::sort(before.begin(), before.end(), by_ends);
  for (const Watch::Step& step : now) {
    if (step.identifier == step.place.stronger) continue;  // case 2: its place is not known, the group is watched
    const auto at = std::lower_bound(before.begin(), before.end(), step, by_ends);
    const bool stays = at != before.end() && !by_ends(step, *at) && at->place <= step.place &&
                       HoldsNoLess(step.counts, at->counts, ~uint64_t{0});
    if (!stays) out.push_back(step.identifier);
  }
}

// How the group of one identifier grew, out of steps that are by identifier.
std::span<const Watch::Step> StepsOf(const std::vector<Watch::Step>& steps, uint32_t identifier) {
  const auto [begin, end] =
      std::equal_range(steps.begin(), steps.end(), Watch::Step{.identifier = identifier},
                       [](const Watch::Step& a, const Watch::Step& b) { return a.identifier < b.identifier; });
  return {begin, end};
}

// The group of an identifier here: whatever it held before, it holds by the same point now.
bool GrowsNoLess(std::span<const Watch::Step> before, std::span<const Watch::Step> now, uint64_t limits) {
  const Watch::Step* reached = nullptr;
  auto next = now.begin();
  for (const Watch::Step& step : before) {
    for (; next != now.end() && next->place <= step.place; ++next) reached = &*next;
    if (reached == nullptr || !HoldsNoLess(reached->counts, step.counts, limits)) return false;
  }
  return true;
}

}  // namespace

std::vector<NodeId> EndsOfOpenEdges(const Loaded& loaded) {
  std::vector<NodeId> ids;  // those of both moments, so that places in the two orders can be compared
  std::vector<AssociationId> before_associations;
  std::vector<AssociationId> associations;
  for (const StoredProfile& profile : loaded.profiles) {
    if (!profile.is_whole) ids.insert(ids.end(), profile.members.begin(), profile.members.end());
  }
  for (AssociationId a = 0; a < loaded.associations.size(); ++a) {
    const Association& association = loaded.associations[a];
    if (loaded.IsWhole(association)) continue;
    std::copy_if(association.members.begin(), association.members.end(), std::back_inserter(ids),
                 [&](NodeId id) { return loaded.IsElsewhere(id); });
    if (!(association.changed ? association.before : association.sightings).empty()) before_associations.push_back(a);
    if (!association.sightings.empty()) associations.push_back(a);
  }
  const absl::flat_hash_map<NodeId, uint32_t> index = loaded.SortAndNumber(ids);

  absl::btree_map<uint32_t, uint64_t> watched;  // which limits count for whom
  for (uint32_t i = 0; i < ids.size(); ++i) {
    if (loaded.nodes[ids[i]].refused_by != 0) watched[i] = loaded.nodes[ids[i]].refused_by;
  }
  for (AssociationId a : associations) {
    const std::vector<NodeId>& members = loaded.associations[a].members;
    for (size_t i = 1; i < members.size(); ++i) {
      if (!loaded.IsElsewhere(members[i]) || loaded.IsGeneric(members[i]))
        continue;  // a generic one has no active links upwards
      for (size_t k = 0; k < i; ++k) watched[index.at(members[k])] = ~uint64_t{0};
    }
  }
  Watch before;
  for (const auto& [i, limits] : watched) before.identifiers.push_back(i);
  Watch now{.identifiers = before.identifiers};
  identity::Resolve(loaded.context.identity_rules,
                    ComponentOf(loaded, ids, before_associations, index, Extent::kBefore), &before);
  identity::Resolve(loaded.context.identity_rules, ComponentOf(loaded, ids, associations, index, Extent::kNow), &now);

  std::vector<uint32_t> open;
  AppendOpenLinks(std::move(before.refused), now.refused, open);
  for (Watch* watch : {&before, &now}) {
    std::stable_sort(watch->grown.begin(), watch->grown.end(),
                     [](const Watch::Step& a, const Watch::Step& b) { return a.identifier < b.identifier; });
  }
  for (const auto& [i, limits] : watched) {
    if (!GrowsNoLess(StepsOf(before.grown, i), StepsOf(now.grown, i), limits)) open.push_back(i);
  }
  std::vector<NodeId> ends;
  for (const uint32_t i : open) ends.push_back(ids[i]);
  return ends;
}

}  // namespace kintsugi::graph
