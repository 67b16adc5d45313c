#include "ingest/prepare.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "base/hash.h"
#include "format/evidence_codec.h"
#include "format/keys.h"
#include "format/stored_rows.h"
#include "golden/value_codec.h"
#include "ingest/convert.h"
#include "ingest/json_value.h"
#include "normalize/text.h"

namespace kintsugi::ingest {
namespace {

using identity::Node;

constexpr std::string_view kDamagedEvent = "a damaged row in `events`";

// Where content keeps when a record happened.
constexpr std::string_view kHappenedAt = "$time";

constexpr HashKey kContentKey = {'c', 'o', 'n', 't', 'e', 'n', 't'};

using format::ContentKind;
using format::Fields;
using format::NodeKey;

// Values by name, each once, with their bytes, which the views in Fields lead into.
class SortedValues {
 public:
  explicit SortedValues(const std::vector<NamedValue>& values) {
    std::vector<const NamedValue*> sorted;
    sorted.reserve(values.size());
    for (const NamedValue& value : values) sorted.push_back(&value);
    const auto by_name = [](auto* a, auto* b) { return a->first < b->first; };
    if (!std::is_sorted(sorted.begin(), sorted.end(), by_name)) std::stable_sort(sorted.begin(), sorted.end(), by_name);
    for (size_t i = 0; i < sorted.size(); ++i) {
      if (i + 1 < sorted.size() && sorted[i + 1]->first == sorted[i]->first) continue;  // the last one counts
      names_.push_back(sorted[i]->first);
      bytes_.push_back(golden::EncodeValue(sorted[i]->second));
    }
  }

  std::vector<format::StoredValue> views() const {
    std::vector<format::StoredValue> out;
    out.reserve(names_.size());
    for (size_t i = 0; i < names_.size(); ++i) out.push_back({names_[i], bytes_[i]});
    return out;
  }

 private:
  std::vector<std::string_view> names_;
  std::vector<std::string> bytes_;
};

// In order, so that the order inside a row does not matter.
std::vector<NodeKey> SortedIdentifiers(const format::Catalog& catalog, const std::vector<Identifier>& identifiers) {
  std::vector<NodeKey> sorted;
  sorted.reserve(identifiers.size());
  for (const Identifier& identifier : identifiers) {
    uint16_t position = 0;
    if (catalog.FindName(identifier.ns, position)) sorted.push_back({catalog.number(position), identifier.value});
  }
  std::sort(sorted.begin(), sorted.end(), [](const NodeKey& a, const NodeKey& b) {
    return std::tie(a.number, a.value) < std::tie(b.number, b.value);
  });
  return sorted;
}

std::vector<NamedValue> ValuesOf(const std::vector<format::StoredValue>& values) {
  std::vector<NamedValue> out;
  out.reserve(values.size());
  for (const auto& [name, bytes] : values) {
    if (const auto value = golden::DecodeValue(bytes)) out.emplace_back(std::string(name), ToValue(*value));
  }
  return out;
}

// Namespaces that the schema declares no more are left out.
std::vector<Identifier> IdentifiersOf(const format::Catalog& catalog, const std::vector<NodeKey>& identifiers) {
  std::vector<Identifier> out;
  for (const auto& [number, value] : identifiers) {
    uint16_t position = 0;
    if (catalog.Find(number, position)) out.push_back({catalog.name(position), std::string(value)});
  }
  return out;
}

// False if a number is not that of a namespace or source that the schema declares.
bool ToNodes(const format::Catalog& catalog, const std::vector<NodeKey>& identifiers, std::vector<Node>& out) {
  out.clear();
  out.reserve(identifiers.size() + 1);
  for (const auto& [number, value] : identifiers) {
    uint16_t position = 0;
    if (!catalog.Find(number, position)) return false;
    out.push_back({position, std::string(value)});
  }
  return true;
}

std::vector<NodeKey> KeysOf(const format::Catalog& catalog, const std::vector<Node>& nodes) {
  std::vector<NodeKey> out;
  out.reserve(nodes.size());
  for (const Node& node : nodes) out.push_back({catalog.number(node.ns), node.value});
  return out;
}

// What is hashed of an event: never change it.
std::string TimedContent(Time time, std::string_view content) {
  std::string out;
  format::Encoder e(out);
  e.SortableTime(time);
  e.Raw(format::SaidPart(content));
  return out;
}

uint64_t FingerprintOf(Time time, std::string_view content) {
  return Fingerprint(TimedContent(time, content));
}

std::string ContentId(uint16_t source_number, Time time, std::string_view content) {
  std::string out;
  format::Encoder(out).Big16(source_number);
  return ProfileId{SipHash128(kContentKey, out + TimedContent(time, content))}.ToString();
}

std::string WhyNoIdentifier(const Schema& schema, const std::vector<LeftOut>& left_out) {
  if (left_out.empty()) return "no identifier: nothing says whose event this is";
  std::string reason = "no identifier is left:";
  for (const LeftOut& one : left_out) {
    reason += fmt::format(" {} {},", schema.namespaces[one.ns].name, normalize::ToString(one.refusal));
  }
  reason.pop_back();
  return reason;
}

// A value that is too long for the golden record is told, and not observed.
void NoteLongValues(const std::vector<NamedValue>& values, std::vector<RefusedValue>& refused) {
  for (const auto& [name, value] : values) {
    const auto* text = std::get_if<std::string>(&value);
    const auto* json = std::get_if<Json>(&value);
    const size_t size = text != nullptr ? text->size() : json != nullptr ? json->text.size() : 0;
    if (size + 1 > golden::kMaxValueBytes)
      refused.push_back({fmt::format("a value of more than {} bytes", golden::kMaxValueBytes), Shorten(name)});
  }
}

}  // namespace

std::string Preparer::WhyNoNamespace(const std::string& name) const {
  for (const Source& source : context_.schema.sources) {
    if (source.name == name) return fmt::format("`{}` is a source of the schema, and not a namespace", name);
  }
  std::string declared;
  for (const Namespace& ns : context_.schema.namespaces) declared += (declared.empty() ? "" : ", ") + ns.name;
  return fmt::format("the namespace `{}` is not declared in the schema; it declares: {}", name, declared);
}

std::string Preparer::Normalize(const std::vector<Identifier>& raw, std::vector<Node>& nodes,
                                std::vector<LeftOut>& left_out) const {
  if (raw.size() > kMaxIdentifiersPerRow) {
    return fmt::format("{} identifiers in one row; at most {} are taken", raw.size(), kMaxIdentifiersPerRow);
  }
  for (const Identifier& identifier : raw) {
    uint16_t ns = 0;
    if (!context_.catalog.FindName(identifier.ns, ns) || ns >= context_.catalog.namespace_count()) {
      return WhyNoNamespace(identifier.ns);
    }
    normalize::Normalized normalized = context_.normalizers[ns].Normalize(identifier.value);
    if (normalized.refusal == normalize::Refusal::kNone)
      nodes.push_back({ns, std::move(normalized.value)});
    else
      left_out.push_back({ns, normalized.refusal, Shorten(identifier.value)});
  }
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  for (size_t i = 0; i < nodes.size();) {
    size_t end = i;
    while (end < nodes.size() && nodes[end].ns == nodes[i].ns) ++end;
    const uint32_t limit = context_.identity_rules.namespaces[nodes[i].ns].max_per_profile;
    if (limit != 0 && end - i > limit) {
      return fmt::format("{} values of `{}` in one row; a profile holds at most {}", end - i,
                         context_.schema.namespaces[nodes[i].ns].name, limit);
    }
    i = end;
  }
  return "";
}

std::variant<PreparedEvent, Refused> Preparer::Prepare(golden::SourceIndex source, const Event& event,
                                                       std::string content) const {
  PreparedEvent out{.source = source, .id = event.id, .time = OrNeverFirst(event.time)};
  if (context_.schema.sources[source].table())
    return Refused{fmt::format("the source `{}` has records, not events", event.source)};
  if (event.id.size() > kMaxNameBytes)
    return Refused{fmt::format("the message id has {} bytes; at most {} are taken", event.id.size(), kMaxNameBytes)};
  if (!IsKnown(out.time)) return Refused{"the event has no time"};
  if (!InRange(out.time)) return Refused{"the event's time is not in the years 1 to 9999"};
  if (const size_t count = event.traits.size() + event.properties.size(); count > kMaxValuesPerRow)
    return Refused{fmt::format("{} traits and properties in one event; at most {} are taken", count, kMaxValuesPerRow)};
  if (std::string reason = Normalize(event.identifiers, out.identifiers, out.left_out); !reason.empty())
    return Refused{reason};
  if (out.identifiers.empty()) return Refused{WhyNoIdentifier(context_.schema, out.left_out)};

  std::vector<NodeKey> raw;
  Fields fields;
  if (format::DecodeFields(content, fields)) {
    raw = fields.identifiers;
  } else if (content.empty()) {
    const SortedValues traits(event.traits);
    const SortedValues properties(event.properties);
    raw = SortedIdentifiers(context_.catalog, event.identifiers);
    content = format::EncodeFields({event.name, raw, traits.views(), properties.views()});
  }
  if (content.size() > kMaxEventBytes)
    return Refused{fmt::format("the event has {} bytes; at most {} are taken", content.size(), kMaxEventBytes)};
  if (out.id.empty()) out.id = ContentId(context_.catalog.source_number(source), out.time, content);
  out.fingerprint = FingerprintOf(out.time, content);
  out.row = format::EncodeEvent(event.name, KeysOf(context_.catalog, out.identifiers), raw, content);
  out.observations = context_.golden_rules.Observe(event.traits, source, out.time, true);
  NoteLongValues(event.traits, out.refused_values);
  return out;
}

identity::Node Preparer::OwnIdentifier(golden::SourceIndex source, const std::string& key) const {
  return {static_cast<identity::NamespaceIndex>(context_.catalog.namespace_count() + source), key};
}

std::variant<PreparedRecord, Refused> Preparer::Prepare(golden::SourceIndex source, const Record& record,
                                                        std::string content) const {
  PreparedRecord out{.source = source,
                     .key = record.key,
                     .version = OrNeverLast(record.version),
                     .extracted = OrNeverLast(record.extracted_at)};
  if (!context_.schema.sources[source].table())
    return Refused{fmt::format("the source `{}` has events, not records", record.source)};
  if (record.key.empty()) return Refused{"the record has no key"};
  if (!normalize::IsValidUtf8(record.key)) return Refused{"the record's key is not valid UTF-8"};
  if (normalize::HasControl(record.key)) return Refused{"the record's key has a control character"};
  if (record.key.size() > kMaxNameBytes)
    return Refused{fmt::format("the key has {} bytes; at most {} are taken", record.key.size(), kMaxNameBytes)};
  if (IsKnown(out.version) && !InRange(out.version))
    return Refused{"the record's version time is not in the years 1 to 9999"};
  if (record.attributes.size() > kMaxValuesPerRow)
    return Refused{
        fmt::format("{} attributes in one record; at most {} are taken", record.attributes.size(), kMaxValuesPerRow)};
  if (record.happened_at && !InRange(*record.happened_at))
    return Refused{"the time at which the record happened is not in the years 1 to 9999"};
  for (const auto& [name, value] : record.properties) {
    if (name == kHappenedAt) return Refused{"the name `$time` of a property is taken; say it in `happened_at`"};
  }
  if (std::string reason = Normalize(record.identifiers, out.identifiers, out.left_out); !reason.empty())
    return Refused{reason};
  out.identifiers.push_back(OwnIdentifier(source, record.key));

  if (content.empty()) {
    const SortedValues attributes(record.attributes);
    std::vector<NamedValue> all_properties = record.properties;
    if (record.happened_at) all_properties.emplace_back(kHappenedAt, FormatTime(record.happened_at));
    const SortedValues properties(all_properties);
    content = format::EncodeFields({.identifiers = SortedIdentifiers(context_.catalog, record.identifiers),
                                    .traits = attributes.views(),
                                    .properties = properties.views()});
    if (content.size() > kMaxEventBytes)
      return Refused{fmt::format("the record has {} bytes; at most {} are taken", content.size(), kMaxEventBytes)};
  }
  out.content = std::move(content);
  out.observations = context_.golden_rules.Observe(record.attributes, source, out.version, false);
  out.item = ItemOf(source, record, out);
  NoteLongValues(record.attributes, out.refused_values);
  return out;
}

// Nothing if the source's records are no items, or nobody knows when it happened.
std::optional<PreparedItem> Preparer::ItemOf(golden::SourceIndex source, const Record& record,
                                             const PreparedRecord& of) const {
  const std::optional<RecordEvent>& event = context_.schema.sources[source].table()->event;
  const Time time = record.happened_at.value_or(of.version);
  if (!event || !IsKnown(time) || !InRange(time)) return std::nullopt;
  const SortedValues properties(record.properties);
  const std::string content = format::EncodeFields({.name = event->name, .properties = properties.views()});
  return PreparedItem{time, format::EncodeEvent(event->name, KeysOf(context_.catalog, of.identifiers), {}, content)};
}

std::string Preparer::Read(golden::SourceIndex source, std::string_view content, Event& event) const {
  Fields fields;
  if (format::DecodeFields(content, fields)) {
    event.name = fields.name;
    event.identifiers = IdentifiersOf(context_.catalog, fields.identifiers);
    event.traits = ValuesOf(fields.traits);
    event.properties = ValuesOf(fields.properties);
    return {};
  }
  Parsed parsed = context_.contents[source].Parse(content);
  if (const auto* rejection = std::get_if<Rejection>(&parsed)) return rejection->reason;
  auto* read = std::get_if<Event>(&parsed);
  if (read == nullptr) return "a damaged row in `events`";
  event.name = std::move(read->name);
  event.identifiers = std::move(read->identifiers);
  event.traits = std::move(read->traits);
  event.properties = std::move(read->properties);
  return {};
}

std::string Preparer::Read(golden::SourceIndex source, std::string_view content, Record& record) const {
  Fields fields;
  if (format::DecodeFields(content, fields)) {
    record.identifiers = IdentifiersOf(context_.catalog, fields.identifiers);
    record.attributes = ValuesOf(fields.traits);
    record.properties = ValuesOf(fields.properties);
    std::erase_if(record.properties, [&](const NamedValue& property) {
      if (property.first != kHappenedAt) return false;
      if (const auto* text = std::get_if<std::string>(&property.second)) record.happened_at = ParseTime(*text);
      return true;
    });
    return {};
  }
  Parsed parsed = context_.contents[source].Parse(content);
  if (const auto* rejection = std::get_if<Rejection>(&parsed)) return rejection->reason;
  auto* read = std::get_if<Record>(&parsed);
  if (read == nullptr) return "a damaged row in `records`";
  record.identifiers = std::move(read->identifiers);
  record.attributes = std::move(read->attributes);
  record.properties = std::move(read->properties);
  record.happened_at = read->happened_at;
  return {};
}

std::variant<PreparedEvent, Refused> Preparer::PrepareStoredEvent(std::string_view key, std::string_view row,
                                                                  Derive derive) const {
  golden::SourceIndex source = 0;
  format::StoredEvent stored;
  Event event;
  if (!ReadKey(key, source, event) || !format::DecodeEvent(row, stored)) return Refused{std::string(kDamagedEvent)};
  if (std::string reason = Read(source, stored.content, event); !reason.empty()) return Refused{reason};
  if (derive == Derive::kAnew) return Prepare(source, event, std::string(stored.content));
  PreparedEvent out{.source = source, .id = std::move(event.id), .time = *event.time};
  if (!ToNodes(context_.catalog, stored.identifiers, out.identifiers) || out.identifiers.empty())
    return Refused{std::string(kDamagedEvent)};
  out.observations = context_.golden_rules.Observe(event.traits, source, out.time, true);
  out.row = row;
  out.fingerprint = FingerprintOf(out.time, stored.content);
  return out;
}

// Source, id and time.
bool Preparer::ReadKey(std::string_view key, golden::SourceIndex& source, Event& event) const {
  format::Decoder d(key);
  format::DecodeNode(d);
  event.time = d.SortableTime();
  if (!context_.catalog.FindSource(d.Big16(), source) || !d.ok()) return false;
  event.source = context_.schema.sources[source].name;
  event.id = d.rest();
  return true;
}

std::string Preparer::ReadStoredEvent(std::string_view key, std::string_view row, golden::SourceIndex& source,
                                      Event& event, std::vector<Node>* identifiers) const {
  format::StoredEvent stored;
  if (!ReadKey(key, source, event) || !format::DecodeEvent(row, stored)) return std::string(kDamagedEvent);
  if (identifiers != nullptr && !ToNodes(context_.catalog, stored.identifiers, *identifiers))
    return std::string(kDamagedEvent);
  return Read(source, stored.content, event);
}

bool Preparer::StoredIdentifiers(golden::SourceIndex source, const std::string& key, const stored::Record& row,
                                 std::vector<Node>& out) const {
  std::vector<NodeKey> identifiers;
  for (const stored::Identifier& one : row.identifiers()) identifiers.push_back(format::NodeOf(one));
  if (!ToNodes(context_.catalog, identifiers, out)) return false;
  out.push_back(OwnIdentifier(source, key));
  return true;
}

std::variant<PreparedRecord, Refused> Preparer::PrepareStoredRecord(golden::SourceIndex source, std::string key,
                                                                    const stored::Record& row, Derive derive) const {
  Record record{.source = context_.schema.sources[source].name,
                .key = std::move(key),
                .version = Known(format::VersionOf(row)),
                .extracted_at = Known(format::ExtractedOf(row))};
  if (std::string reason = Read(source, row.content(), record); !reason.empty()) return Refused{reason};
  if (derive == Derive::kAnew) return Prepare(source, record, row.content());
  PreparedRecord out{.source = source,
                     .key = record.key,
                     .version = format::VersionOf(row),
                     .extracted = format::ExtractedOf(row),
                     .content = row.content()};
  if (!StoredIdentifiers(source, record.key, row, out.identifiers)) return Refused{"a damaged row in `records`"};
  out.item = ItemOf(source, record, out);
  out.observations = context_.golden_rules.Observe(record.attributes, source, out.version, false);
  return out;
}

}  // namespace kintsugi::ingest
