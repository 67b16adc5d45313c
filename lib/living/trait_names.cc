#include "living/trait_names.h"

#include <array>
#include <string_view>

namespace kintsugi::living {
namespace {

constexpr std::array<std::string_view, 13> kOfCommerce = {
    "cart",          "cart_value",  "cart_since", "cart_abandoned", "cart_path",  "orders", "revenue",
    "average_order", "first_order", "last_order", "order_gap_days", "categories", "coupons"};
constexpr std::array<std::string_view, 3> kOfLoyalty = {"points", "points_expiring_30d", "tier"};

}  // namespace

std::vector<std::string> TraitNamesOf(const Schema& schema) {
  std::vector<std::string> names;
  for (const Trait& trait : schema.traits) names.push_back(trait.name);
  if (schema.commerce) names.insert(names.end(), kOfCommerce.begin(), kOfCommerce.end());
  if (schema.loyalty) names.insert(names.end(), kOfLoyalty.begin(), kOfLoyalty.end());
  return names;
}

}  // namespace kintsugi::living
