#include "admin/partition_changes.h"

#include <map>
#include <utility>
#include <vector>

#include "identity/union_find.h"

namespace kintsugi::admin {

graph::Regroupings RegroupingsOf(const ingest::Context& context, const Partition& before, const Partition& after) {
  std::map<std::pair<bool, ProfileId>, uint32_t> numbers;  // of both sides
  const auto number_of = [&](bool is_after, const ProfileId& id) {
    return numbers.try_emplace({is_after, id}, static_cast<uint32_t>(numbers.size())).first->second;
  };
  std::vector<std::pair<uint32_t, uint32_t>> edges;
  for (const auto& [identifier, id] : before) {
    const auto now = after.find(identifier);
    if (now != after.end()) edges.emplace_back(number_of(false, id), number_of(true, now->second));
  }
  identity::UnionFind sets(numbers.size());
  for (const auto& [a, b] : edges) {
    const uint32_t x = sets.Find(a);
    const uint32_t y = sets.Find(b);
    if (x != y) sets.Union(x, y);
  }
  std::map<uint32_t, graph::Regrouping> groups;
  for (const auto& [side, number] : numbers) {
    auto& group = groups[sets.Find(number)];
    (side.first ? group.after : group.before).push_back(side.second);
  }
  for (const auto& [identifier, id] : before) {
    const auto now = after.find(identifier);
    uint16_t position = 0;
    if (now == after.end() || now->second == id || !context.catalog.FindName(identifier.ns, position)) continue;
    groups[sets.Find(numbers[{false, id}])].moved.push_back({{position, identifier.value}, id, now->second});
  }
  graph::Regroupings regroupings;
  for (auto& [root, group] : groups) {
    if (group.before.size() + group.after.size() > 2) {
      group.causes = {0};
      regroupings.groups.push_back(std::move(group));
    } else if (group.before != group.after) {
      regroupings.renamed.emplace_back(group.before.front(), group.after.front());
    }
  }
  return regroupings;
}

}  // namespace kintsugi::admin
