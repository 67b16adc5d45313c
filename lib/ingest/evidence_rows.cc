#include "ingest/evidence_rows.h"

#include <utility>
#include <vector>

#include "format/stored_rows.h"
#include "golden/value_codec.h"

namespace kintsugi::ingest {
namespace {

using Rows = google::protobuf::RepeatedPtrField<stored::NamedValue>;

void Append(std::string name, std::string value, Rows& rows) {
  stored::NamedValue* const row = rows.Add();
  row->set_name(std::move(name));
  row->set_value(std::move(value));
}

Rows RowsOf(const std::vector<Identifier>& identifiers) {
  Rows rows;
  for (const auto& [ns, value] : identifiers) Append(ns, value, rows);
  return rows;
}

Rows RowsOf(const format::Catalog& catalog, const std::vector<format::NodeKey>& identifiers) {
  const std::vector<std::string>& names = catalog.names();
  Rows rows;
  for (const auto& [number, value] : identifiers)
    Append(number < names.size() ? names[number] : std::string(), std::string(value), rows);
  return rows;
}

Rows RowsOf(const std::vector<NamedValue>& values) {
  Rows rows;
  for (const auto& [name, value] : values) Append(name, golden::EncodeValue(value), rows);
  return rows;
}

Rows RowsOf(const std::vector<format::StoredValue>& values) {
  Rows rows;
  for (const auto& [name, value] : values) Append(std::string(name), std::string(value), rows);
  return rows;
}

std::vector<Identifier> IdentifiersOf(const Rows& rows) {
  std::vector<Identifier> out;
  for (const stored::NamedValue& row : rows) out.push_back({row.name(), row.value()});
  return out;
}

std::vector<NamedValue> ValuesOf(const Rows& rows) {
  std::vector<NamedValue> out;
  for (const stored::NamedValue& row : rows) out.emplace_back(row.name(), ToValue(golden::ReadValue(row.value())));
  return out;
}

}  // namespace

stored::Message MessageOf(const Context& context, const PreparedEvent& event) {
  stored::Message out;
  out.set_fingerprint(event.fingerprint);
  out.set_time(format::ToUs(event.time));
  format::SetNode(context.KeyOf(event.identifiers.front()), *out.mutable_strongest());
  return out;
}

std::string ItemKeyOf(const Context& context, const PreparedRecord& record) {
  return format::EventKey(context.KeyOf(record.identifiers.front()), record.item->time,
                          context.catalog.source_number(record.source), record.key);
}

void SetIdentifiers(const Context& context, const PreparedRecord& record, stored::Record& row) {
  row.clear_identifiers();
  for (size_t i = 0; i + 1 < record.identifiers.size(); ++i)  // the last is the record's own
    format::SetNode(context.KeyOf(record.identifiers[i]), *row.add_identifiers());
}

void SetEvent(const Event& event, stored::Quarantined& row) {
  auto* const out = row.mutable_event();
  out->set_id(event.id);
  out->set_time(format::ToUs(OrNeverFirst(event.time)));
  out->set_name(event.name);
  *out->mutable_identifiers() = RowsOf(event.identifiers);
  *out->mutable_traits() = RowsOf(event.traits);
  *out->mutable_properties() = RowsOf(event.properties);
}

void SetRecord(const Record& record, stored::Quarantined& row) {
  auto* const out = row.mutable_record();
  out->set_key(record.key);
  out->set_version(format::ToUs(OrNeverLast(record.version)));
  *out->mutable_identifiers() = RowsOf(record.identifiers);
  *out->mutable_attributes() = RowsOf(record.attributes);
}

void SetEvent(const format::Catalog& catalog, std::string_view id, Time time, const format::Fields& fields,
              stored::Quarantined& row) {
  auto* const out = row.mutable_event();
  out->set_id(std::string(id));
  out->set_time(format::ToUs(time));
  out->set_name(std::string(fields.name));
  *out->mutable_identifiers() = RowsOf(catalog, fields.identifiers);
  *out->mutable_traits() = RowsOf(fields.traits);
  *out->mutable_properties() = RowsOf(fields.properties);
}

void SetRecord(const format::Catalog& catalog, std::string_view key, Time version, const format::Fields& fields,
               stored::Quarantined& row) {
  auto* const out = row.mutable_record();
  out->set_key(std::string(key));
  out->set_version(format::ToUs(version));
  *out->mutable_identifiers() = RowsOf(catalog, fields.identifiers);
  *out->mutable_attributes() = RowsOf(fields.traits);
}

Event EventOf(const std::string& source, const stored::Quarantined& row) {
  const auto& event = row.event();
  return {.source = source,
          .id = event.id(),
          .time = Known(format::ToTime(event.time())),
          .name = event.name(),
          .identifiers = IdentifiersOf(event.identifiers()),
          .traits = ValuesOf(event.traits()),
          .properties = ValuesOf(event.properties())};
}

Record RecordOf(const std::string& source, const stored::Quarantined& row) {
  const auto& record = row.record();
  return {.source = source,
          .key = record.key(),
          .version = Known(format::ToTime(record.version())),
          .identifiers = IdentifiersOf(record.identifiers()),
          .attributes = ValuesOf(record.attributes()),
          .extracted_at = row.has_extracted() ? std::optional(format::ToTime(row.extracted())) : std::nullopt};
}

}  // namespace kintsugi::ingest
