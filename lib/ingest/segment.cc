#include "ingest/segment.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "ingest/json_value.h"
#include "ingest/segment_identifiers.h"
#include "ingest/segment_message.h"

namespace kintsugi::ingest {
namespace {

using simdjson::dom::element;

bool IsKnownType(std::string_view type) {
  constexpr std::string_view kTypes[] = {"identify", "track", "page", "screen", "group", "alias"};
  return std::find(std::begin(kTypes), std::end(kTypes), type) != std::end(kTypes);
}

void ReadValues(const SegmentMessage& message, Event& event) {
  // The last of equal names counts, so what counts most comes last.
  std::vector<element> traits = message.PersonTraits();
  for (auto of = traits.rbegin(); of != traits.rend(); ++of) AppendValues(ObjectOf(*of), event.traits);
  if (message.IsType("group")) {
    if (message.fields[kGroupId]) event.properties.emplace_back("groupId", ToValue(*message.fields[kGroupId]));
    if (auto of_group = message.Object(kTraits)) AppendValues(*of_group, event.properties);
  }
  if (auto properties = message.Object(kProperties)) AppendValues(*properties, event.properties);
}

// What a batch says for all of its messages.
constexpr SegmentField kInherited[] = {kContext, kSentAt, kReceivedAt};

// Each message is kept whole, with its part of what is said for all: that must not be a way to fill a disk.
std::string TooMuchForAll(const SegmentMessage& outer, size_t messages) {
  std::string text;
  for (const SegmentField field : kInherited) {
    if (outer.fields[field]) AppendCanonical(text, *outer.fields[field]);
  }
  if (text.size() * messages <= kMaxRowBytes) return {};
  return fmt::format("{} bytes of context for each of {} messages: at most {} bytes in all are taken", text.size(),
                     messages, kMaxRowBytes);
}

class SegmentParser : public RowParser {
 public:
  SegmentParser(const Schema& schema, const Source& source) : source_(source.name), map_(schema, source) {}

  void Parse(std::string_view text, std::vector<Parsed>& out) const override {
    if (IsBlankRow(text)) return;
    element root;
    if (std::string wrong = ReadJsonObject(text, root); !wrong.empty()) {
      out.push_back(Rejection{std::move(wrong)});
      return;
    }
    element batch;
    if (root.at_key("batch").get(batch) == simdjson::SUCCESS) return ParseBatch(root, batch, out);
    SegmentMessage message;
    std::string wrong = ReadMessage(root, message);
    out.push_back(wrong.empty() ? ParseMessage(message) : Rejection{std::move(wrong)});
  }

 private:
  void ParseBatch(element root, element batch, std::vector<Parsed>& out) const;
  Parsed ParseItem(const SegmentMessage& outer, element item) const;
  Parsed ParseMessage(const SegmentMessage& message) const;

  std::string source_;
  IdentifierMap map_;
};

void SegmentParser::ParseBatch(element root, element batch, std::vector<Parsed>& out) const {
  SegmentMessage outer;
  std::string wrong = ReadMessage(root, outer);
  if (wrong.empty() && !batch.is_array()) {
    wrong = fmt::format("field `batch` must be an array, not {}", TypeName(batch.type()));
  }
  if (!wrong.empty()) {
    out.push_back(Rejection{std::move(wrong)});
    return;
  }
  if (wrong = TooMuchForAll(outer, ArrayOf(batch).size()); !wrong.empty()) {
    out.push_back(Rejection{std::move(wrong)});
    return;
  }
  size_t index = 0;
  for (const element item : ArrayOf(batch)) {
    Parsed& parsed = out.emplace_back(ParseItem(outer, item));
    if (auto* rejection = std::get_if<Rejection>(&parsed)) {
      rejection->reason = fmt::format("batch[{}]: {}", index, rejection->reason);
    }
    ++index;
  }
}

Parsed SegmentParser::ParseItem(const SegmentMessage& outer, element item) const {
  if (!item.is_object()) return Rejection{fmt::format("not a JSON object but {}", TypeName(item.type()))};
  SegmentMessage message;
  if (std::string wrong = ReadMessage(item, message); !wrong.empty()) {
    return Rejection{std::move(wrong)};
  }
  for (const SegmentField field : kInherited) {
    if (!message.fields[field]) message.fields[field] = outer.fields[field];
  }
  return ParseMessage(message);
}

Parsed SegmentParser::ParseMessage(const SegmentMessage& message) const {
  const std::string type = message.Text(kType);
  if (type.empty()) return Rejection{"field `type` is missing"};
  if (!IsKnownType(type)) {
    return Rejection{
        fmt::format("type `{}` is not one of identify, track, page, screen, group, alias", type.substr(0, 40))};
  }
  if (type == "alias" && !map_.TakesPreviousId()) {
    return Rejection{"no namespace takes an alias's previousId: declare `anonymous_id`, or `map` previousId to one"};
  }
  Parsed parsed(std::in_place_type<Event>);
  Event& event = std::get<Event>(parsed);
  event.source = source_;
  event.id = message.Text(kMessageId);
  if (std::string wrong = ReadMessageTime(message, event.time); !wrong.empty()) return Rejection{std::move(wrong)};
  event.name = NameOf(message);
  map_.Append(message, event.identifiers, parsed.found);
  ReadValues(message, event);
  parsed.content = ContentOf(message);
  return parsed;
}

}  // namespace

std::unique_ptr<RowParser> MakeSegmentParser(const Schema& schema, const Source& source) {
  return std::make_unique<SegmentParser>(schema, source);
}

}  // namespace kintsugi::ingest
