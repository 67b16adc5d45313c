#include "golden/record_codec.h"

#include "storage/codec.h"

namespace kintsugi::golden {
namespace {

constexpr uint8_t kFormat = 1;
// format, first_seen, last_seen, attribute count, offset of the identifiers
constexpr size_t kHeaderBytes = 1 + 8 + 8 + 4 + 4;

uint32_t ReadBig32(std::string_view bytes, size_t at) {
  if (at + 4 > bytes.size()) return 0;
  return storage::Decoder(bytes.substr(at, 4)).Big32();
}

}  // namespace

std::string EncodeRecord(const Parts& parts) {
  std::string entries;
  std::string directory;
  storage::Encoder entry(entries);
  storage::Encoder offset(directory);
  const size_t entries_at = kHeaderBytes + 4 * parts.attributes.size();
  for (const StoredAttribute& attribute : parts.attributes) {
    offset.Big32(static_cast<uint32_t>(entries_at + entries.size()));
    entry.Big16(attribute.source_number);
    entry.SortableTime(attribute.observed_at);
    entry.Byte(static_cast<uint8_t>(attribute.rule));
    entry.String(attribute.name);
    entry.String(attribute.value);
  }
  std::string out;
  storage::Encoder e(out);
  e.Byte(kFormat);
  e.SortableTime(parts.first_seen);
  e.SortableTime(parts.last_seen);
  e.Big32(static_cast<uint32_t>(parts.attributes.size()));
  e.Big32(static_cast<uint32_t>(entries_at + entries.size()));
  e.Raw(directory);
  e.Raw(entries);
  e.Big32(static_cast<uint32_t>(parts.identifiers.size()));
  for (const StoredIdentifier& identifier : parts.identifiers) {
    e.Big16(identifier.number);
    e.String(identifier.value);
  }
  return out;
}

bool RecordView::valid() const {
  if (bytes_.size() < kHeaderBytes || bytes_[0] != kFormat) return false;
  const size_t identifiers_at = ReadBig32(bytes_, 21);
  return identifiers_at + 4 <= bytes_.size() && kHeaderBytes + 4 * size_t{ReadBig32(bytes_, 17)} <= identifiers_at;
}

Time RecordView::first_seen() const {
  return bytes_.size() < kHeaderBytes ? kNeverFirst : storage::Decoder(bytes_.substr(1, 8)).SortableTime();
}

Time RecordView::last_seen() const {
  return bytes_.size() < kHeaderBytes ? kNeverLast : storage::Decoder(bytes_.substr(9, 8)).SortableTime();
}

// A damaged count must not make a caller's loop run for minutes.
uint32_t RecordView::attribute_count() const {
  return valid() ? ReadBig32(bytes_, 17) : 0;
}

StoredAttribute RecordView::attribute(uint32_t index) const {
  const size_t at = ReadBig32(bytes_, kHeaderBytes + 4 * size_t{index});
  if (at < kHeaderBytes || at > bytes_.size()) return {};
  storage::Decoder d(bytes_.substr(at));
  StoredAttribute out;
  out.source_number = d.Big16();
  out.observed_at = d.SortableTime();
  out.rule = static_cast<Keep>(d.Byte());
  out.name = d.String();
  out.value = d.String();
  return d.ok() ? out : StoredAttribute{};
}

bool RecordView::Find(std::string_view name, StoredAttribute& out) const {
  uint32_t low = 0;
  uint32_t high = valid() ? attribute_count() : 0;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    out = attribute(middle);
    if (out.name == name) return true;
    if (out.name < name)
      low = middle + 1;
    else
      high = middle;
  }
  return false;
}

std::vector<StoredIdentifier> RecordView::identifiers() const {
  std::vector<StoredIdentifier> out;
  if (!valid()) return out;
  storage::Decoder d(bytes_.substr(ReadBig32(bytes_, 21)));
  const uint32_t count = d.Big32();
  for (uint32_t i = 0; i < count; ++i) {
    const uint16_t number = d.Big16();
    const std::string_view value = d.String();
    if (!d.ok()) break;
    out.push_back({number, value});
  }
  return out;
}

uint32_t RecordView::identifier_count() const {
  return valid() ? ReadBig32(bytes_, ReadBig32(bytes_, 21)) : 0;
}

}  // namespace kintsugi::golden
