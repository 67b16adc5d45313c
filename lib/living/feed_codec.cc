#include "living/feed_codec.h"

#include "format/codec.h"
#include "format/keys.h"
#include "golden/value_codec.h"

namespace kintsugi::living {
namespace {

constexpr uint8_t kFormat = 1;

Value ValueOf(std::string_view bytes) {
  return bytes.empty() ? Value() : ToValue(golden::ReadValue(bytes));
}

bool DecodeId(format::Decoder& d, ProfileId& out) {
  return format::ParseProfileKey(d.Raw(out.bytes.size()), out);
}

}  // namespace

std::string EncodeFeedRow(const Told& told, Time recorded_at) {
  std::string row;
  format::Encoder e(row);
  e.Byte(kFormat);
  e.SortableTime(recorded_at);
  e.Byte(static_cast<uint8_t>(told.kind));
  e.Raw(format::ProfileKey(told.id));
  e.Varint(told.others.size());
  for (const ProfileId& other : told.others) e.Raw(format::ProfileKey(other));
  e.String(told.name);
  e.Raw(told.value);
  return row;
}

bool DecodeFeedTime(std::string_view row, Time& out) {
  format::Decoder d(row);
  if (d.Byte() != kFormat) return false;
  out = d.SortableTime();
  return d.ok();
}

bool DecodeFeedRow(std::string_view row, uint64_t sequence, FeedEntry& out) {
  out = FeedEntry{.sequence = sequence};
  format::Decoder d(row);
  if (d.Byte() != kFormat) return false;
  out.recorded_at = d.SortableTime();
  const uint8_t kind = d.Byte();
  if (kind > static_cast<uint8_t>(FeedEntry::Kind::kTierChanged)) return false;
  out.kind = static_cast<FeedEntry::Kind>(kind);
  if (!DecodeId(d, out.profile_id)) return false;
  // A damaged number must not make this run for minutes.
  for (uint64_t i = d.Varint(); i > 0; --i) {
    if (!DecodeId(d, out.others.emplace_back())) return false;
  }
  out.name = d.String();
  if (!d.ok()) return false;
  out.value = ValueOf(d.rest());
  return true;
}

FeedEntry ToEntry(const Told& told, uint64_t sequence, Time recorded_at) {
  return {.sequence = sequence,
          .recorded_at = recorded_at,
          .kind = told.kind,
          .profile_id = told.id,
          .others = told.others,
          .name = told.name,
          .value = ValueOf(told.value)};
}

}  // namespace kintsugi::living
