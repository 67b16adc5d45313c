// Keys of every family. docs/data_layout.md describes them; change both together.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "format/codec.h"
#include "kintsugi/ids.h"

namespace kintsugi::format {

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

// How a crossing is found: those of an ordinary identifier by their home, those of a generic one in order of time, of
// their first sighting and again of their last, the latest first.
enum class CrossingKind : uint8_t { kByHome = 0, kByFirstSeen = 1, kByLastSeen = 2 };

// crossings: member, kind, the time if it is by that, home.
inline std::string CrossingPrefix(NodeKey member, CrossingKind kind) {
  std::string key;
  Encoder e(key);
  EncodeNode(e, member);
  e.Byte(static_cast<uint8_t>(kind));
  return key;
}

inline std::string CrossingKey(NodeKey member, CrossingKind kind, Time time, NodeKey home) {
  std::string key = CrossingPrefix(member, kind);
  Encoder e(key);
  if (kind == CrossingKind::kByFirstSeen) e.SortableTime(time);
  if (kind == CrossingKind::kByLastSeen) e.LatestFirst(time);
  EncodeNode(e, home);
  return key;
}

// What follows the prefix. False if it is damaged.
inline bool ParseCrossing(std::string_view rest, CrossingKind kind, NodeKey& home, Time& time) {
  Decoder d(rest);
  if (kind == CrossingKind::kByFirstSeen) time = d.SortableTime();
  if (kind == CrossingKind::kByLastSeen) time = d.LatestFirst();
  home = DecodeNode(d);
  return d.ok() && d.done();
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

// versions: source, key, time: a version of a record that counts and is not the newest.
inline std::string VersionPrefix(uint16_t source_number, std::string_view key) {
  std::string prefix;
  Encoder e(prefix);
  e.Big16(source_number);
  e.Big16(static_cast<uint16_t>(key.size()));
  e.Raw(key);
  return prefix;
}

inline std::string VersionKey(uint16_t source_number, std::string_view key, Time time) {
  std::string out = VersionPrefix(source_number, key);
  Encoder(out).SortableTime(time);
  return out;
}

// All events of a strongest identifier.
inline std::string EventPrefix(NodeKey strongest) {
  std::string key;
  Encoder e(key);
  EncodeNode(e, strongest);
  return key;
}

// events, items: strongest identifier, time, source, message id. A person's lie together, in order of time.
inline std::string EventKey(NodeKey strongest, Time time, uint16_t source_number, std::string_view id) {
  std::string key = EventPrefix(strongest);
  Encoder e(key);
  e.SortableTime(time);
  e.Big16(source_number);
  e.Raw(id);
  return key;
}

// due: when something in a golden record changes by time alone, and whose it is.
inline std::string DueKey(Time due, const ProfileId& id) {
  std::string key;
  Encoder e(key);
  e.SortableTime(due);
  e.Raw(ProfileKey(id));
  return key;
}

inline bool ParseDueKey(std::string_view key, Time& due, ProfileId& id) {
  Decoder d(key);
  due = d.SortableTime();
  return d.ok() && ParseProfileKey(d.rest(), id);
}

// members: of each segment, by its position in the schema, those who are in it.
inline std::string MembersPrefix(uint32_t segment) {
  std::string key;
  Encoder(key).Big32(segment);
  return key;
}

inline std::string MemberKey(uint32_t segment, const ProfileId& id) {
  std::string key = MembersPrefix(segment);
  Encoder(key).Raw(ProfileKey(id));
  return key;
}

inline bool ParseMemberKey(std::string_view key, uint32_t& segment, ProfileId& id) {
  Decoder d(key);
  segment = d.Big32();
  return d.ok() && ParseProfileKey(d.rest(), id);
}

// changes: a change by its number; and under each profile that it concerns, its number again. Where a profile got
// another id, the value there is the one that it had.
inline std::string ChangeKey(uint64_t sequence) {
  std::string key;
  Encoder e(key);
  e.Byte(0);
  e.Big64(sequence);
  return key;
}

inline std::string ChangesOfPrefix(const ProfileId& id) {
  std::string key;
  Encoder e(key);
  e.Byte(1);
  e.Raw(ProfileKey(id));
  return key;
}

inline std::string ChangeOfKey(const ProfileId& id, uint64_t sequence) {
  std::string key = ChangesOfPrefix(id);
  Encoder e(key);
  e.Big64(sequence);
  return key;
}

// feed: the sequence of an entry.
inline std::string FeedKey(uint64_t sequence) {
  std::string key;
  Encoder(key).Big64(sequence);
  return key;
}

inline bool ParseFeedKey(std::string_view key, uint64_t& sequence) {
  Decoder d(key);
  sequence = d.Big64();
  return d.ok() && d.done();
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

}  // namespace kintsugi::format
