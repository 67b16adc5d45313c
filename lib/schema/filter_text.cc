#include "schema/filter_text.h"

#include <google/protobuf/text_format.h>

#include <cmath>

#include "schema/comparison_text.h"

namespace kintsugi::schema {
namespace {

Condition ConditionOf(const ConditionText& text) {
  Condition out = {.property = text.property()};
  ReadComparison(text, out);
  return out;
}

template <typename Text>
ItemFilter ReadFilter(const Text& text) {
  ItemFilter out = {.events = StringsOf(text.events()), .sources = StringsOf(text.source())};
  for (const ConditionText& condition : text.where()) out.where.push_back(ConditionOf(condition));
  return out;
}

ConditionText TextOf(const Condition& condition) {
  ConditionText out;
  out.set_property(condition.property);
  FillComparison(condition, &out);
  return out;
}

// All conditions must hold, so their order means nothing.
template <typename Text>
void WriteFilter(const ItemFilter& filter, Text* out) {
  FillSet(filter.events, out->mutable_events());
  FillSet(filter.sources, out->mutable_source());
  std::vector<ConditionText> conditions;
  for (const Condition& condition : filter.where) conditions.push_back(TextOf(condition));
  FillConditions(conditions, out->mutable_where());
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

std::string Printed(const google::protobuf::Message& message) {
  std::string out;
  google::protobuf::TextFormat::PrintToString(message, &out);
  return out;
}

ItemFilter FilterOf(const ActivityText& text) {
  return ReadFilter(text);
}

ItemFilter FilterOf(const TraitText& text) {
  return ReadFilter(text);
}

ItemFilter FilterOf(const LoyaltyText::Earn& text) {
  return ReadFilter(text);
}

ItemFilter FilterOf(const LoyaltyText::Spend& text) {
  return ReadFilter(text);
}

void FillFilter(const ItemFilter& filter, ActivityText* out) {
  WriteFilter(filter, out);
}

void FillFilter(const ItemFilter& filter, TraitText* out) {
  WriteFilter(filter, out);
}

void FillFilter(const ItemFilter& filter, LoyaltyText::Earn* out) {
  WriteFilter(filter, out);
}

void FillFilter(const ItemFilter& filter, LoyaltyText::Spend* out) {
  WriteFilter(filter, out);
}

}  // namespace kintsugi::schema
