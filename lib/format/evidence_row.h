// The parts of an `evidence` row. docs/data_layout.md has the whole; change both together.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "format/codec.h"

namespace kintsugi::format {

inline constexpr uint8_t kEvidenceRowFormat = 3;

// Flags of an identifier.
inline constexpr uint8_t kCrossed = 1;  // an association of another profile holds it: look into `crossings`
inline constexpr uint8_t kGeneric = 2;
inline constexpr uint8_t kAsserted = 4;  // look into `asserted`
inline constexpr uint8_t kObserved = 8;  // something was observed of it: look into `tallies`
inline constexpr uint8_t kNulls = 16;    // a null was

// What one source says of one association.
struct SightingRow {
  uint16_t source = 0;  // catalog number
  Time first_seen = kNeverFirst;
  Time last_seen = kNeverLast;
  uint64_t count = 0;
};

inline void EncodeSighting(Encoder& e, const SightingRow& s) {
  e.Varint(s.source);
  e.SortableTime(s.first_seen);
  e.SortableTime(s.last_seen);
  e.Varint(s.count);
}

inline SightingRow DecodeSighting(Decoder& d) {
  SightingRow s;
  s.source = static_cast<uint16_t>(d.Varint());
  s.first_seen = d.SortableTime();
  s.last_seen = d.SortableTime();
  s.count = d.Varint();
  return s;
}

}  // namespace kintsugi::format
