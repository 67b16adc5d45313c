#include "living/derived_traits.h"

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "living/trait_names.h"

namespace kintsugi::living {
namespace {

std::vector<Decimal> BoundsOf(const Trait& trait) {
  std::vector<Decimal> bounds;
  for (const double bound : trait.bounds) {
    if (const auto decimal = Decimal::Of(ValueView(bound))) bounds.push_back(*decimal);
  }
  return bounds;
}

// The sum of both; nothing if one of the three is beyond kMost, or chains of sums would leave 128 bits.
std::optional<Decimal> Within(Decimal a, Decimal b) {
  const auto is_within = [](Decimal number) {
    return number <= Decimal::kMost && Decimal() - number <= Decimal::kMost;
  };
  if (!is_within(a) || !is_within(b) || !is_within(a + b)) return std::nullopt;
  return a + b;
}

// A decimal that no other value holds is Json.
std::optional<Decimal> DecimalOf(const std::optional<Value>& value) {
  if (!value) return std::nullopt;
  const auto* json = std::get_if<Json>(&*value);
  return json != nullptr ? Decimal::FromText(json->text) : Decimal::Of(ToView(*value));
}

}  // namespace

DerivedTraits::DerivedTraits(const Schema& schema) {
  const std::vector<std::string> names = TraitNamesOf(schema);
  std::map<std::string_view, size_t> positions;
  for (size_t i = 0; i < names.size(); ++i) positions.emplace(names[i], i);
  const auto is_derived = [&](size_t i) { return i < schema.traits.size() && !IsOfItems(schema.traits[i].kind); };
  std::vector<bool> is_known(schema.traits.size());
  // Depth first, without fear of circles: a valid schema has none.
  const std::function<void(size_t)> add = [&](size_t i) {
    if (!is_derived(i) || is_known[i]) return;
    const Trait& trait = schema.traits[i];
    is_known[i] = true;
    Derived derived{i, trait.kind, {}, BoundsOf(trait)};
    for (const std::string& operand : trait.operands) derived.operands.push_back(positions.at(operand));
    for (const size_t operand : derived.operands) add(operand);
    for (const size_t operand : derived.operands) {
      if (!is_derived(operand)) of_items_.push_back(operand);
    }
    derived_.push_back(std::move(derived));
  };
  for (size_t i = 0; i < schema.traits.size(); ++i) add(i);
}

void DerivedTraits::Evaluate(std::span<std::optional<Value>> values) const {
  if (derived_.empty()) return;
  std::vector<std::optional<Decimal>> numbers(values.size());
  for (const size_t operand : of_items_) {
    if (!numbers[operand]) numbers[operand] = DecimalOf(values[operand]);
  }
  for (const Derived& derived : derived_) {
    const auto number = NumberOf(derived, numbers);
    numbers[derived.trait] = number;
    if (number) values[derived.trait] = number->ToValue();
  }
}

std::optional<Decimal> DerivedTraits::NumberOf(const Derived& derived,
                                               std::span<const std::optional<Decimal>> numbers) {
  std::vector<Decimal> operands;
  for (const size_t operand : derived.operands) {
    if (!numbers[operand]) return std::nullopt;
    operands.push_back(*numbers[operand]);
  }
  switch (derived.kind) {
    case TraitKind::kRatio:
      return operands[1] == Decimal() ? std::nullopt : operands[0].DividedBy(operands[1]);
    case TraitKind::kDifference:
      return Within(operands[0], Decimal() - operands[1]);
    case TraitKind::kBand: {
      const auto& bounds = derived.bounds;
      const auto beyond = std::upper_bound(bounds.begin(), bounds.end(), operands[0]);
      return Whole(static_cast<size_t>(beyond - bounds.begin()));
    }
    default:
      break;
  }
  std::optional<Decimal> total = Decimal();
  for (const Decimal operand : operands) total = total ? Within(*total, operand) : total;
  return total;
}

}  // namespace kintsugi::living
