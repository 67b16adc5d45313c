// What a segment asks of a profile, ready to use.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "golden/record_codec.h"
#include "kintsugi/living.h"
#include "living/fields.h"

namespace kintsugi::living {

// Whether something holds.
struct Answer {
  bool holds = false;
  // When that may be otherwise by time alone; never too late. kNeverFirst: never; kNeverLast: as soon as the clock is
  // moved from before all times.
  Time due = kNeverFirst;
  friend bool operator==(const Answer&, const Answer&) = default;
};

// A profile as conditions look at it. Views: what they show outlives it.
struct ProfileFacts {
  const golden::Parts& parts;           // not its traits
  std::span<const std::string> traits;  // EncodeValue, by TraitNamesOf(); empty, or beyond the end: absent
  const std::vector<bool>& namespaces;  // which it has identifiers of, by catalog number
  std::span<const Answer> segments;     // by the schema's order; there are those that the condition names
  Time now = kNeverLast;
};

// What the names in conditions stand for.
struct SegmentNames {
  std::map<std::string, size_t> traits;      // positions in TraitNamesOf()
  std::map<std::string, size_t> namespaces;  // catalog numbers
  std::map<std::string, size_t> segments;    // positions in the schema
};

// A SegmentCondition, ready to use. Immutable, safe from many threads. Pure: no clock.
class MemberCondition {
 public:
  // Of a valid schema: all that it names is in `names`.
  MemberCondition(const SegmentCondition& condition, const SegmentNames& names);

  // Traits are taken as they are: when time changes them, their own rules tell. Cost: linear in the conditions, times
  // the logarithm of the attributes; values are read in place.
  Answer Of(const ProfileFacts& profile) const;

  // Adds the positions of the segments that it asks for, in groups, too.
  void AppendSegments(std::vector<size_t>& out) const;

 private:
  Answer OfGroup(const ProfileFacts& profile) const;
  Answer OfTrait(const ProfileFacts& profile) const;
  Answer OfAttribute(const ProfileFacts& profile) const;
  // Of the days from then to `now`.
  Answer OfDays(Time then, Time now) const;
  bool HoldsFor(int64_t days) const;

  SegmentCondition::What what_;
  std::string attribute_;
  size_t position_ = 0;  // of the trait or segment; of a namespace its catalog number
  std::optional<CompiledComparison> comparison_;
  std::vector<int64_t> turns_;  // of days: the numbers at which the comparison may come out otherwise, ascending
  // Of a group.
  std::vector<MemberCondition> all_;
  std::vector<MemberCondition> any_;
  std::vector<MemberCondition> none_;
};

}  // namespace kintsugi::living
