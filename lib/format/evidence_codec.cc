#include "format/evidence_codec.h"

#include <algorithm>

#include "base/hash.h"

namespace kintsugi::format {
namespace {

constexpr uint8_t kEventFormat = 2;

void EncodeValues(Encoder& e, const std::vector<StoredValue>& values) {
  e.Varint(values.size());
  for (const auto& [name, value] : values) {
    e.String(name);
    e.String(value);
  }
}

// A count of things that follow, each of at least one byte: so damage reserves no more memory than there are bytes.
uint64_t CountOf(Decoder& d) {
  const uint64_t count = d.Varint();
  if (count <= d.rest().size()) return count;
  d.Raw(d.rest().size() + 1);  // which there are not: the row is damaged
  return 0;
}

void DecodeValues(Decoder& d, std::vector<StoredValue>& out) {
  out.resize(CountOf(d));
  for (auto& [name, value] : out) {
    name = d.String();
    value = d.String();
  }
}

void EncodeIdentifiers(Encoder& e, const std::vector<NodeKey>& identifiers) {
  e.Varint(identifiers.size());
  for (const NodeKey& identifier : identifiers) {
    e.Varint(identifier.number);
    e.String(identifier.value);
  }
}

void DecodeIdentifiers(Decoder& d, std::vector<NodeKey>& out) {
  out.resize(CountOf(d));
  for (NodeKey& identifier : out) {
    identifier.number = static_cast<uint16_t>(d.Varint());
    identifier.value = d.String();
  }
}

std::string OfKind(ContentKind kind) {
  return std::string(1, static_cast<char>(kind));
}

bool IsKind(std::string_view content, ContentKind kind) {
  return !content.empty() && content[0] == static_cast<char>(kind);
}

}  // namespace

std::optional<ContentKind> KindOf(std::string_view content) {
  for (const auto kind : {ContentKind::kFields, ContentKind::kCells, ContentKind::kJson, ContentKind::kMessage}) {
    if (IsKind(content, kind)) return kind;
  }
  return std::nullopt;
}

std::string EncodeFields(const Fields& fields) {
  std::string out = OfKind(ContentKind::kFields);
  Encoder e(out);
  e.String(fields.name);
  EncodeIdentifiers(e, fields.identifiers);
  EncodeValues(e, fields.traits);
  EncodeValues(e, fields.properties);
  return out;
}

bool DecodeFields(std::string_view content, Fields& out) {
  if (!IsKind(content, ContentKind::kFields)) return false;
  Decoder d(content.substr(1));
  out.name = d.String();
  DecodeIdentifiers(d, out.identifiers);
  DecodeValues(d, out.traits);
  DecodeValues(d, out.properties);
  return d.ok() && d.done();
}

std::string EncodeCells(std::vector<Cell> cells) {
  std::stable_sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) { return a.column < b.column; });
  std::string out = OfKind(ContentKind::kCells);
  Encoder e(out);
  e.Varint(cells.size());
  for (const Cell& cell : cells) {
    e.String(cell.column);
    e.Byte(cell.quoted ? 1 : 0);
    e.String(cell.text);
  }
  return out;
}

bool DecodeCells(std::string_view content, std::vector<Cell>& out) {
  if (!IsKind(content, ContentKind::kCells)) return false;
  Decoder d(content.substr(1));
  out.resize(CountOf(d));
  for (Cell& cell : out) {
    cell.column = d.String();
    cell.quoted = d.Byte() != 0;
    cell.text = d.String();
  }
  return d.ok() && d.done();
}

std::string JsonContent(std::string_view json) {
  return OfKind(ContentKind::kJson).append(json);
}

std::string MessageContent(std::string_view json, size_t said) {
  std::string out = OfKind(ContentKind::kMessage);
  out.reserve(1 + 4 + json.size());
  Encoder e(out);
  e.Varint(said);
  e.Raw(json);
  return out;
}

bool DecodeJson(std::string_view content, std::string_view& json) {
  if (IsKind(content, ContentKind::kJson)) {
    json = content.substr(1);
    return true;
  }
  if (!IsKind(content, ContentKind::kMessage)) return false;
  Decoder d(content.substr(1));
  const uint64_t said = d.Varint();
  json = d.rest();
  return d.ok() && said <= json.size();
}

std::string_view SaidPart(std::string_view content) {
  if (!IsKind(content, ContentKind::kMessage)) return content;
  Decoder d(content.substr(1));
  const uint64_t said = d.Varint();
  return d.rest().substr(0, said);
}

// Most identifiers are as they came: then their place among those of the content says enough.
std::string EncodeEvent(std::string_view name, const std::vector<NodeKey>& identifiers, const std::vector<NodeKey>& raw,
                        std::string_view content) {
  std::string out;
  out.reserve(content.size() + 20);
  Encoder e(out);
  e.Byte(kEventFormat);
  e.Big32(NameMark(name));
  e.Varint(identifiers.size());
  for (const NodeKey& identifier : identifiers) {
    const auto same = std::find_if(raw.begin(), raw.end(), [&](const NodeKey& one) {
      return one.number == identifier.number && one.value == identifier.value;
    });
    if (same != raw.end()) {
      e.Varint(1 + static_cast<uint64_t>(same - raw.begin()));
      continue;
    }
    e.Varint(0);
    e.Varint(identifier.number);
    e.String(identifier.value);
  }
  e.Raw(content);
  return out;
}

uint32_t NameMark(std::string_view name) {
  return static_cast<uint32_t>(Fingerprint(name));
}

uint32_t NameMarkOf(std::string_view event_row) {
  Decoder d(event_row);
  return d.Byte() == kEventFormat ? d.Big32() : 0;
}

bool DecodeEvent(std::string_view row, StoredEvent& out) {
  Decoder d(row);
  if (d.Byte() != kEventFormat) return false;
  d.Big32();
  std::vector<uint64_t> places(CountOf(d));
  out.identifiers.resize(places.size());
  bool any_place = false;
  for (size_t i = 0; i < places.size(); ++i) {
    places[i] = d.Varint();
    any_place |= places[i] != 0;
    if (places[i] != 0) continue;
    out.identifiers[i].number = static_cast<uint16_t>(d.Varint());
    out.identifiers[i].value = d.String();
  }
  out.content = d.rest();
  if (!d.ok() || !KindOf(out.content)) return false;
  if (!any_place) return true;
  Fields fields;
  if (!DecodeFields(out.content, fields)) return false;
  for (size_t i = 0; i < places.size(); ++i) {
    if (places[i] == 0) continue;
    if (places[i] > fields.identifiers.size()) return false;
    out.identifiers[i] = fields.identifiers[places[i] - 1];
  }
  return true;
}

}  // namespace kintsugi::format
