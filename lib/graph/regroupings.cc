// Graph: telling what became of profiles that were stored.

#include <algorithm>

#include "graph/graph.h"
#include "identity/union_find.h"

namespace kintsugi::graph {

// Profiles before and after are the two sides of a graph that identifiers connect; each part of it that has more than
// one on a side is a regrouping.
void Graph::TellRegroupings(const std::vector<Resolved>& resolved, Outcome& outcome) const {
  const auto first_after = static_cast<uint32_t>(profiles_.size());
  identity::UnionFind sets(profiles_.size() + resolved.size());
  std::vector<bool> is_after_known(resolved.size(), false);  // it holds an identifier that was stored
  const auto for_each_stored = [&](auto visit) {
    for (uint32_t i = 0; i < resolved.size(); ++i) {
      for (NodeId id : resolved[i].members) {
        if (profiles_[nodes_[id].slot].stored) visit(id, nodes_[id].slot, i);
      }
    }
  };
  for_each_stored([&](NodeId, ProfileSlot slot, uint32_t after) {
    is_after_known[after] = true;
    const uint32_t a = sets.Find(slot);
    const uint32_t b = sets.Find(first_after + after);
    if (a != b) sets.Union(a, b);
  });

  for (uint32_t i = 0; i < resolved.size(); ++i) {
    if (!is_after_known[i] || sets.Size(sets.Find(first_after + i)) != 2) continue;
    const auto known = std::find_if(resolved[i].members.begin(), resolved[i].members.end(),
                                    [&](NodeId id) { return profiles_[nodes_[id].slot].stored; });
    const ProfileId& before = profiles_[nodes_[*known].slot].id;
    if (before != resolved[i].id) outcome.renamed.emplace_back(before, resolved[i].id);
  }

  absl::flat_hash_map<uint32_t, Outcome::Regrouping> groups;
  for (ProfileSlot slot = 0; slot < profiles_.size(); ++slot) {
    if (profiles_[slot].stored && sets.Size(sets.Find(slot)) > 2)
      groups[sets.Find(slot)].before.push_back(profiles_[slot].id);
  }
  if (groups.empty()) return;
  for (uint32_t i = 0; i < resolved.size(); ++i) {
    const auto at = groups.find(sets.Find(first_after + i));
    if (is_after_known[i] && at != groups.end()) at->second.after.push_back(resolved[i].id);
  }
  for_each_stored([&](NodeId id, ProfileSlot slot, uint32_t after) {
    const auto at = groups.find(sets.Find(slot));
    if (at == groups.end() || profiles_[slot].id == resolved[after].id) return;
    at->second.moved.push_back({nodes_[id].node, profiles_[slot].id, resolved[after].id});
  });
  AddCauses(sets, groups);
  for (auto& [root, group] : groups) {
    std::sort(group.before.begin(), group.before.end());
    std::sort(group.after.begin(), group.after.end());
    std::sort(group.moved.begin(), group.moved.end(), [](auto& a, auto& b) { return a.node < b.node; });
    outcome.regroupings.push_back(std::move(group));
  }
  std::sort(outcome.regroupings.begin(), outcome.regroupings.end(),
            [](auto& a, auto& b) { return a.before < b.before; });
}

// The evidence that names identifiers of several profiles of a group is its cause; if there is none (some was
// withdrawn), whatever touched one of them is.
void Graph::AddCauses(identity::UnionFind& sets, absl::flat_hash_map<uint32_t, Outcome::Regrouping>& groups) const {
  for (const bool spanning : {true, false}) {
    absl::flat_hash_map<uint32_t, uint32_t> last;  // by group: one cause is told once
    std::vector<std::pair<uint32_t, uint32_t>> found;
    for (const Touched& touched : touched_) {
      if (spanning != (nodes_[touched.a].slot != nodes_[touched.b].slot)) continue;
      for (NodeId id : {touched.a, touched.b}) {
        const uint32_t root = sets.Find(nodes_[id].slot);
        const auto at = groups.find(root);
        if (at == groups.end()) continue;
        const auto [known, fresh] = last.try_emplace(root, touched.cause);
        if (!fresh && std::exchange(known->second, touched.cause) == touched.cause) continue;
        found.emplace_back(root, touched.cause);
      }
    }
    absl::flat_hash_set<uint32_t> done;
    for (auto& [root, group] : groups) {
      if (!group.causes.empty()) done.insert(root);
    }
    for (const auto& [root, cause] : found) {
      if (done.contains(root)) continue;
      Outcome::Regrouping& group = groups[root];
      if (group.causes.size() < kMaxCauses)
        group.causes.push_back(cause);
      else
        ++group.more_causes;
    }
  }
}

}  // namespace kintsugi::graph
