#include "living/compiled_traits.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "living/periods.h"

namespace kintsugi::living {

// With those of other traits that count the same.
void TraitRules::Compiled::AddTally(const Schema& schema, size_t trait) {
  const auto shared = std::find_if(tallied.begin(), tallied.end(), [&](size_t other) {
    return ItemTrait::ShareTally(schema.traits[other], schema.traits[trait]);
  });
  tally_of[trait] = static_cast<size_t>(shared - tallied.begin());
  if (shared == tallied.end()) tallied.push_back(trait);
  const auto activity = traits[trait]->activity();
  if (!activity || schema.activities[*activity].once_per.empty() || once_activity[*activity] != kNone) return;
  once_activity[*activity] = once.size();
  once.push_back(*activity);
}

void TraitRules::Compiled::AddNeed(const Schema& schema, size_t trait, Needs& needed) const {
  const auto need = [&](const std::vector<std::string>& events) {
    if (events.empty()) needed.any_name = true;
    needed.names.insert(needed.names.end(), events.begin(), events.end());
  };
  needed.traits.push_back(trait);
  if (!traits[trait]->activity()) need(schema.traits[trait].items.events);
  for (const auto& activity : {traits[trait]->activity(), traits[trait]->by()}) {
    if (!activity) continue;
    needed.activities[*activity] = true;
    need(schema.activities[*activity].items.events);
  }
}

TraitRules::Compiled::Compiled(const Schema& schema)
    : tally_of(schema.traits.size()), once_activity(schema.activities.size(), kNone), derived(schema) {
  std::shared_ptr<const Periods> periods;
  const auto has_calendar = [](const Trait& trait) { return trait.calendar.has_value(); };
  if (std::any_of(schema.traits.begin(), schema.traits.end(), has_calendar)) {
    periods = std::make_shared<const Periods>(schema.calendar);
  }
  for (const Activity& activity : schema.activities) activities.emplace_back(activity, schema);
  for (size_t i = 0; i < schema.traits.size(); ++i) {
    const Trait& trait = schema.traits[i];
    std::optional<ItemTrait>& compiled = traits.emplace_back();
    if (!kintsugi::IsOfItems(trait.kind)) continue;
    compiled.emplace(trait, schema, periods);
    if (compiled->is_tallied()) AddTally(schema, i);
  }
  AddDeclared(schema);
  AddBrought(schema);
}

void TraitRules::Compiled::AddDeclared(const Schema& schema) {
  Group group;
  for (Needs& needed : group.needs) needed.activities.resize(schema.activities.size());
  for (size_t i = 0; i < traits.size(); ++i) {
    if (!traits[i]) continue;
    const bool is_tallied = traits[i]->is_tallied();
    const auto activity = traits[i]->activity();
    if (!is_tallied) AddNeed(schema, i, group.needs[false]);
    if (!is_tallied || (activity && once_activity[*activity] != kNone)) AddNeed(schema, i, group.needs[true]);
  }
  for (Needs& needed : group.needs) {
    std::sort(needed.names.begin(), needed.names.end());
    needed.names.erase(std::unique(needed.names.begin(), needed.names.end()), needed.names.end());
  }
  if (!group.needs[true].empty()) groups.push_back(std::move(group));
}

void TraitRules::Compiled::AddBrought(const Schema& schema) {
  count = schema.traits.size();
  commerce_at = count;
  if (schema.commerce) {
    using enum CommerceValues::Trait;
    commerce.emplace(schema);
    count += CommerceValues::kTraits;
    AddGroup(Group::What::kCart,
             {commerce_at + kCart, commerce_at + kCartValue, commerce_at + kCartSince, commerce_at + kCartAbandoned,
              commerce_at + kCartPath},
             false, CommerceRules::cart_names());
    AddGroup(Group::What::kOrders,
             {commerce_at + kOrders, commerce_at + kRevenue, commerce_at + kAverageOrder, commerce_at + kFirstOrder,
              commerce_at + kLastOrder, commerce_at + kOrderGapDays, commerce_at + kCoupons},
             false, CommerceRules::order_names());
  }
  loyalty_at = count;
  if (schema.loyalty) {
    loyalty.emplace(schema);
    count += LoyaltyValues::kTraits;
    const auto& names = loyalty->needed_names();
    AddGroup(Group::What::kLoyalty, {loyalty_at, loyalty_at + 1, loyalty_at + 2}, loyalty->NeedsAnyName(), names);
  }
}

void TraitRules::Compiled::AddGroup(Group::What what, std::vector<size_t> traits, bool any_name,
                                    std::vector<std::string> names) {
  Group& group = groups.emplace_back();
  group.what = what;
  for (Needs& needed : group.needs) needed = {.traits = traits, .activities = {}, .any_name = any_name, .names = names};
}

}  // namespace kintsugi::living
