#include "living/loyalty.h"

#include <algorithm>
#include <set>
#include <utility>

#include "golden/value_codec.h"
#include "living/activity.h"
#include "living/decimal.h"
#include "living/fields.h"
#include "living/multiply.h"
#include "living/windows.h"

namespace kintsugi::living {
namespace {

constexpr Time::duration kSoon = std::chrono::days(30);

// 0: as many as there are.
Time::duration Days(uint32_t days) {
  constexpr uint32_t kMost = 4'000'000;  // there are fewer in all years
  return Hours((days > 0 ? std::min(days, kMost) : kMost) * 24);
}

// What an item says, for nothing one that says no number.
Decimal SumOf(const Field& field, const Item& item) {
  Decimal sum;
  field.AnyOf(item, [&](const ValueView& value) {
    sum = sum + Decimal::Of(value).value_or(Decimal());
    return false;
  });
  return sum;
}

// None if it is less than one, or more than kMost.
Decimal WholePointsOf(const Field& field, const Item& item, Decimal points_per) {
  const Decimal said = SumOf(field, item);
  return said > Decimal() ? WholeTimes(said, points_per).value_or(Decimal()) : Decimal();
}

// An activity that rules name. It is ActivityRules::Select(), item by item.
struct UsedActivity {
  size_t position;  // in the schema
  CompiledFilter items;
  std::optional<Field> once_per;

  bool Counts(const Item& item, absl::flat_hash_set<std::string>& seen) const {
    if (!items.Holds(item)) return false;
    const auto value = once_per ? once_per->ValueOf(item) : std::nullopt;
    return !value || seen.insert(golden::EncodeValue(*value)).second;
  }
};

// Which items a rule is of, and what it looks at.
struct Rule {
  std::optional<size_t> activity;  // among those that are used
  CompiledFilter items;
  std::optional<Field> of;
};

struct EarnRule : Rule {
  Decimal points_per;  // with `of`
  Decimal points;      // without
  uint32_t times = 0;
  Time::duration times_days{};

  Decimal PointsOf(const Item& item) const { return of ? WholePointsOf(*of, item, points_per) : points; }
};

struct Tier {
  std::string name;
  Decimal earned;
  Time::duration span;
};

// Whether one more may earn, of a rule whose last ones these are.
bool TakeTurn(const EarnRule& rule, Time time, std::deque<Time>& earned) {
  if (rule.times == 0) return true;
  if (earned.size() >= rule.times) {
    if (earned.front() > time - rule.times_days) return false;
    earned.pop_front();
  }
  earned.push_back(time);
  return true;
}

}  // namespace

struct LoyaltyRules::Compiled {
  explicit Compiled(const Schema& schema);

  Rule RuleOf(const Schema& schema, const std::string& activity, const ItemFilter& items, const std::string& of);
  size_t Use(const Schema& schema, size_t activity);

  std::vector<UsedActivity> activities;
  std::vector<EarnRule> earn;
  std::vector<Rule> spend;
  std::vector<Tier> tiers;
  std::optional<Time::duration> lasts;
  bool needs_all = false;  // one rule is of items of any name
  std::set<std::string> names;
  std::vector<std::string> needed_names;
};

LoyaltyRules::Compiled::Compiled(const Schema& schema) {
  const Loyalty loyalty = schema.loyalty.value_or(Loyalty());
  for (const Loyalty::Earn& from : loyalty.earn) {
    EarnRule rule{RuleOf(schema, from.activity, from.items, from.of)};
    rule.points_per = std::max(Decimal::Of(ValueView(from.points_per)).value_or(Decimal()), Decimal());
    rule.points = Whole(from.points);
    rule.times = from.times;
    rule.times_days = Days(from.times_days);
    earn.push_back(std::move(rule));
  }
  for (const Loyalty::Spend& from : loyalty.spend) spend.push_back(RuleOf(schema, from.activity, from.items, from.of));
  for (const Loyalty::Tier& tier : loyalty.tiers) tiers.push_back({tier.name, Whole(tier.earned), Days(tier.days)});
  if (loyalty.expire_days > 0) lasts = Days(loyalty.expire_days);
  if (!needs_all) needed_names.assign(names.begin(), names.end());
}

Rule LoyaltyRules::Compiled::RuleOf(const Schema& schema, const std::string& activity, const ItemFilter& items,
                                    const std::string& of) {
  const auto position = FindActivity(schema, activity);
  const Activity* const declared = position ? &schema.activities[*position] : nullptr;
  const auto& events = declared != nullptr ? declared->items.events : items.events;
  needs_all |= events.empty();
  names.insert(events.begin(), events.end());
  Rule rule{.items = CompiledFilter(items, declared, schema)};
  if (position) rule.activity = Use(schema, *position);
  if (!of.empty()) rule.of.emplace(of, declared, schema);
  return rule;
}

size_t LoyaltyRules::Compiled::Use(const Schema& schema, size_t activity) {
  const auto is_it = [&](const UsedActivity& used) { return used.position == activity; };
  const auto known = std::find_if(activities.begin(), activities.end(), is_it);
  if (known != activities.end()) return static_cast<size_t>(known - activities.begin());
  const Activity& declared = schema.activities[activity];
  UsedActivity used{activity, CompiledFilter(declared.items, &declared, schema)};
  if (!declared.once_per.empty()) used.once_per.emplace(declared.once_per, &declared, schema);
  activities.push_back(std::move(used));
  return activities.size() - 1;
}

LoyaltyRules::LoyaltyRules(const Schema& schema) : compiled_(std::make_unique<const Compiled>(schema)) {}
LoyaltyRules::~LoyaltyRules() = default;
LoyaltyRules::LoyaltyRules(LoyaltyRules&&) noexcept = default;
LoyaltyRules& LoyaltyRules::operator=(LoyaltyRules&&) noexcept = default;

const std::vector<std::string>& LoyaltyRules::needed_names() const {
  return compiled_->needed_names;
}

bool LoyaltyRules::NeedsAnyName() const {
  return compiled_->needs_all;
}

bool LoyaltyRules::Needs(const Item& item) const {
  const auto& needed = compiled_->needed_names;
  return compiled_->needs_all || std::binary_search(needed.begin(), needed.end(), item.name);
}

LoyaltyState LoyaltyRules::Nothing() const {
  LoyaltyState state{Ledger(compiled_->lasts)};
  state.earned.resize(compiled_->earn.size());
  state.seen.resize(compiled_->activities.size());
  return state;
}

void LoyaltyRules::Apply(const Item& item, LoyaltyState& state) const {
  if (!Needs(item)) return;
  const Compiled& c = *compiled_;
  std::vector<bool> is_of(c.activities.size());
  for (size_t i = 0; i < is_of.size(); ++i) is_of[i] = c.activities[i].Counts(item, state.seen[i]);
  const auto fits = [&](const Rule& rule) {
    return (!rule.activity || is_of[*rule.activity]) && rule.items.Holds(item);
  };
  for (size_t i = 0; i < c.earn.size(); ++i) {
    if (!fits(c.earn[i])) continue;
    const Decimal points = c.earn[i].PointsOf(item);
    if (points > Decimal() && TakeTurn(c.earn[i], item.time, state.earned[i])) state.ledger.Earn(item.time, points);
  }
  for (const Rule& rule : c.spend) {
    const Decimal points = rule.of && fits(rule) ? WholePointsOf(*rule.of, item, Whole(1)) : Decimal();
    if (points > Decimal()) state.ledger.Spend(item.time, points);
  }
}

LoyaltyValues LoyaltyRules::Tell(const LoyaltyState& state, Time now) const {
  const Ledger::Balance balance = state.ledger.At(now, kSoon);
  LoyaltyValues out{.overdrawn = state.ledger.overdrawn(), .due = balance.due};
  out.values[LoyaltyValues::kPoints] = balance.points.ToValue();
  out.values[LoyaltyValues::kPointsExpiring] = balance.expiring.ToValue();
  // Time alone takes tiers and gives none, so that the last one that is reached is left only by itself.
  const auto& tiers = compiled_->tiers;
  for (auto tier = tiers.rbegin(); tier != tiers.rend(); ++tier) {
    const auto until = state.ledger.ReachesUntil(tier->earned, tier->span, now);
    if (!until) continue;
    out.values[LoyaltyValues::kTier] = tier->name;
    out.due = std::min(out.due, *until);
    break;
  }
  return out;
}

LoyaltyValues LoyaltyRules::Evaluate(std::span<const Item> items, Time now) const {
  LoyaltyState state = Nothing();
  for (const Item& item : items) Apply(item, state);
  return Tell(state, now);
}

}  // namespace kintsugi::living
