#include "write/refuse.h"

#include <string>
#include <vector>

#include "format/evidence_codec.h"
#include "format/stored_rows.h"
#include "ingest/csv.h"
#include "ingest/evidence_rows.h"

namespace kintsugi::write {
namespace {

using format::Family;

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
  if (!format::ParseRow(bytes, row)) return false;
  if (row.has_extracted()) out.set_extracted(row.extracted());
  format::Fields fields;
  if (format::DecodeFields(row.content(), fields)) {
    ingest::SetRecord(context.catalog, key.substr(2), format::VersionOf(row), fields, out);
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
  ingest::SetEvent(context.catalog, d.rest(), time, fields, out);
  return true;
}

}  // namespace kintsugi::write
