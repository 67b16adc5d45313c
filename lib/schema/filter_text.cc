#include "schema/filter_text.h"

#include <google/protobuf/text_format.h>

#include <cmath>
#include <map>
#include <utility>

namespace kintsugi::schema {
namespace {

// Of the comparisons that have a bound.
double BoundOf(const ConditionText& text, Comparison comparison) {
  if (comparison == Comparison::kAtLeast) return text.at_least();
  if (comparison == Comparison::kMoreThan) return text.more_than();
  if (comparison == Comparison::kAtMost) return text.at_most();
  return text.less_than();
}

// The comparison that the text has; of several the last.
Comparison ComparisonOf(const ConditionText& text) {
  if (text.has_matches()) return Comparison::kMatches;
  if (text.has_exists()) return Comparison::kExists;
  if (text.has_less_than()) return Comparison::kLessThan;
  if (text.has_at_most()) return Comparison::kAtMost;
  if (text.has_more_than()) return Comparison::kMoreThan;
  if (text.has_at_least()) return Comparison::kAtLeast;
  return text.has_is_not() ? Comparison::kIsNot : Comparison::kIs;
}

Condition ConditionOf(const ConditionText& text) {
  Condition out = {.property = text.property(), .comparison = ComparisonOf(text)};
  switch (out.comparison) {
    case Comparison::kIs:
      out.values = StringsOf(text.is());
      break;
    case Comparison::kIsNot:
      out.values = {text.is_not()};
      break;
    case Comparison::kExists:
      out.exists = text.exists();
      break;
    case Comparison::kMatches:
      out.pattern = text.matches();
      break;
    default:
      out.bound = RoundedBound(BoundOf(text, out.comparison));
  }
  return out;
}

template <typename Text>
ItemFilter ReadFilter(const Text& text) {
  ItemFilter out = {.events = StringsOf(text.events()), .sources = StringsOf(text.source())};
  for (const ConditionText& condition : text.where()) out.where.push_back(ConditionOf(condition));
  return out;
}

void FillBound(Comparison comparison, double bound, ConditionText* out) {
  if (comparison == Comparison::kAtLeast) out->set_at_least(bound);
  if (comparison == Comparison::kMoreThan) out->set_more_than(bound);
  if (comparison == Comparison::kAtMost) out->set_at_most(bound);
  if (comparison == Comparison::kLessThan) out->set_less_than(bound);
}

ConditionText TextOf(const Condition& condition) {
  ConditionText out;
  out.set_property(condition.property);
  switch (condition.comparison) {
    case Comparison::kIs:
      FillSet(condition.values, out.mutable_is());
      break;
    case Comparison::kIsNot:
      out.set_is_not(condition.values.empty() ? "" : condition.values.front());
      break;
    case Comparison::kExists:
      out.set_exists(condition.exists);
      break;
    case Comparison::kMatches:
      out.set_matches(condition.pattern);
      break;
    default:
      FillBound(condition.comparison, RoundedBound(condition.bound), &out);
  }
  return out;
}

// All conditions must hold, so their order means nothing, nor does one that stands twice.
template <typename Text>
void WriteFilter(const ItemFilter& filter, Text* out) {
  FillSet(filter.events, out->mutable_events());
  FillSet(filter.sources, out->mutable_source());
  std::map<std::string, ConditionText> conditions;  // by what they print
  for (const Condition& condition : filter.where) {
    ConditionText text = TextOf(condition);
    std::string printed;
    google::protobuf::TextFormat::PrintToString(text, &printed);
    conditions.emplace(std::move(printed), std::move(text));
  }
  for (const auto& [printed, text] : conditions) *out->add_where() = text;
}

}  // namespace

const std::string& NameOf(Comparison comparison) {
  const int field = ConditionText::kIsFieldNumber + static_cast<int>(comparison);
  return ConditionText::descriptor()->FindFieldByNumber(field)->name();
}

double RoundedBound(double bound) {
  constexpr double kScale = 1e6;
  constexpr double kMostWithPlaces = 1e9;  // the sixth place of a larger double is chance
  if (!(std::abs(bound) < kMostWithPlaces)) return bound;
  return std::nearbyint(bound * kScale) / kScale + 0.0;  // and never -0
}

ItemFilter FilterOf(const ActivityText& text) {
  return ReadFilter(text);
}

ItemFilter FilterOf(const TraitText& text) {
  return ReadFilter(text);
}

void FillFilter(const ItemFilter& filter, ActivityText* out) {
  WriteFilter(filter, out);
}

void FillFilter(const ItemFilter& filter, TraitText* out) {
  WriteFilter(filter, out);
}

}  // namespace kintsugi::schema
