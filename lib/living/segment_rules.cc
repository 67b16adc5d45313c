#include "living/segment_rules.h"

#include <algorithm>
#include <functional>
#include <map>

#include "living/trait_names.h"

namespace kintsugi::living {
namespace {

std::map<std::string, size_t> PositionsOf(const std::vector<std::string>& names) {
  std::map<std::string, size_t> positions;
  for (size_t i = 0; i < names.size(); ++i) positions.emplace(names[i], i);
  return positions;
}

std::map<std::string, size_t> NumbersOf(const std::vector<Namespace>& namespaces,
                                        const std::vector<uint16_t>& numbers) {
  std::map<std::string, size_t> by_name;
  for (size_t i = 0; i < namespaces.size(); ++i) by_name.emplace(namespaces[i].name, numbers[i]);
  return by_name;
}

// Positions, each after those of the segments that it asks for.
std::vector<size_t> OrderOf(const std::vector<MemberCondition>& conditions) {
  std::vector<size_t> order;
  std::vector<bool> is_known(conditions.size());
  // Depth first, without fear of circles: a valid schema has none.
  const std::function<void(size_t)> add = [&](size_t i) {
    if (is_known[i]) return;
    is_known[i] = true;
    std::vector<size_t> asked;
    conditions[i].AppendSegments(asked);
    for (const size_t other : asked) add(other);
    order.push_back(i);
  };
  for (size_t i = 0; i < conditions.size(); ++i) add(i);
  return order;
}

}  // namespace

SegmentRules::SegmentRules(const Schema& valid_schema, const std::vector<uint16_t>& namespace_numbers) {
  for (const Segment& segment : valid_schema.segments) names_.push_back(segment.name);
  const SegmentNames names{.traits = PositionsOf(TraitNamesOf(valid_schema)),
                           .namespaces = NumbersOf(valid_schema.namespaces, namespace_numbers),
                           .segments = PositionsOf(names_)};
  for (const Segment& segment : valid_schema.segments) conditions_.emplace_back(segment.members, names);
  order_ = OrderOf(conditions_);
  for (const uint16_t number : namespace_numbers) end_of_numbers_ = std::max(end_of_numbers_, size_t{number} + 1);
}

// Identifiers of what the schema no longer declares are nobody's business here.
std::vector<bool> SegmentRules::NamespacesOf(const golden::Parts& parts) const {
  std::vector<bool> namespaces(end_of_numbers_);
  for (const golden::StoredIdentifier& identifier : parts.identifiers) {
    if (identifier.number < namespaces.size()) namespaces[identifier.number] = true;
  }
  return namespaces;
}

Membership SegmentRules::Evaluate(const golden::Parts& parts, std::span<const std::string> traits, Time now) const {
  Membership membership;
  if (empty()) return membership;
  const std::vector<bool> namespaces = NamespacesOf(parts);
  std::vector<Answer> answers(conditions_.size());
  const ProfileFacts profile{parts, traits, namespaces, answers, now};
  for (const size_t i : order_) answers[i] = conditions_[i].Of(profile);
  for (size_t i = 0; i < answers.size(); ++i) {
    if (answers[i].holds) membership.segments.push_back(static_cast<uint32_t>(i));
    membership.due = std::min(membership.due, answers[i].due);
  }
  return membership;
}

}  // namespace kintsugi::living
