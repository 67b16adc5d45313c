#include "ingest/prepare.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "golden/value_codec.h"
#include "normalize/text.h"
#include "storage/keys.h"
#include "storage/stored.pb.h"

namespace kintsugi::ingest {
namespace {

using identity::Node;

constexpr HashKey kContentKey = {'c', 'o', 'n', 't', 'e', 'n', 't'};

template <typename Rows>
void FillValues(const std::vector<NamedValue>& values, Rows* rows) {
  std::vector<const NamedValue*> sorted;
  for (const NamedValue& value : values) sorted.push_back(&value);
  std::stable_sort(sorted.begin(), sorted.end(), [](auto* a, auto* b) { return a->first < b->first; });
  for (size_t i = 0; i < sorted.size(); ++i) {
    if (i + 1 < sorted.size() && sorted[i + 1]->first == sorted[i]->first) continue;  // the last one counts
    auto* row = rows->Add();
    row->set_name(sorted[i]->first);
    row->set_value(golden::EncodeValue(sorted[i]->second));
  }
}

// In order, so that the order inside a row does not matter.
template <typename Rows>
void FillIdentifiers(const storage::Catalog& catalog, const std::vector<Identifier>& identifiers, Rows* rows) {
  std::vector<std::pair<uint16_t, const std::string*>> sorted;
  for (const Identifier& identifier : identifiers) {
    uint16_t position = 0;
    if (catalog.FindName(identifier.ns, position)) sorted.emplace_back(catalog.number(position), &identifier.value);
  }
  std::sort(sorted.begin(), sorted.end(),
            [](auto& a, auto& b) { return std::tie(a.first, *a.second) < std::tie(b.first, *b.second); });
  for (const auto& [number, value] : sorted) {
    auto* row = rows->Add();
    row->set_ns(number);
    row->set_value(*value);
  }
}

template <typename Rows>
std::vector<NamedValue> ValuesOf(const Rows& rows) {
  std::vector<NamedValue> out;
  for (const auto& row : rows) {
    if (const auto value = golden::DecodeValue(row.value())) out.emplace_back(row.name(), ToValue(*value));
  }
  return out;
}

// Namespaces that the schema declares no more are left out.
template <typename Rows>
std::vector<Identifier> IdentifiersOf(const storage::Catalog& catalog, const Rows& rows) {
  std::vector<Identifier> out;
  for (const auto& row : rows) {
    uint16_t position = 0;
    if (catalog.Find(static_cast<uint16_t>(row.ns()), position)) out.push_back({catalog.name(position), row.value()});
  }
  return out;
}

uint64_t FingerprintOf(Time time, std::string_view row) {
  return Fingerprint(fmt::format("{} {}", time.time_since_epoch().count(), row));
}

std::string ContentId(uint16_t source_number, Time time, std::string_view row) {
  return ProfileId{
      SipHash128(kContentKey, fmt::format("{} {} {}", source_number, time.time_since_epoch().count(), row))}
      .ToString();
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

bool InRange(Time time) {
  using namespace std::chrono;
  static constexpr Time kFirst = sys_days(year(1) / 1 / 1);
  static constexpr Time kEnd = sys_days(year(10000) / 1 / 1);
  return time >= kFirst && time < kEnd;
}

}  // namespace

std::string Preparer::Normalize(const std::vector<Identifier>& raw, std::vector<Node>& nodes,
                                std::vector<LeftOut>& left_out) const {
  if (raw.size() > kMaxIdentifiersPerRow) {
    return fmt::format("{} identifiers in one row; at most {} are taken", raw.size(), kMaxIdentifiersPerRow);
  }
  for (const Identifier& identifier : raw) {
    uint16_t ns = 0;
    if (!catalog_.FindName(identifier.ns, ns) || ns >= catalog_.namespace_count()) {
      return fmt::format("the namespace `{}` is not declared in the schema", identifier.ns);
    }
    normalize::Normalized normalized = normalizers_[ns].Normalize(identifier.value);
    if (normalized.refusal == normalize::Refusal::kNone)
      nodes.push_back({ns, std::move(normalized.value)});
    else
      left_out.push_back({ns, normalized.refusal});
  }
  std::sort(nodes.begin(), nodes.end());
  nodes.erase(std::unique(nodes.begin(), nodes.end()), nodes.end());
  for (size_t i = 0; i < nodes.size();) {
    size_t end = i;
    while (end < nodes.size() && nodes[end].ns == nodes[i].ns) ++end;
    const uint32_t limit = identity_rules_.namespaces[nodes[i].ns].max_per_profile;
    if (limit != 0 && end - i > limit) {
      return fmt::format("{} values of `{}` in one row; a profile holds at most {}", end - i,
                         schema_.namespaces[nodes[i].ns].name, limit);
    }
    i = end;
  }
  return "";
}

std::variant<PreparedEvent, Refused> Preparer::Prepare(golden::SourceIndex source, const Event& event) const {
  PreparedEvent out{.source = source, .id = event.id, .time = event.time};
  if (schema_.sources[source].has_table)
    return Refused{fmt::format("the source `{}` has records, not events", event.source)};
  if (event.id.size() > kMaxNameBytes)
    return Refused{fmt::format("the message id has {} bytes; at most {} are taken", event.id.size(), kMaxNameBytes)};
  if (!IsKnown(event.time)) return Refused{"the event has no time"};
  if (!InRange(event.time)) return Refused{"the event's time is not in the years 1 to 9999"};
  if (std::string reason = Normalize(event.identifiers, out.identifiers, out.left_out); !reason.empty())
    return Refused{reason};
  if (out.identifiers.empty()) return Refused{WhyNoIdentifier(schema_, out.left_out)};

  stored::Event row;
  row.set_name(event.name);
  FillIdentifiers(catalog_, event.identifiers, row.mutable_identifiers());
  FillValues(event.traits, row.mutable_traits());
  FillValues(event.properties, row.mutable_properties());
  row.SerializeToString(&out.row);
  if (out.id.empty()) out.id = ContentId(catalog_.source_number(source), event.time, out.row);
  out.fingerprint = FingerprintOf(event.time, out.row);
  out.observations = golden_rules_.Observe(event.traits, source, event.time, true);
  return out;
}

std::variant<PreparedRecord, Refused> Preparer::Prepare(golden::SourceIndex source, const Record& record) const {
  PreparedRecord out{.source = source, .key = record.key, .version = record.version};
  if (!schema_.sources[source].has_table)
    return Refused{fmt::format("the source `{}` has events, not records", record.source)};
  if (record.key.empty()) return Refused{"the record has no key"};
  if (!normalize::IsValidUtf8(record.key)) return Refused{"the record's key is not valid UTF-8"};
  if (normalize::HasControl(record.key)) return Refused{"the record's key has a control character"};
  if (record.key.size() > kMaxNameBytes)
    return Refused{fmt::format("the key has {} bytes; at most {} are taken", record.key.size(), kMaxNameBytes)};
  if (!IsKnown(out.version))
    out.version = kNeverLast;
  else if (!InRange(out.version))
    return Refused{"the record's version time is not in the years 1 to 9999"};
  if (std::string reason = Normalize(record.identifiers, out.identifiers, out.left_out); !reason.empty())
    return Refused{reason};
  out.identifiers.push_back({static_cast<identity::NamespaceIndex>(catalog_.namespace_count() + source), record.key});

  stored::RecordContent content;
  FillIdentifiers(catalog_, record.identifiers, content.mutable_identifiers());
  FillValues(record.attributes, content.mutable_attributes());
  content.SerializeToString(&out.content);
  out.observations = golden_rules_.Observe(record.attributes, source, out.version, false);
  return out;
}

std::variant<PreparedEvent, Refused> Preparer::PrepareStoredEvent(std::string_view key, std::string_view row) const {
  storage::Decoder d(key);
  storage::DecodeNode(d);
  const Time time = d.SortableTime();
  golden::SourceIndex source = 0;
  stored::Event stored;
  if (!catalog_.FindSource(d.Big16(), source) || !d.ok() ||
      !stored.ParseFromArray(row.data(), static_cast<int>(row.size())))
    return Refused{"a damaged row in `events`"};
  auto prepared = Prepare(source, Event{.source = schema_.sources[source].name,
                                        .id = std::string(d.rest()),
                                        .time = time,
                                        .name = stored.name(),
                                        .identifiers = IdentifiersOf(catalog_, stored.identifiers()),
                                        .traits = ValuesOf(stored.traits()),
                                        .properties = ValuesOf(stored.properties())});
  if (auto* event = std::get_if<PreparedEvent>(&prepared)) {
    event->row = row;  // with the identifiers that this schema does not declare
    event->fingerprint = FingerprintOf(time, row);
  }
  return prepared;
}

std::variant<PreparedRecord, Refused> Preparer::PrepareStoredRecord(golden::SourceIndex source, std::string key,
                                                                    Time version, std::string_view content) const {
  stored::RecordContent stored;
  if (!stored.ParseFromArray(content.data(), static_cast<int>(content.size())))
    return Refused{"a damaged row in `records`"};
  auto prepared = Prepare(source, Record{.source = schema_.sources[source].name,
                                         .key = std::move(key),
                                         .version = version,
                                         .identifiers = IdentifiersOf(catalog_, stored.identifiers()),
                                         .attributes = ValuesOf(stored.attributes())});
  if (auto* record = std::get_if<PreparedRecord>(&prepared)) record->content = content;
  return prepared;
}

}  // namespace kintsugi::ingest
