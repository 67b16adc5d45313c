#include "ingest/segment_message.h"

#include <algorithm>

#include "fmt/format.h"
#include "format/evidence_codec.h"
#include "ingest/json_value.h"

namespace kintsugi::ingest {
namespace {

using simdjson::dom::element;

enum class Shape { kText, kObject, kTime };

struct FieldSpec {
  std::string_view camel;
  std::string_view snake;
  Shape shape;
};

constexpr std::array<FieldSpec, kFieldCount> kFields = {{
    {"type", "type", Shape::kText},
    {"messageId", "message_id", Shape::kText},
    {"userId", "user_id", Shape::kText},
    {"anonymousId", "anonymous_id", Shape::kText},
    {"previousId", "previous_id", Shape::kText},
    {"groupId", "group_id", Shape::kText},
    {"event", "event", Shape::kText},
    {"name", "name", Shape::kText},
    {"traits", "traits", Shape::kObject},
    {"context", "context", Shape::kObject},
    {"properties", "properties", Shape::kObject},
    {"timestamp", "timestamp", Shape::kTime},
    {"originalTimestamp", "original_timestamp", Shape::kTime},
    {"sentAt", "sent_at", Shape::kTime},
    {"receivedAt", "received_at", Shape::kTime},
}};

std::string CheckShape(const FieldSpec& spec, element value) {
  const bool text = value.is_string() || value.is_number();
  if (spec.shape == Shape::kText && !text) {
    return fmt::format("field `{}` must be a string, not {}", spec.camel, TypeName(value.type()));
  }
  if (spec.shape == Shape::kObject && !value.is_object()) {
    return fmt::format("field `{}` must be an object, not {}", spec.camel, TypeName(value.type()));
  }
  return {};
}

std::optional<Time> TimeOf(const SegmentMessage& message, SegmentField field) {
  if (!message.fields[field]) return std::nullopt;
  return ReadTime(ToValue(*message.fields[field]));
}

std::optional<Time> DerivedTime(const SegmentMessage& message) {
  const std::optional<Time> original = TimeOf(message, kOriginalTimestamp);
  const std::optional<Time> sent = TimeOf(message, kSentAt);
  const std::optional<Time> received = TimeOf(message, kReceivedAt);
  if (original && sent && received) {
    if (auto time = InRange(*received - (*sent - *original))) return time;
  }
  if (original) return original;
  return received ? received : sent;
}

bool IsGiven(const std::optional<element>& value) {
  std::string_view text;
  return value && (value->get(text) != simdjson::SUCCESS || !text.empty());
}

// Of a message that has none: which field holds one that cannot be read, or that there is none at all.
std::string WhyNoTime(const SegmentMessage& message) {
  for (const SegmentField field : {kTimestamp, kOriginalTimestamp, kReceivedAt, kSentAt}) {
    const auto& value = message.fields[field];
    if (!IsGiven(value)) continue;
    return fmt::format("time {} in field `{}` cannot be read: write {}", CanonicalOf(*value).substr(0, 40),
                       kFields[field].camel, kTimeForms);
  }
  return "time is missing: no timestamp, originalTimestamp, receivedAt or sentAt";
}

}  // namespace

std::optional<SegmentField> FindField(std::string_view key) {
  for (size_t i = 0; i < kFields.size(); ++i) {
    if (key == kFields[i].camel || key == kFields[i].snake) return static_cast<SegmentField>(i);
  }
  return std::nullopt;
}

std::vector<element> SegmentMessage::PersonTraits() const {
  std::vector<element> traits;
  if (fields[kTraits] && !IsType("group")) traits.push_back(*fields[kTraits]);
  element of_context;
  if (auto context = Object(kContext); context && context->at_key("traits").get(of_context) == simdjson::SUCCESS) {
    if (of_context.is_object()) traits.push_back(of_context);
  }
  return traits;
}

std::vector<element> SegmentMessage::ExternalIds() const {
  std::vector<element> ids;
  const auto context = Object(kContext);
  if (!context) return ids;
  for (const std::string_view spelling : {"externalIds", "external_ids"}) {
    simdjson::dom::array found;
    if (context->at_key(spelling).get(found) != simdjson::SUCCESS) continue;
    for (const element id : found) {
      if (id.is_object()) ids.push_back(id);
    }
  }
  return ids;
}

std::string ReadMessage(element root, SegmentMessage& message) {
  message.root = root;
  for (const auto field : ObjectOf(root)) {
    const std::optional<SegmentField> known = FindField(field.key);
    if (!known || field.value.is_null()) continue;
    if (std::string wrong = CheckShape(kFields[*known], field.value); !wrong.empty()) return wrong;
    message.fields[*known] = field.value;
  }
  return {};
}

std::string ReadMessageTime(const SegmentMessage& message, std::optional<Time>& out) {
  const auto& given = message.fields[kTimestamp];
  out = IsGiven(given) ? TimeOf(message, kTimestamp) : DerivedTime(message);
  return out ? std::string() : WhyNoTime(message);
}

std::string ContentOf(const SegmentMessage& message) {
  // What another delivery of the same message may say otherwise.
  static constexpr std::array<SegmentField, 5> kOfDelivery = {kMessageId, kOriginalTimestamp, kReceivedAt, kSentAt,
                                                              kTimestamp};
  // By name, once for all messages.
  static const auto kSaid = [] {
    std::vector<SegmentField> said;
    for (size_t i = 0; i < kFieldCount; ++i) {
      const auto field = static_cast<SegmentField>(i);
      if (std::find(kOfDelivery.begin(), kOfDelivery.end(), field) == kOfDelivery.end()) said.push_back(field);
    }
    std::sort(said.begin(), said.end(), [](auto a, auto b) { return kFields[a].camel < kFields[b].camel; });
    return said;
  }();
  std::string text;
  JsonWriter json(text);
  const auto write = [&](std::string_view name, element value) {
    json.Name(name);
    WriteCanonical(json, value);
  };
  const auto write_field = [&](SegmentField field) {
    if (message.fields[field]) write(kFields[field].camel, *message.fields[field]);
  };
  // What Segment's own pipeline adds on the way. All else that has no meaning here may have one under another `map`.
  constexpr std::string_view kOfPipeline[] = {"_metadata", "channel", "integrations",
                                              "projectId", "version", "writeKey"};
  const auto is_of_pipeline = [&](std::string_view name) {
    return std::find(std::begin(kOfPipeline), std::end(kOfPipeline), name) != std::end(kOfPipeline);
  };
  const std::vector<Member> members = SortedMembers(ObjectOf(message.root));
  const auto write_others = [&](bool of_pipeline) {
    for (const Member& member : members) {
      // A `batch` inside a message would make a batch of it when it is read again.
      if (FindField(member.first) || member.first == "batch" || is_of_pipeline(member.first) != of_pipeline) continue;
      write(member.first, member.second);
    }
  };
  json.BeginObject();
  for (const SegmentField field : kSaid) write_field(field);
  write_others(false);
  const size_t said = text.size();
  for (const SegmentField field : kOfDelivery) write_field(field);
  write_others(true);
  json.EndObject();
  return format::MessageContent(text, said);
}

std::string NameOf(const SegmentMessage& message) {
  if (message.IsType("page")) return "Page Viewed";
  if (message.IsType("screen")) return "Screen Viewed";
  const std::string type = message.Text(kType);
  const std::string name = message.Text(type == "track" ? kEvent : kName);
  if (name.empty()) return type;
  return type == "track" ? name : type + ": " + name;
}

}  // namespace kintsugi::ingest
