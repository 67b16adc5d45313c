// What evidence keeps of itself, as bytes of our own: they are stored, compared to tell versions apart, and hashed.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "format/keys.h"

namespace kintsugi::format {

// Content is a letter that says what it is, and then the evidence as it came:
//   kFields   what an event or record of the API or a NATIVE line says
//   kCells    a row of a CSV file, with all of its columns
//   kJson     a row of a JSON file, whole
//   kMessage  a Segment message, whole
// Equal evidence gives equal bytes. docs/data_layout.md has the layout.
enum class ContentKind : char { kFields = 'f', kCells = 'c', kJson = 'j', kMessage = 'm' };

// What the content is; nothing if it is damaged.
std::optional<ContentKind> KindOf(std::string_view content);

// A name and a value's bytes (golden::EncodeValue).
struct StoredValue {
  std::string_view name;
  std::string_view value;
};

// Identifiers as they came, by number and bytes; values by name. A record has neither a name nor properties.
struct Fields {
  std::string_view name;
  std::vector<NodeKey> identifiers;
  std::vector<StoredValue> traits;  // or attributes
  std::vector<StoredValue> properties;
};
std::string EncodeFields(const Fields& fields);
// Views into `content`. False if it is damaged or of another kind.
bool DecodeFields(std::string_view content, Fields& out);

struct Cell {
  std::string_view column;
  std::string_view text;
  bool quoted = false;  // tells an empty text from no text
};
// In order of column; of one name as they stand in the row.
std::string EncodeCells(std::vector<Cell> cells);
bool DecodeCells(std::string_view content, std::vector<Cell>& out);

std::string JsonContent(std::string_view json);
// `said`: how many bytes of the text say something about the person or what happened; what follows says how and when it
// was sent, and may be another when the same message is sent again.
std::string MessageContent(std::string_view json, size_t said);
// The JSON text of kJson or kMessage. False if it is damaged or of another kind.
bool DecodeJson(std::string_view content, std::string_view& json);

// The part of content that tells events of one id apart.
std::string_view SaidPart(std::string_view content);

// A row of `events`: a mark of the event's name, the identifiers as they were normalised when the event came, sorted
// and distinct, and the content. They are kept because another release of a library may normalise otherwise, and what
// was written must be found again. `raw`: those of the content, if it is of kFields, in their order.
std::string EncodeEvent(std::string_view name, const std::vector<NodeKey>& identifiers, const std::vector<NodeKey>& raw,
                        std::string_view content);
// 32 bits that tell nearly all names apart, so that who looks for one need not read the others.
uint32_t NameMark(std::string_view name);
// That of the event's name; 0 of a damaged row.
uint32_t NameMarkOf(std::string_view event_row);
struct StoredEvent {
  std::vector<NodeKey> identifiers;
  std::string_view content;
};
// Views into `row`. False if it is damaged.
bool DecodeEvent(std::string_view row, StoredEvent& out);

}  // namespace kintsugi::format
