#include "reference/ledger.h"

#include <algorithm>

#include "reference/living_decimal.h"
#include "reference/living_items.h"
#include "reference/living_values.h"

namespace kintsugi::testing {
namespace {

using living::Item;
using Points = __int128;

constexpr Millionths kOne = 1'000'000;

struct Earning {
  Time time;
  Points points = 0;  // whatever became of them
  Points left = 0;
};

struct Ledger {
  std::vector<Earning> earnings;  // oldest first
  Points debt = 0;                // what was spent without being there
  size_t overdrawn = 0;
};

// As a duration, which is never longer than time is.
Time::duration Days(uint32_t days) {
  constexpr uint32_t kTenThousandYears = 10'000 * 366;
  return std::chrono::days(std::min(days, kTenThousandYears));
}

bool IsGone(const Loyalty& rules, const Earning& earning, Time at) {
  return rules.expire_days > 0 && earning.time + Days(rules.expire_days) <= at;
}

// Whether the rule, an Earn or a Spend, is about the item.
template <typename Rule>
bool IsAbout(const Person& person, const Rule& rule, const Item& item) {
  const auto items = ItemsOf(person, Trait{.activity = rule.activity, .items = rule.items});
  return std::any_of(items.begin(), items.end(), [&](const Item& other) {
    return !living::IsEarlier(item, other) && !living::IsEarlier(other, item);
  });
}

// The sum of the numbers that the item holds there.
template <typename Rule>
Millionths AmountOf(const Person& person, const Rule& rule, const Item& item) {
  Millionths sum = 0;
  for (const ItemValue& value : ValuesOf(person.schema, FindActivity(person.schema, rule.activity), rule.of, item)) {
    const auto number = value.type == ItemValue::Type::kNumber ? MillionthsOf(value.json) : std::nullopt;
    if (number && IsInBounds(*number)) sum += *number;
  }
  return sum;
}

// Earning.

// Rounded down to whole points. A product that 128 bits cannot hold is none.
Points PointsOf(const Person& person, const Loyalty::Earn& rule, const Item& item) {
  if (rule.of.empty()) return rule.points;
  const Millionths points_per = MillionthsOf(ToJson(Value(rule.points_per))).value_or(0);
  Millionths product = 0;
  if (__builtin_mul_overflow(AmountOf(person, rule, item), points_per, &product)) return 0;
  return std::max<Millionths>(product, 0) / (kOne * kOne);
}

// Whether the rule has earned as often as it may; `earned` are the times at which it did.
bool IsUsedUp(const Loyalty::Earn& rule, const std::vector<Time>& earned, Time time) {
  if (rule.times == 0) return false;
  const auto count = std::count_if(earned.begin(), earned.end(), [&](Time other) {
    return rule.times_days == 0 || other > time - Days(rule.times_days);
  });
  return count >= int64_t{rule.times};
}

void Earn(Time time, Points points, Ledger& ledger) {
  const Points paid = std::min(points, ledger.debt);
  ledger.debt -= paid;
  ledger.earnings.push_back({time, points, points - paid});
}

// Spending.

void Spend(const Loyalty& rules, Time time, Points points, Ledger& ledger) {
  for (Earning& earning : ledger.earnings) {
    if (IsGone(rules, earning, time)) continue;
    const Points taken = std::min(points, earning.left);
    earning.left -= taken;
    points -= taken;
  }
  ledger.debt += points;
  if (points > 0) ++ledger.overdrawn;
}

Ledger Fold(const Person& person) {
  const Loyalty& rules = *person.schema.loyalty;
  Ledger ledger;
  std::vector<std::vector<Time>> earned(rules.earn.size());  // by rule
  for (const Item& item : person.items) {
    for (size_t i = 0; i < rules.earn.size(); ++i) {
      if (!IsAbout(person, rules.earn[i], item) || IsUsedUp(rules.earn[i], earned[i], item.time)) continue;
      const Points points = PointsOf(person, rules.earn[i], item);
      if (points == 0) continue;
      earned[i].push_back(item.time);
      Earn(item.time, points, ledger);
    }
    for (const Loyalty::Spend& spend : rules.spend) {
      const Millionths amount = IsAbout(person, spend, item) ? AmountOf(person, spend, item) : 0;
      Spend(rules, item.time, std::max<Millionths>(amount, 0) / kOne, ledger);
    }
  }
  return ledger;
}

// Of the earnings that are not gone at the time.
Points LeftAt(const Loyalty& rules, const Ledger& ledger, std::optional<Time> time) {
  Points left = 0;
  for (const Earning& earning : ledger.earnings) left += time && IsGone(rules, earning, *time) ? 0 : earning.left;
  return left;
}

Points ExpiringIn30Days(const Loyalty& rules, const Ledger& ledger, std::optional<Time> now) {
  if (!now) return 0;
  return LeftAt(rules, ledger, now) - LeftAt(rules, ledger, *now + Days(30));
}

bool IsReached(const Loyalty::Tier& tier, const Ledger& ledger, std::optional<Time> now) {
  Points earned = 0;
  for (const Earning& earning : ledger.earnings) {
    const bool counts = !now || tier.days == 0 || earning.time > *now - Days(tier.days);
    if (counts) earned += earning.points;
  }
  return earned >= Points{tier.earned};
}

// Null if none is reached.
const Loyalty::Tier* TierOf(const Loyalty& rules, const Ledger& ledger, std::optional<Time> now) {
  const Loyalty::Tier* last = nullptr;
  for (const Loyalty::Tier& tier : rules.tiers) {
    if (IsReached(tier, ledger, now)) last = &tier;
  }
  return last;
}

}  // namespace

NaiveLedger NaiveLoyalty(const Schema& schema, std::vector<Item> items, std::optional<Time> now) {
  NaiveLedger out;
  if (!schema.loyalty) return out;
  std::sort(items.begin(), items.end(), living::IsEarlier);
  const Loyalty& rules = *schema.loyalty;
  const Ledger ledger = Fold({schema, std::move(items), now});
  out.overdrawn = ledger.overdrawn;
  out.traits["points"] = TextOf((LeftAt(rules, ledger, now) - ledger.debt) * kOne);
  out.traits["points_expiring_30d"] = TextOf(ExpiringIn30Days(rules, ledger, now) * kOne);
  if (const Loyalty::Tier* tier = TierOf(rules, ledger, now)) out.traits["tier"] = ToJson(Value(tier->name));
  return out;
}

}  // namespace kintsugi::testing
