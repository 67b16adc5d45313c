// What of an item a condition or a trait looks at.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "kintsugi/living.h"
#include "kintsugi/schema.h"
#include "living/decimal.h"
#include "living/item.h"

namespace kintsugi::living {

// Whether a value is one that is looked for. The view lives until it returns.
using Fits = absl::FunctionRef<bool(const ValueView&)>;

// Whether `fits` holds for one of the values that are there in a value: those of a Field that led to it.
bool AnyIn(const ValueView& value, Fits fits);

// A field as a schema names it, resolved: an activity's own number or text (it hides paths of that name), a dotted path
// into the properties, or $name, $source, $time. Immutable, safe from many threads.
class Field {
 public:
  enum class Kind { kAny, kNumber, kText };

  Field() = default;
  // `activity` may be null.
  Field(std::string_view name, const Activity* activity, const Schema& schema);

  // What is there: an array is its elements (however deep), anything else one value, and nulls and absent properties
  // are nothing. An object is Json in which equal objects have equal text. Of an activity's number or text the first
  // path counts that holds a number (a text). Numbers that are whole are int64_t wherever they fit, so that 1 and 1.0
  // are the same. $name and $source are texts, $time is the time's text (FormatTime).
  void AppendValues(const Item& item, std::vector<Value>& out) const;
  // Whether `fits` holds for one of them; it is asked in their order, and no further then. It looks at no other field,
  // and its view lives until it returns. Allocates nothing where all is at the top and no $time.
  bool AnyOf(const Item& item, Fits fits) const;
  // The first of them.
  std::optional<Value> ValueOf(const Item& item) const;
  // The first of them that is a number.
  std::optional<Decimal> NumberOf(const Item& item) const;

 private:
  // What the paths mean, and of which kind.
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

// How a condition compares, ready to use, whatever it looks at. Immutable, safe from many threads.
class CompiledComparison {
 public:
  // Of the condition all but its property.
  explicit CompiledComparison(const Condition& condition);

  // Asks for values until one fits, and tells whether one did; none there: an absent value.
  using AnyOf = absl::FunctionRef<bool(Fits)>;
  // Each value counts: one that fulfils it is enough. An absent value fulfils kIsNot and `exists: false`, and nothing
  // else. kIs and kIsNot compare texts with texts, "true" with JSON true, "5" with the number 5, by value; kIsNot holds
  // if no value is the one. Numbers are compared as decimals, also those that only Json holds (Decimal::ToValue),
  // patterns with whole texts. Allocates nothing for any other value.
  bool Holds(AnyOf any_of) const;

 private:
  struct Compiled;
  std::shared_ptr<const Compiled> compiled_;
};

// A condition, ready to use. Immutable, safe from many threads.
class CompiledCondition {
 public:
  CompiledCondition(const Condition& condition, const Activity* activity, const Schema& schema)
      : field_(condition.property, activity, schema), comparison_(condition) {}

  // Whether what the field finds is as the comparison wants it; of an array each element counts.
  bool Holds(const Item& item) const {
    return comparison_.Holds([&](Fits fits) { return field_.AnyOf(item, fits); });
  }

 private:
  Field field_;
  CompiledComparison comparison_;
};

// An ItemFilter, ready to use. Immutable, safe from many threads.
class CompiledFilter {
 public:
  CompiledFilter() = default;  // all items
  // `activity` gives names to the conditions' fields; may be null.
  CompiledFilter(const ItemFilter& filter, const Activity* activity, const Schema& schema);
  bool Holds(const Item& item) const;

 private:
  std::vector<std::string> events_;
  std::vector<golden::SourceIndex> sources_;
  std::vector<CompiledCondition> where_;
};

}  // namespace kintsugi::living
