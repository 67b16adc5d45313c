#include "golden/record_codec.h"

#include <cstring>
#include <utility>

#include "format/codec.h"

namespace kintsugi::golden {
namespace {

constexpr uint8_t kFormat = 5;
// format, first_seen, last_seen, attribute count, offset of the identifiers, offset of the traits
constexpr size_t kHeaderBytes = 1 + 8 + 8 + 4 + 4 + 4;
// Of the traits: due, count, how many are approximate, how many dues there are, offsets of the segments' bits and of
// the values within the part, how many spendings were overdrawn, whether values are shared. Then the end of each value,
// which are approximate, the dues, a bit for each segment up to the last one that the profile is in, and the values.
constexpr size_t kTraitHeaderBytes = 8 + 4 + 4 + 4 + 4 + 4 + 4 + 1;
constexpr size_t kTraitCountAt = 8;
constexpr size_t kApproximateCountAt = 12;
constexpr size_t kDueCountAt = 16;
constexpr size_t kSegmentsAt = 20;
constexpr size_t kValuesAt = 24;
constexpr size_t kOverdrawnAt = 28;
// A mark of its name and an offset.
constexpr size_t kDirectoryBytes = 1 + 4;
// Of an attribute: source, time, rule.
constexpr size_t kFixedBytes = 2 + 8 + 1;
// Of an attribute or identifier, beside its texts: with the lengths of both.
constexpr size_t kMostBytesBeside = kFixedBytes + 2 * 5;

// One byte that tells most names apart, of both their ends and their length. The marks of all attributes stand side by
// side, so that a look finds which attribute to read. It is stored and must never change.
inline char MarkOf(std::string_view name) {
  const char* begin = name.data();
  const char* end = begin + name.size();
  uint64_t first = 0;
  uint64_t last = 0;
  if (name.size() >= 8) {
    first = format::LoadBig<uint64_t>(begin);
    last = format::LoadBig<uint64_t>(end - 8);
  } else if (name.size() >= 4) {
    first = format::LoadBig<uint32_t>(begin);
    last = format::LoadBig<uint32_t>(end - 4);
  } else if (!name.empty()) {
    first = static_cast<uint8_t>(name.front());
    last = uint64_t{static_cast<uint8_t>(name[name.size() / 2])} << 8 | static_cast<uint8_t>(name.back());
  }
  // Odd constants with bits everywhere, so that the top byte depends on all of them.
  const uint64_t mixed = (first ^ name.size()) * 0x9e3779b97f4a7c15 + last * 0xc2b2ae3d27d4eb4f;
  return static_cast<char>((mixed ^ mixed >> 29) * 0x165667b19e3779f9 >> 56);
}

inline uint32_t ReadBig32(std::string_view bytes, size_t at) {
  return at + 4 > bytes.size() ? 0 : format::LoadBig<uint32_t>(bytes.data() + at);
}

// A string of an attribute, and `at` moves behind it. Null data if it is cut off.
inline std::string_view ReadString(const char*& at, const char* end) {
  if (at == end) return {};
  size_t size = static_cast<uint8_t>(*at);
  if (size < 0x80) {  // nearly always
    ++at;
  } else {
    format::Decoder rest({at, static_cast<size_t>(end - at)});
    size = rest.Varint();
    if (!rest.ok()) return {};
    at = rest.rest().data();
  }
  if (size > static_cast<size_t>(end - at)) return {};
  return {std::exchange(at, at + size), size};
}

// This and RecordView::Find are what a hot look-up spends its instructions on, so `out` is written in place, and one
// check does for all that have a fixed place. False if it is cut off; `out` says nothing then.
inline bool ReadAttribute(std::string_view bytes, size_t at, StoredAttribute& out) {
  if (at < kHeaderBytes || at + kFixedBytes > bytes.size()) return false;
  const char* const begin = bytes.data() + at;
  const char* strings = begin + kFixedBytes;
  const char* const end = bytes.data() + bytes.size();
  out.name = ReadString(strings, end);
  out.value = ReadString(strings, end);
  out.source_number = format::LoadBig<uint16_t>(begin);
  out.observed_at = format::FromSortable(format::LoadBig<uint64_t>(begin + 2));
  out.rule = static_cast<Keep>(begin[10]);
  return out.name.data() != nullptr && out.value.data() != nullptr;
}

std::string MarksOf(const std::vector<std::string>& names) {
  std::string marks;
  for (const std::string& name : names) marks.push_back(MarkOf(name));
  return marks;
}

std::string BitsOf(const std::vector<uint32_t>& ascending) {
  std::string bits(ascending.empty() ? 0 : ascending.back() / 8 + 1, '\0');
  for (const uint32_t one : ascending) bits[one / 8] = static_cast<char>(bits[one / 8] | 1 << one % 8);
  return bits;
}

std::optional<uint32_t> FindName(const std::vector<std::string>& names, const std::string& marks,
                                 std::string_view name) {
  const char mark = MarkOf(name);
  for (size_t at = marks.find(mark); at != std::string::npos; at = marks.find(mark, at + 1)) {
    if (names[at] == name) return static_cast<uint32_t>(at);
  }
  return std::nullopt;
}

std::string EncodeTraits(const StoredTraits& traits) {
  const std::string bits = BitsOf(traits.segments);
  const size_t segments_at =
      kTraitHeaderBytes + 4 * (traits.values.size() + traits.approximate.size()) + 8 * traits.dues.size();
  std::string out;
  format::Encoder e(out);
  e.SortableTime(traits.due);
  e.Big32(static_cast<uint32_t>(traits.values.size()));
  e.Big32(static_cast<uint32_t>(traits.approximate.size()));
  e.Big32(static_cast<uint32_t>(traits.dues.size()));
  e.Big32(static_cast<uint32_t>(segments_at));
  e.Big32(static_cast<uint32_t>(segments_at + bits.size()));
  e.Big32(traits.overdrawn);
  e.Byte(traits.shares_values ? 1 : 0);
  uint32_t end = 0;
  for (const std::string& value : traits.values) e.Big32(end += static_cast<uint32_t>(value.size()));
  for (const uint32_t trait : traits.approximate) e.Big32(trait);
  for (const Time due : traits.dues) e.SortableTime(due);
  e.Raw(bits);
  for (const std::string& value : traits.values) e.Raw(value);
  return out;
}

}  // namespace

Names::Names(std::vector<std::string> all, std::vector<std::string> all_traits, std::vector<std::string> all_segments)
    : names(std::move(all)),
      traits(std::move(all_traits)),
      segments(std::move(all_segments)),
      trait_marks(MarksOf(traits)),
      segment_marks(MarksOf(segments)) {}

std::optional<uint32_t> Names::FindTrait(std::string_view name) const {
  return FindName(traits, trait_marks, name);
}

std::optional<uint32_t> Names::FindSegment(std::string_view name) const {
  return FindName(segments, segment_marks, name);
}

std::string EncodeRecord(const Parts& parts) {
  // Strings that grow step by step cost more than what is written into them; a few bytes too many do not matter.
  size_t attribute_bytes = 0;
  for (const StoredAttribute& attribute : parts.attributes)
    attribute_bytes += kMostBytesBeside + attribute.name.size() + attribute.value.size();
  size_t identifier_bytes = 0;
  for (const StoredIdentifier& identifier : parts.identifiers)
    identifier_bytes += kMostBytesBeside + identifier.value.size();
  std::string entries;
  entries.reserve(attribute_bytes);
  std::string marks;
  marks.reserve(parts.attributes.size());
  std::string offsets;
  offsets.reserve(4 * parts.attributes.size());
  format::Encoder entry(entries);
  format::Encoder offset(offsets);
  const size_t entries_at = kHeaderBytes + kDirectoryBytes * parts.attributes.size();
  for (const StoredAttribute& attribute : parts.attributes) {
    marks.push_back(MarkOf(attribute.name));
    offset.Big32(static_cast<uint32_t>(entries_at + entries.size()));
    entry.Big16(attribute.source_number);
    entry.SortableTime(IsKnown(attribute.observed_at) ? attribute.observed_at : kNeverLast);
    entry.Byte(static_cast<uint8_t>(attribute.rule));
    entry.String(attribute.name);
    entry.String(attribute.value);
  }
  const std::string traits = parts.traits ? EncodeTraits(*parts.traits) : std::string();
  const auto traits_at = static_cast<uint32_t>(entries_at + entries.size());
  std::string out;
  out.reserve(entries_at + attribute_bytes + traits.size() + 4 + identifier_bytes);
  format::Encoder e(out);
  e.Byte(kFormat);
  e.SortableTime(parts.first_seen);
  e.SortableTime(parts.last_seen);
  e.Big32(static_cast<uint32_t>(parts.attributes.size()));
  e.Big32(traits_at + static_cast<uint32_t>(traits.size()));
  e.Big32(parts.traits ? traits_at : 0);
  e.Raw(marks);
  e.Raw(offsets);
  e.Raw(entries);
  e.Raw(traits);
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
  return identifiers_at + 4 <= bytes_.size() &&
         kHeaderBytes + kDirectoryBytes * size_t{ReadBig32(bytes_, 17)} <= identifiers_at;
}

Time RecordView::first_seen() const {
  return bytes_.size() < kHeaderBytes ? kNeverFirst : format::Decoder(bytes_.substr(1, 8)).SortableTime();
}

Time RecordView::last_seen() const {
  return bytes_.size() < kHeaderBytes ? kNeverLast : format::Decoder(bytes_.substr(9, 8)).SortableTime();
}

// A damaged count must not make a caller's loop run for minutes.
uint32_t RecordView::attribute_count() const {
  return valid() ? ReadBig32(bytes_, 17) : 0;
}

StoredAttribute RecordView::attribute(uint32_t index) const {
  StoredAttribute out;
  const size_t at = ReadBig32(bytes_, kHeaderBytes + size_t{ReadBig32(bytes_, 17)} + 4 * size_t{index});
  return ReadAttribute(bytes_, at, out) ? out : StoredAttribute();
}

bool RecordView::Find(std::string_view name, StoredAttribute& out) const {
  if (!valid()) return false;
  const uint32_t count = ReadBig32(bytes_, 17);
  const char* const marks = bytes_.data() + kHeaderBytes;
  const char* const end = marks + count;
  const char mark = MarkOf(name);
  for (const char* at = marks; at != end; ++at) {
    at = static_cast<const char*>(std::memchr(at, mark, static_cast<size_t>(end - at)));
    if (at == nullptr) return false;
    const size_t index = static_cast<size_t>(at - marks);
    if (ReadAttribute(bytes_, format::LoadBig<uint32_t>(end + 4 * index), out) && out.name == name) return true;
  }
  return false;
}

std::vector<StoredIdentifier> RecordView::identifiers() const {
  std::vector<StoredIdentifier> out;
  if (!valid()) return out;
  format::Decoder d(identifier_bytes());
  const uint32_t count = d.Big32();
  for (uint32_t i = 0; i < count; ++i) {
    const uint16_t number = d.Big16();
    const std::string_view value = d.String();
    if (!d.ok()) break;
    out.push_back({number, value});
  }
  return out;
}

std::string_view RecordView::trait_bytes() const {
  const size_t begin = valid() ? ReadBig32(bytes_, 25) : 0;
  const size_t end = begin == 0 ? 0 : ReadBig32(bytes_, 21);
  if (begin < kHeaderBytes || begin + kTraitHeaderBytes > end) return {};
  return bytes_.substr(begin, end - begin);
}

Time RecordView::due() const {
  const std::string_view traits = trait_bytes();
  return traits.empty() ? kNeverFirst : format::Decoder(traits).SortableTime();
}

bool RecordView::shares_values() const {
  const std::string_view traits = trait_bytes();
  return !traits.empty() && traits[kTraitHeaderBytes - 1] != 0;
}

uint32_t RecordView::overdrawn() const {
  return ReadBig32(trait_bytes(), kOverdrawnAt);
}

// A damaged count is none: what it counts would be cut off.
uint32_t RecordView::trait_count() const {
  const std::string_view traits = trait_bytes();
  const uint32_t count = ReadBig32(traits, kTraitCountAt);
  const size_t values = ReadBig32(traits, kValuesAt);
  return kTraitHeaderBytes + 4 * size_t{count} > values || values > traits.size() ? 0 : count;
}

std::vector<uint32_t> RecordView::approximate_traits() const {
  std::vector<uint32_t> out;
  const std::string_view traits = trait_bytes();
  const size_t at = kTraitHeaderBytes + 4 * size_t{trait_count()};
  const size_t count = ReadBig32(traits, kApproximateCountAt);
  if (at + 4 * count > traits.size()) return out;
  for (size_t i = 0; i < count; ++i) out.push_back(ReadBig32(traits, at + 4 * i));
  return out;
}

std::vector<Time> RecordView::dues() const {
  std::vector<Time> out;
  const std::string_view traits = trait_bytes();
  const size_t at = kTraitHeaderBytes + 4 * (size_t{trait_count()} + size_t{ReadBig32(traits, kApproximateCountAt)});
  const size_t count = ReadBig32(traits, kDueCountAt);
  if (at + 8 * count > traits.size()) return out;
  for (size_t i = 0; i < count; ++i) out.push_back(format::Decoder(traits.substr(at + 8 * i)).SortableTime());
  return out;
}

// On a hot look-up's way: one look at the sizes does for all that is read.
std::string_view RecordView::trait(uint32_t index) const {
  if (!valid()) return {};
  const char* const bytes = bytes_.data();
  const size_t begin = format::LoadBig<uint32_t>(bytes + 25);
  const size_t end = format::LoadBig<uint32_t>(bytes + 21);
  if (begin == 0 || begin + kTraitHeaderBytes > end) return {};
  const size_t count = format::LoadBig<uint32_t>(bytes + begin + kTraitCountAt);
  const size_t ends = begin + kTraitHeaderBytes;
  const size_t values = begin + format::LoadBig<uint32_t>(bytes + begin + kValuesAt);
  if (index >= count || ends + 4 * count > values || values > end) return {};
  const size_t from = index == 0 ? 0 : format::LoadBig<uint32_t>(bytes + ends + 4 * (size_t{index} - 1));
  const size_t to = format::LoadBig<uint32_t>(bytes + ends + 4 * size_t{index});
  if (from > to || values + to > end) return {};
  return bytes_.substr(values + from, to - from);
}

std::string_view RecordView::segment_bits() const {
  const std::string_view traits = trait_bytes();
  const size_t begin = ReadBig32(traits, kSegmentsAt);
  const size_t end = ReadBig32(traits, kValuesAt);
  if (begin < kTraitHeaderBytes || begin > end || end > traits.size()) return {};
  return traits.substr(begin, end - begin);
}

bool RecordView::in(uint32_t segment) const {
  const std::string_view bits = segment_bits();
  return segment / 8 < bits.size() && (bits[segment / 8] >> segment % 8 & 1) != 0;
}

std::vector<uint32_t> RecordView::segments() const {
  std::vector<uint32_t> out;
  const auto end = static_cast<uint32_t>(8 * segment_bits().size());
  for (uint32_t segment = 0; segment < end; ++segment) {
    if (in(segment)) out.push_back(segment);
  }
  return out;
}

std::string_view RecordView::identifier_bytes() const {
  return valid() ? bytes_.substr(ReadBig32(bytes_, 21)) : std::string_view();
}

uint32_t RecordView::identifier_count() const {
  return valid() ? ReadBig32(bytes_, ReadBig32(bytes_, 21)) : 0;
}

}  // namespace kintsugi::golden
