#include "write/refuse.h"

#include <string>
#include <vector>

#include "format/evidence_codec.h"
#include "format/stored_time.h"
#include "ingest/csv.h"

namespace kintsugi::write {
namespace {

using format::Family;
using Values = google::protobuf::RepeatedPtrField<stored::NamedValue>;

void FillRefused(const ingest::Context& context, const std::vector<format::NodeKey>& identifiers, Values* out) {
  for (const format::NodeKey& identifier : identifiers) {
    auto* row = out->Add();
    if (identifier.number < context.catalog.names().size()) row->set_name(context.catalog.names()[identifier.number]);
    row->set_value(std::string(identifier.value));
  }
}

void FillValues(const std::vector<format::StoredValue>& values, Values* out) {
  for (const format::StoredValue& value : values) {
    auto* row = out->Add();
    row->set_name(std::string(value.name));
    row->set_value(std::string(value.value));
  }
}

// A row or message that was kept whole goes to quarantine as if it came again.
bool FillRow(std::string_view content, stored::Quarantined& out) {
  std::string_view json;
  std::vector<format::Cell> cells;
  if (format::DecodeJson(content, json)) {
    out.mutable_row()->set_raw(std::string(json));
    return true;
  }
  if (!format::DecodeCells(content, cells)) return false;
  std::vector<ingest::CsvField> header;
  std::vector<ingest::CsvField> fields;
  for (const format::Cell& cell : cells) {
    header.push_back({cell.column});
    fields.push_back({cell.text, cell.quoted});
  }
  out.mutable_row()->set_header(ingest::FormatCsv(header));
  out.mutable_row()->set_raw(ingest::FormatCsv(fields));
  return true;
}

}  // namespace

bool RefuseRecord(const ingest::Context& context, std::string_view key, std::string_view bytes,
                  stored::Quarantined& out, graph::RowSink& rows) {
  stored::Record row;
  if (!row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) return false;
  if (row.has_extracted()) out.set_extracted(row.extracted());
  format::Fields fields;
  if (format::DecodeFields(row.content(), fields)) {
    auto* record = out.mutable_record();
    record->set_key(std::string(key.substr(2)));
    record->set_version(format::ToUs(format::VersionOf(row)));
    FillRefused(context, fields.identifiers, record->mutable_identifiers());
    FillValues(fields.traits, record->mutable_attributes());
  } else if (!FillRow(row.content(), out)) {
    return false;
  }
  if (row.has_version()) row.set_first(format::ToUs(format::FirstVersionOf(row)));
  const bool has_others = row.has_first() && row.first() != row.version();
  if (!has_others) row.clear_first();
  row.clear_version();
  row.clear_extracted();
  row.clear_content();
  row.clear_identifiers();
  row.set_gone(true);
  if (has_others || row.has_withdrawn()) rows.Put(Family::kRecords, key, row.SerializeAsString());
  return true;
}

bool RefuseEvent(const ingest::Context& context, std::string_view key, std::string_view bytes,
                 stored::Quarantined& out) {
  format::StoredEvent row;
  format::Decoder d(key);
  format::DecodeNode(d);
  const Time time = d.SortableTime();
  d.Big16();
  if (!d.ok() || !format::DecodeEvent(bytes, row)) return false;
  format::Fields fields;
  if (!format::DecodeFields(row.content, fields)) return FillRow(row.content, out);
  auto* event = out.mutable_event();
  event->set_id(std::string(d.rest()));
  event->set_time(format::ToUs(time));
  event->set_name(std::string(fields.name));
  FillRefused(context, fields.identifiers, event->mutable_identifiers());
  FillValues(fields.traits, event->mutable_traits());
  FillValues(fields.properties, event->mutable_properties());
  return true;
}

}  // namespace kintsugi::write
