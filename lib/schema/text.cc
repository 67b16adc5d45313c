// Schema::Parse, Load, Validate and ToText: Protobuf text format in, plain structs out, and back.

#include <fmt/format.h>
#include <google/protobuf/text_format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"

#include "kintsugi/schema.h"
#include "schema/choices.h"
#include "schema/living_text.h"
#include "schema/schema.pb.h"
#include "schema/syntax_error.h"
#include "schema/validate.h"

namespace kintsugi {
namespace {

using google::protobuf::TextFormat;
using Location = TextFormat::ParseLocation;
using Tree = TextFormat::ParseInfoTree;

// Blocks in one another that the parser goes into: more than any schema has that is good, and fewer than fill a stack.
constexpr int kMostBlocks = 100;

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

template <typename Fields>
std::vector<AttributeField> AttributeFieldsOf(const Fields& fields) {
  std::vector<AttributeField> out;
  for (const auto& field : fields) {
    out.push_back(
        {field.field(), field.has_name() ? field.name() : field.field(), static_cast<ValueType>(field.type())});
  }
  return out;
}

Table TableOf(const schema::TableText& text) {
  Table table = {.format = static_cast<TableFormat>(text.format()),
                 .key = text.key(),
                 .updated_at = text.updated_at(),
                 .identifiers = IdentifierFieldsOf(text.identifiers()),
                 .attributes = AttributeFieldsOf(text.attributes()),
                 .keep_rows = !text.has_keep_rows() || text.keep_rows(),
                 .keep_versions = text.keep_versions()};
  if (text.has_event()) {
    table.event = RecordEvent{.name = text.event().name(),
                              .time = text.event().time(),
                              .properties = AttributeFieldsOf(text.event().properties())};
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
  schema::ReadLiving(text, out);
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

template <typename Field>
void FillAttributeFields(const std::vector<AttributeField>& fields, Field* out) {
  for (const AttributeField& field : fields) {
    auto* text = out->Add();
    text->set_field(field.field);
    text->set_name(field.name);
    if (field.type != ValueType::kString) text->set_type(static_cast<schema::AttributeFieldText::Type>(field.type));
  }
}

void FillRecordEvent(const RecordEvent& event, schema::RecordEventText* out) {
  out->set_name(event.name);
  if (!event.time.empty()) out->set_time(event.time);
  FillAttributeFields(event.properties, out->mutable_properties());
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
  FillAttributeFields(table.attributes, out->mutable_attributes());
  if (!table.keep_rows) out->set_keep_rows(false);
  if (table.keep_versions) out->set_keep_versions(true);
  if (table.event) FillRecordEvent(*table.event, out->mutable_event());
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

// A window has days or hours. A path names days, and means whichever the text has.
const google::protobuf::FieldDescriptor* FieldOf(const Tree& tree, const google::protobuf::Descriptor* type,
                                                 std::string_view name) {
  const auto* field = type->FindFieldByName(std::string(name));
  if (!field || type != schema::WindowText::descriptor() || tree.GetLocation(field, -1).line >= 0) return field;
  if (name == "days") return type->FindFieldByName("hours");
  if (name == "until_days") return type->FindFieldByName("until_hours");
  return field;
}

// A block of days in a condition of a segment may hold the comparison that a path has beside it.
void EnterBlockOfDays(std::string_view step, const google::protobuf::Descriptor*& type, const Tree*& tree) {
  using Text = schema::SegmentConditionText;
  if (type != Text::descriptor()) return;
  const auto* comparison = schema::ComparisonText::descriptor()->FindFieldByName(std::string(step));
  if (!comparison) return;
  for (const int number : {Text::kFirstSeenDaysFieldNumber, Text::kLastSeenDaysFieldNumber}) {
    const auto* days = type->FindFieldByNumber(number);
    if (tree->GetLocation(days, -1).line < 0) continue;
    const Tree* block = tree->GetTreeForNested(days, -1);
    if (!block || block->GetLocation(comparison, comparison->is_repeated() ? 0 : -1).line < 0) continue;
    type = days->message_type();
    tree = block;
    return;
  }
}

// Where a problem's path ("sources[1].table.key") stands in the text: the deepest step that the text has.
Location Locate(const Tree& root, std::string_view path) {
  const google::protobuf::Descriptor* type = schema::SchemaText::descriptor();
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
    EnterBlockOfDays(step, type, tree);
    const auto* field = FieldOf(*tree, type, step);
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

// Whether `path` leads to one of the places, or through it.
bool LeadsTo(const std::set<std::string_view>& places, std::string_view path) {
  for (size_t end = path.find('.'); end != std::string_view::npos; end = path.find('.', end + 1)) {
    if (places.contains(path.substr(0, end))) return true;
  }
  return places.contains(path);
}

// Where a text does not choose, what was read means nothing, nor does what is wrong with it.
std::vector<schema::Problem> FindAllProblems(const schema::SchemaText& text, const Schema& schema) {
  const std::vector<schema::Problem> choices = schema::FindChoiceProblems(text);
  std::set<std::string_view> places;
  for (const schema::Problem& choice : choices) places.insert(choice.path);
  std::vector<schema::Problem> problems = choices;
  for (schema::Problem& problem : schema::FindProblems(schema)) {
    if (!LeadsTo(places, problem.path)) problems.push_back(std::move(problem));
  }
  return problems;
}

// A line each, in the order of the text.
std::string Tell(const std::vector<schema::Problem>& problems, const Tree& tree, std::string_view file_name) {
  std::multimap<std::pair<int, int>, std::string_view> by_place;
  for (const schema::Problem& problem : problems) {
    const Location at = Locate(tree, problem.path);
    by_place.emplace(std::pair(at.line + 1, at.column + 1), problem.message);
  }
  std::string message;
  for (const auto& [place, what] : by_place) {
    if (!message.empty()) message += '\n';
    message += fmt::format("{}:{}:{}: {}", file_name, place.first, place.second, what);
  }
  return message;
}

}  // namespace

absl::StatusOr<Schema> Schema::Parse(std::string_view text, std::string_view file_name) {
  if (text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff"))
    return absl::InvalidArgumentError(fmt::format("{}: the schema is UTF-16; save it as UTF-8", file_name));
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);  // as Windows' Notepad writes it
  schema::SyntaxError error;
  Tree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&error);
  parser.WriteLocationsTo(&tree);
  parser.SetRecursionLimit(kMostBlocks);
  schema::SchemaText parsed;
  if (!parser.ParseFromString(std::string(text), &parsed)) return error.ToStatus(file_name, text);

  Schema schema = SchemaOf(parsed);
  const std::vector<schema::Problem> problems = FindAllProblems(parsed, schema);
  if (problems.empty()) return schema;
  return absl::InvalidArgumentError(Tell(problems, tree, file_name));
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
  schema::FillLiving(*this, &text);
  std::string out;
  TextFormat::PrintToString(text, &out);
  return out;
}

std::string_view ToString(Keep keep) {
  return schema::GoldenText::Keep_Name(static_cast<schema::GoldenText::Keep>(keep));
}

}  // namespace kintsugi
