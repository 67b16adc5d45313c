// Which items a schema means, between its text and its structs.

#pragma once

#include <set>
#include <string>
#include <vector>

#include "kintsugi/living.h"
#include "schema/schema.pb.h"

namespace kintsugi::schema {

// As the text writes it: "at_least".
const std::string& NameOf(Comparison comparison);

// A bound means the decimal of six places that is nearest to it. What has more places is another text for the same.
double RoundedBound(double bound);

// A message as it stands in a canonical text.
std::string Printed(const google::protobuf::Message& message);

template <typename Strings>
std::vector<std::string> StringsOf(const Strings& strings) {
  return {strings.begin(), strings.end()};
}

// Of names of which any will do: their order means nothing, nor does one that stands twice.
template <typename Strings>
void FillSet(const std::vector<std::string>& strings, Strings* out) {
  for (const std::string& text : std::set(strings.begin(), strings.end())) *out->Add() = text;
}

// Where a condition compares twice or not at all (see choices.h), what is read is one of its comparisons, or any.
ItemFilter FilterOf(const ActivityText& text);
ItemFilter FilterOf(const TraitText& text);
ItemFilter FilterOf(const LoyaltyText::Earn& text);
ItemFilter FilterOf(const LoyaltyText::Spend& text);

// Canonical: filters that mean the same give the same text.
void FillFilter(const ItemFilter& filter, ActivityText* out);
void FillFilter(const ItemFilter& filter, TraitText* out);
void FillFilter(const ItemFilter& filter, LoyaltyText::Earn* out);
void FillFilter(const ItemFilter& filter, LoyaltyText::Spend* out);

}  // namespace kintsugi::schema
