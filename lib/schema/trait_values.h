// What the values of a schema's traits are, those that `commerce` and `loyalty` bring among them.

#pragma once

#include <map>
#include <span>
#include <string_view>

#include "kintsugi/schema.h"

namespace kintsugi::schema {

// What a value is where there is one. kAny: what the items hold.
enum class TraitValue { kNumber, kText, kTime, kBool, kList, kAny };

// "a number", "true or false".
std::string_view NameOf(TraitValue value);

struct BroughtTrait {
  std::string_view name;
  TraitValue value;
};

std::span<const BroughtTrait> CommerceTraits();
std::span<const BroughtTrait> LoyaltyTraits();

// The section that would bring a trait of the name: "commerce", "loyalty"; empty if neither does.
std::string_view SectionThatBrings(std::string_view name);

TraitValue ValueOf(TraitKind kind);

// By name, of all traits that there are: those of a section that is not there are none. The schema outlives it.
std::map<std::string_view, TraitValue> TraitValues(const Schema& schema);

}  // namespace kintsugi::schema
