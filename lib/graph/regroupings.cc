#include "graph/regroupings.h"

#include <algorithm>
#include <map>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "identity/union_find.h"

namespace kintsugi::graph {
namespace {

constexpr size_t kMaxCauses = 3;  // of one regrouping; the rest is counted

// Profiles before and after are the two sides of a graph that identifiers connect; each part of it that has more than
// one on a side is a regrouping.
class Sides {
 public:
  explicit Sides(const ComponentDelta& delta)
      : delta_(delta), sets_(delta.before.size() + delta.after.size()), is_after_known_(delta.after.size(), false) {
    ForEachStored([&](NodeId, uint32_t before, uint32_t after) {
      is_after_known_[after] = true;
      sets_.Join(before, AfterSide(after));
    });
  }

  void Tell(Regroupings& out) {
    TellRenamed(out);
    std::map<uint32_t, Regrouping> groups;  // by root
    for (uint32_t i = 0; i < delta_.before.size(); ++i) {
      if (Before(i).stored && sets_.Size(sets_.Find(i)) > 2) groups[sets_.Find(i)].before.push_back(Before(i).id);
    }
    if (groups.empty()) return;
    for (uint32_t i = 0; i < delta_.after.size(); ++i) {
      const auto at = groups.find(sets_.Find(AfterSide(i)));
      if (is_after_known_[i] && at != groups.end()) at->second.after.push_back(delta_.after[i].id);
    }
    ForEachStored([&](NodeId id, uint32_t before, uint32_t after) {
      const auto at = groups.find(sets_.Find(before));
      if (at == groups.end() || Before(before).id == delta_.after[after].id) return;
      at->second.moved.push_back({delta_.loaded.nodes[id].node, Before(before).id, delta_.after[after].id});
    });
    AddCauses(groups);
    const size_t first = out.groups.size();
    for (auto& [root, group] : groups) {
      std::sort(group.before.begin(), group.before.end());
      std::sort(group.after.begin(), group.after.end());
      std::sort(group.moved.begin(), group.moved.end(), [](auto& a, auto& b) { return a.node < b.node; });
      out.groups.push_back(std::move(group));
    }
    std::sort(out.groups.begin() + static_cast<std::ptrdiff_t>(first), out.groups.end(),
              [](auto& a, auto& b) { return a.before < b.before; });
  }

 private:
  uint32_t AfterSide(uint32_t after) const { return static_cast<uint32_t>(delta_.before.size()) + after; }
  const StoredProfile& Before(uint32_t i) const { return delta_.loaded.profiles[delta_.before[i]]; }
  // The place among `before` of the profile that held an identifier; nothing if it is of another component.
  std::optional<uint32_t> PlaceOf(NodeId id) const {
    const ProfileSlot slot = delta_.loaded.nodes[id].slot;
    const auto at = std::lower_bound(delta_.before.begin(), delta_.before.end(), slot);
    if (at == delta_.before.end() || *at != slot) return std::nullopt;
    return static_cast<uint32_t>(at - delta_.before.begin());
  }

  template <typename Visit>
  void ForEachStored(Visit visit) const {
    for (uint32_t after = 0; after < delta_.after.size(); ++after) {
      for (NodeId id : delta_.after[after].members) {
        const auto before = PlaceOf(id);
        if (before && Before(*before).stored) visit(id, *before, after);
      }
    }
  }

  void TellRenamed(Regroupings& out) {
    for (uint32_t after = 0; after < delta_.after.size(); ++after) {
      if (!is_after_known_[after] || sets_.Size(sets_.Find(AfterSide(after))) != 2) continue;
      for (NodeId id : delta_.after[after].members) {
        const StoredProfile& before = delta_.loaded.profiles[delta_.loaded.nodes[id].slot];
        if (!before.stored) continue;
        if (before.id != delta_.after[after].id) out.renamed.emplace_back(before.id, delta_.after[after].id);
        break;
      }
    }
  }

  // The evidence that names identifiers of several profiles of a group is its cause; if there is none (some was
  // withdrawn), whatever touched one of them is.
  void AddCauses(std::map<uint32_t, Regrouping>& groups) {
    for (const bool spanning : {true, false}) {
      absl::flat_hash_map<uint32_t, uint32_t> last;  // by group: one cause is told once
      std::vector<std::pair<uint32_t, uint32_t>> found;
      for (const Touched& touched : delta_.touched) {
        if (spanning != (delta_.loaded.nodes[touched.a].slot != delta_.loaded.nodes[touched.b].slot)) continue;
        for (NodeId id : {touched.a, touched.b}) {
          const auto place = PlaceOf(id);
          if (!place) continue;
          const uint32_t root = sets_.Find(*place);
          if (!groups.contains(root)) continue;
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
        Regrouping& group = groups[root];
        if (group.causes.size() < kMaxCauses)
          group.causes.push_back(cause);
        else
          ++group.more_causes;
      }
    }
  }

  const ComponentDelta& delta_;
  identity::UnionFind sets_;
  std::vector<bool> is_after_known_;  // it holds an identifier that was stored
};

}  // namespace

void TellRegroupings(const ComponentDelta& delta, Regroupings& out) {
  const StoredProfile* stored = nullptr;
  size_t stored_count = 0;
  for (ProfileSlot slot : delta.before) {
    if (!delta.loaded.profiles[slot].stored) continue;
    stored = &delta.loaded.profiles[slot];
    ++stored_count;
  }
  if (stored_count == 0) return;
  const bool is_as_before = stored_count == 1 && delta.after.size() == 1 && delta.after.front().id == stored->id;
  if (!is_as_before) Sides(delta).Tell(out);
}

}  // namespace kintsugi::graph
