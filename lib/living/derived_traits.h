// Traits of other traits: ratio, difference, total, band.

#pragma once

#include <optional>
#include <span>
#include <vector>

#include "kintsugi/schema.h"
#include "living/decimal.h"

namespace kintsugi::living {

// Immutable, safe from many threads.
class DerivedTraits {
 public:
  explicit DerivedTraits(const Schema& schema);  // valid

  // `values` has a place for each trait, as TraitNamesOf(). What traits of items say is there, and this tells the
  // others. A text is no number, and what is made of one is absent.
  void Evaluate(std::span<std::optional<Value>> values) const;

 private:
  struct Derived {
    size_t trait;  // its position
    TraitKind kind;
    std::vector<size_t> operands;  // positions
    std::vector<Decimal> bounds;   // ascending
  };
  static std::optional<Decimal> NumberOf(const Derived& derived, std::span<const std::optional<Decimal>> numbers);

  std::vector<Derived> derived_;  // operands before what is made of them
  std::vector<size_t> of_items_;  // operands that traits of items tell
};

}  // namespace kintsugi::living
