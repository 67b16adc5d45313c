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

// What a visit asks for: where it happened, on what, and what led there.
void AppendFromContext(const SegmentMessage& message, std::vector<NamedValue>& properties) {
  const auto context = message.Object(kContext);
  if (!context) return;
  for (const std::string_view name : {"page", "campaign", "device", "locale"}) {
    element found;
    if (context->at_key(name).get(found) == simdjson::SUCCESS && !found.is_null())
      properties.emplace_back(std::string(name), ToValue(found));
  }
}

void ReadValues(const SegmentMessage& message, Event& event) {
  // The last of equal names counts, so what counts most comes last.
  std::vector<element> traits = message.PersonTraits();
  for (auto of = traits.rbegin(); of != traits.rend(); ++of) AppendValues(ObjectOf(*of), event.traits);
  if (message.IsType("group")) {
    if (message.fields[kGroupId]) event.properties.emplace_back("groupId", ToValue(*message.fields[kGroupId]));
    if (auto of_group = message.Object(kTraits)) AppendValues(*of_group, event.properties);
  }
  AppendFromContext(message, event.properties);
  if (message.IsType("page") || message.IsType("screen")) {
    if (message.fields[kName]) event.properties.emplace_back("name", ToValue(*message.fields[kName]));
  }
  if (auto properties = message.Object(kProperties)) AppendValues(*properties, event.properties);
}

// What a batch says for all of its messages. Each is kept whole, with its part of it: that must not fill a disk.
constexpr SegmentField kInherited[] = {kContext, kSentAt, kReceivedAt};

// Reads what the messages of a batch object share. Returns why the object is refused as a whole; empty if it is not.
std::string ReadBatch(element root, element batch, SegmentMessage& outer) {
  if (std::string wrong = ReadMessage(root, outer); !wrong.empty()) return wrong;
  if (!batch.is_array()) return fmt::format("field `batch` must be an array, not {}", TypeName(batch.type()));
  const size_t messages = ArrayOf(batch).size();
  if (messages > kMaxRowItems) {
    return fmt::format("field `batch` has {} messages; one row may have {}: send them in several", messages,
                       kMaxRowItems);
  }
  size_t inherited = 0;
  for (const SegmentField field : kInherited) {
    if (outer.fields[field]) inherited += CanonicalOf(*outer.fields[field]).size();
  }
  if (inherited * messages <= kMaxInheritedBytes) return {};
  return fmt::format("the {} messages of `batch` would inherit {} bytes each; all of them together may inherit {}",
                     messages, inherited, kMaxInheritedBytes);
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

  std::vector<std::string_view> ItemTexts(std::string_view text) const override;

 private:
  void ParseBatch(element root, element batch, std::vector<Parsed>& out) const;
  Parsed ParseItem(const SegmentMessage& outer, element item) const;
  Parsed ParseMessage(const SegmentMessage& message) const;

  std::string source_;
  IdentifierMap map_;
};

void SegmentParser::ParseBatch(element root, element batch, std::vector<Parsed>& out) const {
  SegmentMessage outer;
  if (std::string wrong = ReadBatch(root, batch, outer); !wrong.empty()) {
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

// As they stand in the text, spaces included: so they are cut out of it, and not written again from what was read.
std::vector<std::string_view> SegmentParser::ItemTexts(std::string_view text) const {
  element root;
  element batch;
  SegmentMessage outer;
  if (IsBlankRow(text) || !ReadJsonObject(text, root).empty() || root.at_key("batch").get(batch) != simdjson::SUCCESS ||
      !ReadBatch(root, batch, outer).empty())
    return {text};
  const simdjson::padded_string padded(text);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS)
    return {text};
  std::vector<std::string_view> texts;
  for (auto field : object) {
    std::string_view name;  // however it is spelt
    if (field.unescaped_key().get(name) != simdjson::SUCCESS) return {text};
    if (name != "batch") continue;
    simdjson::ondemand::array messages;
    if (field.value().get_array().get(messages) != simdjson::SUCCESS) return {text};
    for (auto message : messages) {
      std::string_view found;
      if (simdjson::to_json_string(message).get(found) != simdjson::SUCCESS) return {text};
      texts.push_back(text.substr(static_cast<size_t>(found.data() - padded.data()), found.size()));
    }
    return texts;
  }
  return {text};
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
