// Schema::Parse, Load, Validate and ToText: Protobuf text format in, plain structs out, and back.

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"

#include "kintsugi/schema.h"
#include "schema/schema.pb.h"
#include "schema/validate.h"

namespace kintsugi {
namespace {

using google::protobuf::TextFormat;
using Location = TextFormat::ParseLocation;
using Tree = TextFormat::ParseInfoTree;

// A block that was opened: `name {`.
struct Block {
  std::string_view name;
  size_t begin = 0;  // of the name, in the text
};

// The end of a string that begins at `quote`; strings do not go over a line end.
size_t SkipString(std::string_view text, size_t quote) {
  size_t at = quote + 1;
  while (at < text.size() && text[at] != text[quote] && text[at] != '\n') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

// The blocks that are still open where `text` ends, the outermost first.
std::vector<Block> OpenBlocks(std::string_view text) {
  constexpr std::string_view kWord = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
  std::vector<Block> open;
  Block word;
  for (size_t at = 0; at < text.size();) {
    size_t next = at + 1;
    if (text[at] == '#') {
      next = std::min(text.find('\n', at), text.size());
    } else if (text[at] == '"' || text[at] == '\'') {
      next = SkipString(text, at);
    } else if (kWord.find(text[at]) != std::string_view::npos) {
      next = std::min(text.find_first_not_of(kWord, at), text.size());
      word = {text.substr(at, next - at), at};
    } else if (text[at] == '{') {
      open.push_back(word);
    } else if (text[at] == '}' && !open.empty()) {
      open.pop_back();
    }
    at = next;
  }
  return open;
}

// Whether one of the blocks around the innermost one may have such a field.
bool IsFieldOfOuter(const std::vector<Block>& open, const std::string& field) {
  const google::protobuf::Descriptor* type = schema::SchemaText::descriptor();
  for (const Block& block : open) {
    if (type->FindFieldByName(field) != nullptr) return true;
    const auto* inner = type->FindFieldByName(std::string(block.name));
    if (inner == nullptr || inner->message_type() == nullptr) return false;
    type = inner->message_type();
  }
  return false;
}

// Keeps the first syntax error; the parser stops soon after it anyway.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override {
    if (text_.empty()) {
      line_ = line;
      column_ = column;
      text_ = message;
    }
  }

  absl::Status ToStatus(std::string_view file, std::string_view text) const {
    const auto [message, word] = Explain();
    if (absl::Status status = Unclosed(file, text, word); !status.ok()) return status;
    const auto [line, column] = Before(text, word);
    return absl::InvalidArgumentError(fmt::format("{}:{}:{}: {}", file, line + 1, column + 1, message));
  }

 private:
  // Takes what is between quotation marks off the front of `text`, up to the second mark.
  static std::string TakeQuoted(std::string_view& text) {
    const size_t begin = std::min(text.find('"'), text.size() - 1) + 1;
    const size_t end = std::min(text.find('"', begin), text.size());
    const std::string quoted(text.substr(begin, end - begin));
    text.remove_prefix(std::min(end + 1, text.size()));
    return quoted;
  }

  // The parser's message, with what to do where it can be said; and the word that it is about, which stands before
  // the place that the parser names.
  std::pair<std::string, std::string> Explain() const {
    std::string_view rest = text_;
    if (text_.find("has no field named") != std::string::npos) {
      const auto* type = google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName(TakeQuoted(rest));
      const std::string field = TakeQuoted(rest);
      std::vector<std::string> fields;
      for (int i = 0; type && i < type->field_count(); ++i) fields.push_back(type->field(i)->name());
      return {fmt::format("there is no field `{}` here: the fields are {}", field, fmt::join(fields, ", ")), field};
    }
    if (text_.find("Unknown enumeration value") != std::string::npos) {
      const std::string value = TakeQuoted(rest);
      const std::string field = TakeQuoted(rest);
      return {
          fmt::format("there is no `{}` for `{}`: the choices are {}", value, field, fmt::join(ChoicesOf(field), ", ")),
          value};
    }
    return {text_, ""};
  }

  // Of every enumeration whose field has this name.
  static std::vector<std::string> ChoicesOf(const std::string& field_name) {
    std::vector<std::string> choices;
    std::set<const google::protobuf::EnumDescriptor*> seen;
    const auto visit = [&](const auto& visit, const google::protobuf::Descriptor* type) -> void {
      const auto* field = type->FindFieldByName(field_name);
      const auto* values = field ? field->enum_type() : nullptr;
      if (values && seen.insert(values).second) {
        for (int i = 0; i < values->value_count(); ++i) choices.push_back(values->value(i)->name());
      }
      for (int i = 0; i < type->nested_type_count(); ++i) visit(visit, type->nested_type(i));
    };
    const auto* file = schema::SchemaText::descriptor()->file();
    for (int i = 0; i < file->message_type_count(); ++i) visit(visit, file->message_type(i));
    return choices;
  }

  // A missing `}` shows only further down: at a field that belongs to a block around, or at the end of the text. It is
  // told where the block begins. OK if that is not what is wrong.
  absl::Status Unclosed(std::string_view file, std::string_view text, const std::string& word) const {
    if (OpenBlocks(text).empty()) return absl::OkStatus();
    const size_t offset = OffsetOf(text);
    const bool is_at_end = text.find_first_not_of(" \t\r\n", offset) == std::string_view::npos;
    const size_t at = word.empty() ? offset : text.substr(0, offset).rfind(word);
    const std::vector<Block> open = OpenBlocks(text.substr(0, at));
    if (open.empty() || !(word.empty() ? is_at_end : IsFieldOfOuter(open, word))) return absl::OkStatus();
    const auto [line, column] = PlaceOf(text, open.back().begin);
    const std::string before =
        word.empty() ? "the end" : fmt::format("`{}` on line {}", word, PlaceOf(text, at).first + 1);
    return absl::InvalidArgumentError(fmt::format("{}:{}:{}: the block `{}` that begins here has no `}}` before {}",
                                                  file, line + 1, column + 1, open.back().name, before));
  }

  // Where `word` stands last before the place of the error.
  std::pair<int, int> Before(std::string_view text, std::string_view word) const {
    if (word.empty()) return {line_, column_};
    const size_t at = text.substr(0, OffsetOf(text)).rfind(word);
    return at == std::string_view::npos ? std::pair(line_, column_) : PlaceOf(text, at);
  }

  // Where the error is in the text.
  size_t OffsetOf(std::string_view text) const {
    size_t offset = 0;
    for (int line = 0; line < line_; ++line) offset = std::min(text.find('\n', offset), text.size() - 1) + 1;
    for (int column = 0; column < column_ && offset < text.size(); ++offset) column += WidthAt(text[offset], column);
    return offset;
  }

  // Line and column, from 0.
  static std::pair<int, int> PlaceOf(std::string_view text, size_t at) {
    const size_t line_begin = text.substr(0, at).rfind('\n') + 1;  // npos + 1 is 0
    int column = 0;
    for (size_t i = line_begin; i < at; ++i) column += WidthAt(text[i], column);
    return {static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n')), column};
  }

  // Protobuf's columns: a tab goes to the next multiple of eight.
  static int WidthAt(char c, int column) { return c == '\t' ? 8 - column % 8 : 1; }

  int line_ = 0;
  google::protobuf::io::ColumnNumber column_ = 0;
  std::string text_;
};

template <typename Fields>
std::vector<IdentifierField> IdentifierFieldsOf(const Fields& fields) {
  std::vector<IdentifierField> out;
  for (const auto& field : fields) out.push_back({field.field(), field.namespace_()});
  return out;
}

Namespace NamespaceOf(const schema::NamespaceText& text) {
  return {.name = text.name(),
          .normalize = static_cast<Normalization>(text.normalize()),
          .phone_region = text.phone_region(),
          .provider_rules = text.provider_rules(),
          .max_per_profile = text.max_per_profile(),
          .generic_above = text.generic_above(),
          .blocked = {text.blocked().begin(), text.blocked().end()},
          .blocked_patterns = {text.blocked_pattern().begin(), text.blocked_pattern().end()}};
}

Table TableOf(const schema::TableText& text) {
  Table table = {.format = static_cast<TableFormat>(text.format()),
                 .key = text.key(),
                 .updated_at = text.updated_at(),
                 .identifiers = IdentifierFieldsOf(text.identifiers()),
                 .keep_rows = !text.has_keep_rows() || text.keep_rows()};
  for (const auto& attribute : text.attributes()) {
    const std::string& name = attribute.has_name() ? attribute.name() : attribute.field();
    table.attributes.push_back({attribute.field(), name, static_cast<ValueType>(attribute.type())});
  }
  return table;
}

Events EventsOf(const schema::EventsText& text) {
  return {.format = static_cast<EventFormat>(text.format()), .map = IdentifierFieldsOf(text.map())};
}

Source SourceOf(const schema::SourceText& text) {
  Source source = {
      .name = text.name(), .party = static_cast<Party>(text.party()), .duplicate_free = text.duplicate_free()};
  if (text.has_trust()) source.trust = text.trust();
  if (text.has_table()) source.rows = TableOf(text.table());
  if (text.has_events()) source.rows = EventsOf(text.events());
  return source;
}

template <typename Rule>
Survivorship SurvivorshipOf(const Rule& text) {
  return {.name = text.name(),
          .keep = static_cast<Keep>(text.keep()),
          .source_order = {text.source_order().begin(), text.source_order().end()},
          .half_life_days = text.half_life_days(),
          .max_values = text.has_max_values() ? text.max_values() : kDefaultMaxValues};
}

Schema SchemaOf(const schema::SchemaText& text) {
  Schema out;
  for (const auto& ns : text.namespaces()) out.namespaces.push_back(NamespaceOf(ns));
  out.identity = {static_cast<OnConflict>(text.identity().on_conflict()), text.identity().max_identifiers(),
                  text.identity().profile_id_key()};
  for (const auto& source : text.sources()) out.sources.push_back(SourceOf(source));
  for (const auto& rule : text.golden().attributes()) out.golden.attributes.push_back(SurvivorshipOf(rule));
  for (const auto& rule : text.golden().groups()) {
    out.golden.groups.push_back(SurvivorshipOf(rule));
    out.golden.groups.back().members = {rule.attributes().begin(), rule.attributes().end()};
  }
  out.golden.others = static_cast<Keep>(text.golden().others());
  return out;
}

template <typename Field>
void FillFields(const std::vector<IdentifierField>& fields, Field* out) {
  for (const IdentifierField& field : fields) {
    auto* text = out->Add();
    text->set_field(field.field);
    text->set_namespace_(field.ns);
  }
}

void FillNamespace(const Namespace& ns, schema::NamespaceText* out) {
  out->set_name(ns.name);
  if (ns.normalize != Normalization::kNone)
    out->set_normalize(static_cast<schema::NamespaceText::Normalize>(ns.normalize));
  if (!ns.phone_region.empty()) out->set_phone_region(ns.phone_region);
  if (ns.provider_rules) out->set_provider_rules(true);
  if (ns.max_per_profile) out->set_max_per_profile(ns.max_per_profile);
  if (ns.generic_above) out->set_generic_above(ns.generic_above);
  for (const std::string& value : std::set(ns.blocked.begin(), ns.blocked.end())) out->add_blocked(value);
  for (const std::string& pattern : std::set(ns.blocked_patterns.begin(), ns.blocked_patterns.end())) {
    out->add_blocked_pattern(pattern);
  }
}

void FillTable(const Table& table, schema::TableText* out) {
  out->set_format(static_cast<schema::TableText::Format>(table.format));
  if (!table.key.empty()) out->set_key(table.key);
  if (!table.updated_at.empty()) out->set_updated_at(table.updated_at);
  FillFields(table.identifiers, out->mutable_identifiers());
  for (const AttributeField& attribute : table.attributes) {
    auto* text = out->add_attributes();
    text->set_field(attribute.field);
    text->set_name(attribute.name);
    if (attribute.type != ValueType::kString)
      text->set_type(static_cast<schema::AttributeFieldText::Type>(attribute.type));
  }
  if (!table.keep_rows) out->set_keep_rows(false);
}

void FillEvents(const Events& events, schema::EventsText* out) {
  out->set_format(static_cast<schema::EventsText::Format>(events.format));
  FillFields(events.map, out->mutable_map());
}

void FillSource(const Source& source, schema::SourceText* out) {
  out->set_name(source.name);
  if (source.party != Party::kUnspecified) out->set_party(static_cast<schema::SourceText::Party>(source.party));
  out->set_trust(source.trust);
  if (source.duplicate_free) out->set_duplicate_free(true);
  if (const Table* table = source.table()) FillTable(*table, out->mutable_table());
  if (const Events* events = source.events()) FillEvents(*events, out->mutable_events());
}

template <typename Rule>
void FillSurvivorship(const Survivorship& rule, Rule* out) {
  out->set_name(rule.name);
  out->set_keep(static_cast<schema::GoldenText::Keep>(rule.keep));
  for (const std::string& source : rule.source_order) out->add_source_order(source);
  if (rule.half_life_days != 0) out->set_half_life_days(rule.half_life_days);
  if (rule.max_values != kDefaultMaxValues) out->set_max_values(rule.max_values);
}

// The order of rules means nothing.
std::vector<Survivorship> ByName(std::vector<Survivorship> rules) {
  std::stable_sort(rules.begin(), rules.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return rules;
}

// Where a problem's path ("sources[1].table.key") stands in the text: the deepest step that the text has.
Location Locate(const Tree& root, const google::protobuf::Descriptor* type, std::string_view path) {
  const Tree* tree = &root;
  Location best{0, 0};
  while (!path.empty()) {
    const size_t dot = path.find('.');
    std::string_view step = path.substr(0, dot);
    path = dot == std::string_view::npos ? std::string_view() : path.substr(dot + 1);
    int index = -1;
    if (const size_t bracket = step.find('['); bracket != std::string_view::npos) {
      index = std::atoi(step.data() + bracket + 1);
      step = step.substr(0, bracket);
    }
    const auto* field = type->FindFieldByName(std::string(step));
    if (!field) break;
    if (!field->is_repeated()) index = -1;
    const Location here = tree->GetLocation(field, index < 0 && field->is_repeated() ? 0 : index);
    if (here.line >= 0) best = here;
    if (field->message_type() == nullptr) break;
    tree = tree->GetTreeForNested(field, index < 0 && field->is_repeated() ? 0 : index);
    if (!tree) break;
    type = field->message_type();
  }
  return best;
}

// A source says how it is read in exactly one way. The structs cannot say "both" or "neither".
std::vector<schema::Problem> FindFormatProblems(const schema::SchemaText& text) {
  std::vector<schema::Problem> problems;
  for (int i = 0; i < text.sources_size(); ++i) {
    const auto& source = text.sources(i);
    if (source.has_table() == source.has_events()) {
      problems.push_back(
          {fmt::format("sources[{}]", i),
           fmt::format("the source `{}` has no way to an identifier: give it exactly one of `table` and `events`",
                       source.name())});
    }
  }
  return problems;
}

}  // namespace

absl::StatusOr<Schema> Schema::Parse(std::string_view text, std::string_view file_name) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    return absl::InvalidArgumentError(fmt::format("{}: the schema is UTF-16; save it as UTF-8", file_name));
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // as Windows' Notepad writes it
  FirstError error;
  Tree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(&tree);
  schema::SchemaText parsed;
  if (!parser.ParseFromString(std::string(text), &parsed)) return error.ToStatus(file_name, text);

  Schema schema = SchemaOf(parsed);
  std::vector<schema::Problem> problems = FindFormatProblems(parsed);
  if (problems.empty()) problems = schema::FindProblems(schema);
  if (problems.empty()) return schema;
  std::string message;
  for (const schema::Problem& problem : problems) {
    const Location at = Locate(tree, schema::SchemaText::descriptor(), problem.path);
    if (!message.empty()) message += '\n';
    message += fmt::format("{}:{}:{}: {}", file_name, at.line + 1, at.column + 1, problem.message);
  }
  return absl::InvalidArgumentError(message);
}

absl::StatusOr<Schema> Schema::Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return absl::NotFoundError(fmt::format("{}: cannot read the schema file: {}", path, std::strerror(errno)));
  std::ostringstream text;
  text << file.rdbuf();
  return Parse(text.str(), path);
}

absl::Status Schema::Validate() const {
  const std::vector<schema::Problem> problems = schema::FindProblems(*this);
  if (problems.empty()) return absl::OkStatus();
  return absl::InvalidArgumentError(fmt::format("schema: {}: {}", problems.front().path, problems.front().message));
}

std::string Schema::ToText() const {
  schema::SchemaText text;
  for (const Namespace& ns : namespaces) FillNamespace(ns, text.add_namespaces());
  text.mutable_identity()->set_on_conflict(static_cast<schema::IdentityText::OnConflict>(identity.on_conflict));
  if (identity.max_identifiers) text.mutable_identity()->set_max_identifiers(identity.max_identifiers);
  if (!identity.profile_id_key.empty()) {
    text.mutable_identity()->set_profile_id_key(absl::AsciiStrToLower(identity.profile_id_key));
  }
  for (const Source& source : sources) FillSource(source, text.add_sources());
  for (const Survivorship& rule : ByName(golden.attributes))
    FillSurvivorship(rule, text.mutable_golden()->add_attributes());
  for (const Survivorship& rule : ByName(golden.groups)) {
    auto* group = text.mutable_golden()->add_groups();
    FillSurvivorship(rule, group);
    for (const std::string& member : rule.members) group->add_attributes(member);
  }
  text.mutable_golden()->set_others(static_cast<schema::GoldenText::Keep>(golden.others));
  std::string out;
  TextFormat::PrintToString(text, &out);
  return out;
}

std::string_view ToString(Keep keep) {
  return schema::GoldenText::Keep_Name(static_cast<schema::GoldenText::Keep>(keep));
}

}  // namespace kintsugi
