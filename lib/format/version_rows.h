// Rows of `versions`, of tables that keep them. docs/data_layout.md has the whole; change both together.

#pragma once

#include <string>
#include <string_view>

#include "format/keys.h"
#include "format/stored_rows.h"

namespace kintsugi::format {

// A version's content, extraction and identifiers. Its time is in the key, and what concerns the whole record is in
// `records`.
inline std::string EncodeVersion(stored::Record version) {
  version.clear_version();
  version.clear_first();
  version.clear_withdrawn();
  return version.SerializeAsString();
}

// False if the bytes are damaged, or of a version of which nothing but the time is known.
inline bool DecodeVersion(std::string_view bytes, Time time, stored::Record& out) {
  if (bytes.empty() || !ParseRow(bytes, out)) return false;
  if (IsKnown(time)) out.set_version(ToUs(time));
  return true;
}

// Under each of its identifiers stands again which version says it. Numbers of namespaces are not those of sources, so
// these keys are apart from the others.
inline std::string VersionsThatSayPrefix(NodeKey identifier) {
  std::string key;
  Encoder e(key);
  EncodeNode(e, identifier);
  return key;
}

inline std::string VersionThatSaysKey(NodeKey identifier, uint16_t source_number, std::string_view key, Time time) {
  return VersionsThatSayPrefix(identifier) + VersionKey(source_number, key, time);
}

// What follows such a prefix, or the whole key of a version. False if it is damaged.
inline bool ParseVersionKey(std::string_view bytes, NodeKey& record, Time& time) {
  Decoder d(bytes);
  record = DecodeNode(d);
  time = d.SortableTime();
  return d.ok() && d.done();
}

// Visits the rows that a kept version has under its identifiers.
template <typename Visit>
void ForEachVersionThatSays(const stored::Record& version, uint16_t source_number, std::string_view key, Time time,
                            Visit visit) {
  for (const stored::Identifier& one : version.identifiers())
    visit(VersionThatSaysKey(NodeOf(one), source_number, key, time));
}

}  // namespace kintsugi::format
