// The parts of rows of `evidence` and `sightings`. docs/data_layout.md has the whole; change both together.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/time.h"
#include "format/codec.h"
#include "format/keys.h"

namespace kintsugi::format {

inline constexpr uint8_t kEvidenceRowFormat = 3;

// Flags of a row.
inline constexpr uint8_t kPlain = 1;  // none of its identifiers has a flag but kObserved, and there are no others

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

inline bool IsPlain(std::string_view evidence_row) {
  Decoder d(evidence_row);
  return d.Byte() == kEvidenceRowFormat && (d.Byte() & kPlain) != 0;
}

// sightings: an association's strongest identifier, and a hash of the others: those of one home lie together.
inline std::string SightingsKey(std::span<const NodeKey> members) {
  constexpr HashKey kHash = {'a', 's', 's', 'o', 'c', 'i', 'a', 't', 'i', 'o', 'n'};
  std::string others;
  Encoder o(others);
  for (const NodeKey& member : members.subspan(1)) EncodeNode(o, member);
  const std::array<uint8_t, 16> hash = SipHash128(kHash, others);
  std::string key;
  Encoder e(key);
  EncodeNode(e, members.front());
  e.Raw({reinterpret_cast<const char*>(hash.data()), hash.size()});
  return key;
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
