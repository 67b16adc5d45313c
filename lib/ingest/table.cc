#include "ingest/table.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "fmt/format.h"
#include "ingest/json_path.h"
#include "ingest/json_value.h"
#include "kintsugi/value.h"
#include "normalize/date.h"

namespace kintsugi::ingest {
namespace {

using simdjson::dom::element;

// Names records whose source declares no key. A stored name: never change it.
constexpr HashKey kRowKey = {'k', 'i', 'n', 't', 's', 'u', 'g', 'i', ' ', 'r', 'o', 'w', ' ', 'k', 'e', 'y'};

std::string KeyOfContent(std::string_view text) {
  std::string hex;
  for (const uint8_t byte : SipHash128(kRowKey, text)) fmt::format_to(std::back_inserter(hex), "{:02x}", byte);
  return hex;
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

std::optional<Value> ParseBool(std::string_view text) {
  for (std::string_view yes : {"true", "yes", "1", "t"}) {
    if (EqualsIgnoringCase(text, yes)) return Value(true);
  }
  for (std::string_view no : {"false", "no", "0", "f"}) {
    if (EqualsIgnoringCase(text, no)) return Value(false);
  }
  return std::nullopt;
}

template <class Number>
std::optional<Value> ParseWhole(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return Value(number);
}

std::optional<Value> ParseNumber(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (auto integer = ParseWhole<int64_t>(text)) return integer;
  auto number = ParseWhole<double>(text);
  if (number && !std::isfinite(std::get<double>(*number))) return std::nullopt;
  return number;
}

std::optional<Value> ToNumber(Value value) {
  if (const auto* text = std::get_if<std::string>(&value)) return ParseNumber(*text);
  if (std::holds_alternative<int64_t>(value) || std::holds_alternative<double>(value)) return value;
  return std::nullopt;
}

std::optional<Value> ToBool(const Value& value) {
  if (std::holds_alternative<bool>(value)) return value;
  if (const auto* text = std::get_if<std::string>(&value)) return ParseBool(*text);
  if (value == Value(int64_t{1})) return Value(true);
  if (value == Value(int64_t{0})) return Value(false);
  return std::nullopt;
}

// A date may come as a number, 19830408.
std::optional<Value> ToDate(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  const auto* integer = std::get_if<int64_t>(&value);
  if (text == nullptr && integer == nullptr) return std::nullopt;
  std::optional<std::string> date = normalize::NormalizeDate(text != nullptr ? *text : std::to_string(*integer));
  if (!date) return std::nullopt;
  return Value(*std::move(date));
}

std::optional<Value> ToTimeText(const Value& value) {
  const std::optional<Time> time = ReadTime(value);
  if (!time) return std::nullopt;
  return Value(FormatTime(*time));
}

std::string Shorten(std::string text) {
  constexpr size_t kShown = 40;
  if (text.size() <= kShown) return text;
  return text.substr(0, kShown) + "...";
}

// What stands in a row's version field.
struct Version {
  bool present = false;
  std::optional<Time> time;
  std::string text;
};

// The one story of a record, whatever its row is: a Row answers Key() and WhyNoKey(), FindVersion(), AddIdentifiers()
// and AddAttributes().
template <class Row>
Parsed MapRow(const Source& source, const Row& row) {
  const Table& table = source.table;
  Record record{.source = source.name, .key = table.key.empty() ? KeyOfContent(row.Content()) : row.Key()};
  if (record.key.empty()) {
    return Rejection{fmt::format("row has no key: field `{}` {}", table.key, row.WhyNoKey())};
  }
  if (!table.updated_at.empty()) {
    Version version = row.FindVersion();
    if (version.present && !version.time) {
      return Rejection{fmt::format("field `{}` is not a time of years 1 to 9999: `{}`; write {}", table.updated_at,
                                   Shorten(version.text), kTimeForms)};
    }
    record.version = version.time.value_or(kNeverLast);
  }
  row.AddIdentifiers(record.identifiers);
  row.AddAttributes(record.attributes);
  return record;
}

struct JsonTablePaths {
  JsonPath key;
  JsonPath updated_at;
  std::vector<JsonPath> identifiers;  // as in Table
  std::vector<JsonPath> attributes;
};

class JsonRow {
 public:
  JsonRow(const Table& table, const JsonTablePaths& paths, element root) : table_(table), paths_(paths), root_(root) {}

  // White space does not make another row of it.
  std::string Content() const { return simdjson::minify(root_); }

  std::string Key() const {
    const std::vector<element> found = Find(paths_.key);
    return found.size() == 1 ? ToText(found[0]).value_or("") : "";
  }

  std::string WhyNoKey() const {
    const std::vector<element> found = Find(paths_.key);
    if (found.size() > 1) return fmt::format("has {} values", found.size());
    if (found.empty() || found[0].is_null() || ToText(found[0])) return "is missing or empty";
    return fmt::format("must be a string or a number, not {}", TypeName(found[0].type()));
  }

  Version FindVersion() const {
    const std::vector<element> found = Find(paths_.updated_at);
    if (found.empty() || found[0].is_null()) return {};
    const Value value = ToValue(found[0]);
    if (value == Value(std::string())) return {};
    return {.present = true, .time = ReadTime(value), .text = simdjson::minify(found[0])};
  }

  void AddIdentifiers(std::vector<Identifier>& out) const {
    for (size_t i = 0; i < paths_.identifiers.size(); ++i) {
      for (const element value : Find(paths_.identifiers[i])) AppendIdentifiers(value, table_.identifiers[i].ns, out);
    }
  }

  void AddAttributes(std::vector<NamedValue>& out) const {
    for (size_t i = 0; i < paths_.attributes.size(); ++i) {
      const AttributeField& field = table_.attributes[i];
      const std::vector<element> found = Find(paths_.attributes[i]);
      std::optional<Value> value = field.type == ValueType::kString ? Untyped(found) : Typed(found, field.type);
      if (value) out.emplace_back(field.name, *std::move(value));
    }
  }

 private:
  std::vector<element> Find(const JsonPath& path) const {
    std::vector<element> found;
    path.Find(root_, found);
    return found;
  }

  static std::optional<Value> Untyped(const std::vector<element>& found) {
    if (found.empty() || (found.size() == 1 && found[0].is_null())) return std::nullopt;
    if (found.size() == 1) return ToValue(found[0]);
    std::string text = "[";
    for (const element value : found) text.append(text.size() > 1 ? "," : "").append(simdjson::minify(value));
    return Json{text + "]"};
  }

  static std::optional<Value> Typed(const std::vector<element>& found, ValueType type) {
    for (const element value : found) {
      if (value.is_array()) {
        const auto items = ArrayOf(value);
        if (auto converted = Typed({items.begin(), items.end()}, type)) return converted;
      } else if (auto converted = Convert(ToValue(value), type)) {
        return converted;
      }
    }
    return std::nullopt;
  }

  const Table& table_;
  const JsonTablePaths& paths_;
  element root_;
};

class JsonTableParser : public RowParser {
 public:
  explicit JsonTableParser(const Source& source)
      : source_(source), paths_{.key = JsonPath(source.table.key), .updated_at = JsonPath(source.table.updated_at)} {
    for (const IdentifierField& field : source.table.identifiers) paths_.identifiers.emplace_back(field.field);
    for (const AttributeField& field : source.table.attributes) paths_.attributes.emplace_back(field.field);
  }

  void Parse(std::string_view text, std::vector<Parsed>& out) const override {
    if (IsBlankRow(text)) return;
    element root;
    std::string wrong = ReadJsonObject(text, root);
    if (!wrong.empty()) {
      out.push_back(Rejection{std::move(wrong)});
      return;
    }
    out.push_back(MapRow(source_, JsonRow(source_.table, paths_, root)));
  }

 private:
  Source source_;
  JsonTablePaths paths_;
};

// Where the declared fields stand in a row; nothing for a column that the file does not have.
struct CsvTableColumns {
  std::vector<std::string> names;
  std::optional<size_t> key;
  std::optional<size_t> updated_at;
  std::vector<std::optional<size_t>> identifiers;  // as in Table
  std::vector<std::optional<size_t>> attributes;
};

class CsvTableRow {
 public:
  CsvTableRow(const Table& table, const CsvTableColumns& columns, const std::vector<CsvField>& fields)
      : table_(table), columns_(columns), fields_(fields) {}

  // Every column with its value, in order of name: the order of the columns does not make another row of it.
  std::string Content() const {
    std::vector<std::pair<std::string_view, std::string_view>> cells;
    for (size_t i = 0; i < fields_.size(); ++i) cells.emplace_back(columns_.names[i], fields_[i].text);
    std::sort(cells.begin(), cells.end());
    std::string content;
    for (const auto& [name, value] : cells)
      fmt::format_to(std::back_inserter(content), "{}:{}{}:{}", name.size(), name, value.size(), value);
    return content;
  }

  std::string Key() const { return std::string(Field(columns_.key).text); }
  std::string WhyNoKey() const { return "is missing or empty"; }

  Version FindVersion() const {
    const std::string_view text = Field(columns_.updated_at).text;
    return {.present = !text.empty(), .time = ParseTime(text), .text = std::string(text)};
  }

  void AddIdentifiers(std::vector<Identifier>& out) const {
    out.reserve(columns_.identifiers.size());
    for (size_t i = 0; i < columns_.identifiers.size(); ++i) {
      const std::string_view text = Field(columns_.identifiers[i]).text;
      if (!text.empty()) out.push_back({table_.identifiers[i].ns, std::string(text)});
    }
  }

  void AddAttributes(std::vector<NamedValue>& out) const {
    out.reserve(columns_.attributes.size());
    for (size_t i = 0; i < columns_.attributes.size(); ++i) {
      const CsvField field = Field(columns_.attributes[i]);
      if (field.text.empty() && !field.quoted) continue;
      std::optional<Value> value = Convert(std::string(field.text), table_.attributes[i].type);
      if (value) out.emplace_back(table_.attributes[i].name, *std::move(value));
    }
  }

 private:
  CsvField Field(std::optional<size_t> column) const { return column ? fields_[*column] : CsvField(); }

  const Table& table_;
  const CsvTableColumns& columns_;
  const std::vector<CsvField>& fields_;
};

class CsvTableParser : public RowParser {
 public:
  CsvTableParser(const Source& source, const CsvHeader& header)
      : source_(source),
        delimiter_(header.delimiter),
        width_(header.columns.size()),
        columns_{.names = header.columns,
                 .key = header.Find(source.table.key),
                 .updated_at = header.Find(source.table.updated_at)} {
    for (const IdentifierField& field : source.table.identifiers) {
      columns_.identifiers.push_back(header.Find(field.field));
    }
    for (const AttributeField& field : source.table.attributes) columns_.attributes.push_back(header.Find(field.field));
  }

  void Parse(std::string_view text, std::vector<Parsed>& out) const override {
    if (!IsBlankRow(text)) out.push_back(ParseRow(text));
  }

 private:
  Parsed ParseRow(std::string_view text) const {
    if (!simdjson::validate_utf8(text.data(), text.size())) return Rejection{"row is not valid UTF-8"};
    static thread_local CsvRow row;  // keeps its room from row to row
    const std::string_view wrong = row.Parse(text, delimiter_);
    if (!wrong.empty()) return Rejection{std::string(wrong)};
    if (row.fields().size() != width_) {
      return Rejection{fmt::format("row has {} fields, the header has {}", row.fields().size(), width_)};
    }
    return MapRow(source_, CsvTableRow(source_.table, columns_, row.fields()));
  }

  Source source_;
  char delimiter_;
  size_t width_;
  CsvTableColumns columns_;
};

}  // namespace

std::optional<Value> Convert(Value value, ValueType type) {
  switch (type) {
    case ValueType::kString:
      return value;
    case ValueType::kNumber:
      return ToNumber(std::move(value));
    case ValueType::kBool:
      return ToBool(value);
    case ValueType::kDate:
      return ToDate(value);
    case ValueType::kTime:
      return ToTimeText(value);
  }
  return std::nullopt;
}

std::unique_ptr<RowParser> MakeJsonTableParser(const Source& source) {
  return std::make_unique<JsonTableParser>(source);
}

std::unique_ptr<RowParser> MakeCsvTableParser(const Source& source, const CsvHeader& header) {
  return std::make_unique<CsvTableParser>(source, header);
}

}  // namespace kintsugi::ingest
