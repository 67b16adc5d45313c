// One message of the Segment spec: its fields under one name, its time, its name.

#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/json_value.h"
#include "kintsugi/value.h"
#include "simdjson.h"

namespace kintsugi::ingest {

// The fields of a message that have a meaning here.
enum SegmentField : size_t {
  kType,
  kMessageId,
  kUserId,
  kAnonymousId,
  kPreviousId,
  kGroupId,
  kEvent,
  kName,
  kTraits,
  kContext,
  kProperties,
  kTimestamp,
  kOriginalTimestamp,
  kSentAt,
  kReceivedAt,
  kFieldCount
};

// The field of this name, which may be camelCase or snake_case.
std::optional<SegmentField> FindField(std::string_view key);

// One message, its known fields found in a single pass. A null is a missing field.
struct SegmentMessage {
  simdjson::dom::element root;
  std::array<std::optional<simdjson::dom::element>, kFieldCount> fields;

  bool IsType(std::string_view type) const { return Text(kType) == type; }
  std::string Text(SegmentField field) const { return fields[field] ? ToText(*fields[field]).value_or("") : ""; }
  std::optional<simdjson::dom::object> Object(SegmentField field) const {
    if (!fields[field]) return std::nullopt;
    return ObjectOf(*fields[field]);
  }
  // The person's traits: the message's own, then its context's. A group's own are not the person's.
  std::vector<simdjson::dom::element> PersonTraits() const;
  // The objects in context.externalIds.
  std::vector<simdjson::dom::element> ExternalIds() const;
};

// These return why the message is refused; empty if it is not.

// Reads the fields of a message, which is an object. One that must be a string (a number will do) or an object and is
// not refuses it.
std::string ReadMessage(simdjson::dom::element root, SegmentMessage& message);
// When it happened, as MakeSegmentParser() promises.
std::string ReadMessageTime(const SegmentMessage& message, std::optional<Time>& out);

// The message whole, as evidence (format::MessageContent): the fields that say something first, by their names in
// camelCase, and then those that tell how and when it was sent, and those without a meaning here.
std::string ContentOf(const SegmentMessage& message);

// The event's name.
std::string NameOf(const SegmentMessage& message);

}  // namespace kintsugi::ingest
