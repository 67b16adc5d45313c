#include "schema/trait_values.h"

#include <algorithm>
#include <array>

namespace kintsugi::schema {
namespace {

constexpr std::array kCommerce = {BroughtTrait{"cart", TraitValue::kList},
                                  BroughtTrait{"cart_value", TraitValue::kNumber},
                                  BroughtTrait{"cart_since", TraitValue::kTime},
                                  BroughtTrait{"cart_abandoned", TraitValue::kBool},
                                  BroughtTrait{"cart_path", TraitValue::kList},
                                  BroughtTrait{"orders", TraitValue::kNumber},
                                  BroughtTrait{"revenue", TraitValue::kNumber},
                                  BroughtTrait{"average_order", TraitValue::kNumber},
                                  BroughtTrait{"first_order", TraitValue::kTime},
                                  BroughtTrait{"last_order", TraitValue::kTime},
                                  BroughtTrait{"order_gap_days", TraitValue::kNumber},
                                  BroughtTrait{"categories", TraitValue::kList},
                                  BroughtTrait{"coupons", TraitValue::kList}};

constexpr std::array kLoyalty = {BroughtTrait{"points", TraitValue::kNumber},
                                 BroughtTrait{"points_expiring_30d", TraitValue::kNumber},
                                 BroughtTrait{"tier", TraitValue::kText}};

bool Has(std::span<const BroughtTrait> traits, std::string_view name) {
  return std::any_of(traits.begin(), traits.end(), [&](const BroughtTrait& trait) { return trait.name == name; });
}

}  // namespace

std::string_view NameOf(TraitValue value) {
  switch (value) {
    case TraitValue::kNumber:
      return "a number";
    case TraitValue::kText:
      return "a text";
    case TraitValue::kTime:
      return "a time";
    case TraitValue::kBool:
      return "true or false";
    case TraitValue::kList:
      return "a list";
    default:
      return "what the items hold";
  }
}

std::span<const BroughtTrait> CommerceTraits() {
  return kCommerce;
}

std::span<const BroughtTrait> LoyaltyTraits() {
  return kLoyalty;
}

std::string_view SectionThatBrings(std::string_view name) {
  if (Has(kCommerce, name)) return "commerce";
  return Has(kLoyalty, name) ? "loyalty" : "";
}

TraitValue ValueOf(TraitKind kind) {
  switch (kind) {
    case TraitKind::kFirst:
    case TraitKind::kLast:
    case TraitKind::kMostFrequent:
      return TraitValue::kAny;
    case TraitKind::kValues:
    case TraitKind::kTop:
      return TraitValue::kList;
    default:
      return TraitValue::kNumber;
  }
}

std::map<std::string_view, TraitValue> TraitValues(const Schema& schema) {
  std::map<std::string_view, TraitValue> values;
  for (const Trait& trait : schema.traits) values.emplace(trait.name, ValueOf(trait.kind));
  const auto bring = [&](std::span<const BroughtTrait> traits) {
    for (const BroughtTrait& trait : traits) values.emplace(trait.name, trait.value);
  };
  if (schema.commerce) bring(kCommerce);
  if (schema.loyalty) bring(kLoyalty);
  return values;
}

}  // namespace kintsugi::schema

namespace kintsugi {

std::vector<std::string> Schema::TraitNames() const {
  std::vector<std::string> names;
  for (const Trait& trait : traits) names.push_back(trait.name);
  if (commerce) {
    for (const schema::BroughtTrait& trait : schema::CommerceTraits()) names.emplace_back(trait.name);
  }
  if (loyalty) {
    for (const schema::BroughtTrait& trait : schema::LoyaltyTraits()) names.emplace_back(trait.name);
  }
  return names;
}

}  // namespace kintsugi
