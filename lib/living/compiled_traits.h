// What TraitRules makes of a schema.

#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "kintsugi/schema.h"
#include "living/activity.h"
#include "living/commerce.h"
#include "living/derived_traits.h"
#include "living/item_trait.h"
#include "living/loyalty.h"
#include "living/trait_rules.h"

namespace kintsugi::living {

struct TraitRules::Compiled {
  struct Group {
    enum class What { kDeclared, kCart, kOrders, kLoyalty };
    What what = What::kDeclared;
    Needs needs[2];  // by whether values are shared
  };

  // `once_activity` of an activity that has none.
  static constexpr size_t kNone = std::numeric_limits<size_t>::max();

  explicit Compiled(const Schema& schema);

  const ItemTrait& TraitOf(size_t tally) const { return *traits[tallied[tally]]; }

  std::vector<ActivityRules> activities;         // as in the schema
  std::vector<std::optional<ItemTrait>> traits;  // as in the schema; nothing of one of other traits
  std::vector<size_t> tallied;                   // by tally: the first of the traits that it tells
  std::vector<size_t> tally_of;                  // by trait: which tells it, if it is tallied
  std::vector<size_t> once;                      // activities with `once_per` that tallied traits are of
  std::vector<size_t> once_activity;             // by activity: its place among those, or kNone
  std::vector<Group> groups;
  std::optional<CommerceRules> commerce;
  std::optional<LoyaltyRules> loyalty;
  size_t commerce_at = 0;  // where its first trait is, and that of `loyalty`
  size_t loyalty_at = 0;
  size_t count = 0;  // of all traits
  DerivedTraits derived;

  // Of the group that is declared.
  const Needs& declared(bool shares_values) const {
    static const Needs kNothing;
    const bool is_there = !groups.empty() && groups.front().what == Group::What::kDeclared;
    return is_there ? groups.front().needs[shares_values ? 1 : 0] : kNothing;
  }

 private:
  void AddDeclared(const Schema& schema);
  void AddBrought(const Schema& schema);
  void AddGroup(Group::What what, std::vector<size_t> traits, bool any_name, std::vector<std::string> names);
  void AddTally(const Schema& schema, size_t trait);
  void AddNeed(const Schema& schema, size_t trait, Needs& needed) const;
};

}  // namespace kintsugi::living
