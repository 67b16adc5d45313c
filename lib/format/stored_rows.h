// What Protobuf rows are made of: times (microseconds, absent if unknown) and identifiers.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.h"
#include "format/catalog.h"
#include "format/keys.h"
#include "format/stored.pb.h"
#include "kintsugi/ids.h"
#include "kintsugi/value.h"

namespace kintsugi::format {

// False if the bytes are damaged.
template <typename Row>
bool ParseRow(std::string_view bytes, Row& row) {
  return row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
}

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

// The database's clock.
inline Time NowOf(const stored::Counters& counters) {
  return counters.has_now() ? ToTime(counters.now()) : kNeverLast;
}

inline void SetNode(NodeKey node, stored::Identifier& row) {
  row.set_ns(node.number);
  row.set_value(std::string(node.value));
}
inline NodeKey NodeOf(const stored::Identifier& row) {
  return {static_cast<uint16_t>(row.ns()), row.value()};
}
// A namespace that the schema no longer declares has its name still. False if there never was one of that number.
inline bool ToIdentifier(const Catalog& catalog, const stored::Identifier& row, Identifier& out) {
  if (row.ns() >= catalog.names().size()) return false;
  out = {catalog.names()[row.ns()], row.value()};
  return true;
}

}  // namespace kintsugi::format
