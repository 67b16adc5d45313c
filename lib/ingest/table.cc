#include "ingest/table.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/hash.h"
#include "base/number.h"
#include "fmt/format.h"
#include "format/evidence_codec.h"
#include "ingest/convert.h"
#include "ingest/json_path.h"
#include "ingest/json_value.h"
#include "kintsugi/value.h"

namespace kintsugi::ingest {
namespace {

using simdjson::dom::element;

// Names records whose source declares no key. A stored name: never change it.
constexpr HashKey kRowKey = {'k', 'i', 'n', 't', 's', 'u', 'g', 'i', ' ', 'r', 'o', 'w', ' ', 'k', 'e', 'y'};

std::string KeyOfContent(std::string_view text) {
  return ProfileId{SipHash128(kRowKey, text)}.ToString();
}

std::string_view NameOf(ValueType type) {
  switch (type) {
    case ValueType::kNumber:
      return "NUMBER";
    case ValueType::kBool:
      return "BOOL";
    case ValueType::kDate:
      return "DATE";
    case ValueType::kTime:
      return "TIME";
    case ValueType::kString:
      break;
  }
  return "STRING";
}

RefusedValue Refused(const AttributeField& field, std::string text) {
  return {fmt::format("{}: not a {}", field.field, NameOf(field.type)), Shorten(std::move(text))};
}

// What stands in a row's version field.
struct Version {
  bool present = false;
  std::optional<Time> time;
  std::string text;
};

// The values that are read of a row: its attributes, and if its records are items, their properties, and when they
// happened.
struct ValueFields {
  explicit ValueFields(const Table& table) : all(table.attributes), properties(all.size()), times(all.size()) {
    if (!table.event) return;
    all.insert(all.end(), table.event->properties.begin(), table.event->properties.end());
    times = all.size();
    if (!table.event->time.empty()) all.push_back({table.event->time, "", ValueType::kTime});
  }

  std::vector<AttributeField> all;
  size_t properties;  // where they begin
  size_t times;
};

// The one story of a record, whatever its row is: a Row answers Key() and WhyNoKey(), Content(), FindVersion(),
// AddIdentifiers(), AddValues(begin, end) and Kept().
template <class Row>
Parsed MapRow(const Source& source, const ValueFields& fields, const Row& row) {
  const Table& table = *source.table();
  Parsed parsed(std::in_place_type<Record>);
  Record& record = std::get<Record>(parsed);
  record.source = source.name;
  record.key = table.key.empty() ? KeyOfContent(row.Content()) : row.Key();
  if (record.key.empty()) {
    return Rejection{fmt::format("row has no key: field `{}` {}", table.key, row.WhyNoKey())};
  }
  if (!table.updated_at.empty()) {
    Version version = row.FindVersion();
    if (version.present && !version.time) {
      return Rejection{fmt::format("field `{}` is not a time of years 1 to 9999: `{}`; write {}", table.updated_at,
                                   Shorten(version.text), kTimeForms)};
    }
    record.version = version.time;
  }
  row.AddIdentifiers(record.identifiers);
  row.AddValues(0, fields.properties, record.attributes, parsed.refused_values);
  row.AddValues(fields.properties, fields.times, record.properties, parsed.refused_values);
  std::vector<NamedValue> times;
  row.AddValues(fields.times, fields.all.size(), times, parsed.refused_values);
  if (!times.empty()) record.happened_at = ReadTime(times.front().second);
  if (table.keep_rows) parsed.content = row.Kept();
  parsed.found = row.found();
  return parsed;
}

struct JsonTablePaths {
  explicit JsonTablePaths(const Table& table)
      : fields(table),
        key(table.key),
        updated_at(table.updated_at),
        first_updated_at(table.key.empty() ? 0 : 1),
        first_identifier(first_updated_at + (table.updated_at.empty() ? 0 : 1)) {
    for (const IdentifierField& field : table.identifiers) identifiers.emplace_back(field.field);
    for (const AttributeField& field : fields.all) values.emplace_back(field.field);
  }

  ValueFields fields;
  JsonPath key;
  JsonPath updated_at;
  size_t first_updated_at;  // places in DeclaredFields()
  size_t first_identifier;
  std::vector<JsonPath> identifiers;  // as in Table
  std::vector<JsonPath> values;       // as in `fields`
};

class JsonRow {
 public:
  JsonRow(const Table& table, const JsonTablePaths& paths, element root) : table_(table), paths_(paths), root_(root) {}

  // Neither white space nor the order of members makes another row of it.
  std::string Content() const { return CanonicalOf(root_); }
  std::string Kept() const { return format::JsonContent(Content()); }
  uint64_t found() const { return found_; }

  std::string Key() const {
    const std::vector<element> found = Find(paths_.key, 0);
    return found.size() == 1 ? ToText(found[0]).value_or("") : "";
  }

  std::string WhyNoKey() const {
    const std::vector<element> found = Find(paths_.key, 0);
    if (found.size() > 1) return fmt::format("has {} values", found.size());
    if (found.empty() || found[0].is_null() || ToText(found[0])) return "is missing or empty";
    return fmt::format("must be a string or a number, not {}", TypeName(found[0].type()));
  }

  Version FindVersion() const {
    const std::vector<element> found = Find(paths_.updated_at, paths_.first_updated_at);
    if (found.empty() || found[0].is_null()) return {};
    const Value value = ToValue(found[0]);
    if (value == Value(std::string())) return {};
    return {.present = true, .time = ReadTime(value), .text = CanonicalOf(found[0])};
  }

  void AddIdentifiers(std::vector<Identifier>& out) const {
    for (size_t i = 0; i < paths_.identifiers.size(); ++i) {
      const std::vector<element> found = Find(paths_.identifiers[i], paths_.first_identifier + i);
      for (const element value : found) AppendIdentifiers(value, table_.identifiers[i].ns, out);
    }
  }

  void AddValues(size_t begin, size_t end, std::vector<NamedValue>& out, std::vector<RefusedValue>& refused) const {
    for (size_t i = begin; i < end; ++i) {
      const AttributeField& field = paths_.fields.all[i];
      const std::vector<element> found =
          Find(paths_.values[i], paths_.first_identifier + paths_.identifiers.size() + i);
      std::optional<Value> value = field.type == ValueType::kString ? Untyped(found) : Typed(found, field.type);
      if (value)
        out.emplace_back(field.name, *std::move(value));
      else if (field.type != ValueType::kString && !found.empty() && SaysSomething(found[0]))
        refused.push_back(Refused(field, CanonicalOf(found[0])));
    }
  }

 private:
  // `declared`: the path's place among the table's declared fields.
  std::vector<element> Find(const JsonPath& path, size_t declared) const {
    std::vector<element> found;
    if (path.Find(root_, found) && declared < 64) found_ |= uint64_t{1} << declared;
    return found;
  }

  static bool SaysSomething(element value) {
    std::string_view text;
    if (value.is_array()) return ArrayOf(value).size() > 0;
    return !value.is_null() && (value.get(text) != simdjson::SUCCESS || !text.empty());
  }

  static std::optional<Value> Untyped(const std::vector<element>& found) {
    if (found.empty() || (found.size() == 1 && found[0].is_null())) return std::nullopt;
    if (found.size() == 1) return ToValue(found[0]);
    Json list;
    JsonWriter json(list.text);
    json.BeginArray();
    for (const element value : found) WriteCanonical(json, value);
    json.EndArray();
    return list;
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
  mutable uint64_t found_ = 0;
};

class JsonTableParser : public RowParser {
 public:
  explicit JsonTableParser(const Source& source) : source_(source), paths_(*source.table()) {}

  void Parse(std::string_view text, std::vector<Parsed>& out) const override {
    if (IsBlankRow(text)) return;
    element root;
    std::string wrong = ReadJsonObject(text, root);
    if (!wrong.empty()) {
      out.push_back(Rejection{std::move(wrong)});
      return;
    }
    out.push_back(MapRow(source_, paths_.fields, JsonRow(*source_.table(), paths_, root)));
  }

 private:
  Source source_;
  JsonTablePaths paths_;
};

// Where the declared fields stand in a row; nothing for a column that the file does not have.
struct CsvTableColumns {
  CsvTableColumns(const Table& table, const CsvHeader& header)
      : fields(table), names(header.columns), key(header.Find(table.key)), updated_at(header.Find(table.updated_at)) {
    for (const IdentifierField& field : table.identifiers) identifiers.push_back(header.Find(field.field));
    for (const AttributeField& field : fields.all) values.push_back(header.Find(field.field));
  }

  ValueFields fields;
  std::vector<std::string> names;
  std::optional<size_t> key;
  std::optional<size_t> updated_at;
  std::vector<std::optional<size_t>> identifiers;  // as in Table
  std::vector<std::optional<size_t>> values;       // as in `fields`
};

class CsvTableRow {
 public:
  CsvTableRow(const Table& table, const CsvTableColumns& columns, const std::vector<CsvField>& fields)
      : table_(table), columns_(columns), fields_(fields) {}

  // Every column with its value, in order of name: the order of the columns does not make another row of it. What the
  // key of a record without one is made from: never change it.
  std::string Content() const {
    std::vector<std::pair<std::string_view, std::string_view>> cells;
    for (size_t i = 0; i < fields_.size(); ++i) cells.emplace_back(columns_.names[i], fields_[i].text);
    std::sort(cells.begin(), cells.end());
    std::string content;
    for (const auto& cell : cells) {
      for (const std::string_view text : {cell.first, cell.second}) {
        AppendInteger(content, uint64_t{text.size()});
        content.append(1, ':').append(text);
      }
    }
    return content;
  }

  std::string Kept() const {
    std::vector<format::Cell> cells;
    cells.reserve(fields_.size());
    for (size_t i = 0; i < fields_.size(); ++i) {
      // An empty cell says nothing, unless it is quoted; and only there quotes say anything.
      const CsvField& field = fields_[i];
      if (!field.text.empty() || field.quoted)
        cells.push_back({columns_.names[i], field.text, field.text.empty() && field.quoted});
    }
    return format::EncodeCells(std::move(cells));
  }
  uint64_t found() const { return ~uint64_t{0}; }  // the header says what there is

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

  void AddValues(size_t begin, size_t end, std::vector<NamedValue>& out, std::vector<RefusedValue>& refused) const {
    out.reserve(end - begin);
    for (size_t i = begin; i < end; ++i) {
      const AttributeField& declared = columns_.fields.all[i];
      const CsvField field = Field(columns_.values[i]);
      if (field.text.empty() && !field.quoted) continue;
      std::optional<Value> value = Convert(std::string(field.text), declared.type);
      if (value)
        out.emplace_back(declared.name, *std::move(value));
      else if (!field.text.empty())
        refused.push_back(Refused(declared, std::string(field.text)));
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
        columns_(*source.table(), header) {}

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
    return MapRow(source_, columns_.fields, CsvTableRow(*source_.table(), columns_, row.fields()));
  }

  Source source_;
  char delimiter_;
  size_t width_;
  CsvTableColumns columns_;
};

}  // namespace

Parsed ParseCells(const Source& source, std::string_view content) {
  std::vector<format::Cell> cells;
  if (!format::DecodeCells(content, cells)) return Rejection{"a damaged row"};
  CsvHeader header;
  std::vector<CsvField> fields;
  for (const format::Cell& cell : cells) {
    header.columns.emplace_back(cell.column);
    fields.push_back({cell.text, cell.quoted});
  }
  const Table& table = *source.table();
  const CsvTableColumns columns(table, header);
  return MapRow(source, columns.fields, CsvTableRow(table, columns, fields));
}

std::vector<std::string> DeclaredFields(const Table& table) {
  std::vector<std::string> fields;
  if (!table.key.empty()) fields.push_back(table.key);
  if (!table.updated_at.empty()) fields.push_back(table.updated_at);
  for (const IdentifierField& field : table.identifiers) fields.push_back(field.field);
  for (const AttributeField& field : ValueFields(table).all) fields.push_back(field.field);
  return fields;
}

std::unique_ptr<RowParser> MakeJsonTableParser(const Source& source) {
  return std::make_unique<JsonTableParser>(source);
}

std::unique_ptr<RowParser> MakeCsvTableParser(const Source& source, const CsvHeader& header) {
  return std::make_unique<CsvTableParser>(source, header);
}

}  // namespace kintsugi::ingest
