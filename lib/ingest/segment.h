// Events of the Segment HTTP tracking spec (docs/cli.md, "SEGMENT").

#pragma once

#include <memory>

#include "ingest/rows.h"

namespace kintsugi::ingest {

// Reads identify, track, page, screen, group and alias messages, and `batch` objects, whose messages are an
// item each and inherit the batch's context, sentAt and receivedAt. Every field may be camelCase or snake_case.
//
// Name: a track's `event`; otherwise the type, with the message's `name` if it has one: "page: Home".
// Time: `timestamp`; where it is missing receivedAt − (sentAt − originalTimestamp), which takes a wrong clock
//   on the device out; where a part of that is missing or unreadable, originalTimestamp, receivedAt, sentAt.
//   A timestamp that cannot be read, or no time at all, refuses the message.
// Traits: context.traits, then the message's own, which win. The traits of a `group` are about the group: they
//   are properties, with the groupId, and never feed an identifier.
// Identifiers: every entry of the source's `map`, and the defaults for fields that no entry names and whose
//   namespace is declared: userId → user_id, anonymousId → anonymous_id, traits.email → email,
//   traits.phone → phone, each of context.externalIds → the namespace named by its type.
//   A field of `map` is a dotted path into the message (json_path.h); `traits.` looks into the message's
//   traits, then into context.traits. What is neither a string nor a number identifies nobody.
//   An alias says that previousId and userId are one: unless `map` names previousId, it is an identifier of
//   the namespaces that anonymousId feeds, and of those that userId feeds which may hold two or more.
std::unique_ptr<RowParser> MakeSegmentParser(const Schema& schema, const Source& source);

}  // namespace kintsugi::ingest
