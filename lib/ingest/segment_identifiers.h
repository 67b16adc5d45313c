// Which fields of a Segment message are identifiers (the rules are in segment.h).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/json_path.h"
#include "ingest/segment_message.h"
#include "kintsugi/ids.h"
#include "kintsugi/schema.h"

namespace kintsugi::ingest {

// A field that feeds a namespace: a known field of the message, or a path that begins at one of them or at the
// message itself.
class IdentifierRule {
 public:
  IdentifierRule(std::string_view field, std::string ns);

  const std::string& ns() const { return ns_; }
  bool IsField(SegmentField field) const { return head_ == field && paths_[0].text().empty(); }

  // Whether the message has the field.
  bool Append(const SegmentMessage& message, std::vector<Identifier>& out) const;

 private:
  std::vector<simdjson::dom::element> Starts(const SegmentMessage& message) const;
  bool AppendFrom(simdjson::dom::element start, std::vector<Identifier>& out, bool& is_there) const;

  std::string ns_;
  std::optional<SegmentField> head_;
  std::vector<JsonPath> paths_;  // the rest of the field, as it is written, in camelCase and in snake_case
};

// Which fields of this source feed which namespaces.
// Immutable, safe from many threads.
class IdentifierMap {
 public:
  IdentifierMap(const Schema& schema, const Source& source);

  // Bit i of `found`: the message has the field of the source's entry i of `map`; of the first 64.
  void Append(const SegmentMessage& message, std::vector<Identifier>& out, uint64_t& found) const;

  // False if no namespace can hold the previousId of an alias, so that its evidence would be lost.
  bool TakesPreviousId() const { return previous_id_mapped_ || !previous_id_ns_.empty(); }

 private:
  void AddDefaults(const Schema& schema, const std::vector<std::string>& mapped);
  void AppendExternalIds(const SegmentMessage& message, std::vector<Identifier>& out) const;
  void AppendPreviousId(const SegmentMessage& message, std::vector<Identifier>& out) const;

  std::vector<IdentifierRule> rules_;
  std::vector<std::string> declared_;  // for external ids
  bool external_ids_ = true;
  bool previous_id_mapped_ = false;          // the previousId of an alias has a rule of its own
  std::vector<std::string> previous_id_ns_;  // else it goes to these
};

}  // namespace kintsugi::ingest
