#include "read/evaluate.h"

#include <map>
#include <utility>
#include <vector>

namespace kintsugi::read {
namespace {

uint64_t Pairs(uint64_t n) {
  return n * (n - 1) / 2;
}
double Share(uint64_t part, uint64_t whole) {
  return whole == 0 ? 1 : static_cast<double>(part) / static_cast<double>(whole);
}
double F1(double precision, double recall) {
  return precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall);
}

}  // namespace

Evaluation Evaluate(std::span<const Placed> identifiers) {
  Evaluation out{.identifiers = identifiers.size()};
  std::map<std::string_view, uint64_t> entities;
  std::map<ProfileId, uint64_t> profiles;
  std::map<std::pair<std::string_view, ProfileId>, uint64_t> both;
  for (const Placed& one : identifiers) {
    ++entities[one.entity];
    if (one.profile) {
      ++profiles[*one.profile];
      ++both[{one.entity, *one.profile}];
    } else {
      ++out.not_found;
    }
  }
  out.entities = entities.size();
  out.profiles = profiles.size();
  for (const auto& [entity, n] : entities) out.true_pairs += Pairs(n);
  for (const auto& [profile, n] : profiles) out.predicted_pairs += Pairs(n);
  for (const auto& [cell, n] : both) out.correct_pairs += Pairs(n);
  out.precision = Share(out.correct_pairs, out.predicted_pairs);
  out.recall = Share(out.correct_pairs, out.true_pairs);
  out.f1 = F1(out.precision, out.recall);
  if (identifiers.empty()) return out;

  double precision = 0;
  double recall = 0;
  for (const Placed& one : identifiers) {
    const uint64_t shared = one.profile ? both[{one.entity, *one.profile}] : 1;
    precision += Share(shared, one.profile ? profiles[*one.profile] : 1);
    recall += Share(shared, entities[one.entity]);
  }
  out.bcubed_precision = precision / static_cast<double>(identifiers.size());
  out.bcubed_recall = recall / static_cast<double>(identifiers.size());
  out.bcubed_f1 = F1(out.bcubed_precision, out.bcubed_recall);
  return out;
}

}  // namespace kintsugi::read
