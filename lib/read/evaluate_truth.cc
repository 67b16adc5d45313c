#include "read/evaluate_truth.h"

#include <fmt/format.h>

#include <map>
#include <vector>

#include "read/evaluate.h"

namespace kintsugi::read {

absl::StatusOr<Evaluation> EvaluateTruth(const Reader& reader, std::span<const TruthRow> truth) {
  std::vector<Placed> placed;
  std::map<Identifier, std::string> entities;
  for (const TruthRow& row : truth) {
    const ingest::Context& context = reader.context();
    auto node = context.Normalize(row.identifier.ns, row.identifier.value);
    if (!node.ok()) return node.status();
    // What cannot be an identifier is nobody's, and known by its raw text.
    const bool refused = node->value.empty();
    const Identifier identifier{row.identifier.ns, refused ? row.identifier.value : node->value};
    const auto [known, fresh] = entities.emplace(identifier, row.entity);
    if (!fresh && known->second != row.entity) {
      return absl::InvalidArgumentError(fmt::format("the truth gives {} to both `{}` and `{}`",
                                                    row.identifier.ToString(), known->second, row.entity));
    }
    if (!fresh) continue;
    std::optional<ProfileId> holder;
    if (!refused) {
      auto found = reader.FindId(context.KeyOf(*node));
      if (!found.ok()) return found.status();
      holder = *found;
    }
    placed.push_back({row.entity, holder});
  }
  return Evaluate(placed);
}

}  // namespace kintsugi::read
