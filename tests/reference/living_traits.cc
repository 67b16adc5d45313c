// One function for each kind of trait.

#include <algorithm>
#include <tuple>

#include "reference/commerce.h"
#include "reference/ledger.h"
#include "reference/living.h"
#include "reference/living_decimal.h"
#include "reference/living_items.h"
#include "reference/living_values.h"

namespace kintsugi::testing {
namespace {

using living::Item;

// A value's JSON text; nothing: absent.
using Answer = std::optional<std::string>;
using Answers = std::map<std::string, Answer>;  // by trait

// What a trait of items is computed from.
struct Material {
  const Person& person;
  const Trait& trait;
  std::vector<Item> items;  // that the trait is about, in order

  std::vector<ItemValue> ValuesOf(const Item& item) const {
    return testing::ValuesOf(person.schema, FindActivity(person.schema, trait.activity), trait.of, item);
  }
};

std::vector<Millionths> NumbersOf(const Material& material) {
  std::vector<Millionths> out;
  for (const Item& item : material.items) {
    for (const ItemValue& value : material.ValuesOf(item)) {
      if (value.type != ItemValue::Type::kNumber) continue;
      const auto number = MillionthsOf(value.json);
      if (number && IsInBounds(*number)) out.push_back(*number);
    }
  }
  return out;
}

Millionths SumOf(const std::vector<Millionths>& numbers) {
  Millionths sum = 0;
  for (const Millionths number : numbers) sum += number;
  return sum;
}

Answer Count(const Material& material) {
  return std::to_string(material.items.size());
}

Answer Sum(const Material& material) {
  return TextOf(SumOf(NumbersOf(material)));
}

Answer Average(const Material& material) {
  const auto numbers = NumbersOf(material);
  if (numbers.empty()) return std::nullopt;
  const auto count = static_cast<Millionths>(numbers.size()) * 1'000'000;
  return TextOf(Quotient(SumOf(numbers), count));
}

Answer Min(const Material& material) {
  const auto numbers = NumbersOf(material);
  if (numbers.empty()) return std::nullopt;
  return TextOf(*std::min_element(numbers.begin(), numbers.end()));
}

Answer Max(const Material& material) {
  const auto numbers = NumbersOf(material);
  if (numbers.empty()) return std::nullopt;
  return TextOf(*std::max_element(numbers.begin(), numbers.end()));
}

Answer First(const Material& material) {
  for (const Item& item : material.items) {
    const auto values = material.ValuesOf(item);
    if (!values.empty()) return values.front().json;
  }
  return std::nullopt;
}

Answer Last(const Material& material) {
  for (auto item = material.items.rbegin(); item != material.items.rend(); ++item) {
    const auto values = material.ValuesOf(*item);
    if (!values.empty()) return values.front().json;
  }
  return std::nullopt;
}

struct Tally {
  ItemValue value;
  size_t count = 0;      // of items that have it
  size_t last_item = 0;  // the last of them, by its place
};

// Of all different values.
std::vector<Tally> TalliesOf(const Material& material) {
  std::map<std::string, Tally> tallies;
  for (size_t i = 0; i < material.items.size(); ++i) {
    std::map<std::string, ItemValue> of_item;
    for (const ItemValue& value : material.ValuesOf(material.items[i])) of_item[value.json] = value;
    for (const auto& [json, value] : of_item) tallies[json] = {value, tallies[json].count + 1, i};
  }
  std::vector<Tally> out;
  for (const auto& [json, tally] : tallies) out.push_back(tally);
  return out;
}

bool HasLaterItem(const Tally& a, const Tally& b) {
  return a.last_item != b.last_item ? a.last_item > b.last_item : a.value < b.value;
}

std::vector<Tally> MostFrequentFirst(const Material& material) {
  std::vector<Tally> tallies = TalliesOf(material);
  std::sort(tallies.begin(), tallies.end(),
            [](const Tally& a, const Tally& b) { return a.count != b.count ? a.count > b.count : HasLaterItem(a, b); });
  return tallies;
}

Answer MostFrequent(const Material& material) {
  const auto tallies = MostFrequentFirst(material);
  if (tallies.empty()) return std::nullopt;
  return tallies.front().value.json;
}

Answer Distinct(const Material& material) {
  return std::to_string(TalliesOf(material).size());
}

std::string Array(const std::vector<std::string>& elements) {
  std::string out;
  for (const std::string& element : elements) out += (out.empty() ? "" : ",") + element;
  return "[" + out + "]";
}

Answer Values(const Material& material) {
  std::vector<Tally> tallies = TalliesOf(material);
  std::sort(tallies.begin(), tallies.end(), HasLaterItem);
  if (tallies.size() > material.trait.limit) tallies.resize(material.trait.limit);
  std::sort(tallies.begin(), tallies.end(), [](const Tally& a, const Tally& b) { return a.value < b.value; });
  std::vector<std::string> elements;
  for (const Tally& tally : tallies) elements.push_back(tally.value.json);
  return Array(elements);
}

Answer Top(const Material& material) {
  std::vector<std::string> elements;
  for (const Tally& tally : MostFrequentFirst(material)) {
    if (elements.size() == material.trait.limit) break;
    elements.push_back("{\"value\":" + tally.value.json + ",\"count\":" + std::to_string(tally.count) + "}");
  }
  return Array(elements);
}

bool IsFollowed(const Material& material, const Item& item) {
  const Activity* by = FindActivity(material.person.schema, material.trait.by);
  const auto followers = ItemsOf(material.person, *by);
  return std::any_of(followers.begin(), followers.end(), [&](const Item& follower) {
    return follower.time > item.time && follower.time - item.time <= Hours(material.trait.within_hours);
  });
}

Answer Followed(const Material& material) {
  size_t count = 0;
  for (const Item& item : material.items) count += IsFollowed(material, item) ? 1 : 0;
  return std::to_string(count);
}

Answer NotFollowed(const Material& material) {
  size_t count = 0;
  for (const Item& item : material.items) {
    const bool is_over = material.person.now && item.time + Hours(material.trait.within_hours) <= *material.person.now;
    if (is_over && !IsFollowed(material, item)) ++count;
  }
  return std::to_string(count);
}

Answer DaysSinceLast(const Material& material) {
  if (material.items.empty() || !material.person.now) return std::nullopt;
  const Time::duration age = *material.person.now - material.items.back().time;
  return std::to_string(std::max(age, Time::duration(0)) / std::chrono::hours(24));
}

// Whether a trait tells a value as an item holds it.
bool IsHeld(TraitKind kind) {
  return kind == TraitKind::kFirst || kind == TraitKind::kLast || kind == TraitKind::kMostFrequent;
}

std::optional<Millionths> NumberOf(const Schema& schema, const std::string& name, const Answer& answer) {
  const auto trait = std::find_if(schema.traits.begin(), schema.traits.end(), [&](auto& t) { return t.name == name; });
  const auto number = answer ? MillionthsOf(*answer) : std::nullopt;
  const bool is_held = trait != schema.traits.end() && IsHeld(trait->kind);
  return number && is_held && !IsInBounds(*number) ? std::nullopt : number;
}

// The numbers of other traits; nothing if one of them is none.
std::optional<std::vector<Millionths>> Operands(const Schema& schema, const Trait& trait, const Answers& others) {
  std::vector<Millionths> out;
  for (const std::string& name : trait.operands) {
    const auto number = NumberOf(schema, name, others.at(name));
    if (!number) return std::nullopt;
    out.push_back(*number);
  }
  return out;
}

Answer Ratio(const std::vector<Millionths>& operands) {
  if (operands[1] == 0) return std::nullopt;
  const Millionths ratio = Quotient(operands[0], operands[1]);
  if (!IsInBounds(ratio)) return std::nullopt;
  return TextOf(ratio);
}

// What leaves the bounds on the way is absent.
Answer Total(const std::vector<Millionths>& operands) {
  Millionths total = 0;
  for (const Millionths operand : operands) {
    if (!IsInBounds(operand) || !IsInBounds(total + operand)) return std::nullopt;
    total += operand;
  }
  return TextOf(total);
}

Answer Difference(const std::vector<Millionths>& operands) {
  return Total({operands[0], -operands[1]});
}

Answer Band(const Trait& trait, const std::vector<Millionths>& operands) {
  size_t count = 0;
  for (const double bound : trait.bounds) count += operands[0] >= *MillionthsOf(ToJson(Value(bound))) ? 1 : 0;
  return std::to_string(count);
}

Answer OfItems(const Person& person, const Trait& trait) {
  const Material material{person, trait, ItemsOf(person, trait)};
  switch (trait.kind) {
    case TraitKind::kCount:
      return Count(material);
    case TraitKind::kSum:
      return Sum(material);
    case TraitKind::kAverage:
      return Average(material);
    case TraitKind::kMin:
      return Min(material);
    case TraitKind::kMax:
      return Max(material);
    case TraitKind::kFirst:
      return First(material);
    case TraitKind::kLast:
      return Last(material);
    case TraitKind::kMostFrequent:
      return MostFrequent(material);
    case TraitKind::kDistinct:
      return Distinct(material);
    case TraitKind::kValues:
      return Values(material);
    case TraitKind::kTop:
      return Top(material);
    case TraitKind::kFollowed:
      return Followed(material);
    case TraitKind::kNotFollowed:
      return NotFollowed(material);
    case TraitKind::kDaysSinceLast:
      return DaysSinceLast(material);
    default:
      return std::nullopt;
  }
}

Answer OfOthers(const Schema& schema, const Trait& trait, const Answers& others) {
  const auto operands = Operands(schema, trait, others);
  if (!operands) return std::nullopt;
  switch (trait.kind) {
    case TraitKind::kRatio:
      return Ratio(*operands);
    case TraitKind::kDifference:
      return Difference(*operands);
    case TraitKind::kTotal:
      return Total(*operands);
    case TraitKind::kBand:
      return Band(trait, *operands);
    default:
      return std::nullopt;
  }
}

// What `commerce` and `loyalty` bring.
Answers Brought(const Person& person) {
  const Schema& schema = person.schema;
  Answers answers;
  if (schema.commerce) {
    const auto there = NaiveCommerce(schema, person.items, person.now);
    for (const char* name : {"cart", "cart_value", "cart_since", "cart_abandoned", "cart_path", "orders", "revenue",
                             "average_order", "first_order", "last_order", "order_gap_days", "categories", "coupons"})
      answers[name] = there.contains(name) ? Answer(there.at(name)) : std::nullopt;
  }
  if (schema.loyalty) {
    const auto there = NaiveLoyalty(schema, person.items, person.now).traits;
    for (const char* name : {"points", "points_expiring_30d", "tier"})
      answers[name] = there.contains(name) ? Answer(there.at(name)) : std::nullopt;
  }
  return answers;
}

bool AreAnswered(const std::vector<std::string>& names, const Answers& answers) {
  return std::all_of(names.begin(), names.end(), [&](const std::string& name) { return answers.contains(name); });
}

}  // namespace

std::map<std::string, std::string> NaiveTraits(const Schema& schema, std::vector<Item> items, std::optional<Time> now) {
  std::sort(items.begin(), items.end(), living::IsEarlier);
  const Person person{schema, std::move(items), now};
  Answers answers = Brought(person);
  const size_t all = answers.size() + schema.traits.size();
  // As there is no circle, each round answers at least one more.
  while (answers.size() < all) {
    for (const Trait& trait : schema.traits) {
      if (!AreAnswered(trait.operands, answers)) continue;
      answers[trait.name] = IsOfItems(trait.kind) ? OfItems(person, trait) : OfOthers(schema, trait, answers);
    }
  }
  std::map<std::string, std::string> there;
  for (const auto& [name, answer] : answers) {
    if (answer) there[name] = *answer;
  }
  return there;
}

}  // namespace kintsugi::testing
