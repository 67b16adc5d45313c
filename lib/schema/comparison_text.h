// A comparison, between the messages that have its fields and the structs that have its members: `where` has it, and
// the conditions of segments. Templates, for neither the messages nor the structs have a common base.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "kintsugi/living.h"
#include "schema/filter_text.h"
#include "schema/schema.pb.h"

namespace kintsugi::schema {

// The comparison that the text has; of several the last; of none the one that has nothing to get wrong, for that it is
// missing is told by itself.
template <typename Text>
Comparison ComparisonOf(const Text& text) {
  if (text.has_matches()) return Comparison::kMatches;
  if (text.has_exists()) return Comparison::kExists;
  if (text.has_less_than()) return Comparison::kLessThan;
  if (text.has_at_most()) return Comparison::kAtMost;
  if (text.has_more_than()) return Comparison::kMoreThan;
  if (text.has_at_least()) return Comparison::kAtLeast;
  if (text.has_is_not()) return Comparison::kIsNot;
  return text.is_size() > 0 ? Comparison::kIs : Comparison::kExists;
}

// Of the comparisons that have a bound.
template <typename Text>
double BoundOf(const Text& text, Comparison comparison) {
  if (comparison == Comparison::kAtLeast) return text.at_least();
  if (comparison == Comparison::kMoreThan) return text.more_than();
  if (comparison == Comparison::kAtMost) return text.at_most();
  return text.less_than();
}

template <typename Text, typename Compared>
void ReadComparison(const Text& text, Compared& out) {
  out.comparison = ComparisonOf(text);
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
}

template <typename Text>
void FillBound(Comparison comparison, double bound, Text* out) {
  if (comparison == Comparison::kAtLeast) out->set_at_least(bound);
  if (comparison == Comparison::kMoreThan) out->set_more_than(bound);
  if (comparison == Comparison::kAtMost) out->set_at_most(bound);
  if (comparison == Comparison::kLessThan) out->set_less_than(bound);
}

template <typename Compared, typename Text>
void FillComparison(const Compared& compared, Text* out) {
  switch (compared.comparison) {
    case Comparison::kIs:
      FillSet(compared.values, out->mutable_is());
      break;
    case Comparison::kIsNot:
      out->set_is_not(compared.values.empty() ? "" : compared.values.front());
      break;
    case Comparison::kExists:
      out->set_exists(compared.exists);
      break;
    case Comparison::kMatches:
      out->set_matches(compared.pattern);
      break;
    default:
      FillBound(compared.comparison, RoundedBound(compared.bound), out);
  }
}

// Of conditions of which neither the order means anything, nor one that stands twice: each once, in the order of what
// they print.
template <typename Text>
void FillConditions(const std::vector<Text>& conditions, google::protobuf::RepeatedPtrField<Text>* out) {
  std::map<std::string, const Text*> by_text;
  for (const Text& condition : conditions) by_text.emplace(Printed(condition), &condition);
  for (const auto& [text, condition] : by_text) *out->Add() = *condition;
}

}  // namespace kintsugi::schema
