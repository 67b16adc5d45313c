// Keys of every family. docs/data_layout.md describes them; change both together.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "kintsugi/ids.h"
#include "storage/codec.h"

namespace kintsugi::storage {

// An identifier with its namespace's catalog number.
struct NodeKey {
  uint16_t number = 0;
  std::string_view value;
};

// identifiers: number, value. In order of value within a namespace.
inline std::string IdentifierKey(NodeKey node) {
  std::string key;
  key.reserve(2 + node.value.size());
  Encoder e(key);
  e.Big16(node.number);
  e.Raw(node.value);
  return key;
}

inline NodeKey ParseIdentifierKey(std::string_view key) {
  Decoder d(key);
  const uint16_t number = d.Big16();
  return {number, d.rest()};
}

// profiles, evidence, former_ids: the id.
inline std::string_view ProfileKey(const ProfileId& id) {
  return {reinterpret_cast<const char*>(id.bytes.data()), id.bytes.size()};
}

inline bool ParseProfileKey(std::string_view key, ProfileId& id) {
  if (key.size() != id.bytes.size()) return false;
  std::memcpy(id.bytes.data(), key.data(), key.size());
  return true;
}

// A node inside a longer key: its length goes before it, so that no node is a prefix of another.
inline void EncodeNode(Encoder& e, NodeKey node) {
  e.Big16(node.number);
  e.Big16(static_cast<uint16_t>(node.value.size()));
  e.Raw(node.value);
}

inline NodeKey DecodeNode(Decoder& d) {
  const uint16_t number = d.Big16();
  return {number, d.Raw(d.Big16())};
}

// crossings: member, home.
inline std::string CrossingPrefix(NodeKey member) {
  std::string key;
  Encoder e(key);
  EncodeNode(e, member);
  return key;
}

inline std::string CrossingKey(NodeKey member, NodeKey home) {
  std::string key = CrossingPrefix(member);
  Encoder e(key);
  EncodeNode(e, home);
  return key;
}

// records, messages: source, key or message id.
inline std::string SourceKey(uint16_t source_number, std::string_view name) {
  std::string key;
  key.reserve(2 + name.size());
  Encoder e(key);
  e.Big16(source_number);
  e.Raw(name);
  return key;
}

// events: strongest identifier, time, source, message id. A person's events lie together, in order of time.
inline std::string EventKey(NodeKey strongest, Time time, uint16_t source_number, std::string_view id) {
  std::string key;
  Encoder e(key);
  EncodeNode(e, strongest);
  e.SortableTime(time);
  e.Big16(source_number);
  e.Raw(id);
  return key;
}

// quarantine: source, file, line, fingerprint of the row: reading a broken file twice keeps its rows once.
inline std::string QuarantineKey(uint16_t source_number, std::string_view file, uint64_t line, uint64_t fingerprint) {
  std::string key;
  Encoder e(key);
  e.Big16(source_number);
  e.Raw(file);
  e.Byte(0);
  e.Big64(line);
  e.Big64(fingerprint);
  return key;
}

}  // namespace kintsugi::storage
