// Times of Protobuf rows: microseconds, absent if unknown.

#pragma once

#include <cstdint>

#include "base/time.h"
#include "format/stored.pb.h"
#include "kintsugi/value.h"

namespace kintsugi::format {

inline Time ToTime(int64_t us) {
  return Time(std::chrono::microseconds(us));
}
inline int64_t ToUs(Time time) {
  return time.time_since_epoch().count();
}

// Of the newest version of a record that counts, and of the earliest.
inline Time VersionOf(const stored::Record& record) {
  return record.has_version() ? ToTime(record.version()) : kNeverLast;
}
inline Time FirstVersionOf(const stored::Record& record) {
  if (record.has_first()) return ToTime(record.first());
  return record.has_version() ? ToTime(record.version()) : kNeverFirst;
}
// When that version was read out of its source.
inline Time ExtractedOf(const stored::Record& record) {
  return record.has_extracted() ? ToTime(record.extracted()) : kNeverLast;
}

}  // namespace kintsugi::format
