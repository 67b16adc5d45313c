// The parts of an `evidence` row. docs/data_layout.md has the whole; change both together.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/time.h"
#include "format/codec.h"

namespace kintsugi::format {

inline constexpr uint8_t kEvidenceRowFormat = 2;

// Flags of an identifier.
inline constexpr uint8_t kCrossed = 1;  // an association of another profile holds it: look into `crossings`
inline constexpr uint8_t kGeneric = 2;
inline constexpr uint8_t kAsserted = 4;  // look into `asserted`

// A value that was observed. The views are the row's.
struct ObservationRow {
  std::string_view attribute;
  std::string_view value;
  uint16_t source = 0;  // catalog number
  Time first_observed = kNeverFirst;
  Time last_observed = kNeverLast;
  uint64_t count = 0;
};

// What one source says of one association.
struct SightingRow {
  uint16_t source = 0;  // catalog number
  Time first_seen = kNeverFirst;
  Time last_seen = kNeverLast;
  uint64_t count = 0;
};

inline void EncodeObservation(Encoder& e, const ObservationRow& o) {
  e.String(o.attribute);
  e.String(o.value);
  e.Varint(o.source);
  e.SortableTime(o.first_observed);
  e.SortableTime(o.last_observed);
  e.Varint(o.count);
}

inline ObservationRow DecodeObservation(Decoder& d) {
  ObservationRow o;
  o.attribute = d.String();
  o.value = d.String();
  o.source = static_cast<uint16_t>(d.Varint());
  o.first_observed = d.SortableTime();
  o.last_observed = d.SortableTime();
  o.count = d.Varint();
  return o;
}

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
