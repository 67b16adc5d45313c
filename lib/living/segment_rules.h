// Segments: which profiles are like what the schema says.

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "golden/record_codec.h"
#include "kintsugi/schema.h"
#include "living/segment_conditions.h"

namespace kintsugi::living {

// Which segments a profile is a member of.
struct Membership {
  std::vector<uint32_t> segments;  // positions in the schema's order, ascending
  // When they may be others although nothing but the clock changed, the profile's traits neither; never too late.
  // kNeverFirst: never; kNeverLast: as soon as the clock is moved from before all times.
  Time due = kNeverFirst;
  friend bool operator==(const Membership&, const Membership&) = default;
};

// SegmentRules is the schema's segments, ready to use. Immutable and safe from many threads. Pure: no clock.
class SegmentRules {
 public:
  // `namespace_numbers`: by the schema's namespaces, what golden::StoredIdentifier has in their place.
  SegmentRules(const Schema& valid_schema, const std::vector<uint16_t>& namespace_numbers);

  bool empty() const { return names_.empty(); }
  // In the schema's order.
  const std::vector<std::string>& names() const { return names_; }

  // `traits` are StoredTraits::values, by TraitNamesOf(); those of `parts` are not looked at. `now` is the database's
  // clock, kNeverLast: before all times; nobody was seen any number of days ago then. Cost: linear in the conditions
  // and the profile's identifiers.
  Membership Evaluate(const golden::Parts& parts, std::span<const std::string> traits, Time now) const;

 private:
  // By catalog number.
  std::vector<bool> NamespacesOf(const golden::Parts& parts) const;

  std::vector<std::string> names_;
  std::vector<MemberCondition> conditions_;  // by the schema's order
  std::vector<size_t> order_;                // each after those that it asks for
  size_t end_of_numbers_ = 0;                // of namespaces
};

}  // namespace kintsugi::living
