// Rows of `tallies` and `values`: what was observed of an identifier, in as few rows as an event should have to write.
// docs/data_layout.md describes them; change both together.

#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "format/codec.h"
#include "format/keys.h"

namespace kintsugi::format {

// Three kinds of row. An identifier has one in `tallies`, with all that was observed of it, as long as that is little;
// else there is one in `values` for each attribute, with all of its values; and an attribute that has many has one for
// each value. Whether something is little is told by the texts alone, not by times and counts, which every event
// changes.
inline constexpr uint64_t kMostTogether = 2048;

constexpr uint64_t WeightOfValue(std::string_view value) {
  return value.size() + 24;
}
constexpr uint64_t WeightOfAttribute(std::string_view name) {
  return name.size() + 8;
}

// What a value is known by where it is too long to stand.
using ValueHash = std::array<uint8_t, 16>;
ValueHash HashOfValue(std::string_view value);

enum class TallyForm : uint8_t { kTogether = 1, kApart = 2 };

// A value that was observed. The views are the row's.
struct ObservedValue {
  std::string_view value;
  uint16_t source = 0;  // catalog number
  Time first_observed = kNeverFirst;
  Time last_observed = kNeverLast;
  uint64_t count = 0;
};

// tallies: of an identifier. values: of one of its attributes; of one of that attribute's values.
inline std::string TallyKey(NodeKey node) {
  std::string key;
  key.reserve(4 + node.value.size());
  Encoder e(key);
  EncodeNode(e, node);
  return key;
}
std::string TallyKey(NodeKey node, std::string_view attribute);
std::string TallyKey(NodeKey node, std::string_view attribute, uint16_t source, const ValueHash& value);
// What follows the identifier in a longer key: an attribute, and whether it is the key of one of its values.
bool ParseTallyKey(std::string_view rest, std::string_view& attribute, bool& is_value);

void EncodeObserved(Encoder& e, const ObservedValue& value);
ObservedValue DecodeObserved(Decoder& d);

// A value's own row. The source is in the key, too, but a hash stands there for the value.
std::string EncodeValueRow(const ObservedValue& value);
bool DecodeValueRow(std::string_view row, ObservedValue& value);

// Of an identifier whose attributes have rows of their own.
struct NodeSummary {
  uint64_t weight = 0;
  uint64_t unlisted = 0;  // attributes that the schema does not list
  uint64_t nulls = 0;     // observations
};
std::string EncodeSummary(const NodeSummary& summary);
bool DecodeSummary(Decoder& d, NodeSummary& summary);

// Of an attribute whose values have rows of their own.
struct SourceSummary {
  uint16_t source = 0;            // catalog number
  uint64_t count = 0;             // how many different values it gave
  std::vector<ValueHash> pivots;  // golden::Rules::Pivots
};
struct AttributeSummary {
  uint64_t weight = 0;
  std::vector<SourceSummary> sources;
};
std::string EncodeSummary(const AttributeSummary& summary);
bool DecodeSummary(Decoder& d, AttributeSummary& summary);

}  // namespace kintsugi::format
