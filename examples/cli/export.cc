// kintsugi export

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "command.h"

namespace kintsugi::cli {
namespace {

constexpr std::string_view kAttribute = "attribute.";
constexpr std::string_view kTrait = "trait.";
constexpr std::string_view kSegment = "segment.";

// What may be in a golden record by the schema; what else there is, some record has.
std::set<std::string, std::less<>> AttributesOf(const Schema& schema,
                                                const std::vector<std::optional<Profile>>& profiles) {
  std::set<std::string, std::less<>> names;
  std::set<std::string, std::less<>> ignored;
  for (const Survivorship& rule : schema.golden.attributes)
    (rule.keep == Keep::kIgnore ? ignored : names).insert(rule.name);
  for (const Survivorship& group : schema.golden.groups)
    (group.keep == Keep::kIgnore ? ignored : names).insert(group.members.begin(), group.members.end());
  for (const Source& source : schema.sources) {
    if (source.table() == nullptr || schema.golden.others == Keep::kIgnore) continue;
    for (const AttributeField& attribute : source.table()->attributes) names.insert(attribute.name);
  }
  for (const std::string& name : ignored) names.erase(name);
  for (const auto& profile : profiles) {
    if (!profile) continue;
    for (const Attribute& attribute : profile->attributes()) {
      if (!names.contains(attribute.name)) names.emplace(attribute.name);
    }
  }
  return names;
}

bool MustBeQuoted(std::string_view text) {
  return text.empty() || text.front() == ' ' || text.back() == ' ' ||
         text.find_first_of(",\"\r\n") != std::string_view::npos;
}

std::string Quoted(std::string_view text) {
  if (!MustBeQuoted(text)) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

// A cell of a CSV: texts as they are, all else as JSON.
std::string CellOf(const ValueView& value) {
  const auto* text = std::get_if<std::string_view>(&value);
  return text != nullptr ? Quoted(*text) : Quoted(ViewToJson(value));
}

// LabelTable prints labels with what golden records add to them.
class LabelTable {
 public:
  LabelTable(const Labels& labels, const Schema& schema, const std::vector<std::optional<Profile>>& profiles,
             bool is_csv)
      : labels_(labels), is_csv_(is_csv) {
    for (const std::string& name : AttributesOf(schema, profiles)) attributes_.push_back(name);
    traits_ = schema.TraitNames();
    for (const Segment& segment : schema.segments) segments_.push_back(segment.name);
  }

  // A column of the file that would be there twice; nothing if there is none.
  std::optional<std::string> Clash() const {
    const std::vector<std::string> added = Added();
    for (const std::string& column : labels_.columns) {
      if (std::find(added.begin(), added.end(), column) != added.end()) return column;
    }
    return std::nullopt;
  }

  bool PrintHeader() const {
    if (!is_csv_) return true;
    std::string line;
    for (const std::string& column : labels_.columns) Append(line, Quoted(column));
    for (const std::string& column : Added()) Append(line, Quoted(column));
    return PrintLine(std::string_view(line).substr(1));
  }

  bool Print(const Labels::Row& row, const std::optional<Profile>& profile) const {
    return PrintLine(is_csv_ ? CsvOf(row, profile) : JsonOf(row, profile));
  }

 private:
  static void Append(std::string& line, std::string_view cell) {
    line += ',';
    line += cell;
  }

  std::vector<std::string> Added() const {
    std::vector<std::string> added;
    for (const std::string& name : attributes_) added.push_back(std::string(kAttribute) + name);
    for (const std::string& name : traits_) added.push_back(std::string(kTrait) + name);
    for (const std::string& name : segments_) added.push_back(std::string(kSegment) + name);
    return added;
  }

  // In order of the columns that are added; nothing where there is none.
  std::vector<std::optional<ValueView>> ValuesOf(const std::optional<Profile>& profile) const {
    std::vector<std::optional<ValueView>> values;
    for (const std::string& name : attributes_) {
      const auto attribute = profile ? profile->attribute(name) : std::nullopt;
      values.push_back(attribute ? std::optional(attribute->value) : std::nullopt);
    }
    for (const std::string& name : traits_) values.push_back(profile ? profile->trait(name) : std::nullopt);
    for (const std::string& name : segments_)
      values.push_back(profile ? std::optional<ValueView>(profile->in(name)) : std::nullopt);
    return values;
  }

  std::string CsvOf(const Labels::Row& row, const std::optional<Profile>& profile) const {
    std::string line;
    for (const auto& field : row.fields) Append(line, field ? Quoted(*field) : "");
    for (const auto& value : ValuesOf(profile)) Append(line, value ? CellOf(*value) : "");
    return line.substr(1);
  }

  std::string JsonOf(const Labels::Row& row, const std::optional<Profile>& profile) const {
    JsonObject json;
    for (size_t i = 0; i < row.fields.size(); ++i)
      json.Add(labels_.columns[i], row.fields[i] ? Value(*row.fields[i]) : Value(Null()));
    const std::vector<std::string> added = Added();
    const auto values = ValuesOf(profile);
    for (size_t i = 0; i < added.size(); ++i) json.AddJson(added[i], values[i] ? ViewToJson(*values[i]) : "null");
    return json.Done();
  }

  const Labels& labels_;
  const bool is_csv_;
  std::vector<std::string> attributes_;  // by name
  std::vector<std::string> traits_;      // in the schema's order
  std::vector<std::string> segments_;    // likewise
};

// Where it stands in the file is told here; the engine does not know.
absl::Status CheckNamespaces(const Schema& schema, const Labels& labels, const std::string& path) {
  std::set<std::string, std::less<>> names;
  for (const Namespace& ns : schema.namespaces) names.insert(ns.name);
  for (const Source& source : schema.sources) names.insert(source.name);
  for (const Labels::Row& row : labels.rows) {
    if (names.contains(row.at.identifier.ns)) continue;
    return absl::InvalidArgumentError(fmt::format("{}:{}: the schema has neither a namespace nor a source `{}`", path,
                                                  row.line, row.at.identifier.ns));
  }
  return absl::OkStatus();
}

}  // namespace

ExitCode ExportCommand::Run() const {
  const auto file = LoadLabels(labels);
  if (!file.ok()) return Fail(absl::InvalidArgumentError(std::string(file.status().message())));
  auto engine = OpenToRead(db);
  if (!engine.ok()) return Fail(engine.status());
  const Schema& schema = (*engine)->schema();
  if (auto status = CheckNamespaces(schema, *file, labels); !status.ok()) return Fail(status);
  std::vector<IdentifierAt> asked;
  for (const Labels::Row& row : file->rows) asked.push_back(row.at);
  const auto profiles = (*engine)->LookupManyAsOf(asked);
  if (!profiles.ok()) return Fail(profiles.status());
  const LabelTable table(*file, schema, *profiles, as == "csv");
  if (const auto clash = table.Clash()) {
    return Fail(absl::InvalidArgumentError(
        fmt::format("{}:1: the column `{}` has the name of one that is added; rename it", labels, *clash)));
  }
  bool goes_on = table.PrintHeader();
  for (size_t i = 0; goes_on && i < profiles->size(); ++i) goes_on = table.Print(file->rows[i], (*profiles)[i]);
  return Finish(kDone);
}

}  // namespace kintsugi::cli
