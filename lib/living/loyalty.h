// Loyalty, ready made: points that items bring and cost, and tiers that are reached by them.

#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/time.h"
#include "kintsugi/schema.h"
#include "living/item.h"
#include "living/ledger.h"

namespace kintsugi::living {

// What a profile's items come to. A plain value: it may be copied at any item, and the fold gone on from there.
struct LoyaltyState {
  Ledger ledger;
  std::vector<std::deque<Time>> earned;  // by rule of earning: the last items that earned, if it bounds them
  std::vector<absl::flat_hash_set<std::string>> seen;  // by activity that is used: its values of `once_per`
};

struct LoyaltyValues {
  // The traits that `loyalty` brings, in their order.
  enum Trait { kPoints, kPointsExpiring, kTier };
  static constexpr size_t kTraits = kTier + 1;

  std::array<std::optional<Value>, kTraits> values;  // nothing: absent
  uint64_t overdrawn = 0;                            // how many spendings asked for more than there was
  Time due = kNeverFirst;  // when another value may be told although no item came; kNeverFirst: never
};

// LoyaltyRules is `loyalty` of a schema, ready to use. Immutable and safe from many threads. Pure: no clock.
//
// A state is folded from the items that Needs() says, in the timeline's order (IsEarlier), each once; of these none may
// be left out, however old. An item earns by each of the rules that it fits, in their order, and then spends likewise.
//
// What an item says is the sum of the numbers in the field, for of an array each element counts. It earns the whole
// part of that times `points_per`, and costs the whole part of it. What comes to less than a point, or to more than
// Decimal::kMost, earns or costs nothing, and does not count for `times`. 0 for days means all that there are.
class LoyaltyRules {
 public:
  explicit LoyaltyRules(const Schema& schema);  // without `loyalty`: as if it were empty
  ~LoyaltyRules();
  LoyaltyRules(LoyaltyRules&&) noexcept;
  LoyaltyRules& operator=(LoyaltyRules&&) noexcept;

  // The names of items that a state is folded from, sorted; none: of any name. Without rules no item is needed.
  const std::vector<std::string>& needed_names() const;
  bool NeedsAnyName() const;
  bool Needs(const Item& item) const;

  LoyaltyState Nothing() const;
  // An item that is not needed does nothing.
  void Apply(const Item& item, LoyaltyState& state) const;
  // `now` may be kNeverLast: nothing is gone or soon will be, and all earnings count for tiers.
  LoyaltyValues Tell(const LoyaltyState& state, Time now) const;

  // The same from all of the profile's items, in order.
  LoyaltyValues Evaluate(std::span<const Item> items, Time now) const;

 private:
  struct Compiled;
  std::unique_ptr<const Compiled> compiled_;
};

}  // namespace kintsugi::living
