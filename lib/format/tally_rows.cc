#include "format/tally_rows.h"

#include <array>

#include "base/hash.h"

namespace kintsugi::format {
namespace {

constexpr HashKey kValueHash = {'o', 'b', 's', 'e', 'r', 'v', 'e', 'd'};

}  // namespace

std::string TallyKey(NodeKey node, std::string_view attribute) {
  std::string key = TallyKey(node);
  Encoder e(key);
  e.String(attribute);
  return key;
}

ValueHash HashOfValue(std::string_view value) {
  return SipHash128(kValueHash, value);
}

namespace {

void EncodeHash(Encoder& e, const ValueHash& hash) {
  e.Raw({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

}  // namespace

std::string TallyKey(NodeKey node, std::string_view attribute, uint16_t source, const ValueHash& value) {
  std::string key = TallyKey(node, attribute);
  Encoder e(key);
  e.Big16(source);
  EncodeHash(e, value);
  return key;
}

bool ParseTallyKey(std::string_view rest, std::string_view& attribute, bool& is_value) {
  Decoder d(rest);
  attribute = d.String();
  is_value = !d.done();
  return d.ok();
}

void EncodeObserved(Encoder& e, const ObservedValue& o) {
  e.String(o.value);
  e.Varint(o.source);
  e.SortableTime(o.first_observed);
  e.SortableTime(o.last_observed);
  e.Varint(o.count);
}

ObservedValue DecodeObserved(Decoder& d) {
  ObservedValue o;
  o.value = d.String();
  o.source = static_cast<uint16_t>(d.Varint());
  o.first_observed = d.SortableTime();
  o.last_observed = d.SortableTime();
  o.count = d.Varint();
  return o;
}

std::string EncodeValueRow(const ObservedValue& value) {
  std::string row;
  Encoder e(row);
  EncodeObserved(e, value);
  return row;
}

bool DecodeValueRow(std::string_view row, ObservedValue& value) {
  Decoder d(row);
  value = DecodeObserved(d);
  return d.ok() && d.done();
}

std::string EncodeSummary(const NodeSummary& summary) {
  std::string row;
  Encoder e(row);
  e.Byte(static_cast<uint8_t>(TallyForm::kApart));
  e.Varint(summary.weight);
  e.Varint(summary.unlisted);
  e.Varint(summary.nulls);
  return row;
}

bool DecodeSummary(Decoder& d, NodeSummary& summary) {
  summary.weight = d.Varint();
  summary.unlisted = d.Varint();
  summary.nulls = d.Varint();
  return d.ok() && d.done();
}

std::string EncodeSummary(const AttributeSummary& summary) {
  std::string row;
  Encoder e(row);
  e.Byte(static_cast<uint8_t>(TallyForm::kApart));
  e.Varint(summary.weight);
  for (const SourceSummary& source : summary.sources) {
    e.Varint(source.source);
    e.Varint(source.count);
    e.Varint(source.pivots.size());
    for (const ValueHash& pivot : source.pivots) EncodeHash(e, pivot);
  }
  return row;
}

bool DecodeSummary(Decoder& d, AttributeSummary& summary) {
  summary.weight = d.Varint();
  while (d.ok() && !d.done()) {
    SourceSummary& source = summary.sources.emplace_back();
    source.source = static_cast<uint16_t>(d.Varint());
    source.count = d.Varint();
    for (uint64_t pivots = d.Varint(); pivots > 0 && d.ok(); --pivots) {
      const std::string_view bytes = d.Raw(sizeof(ValueHash));
      ValueHash& pivot = source.pivots.emplace_back();
      std::copy(bytes.begin(), bytes.end(), pivot.begin());
    }
  }
  return d.ok();
}

}  // namespace kintsugi::format
