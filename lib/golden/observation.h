// Observation is one value that a source gave to one attribute of one identifier.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/time.h"
#include "kintsugi/value.h"

namespace kintsugi::golden {

// A source's position in the schema.
using SourceIndex = uint16_t;

// The same value seen again by the same source is the same observation with wider times: what is stored grows
// with the number of different values, not of events. Everything that survivorship asks for is a min, max or
// sum, so the order of arrival does not matter.
struct Observation {
  std::string attribute;  // a group's first one, for a group
  std::string value;      // EncodeValue, EncodeGroup
  SourceIndex source = 0;
  Time first_observed = kNeverFirst;
  Time last_observed = kNeverLast;
  uint64_t count = 0;

  friend bool operator==(const Observation&, const Observation&) = default;
};

// Attribute, source, value: observations that are equal in these are one.
inline bool InOrder(const Observation& a, const Observation& b) {
  if (const int order = a.attribute.compare(b.attribute); order != 0) return order < 0;
  if (a.source != b.source) return a.source < b.source;
  return a.value < b.value;
}

// Goes through two lists that are in order: visit(as it was, as it is), null where there is none.
template <typename Visit>
void ForEachPair(std::span<const Observation> before, std::span<const Observation> now, Visit visit) {
  auto b = before.begin();
  auto n = now.begin();
  while (b != before.end() || n != now.end()) {
    const bool is_gone = n == now.end() || (b != before.end() && InOrder(*b, *n));
    const bool is_new = !is_gone && (b == before.end() || InOrder(*n, *b));
    visit(is_new ? nullptr : &*b, is_gone ? nullptr : &*n);
    if (!is_new) ++b;
    if (!is_gone) ++n;
  }
}

// Takes the times and the count of an equal observation in.
void MergeTimes(Observation& into, const Observation& other);

// Adds to a list that is in order, and keeps it so. Linear in the list.
void AddObservation(std::vector<Observation>& observations, const Observation& observation);

}  // namespace kintsugi::golden
