#include "ingest/rows.h"

#include <algorithm>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"
#include "ingest/csv.h"
#include "ingest/native.h"
#include "ingest/segment.h"
#include "ingest/splitter.h"
#include "ingest/table.h"

namespace kintsugi::ingest {
namespace {

bool IsCsv(const Source& source) {
  return source.has_table && source.table.format == TableFormat::kCsv;
}

std::vector<std::string> DeclaredColumns(const Table& table) {
  std::vector<std::string> columns;
  if (!table.key.empty()) columns.push_back(table.key);
  if (!table.updated_at.empty()) columns.push_back(table.updated_at);
  for (const IdentifierField& field : table.identifiers) columns.push_back(field.field);
  for (const AttributeField& field : table.attributes) columns.push_back(field.field);
  return columns;
}

absl::StatusOr<CsvHeader> ReadHeader(const Source& source, std::string_view text, char delimiter) {
  absl::StatusOr<CsvHeader> header = CsvHeader::Parse(text, delimiter);
  const std::string& key = source.table.key;
  if (!header.ok() || key.empty() || header->Find(key)) return header;
  return absl::InvalidArgumentError(
      fmt::format("the CSV header has no column `{}`, which is the key of source `{}`; its columns are: {}", key,
                  source.name, fmt::join(header->columns, ", ")));
}

std::vector<std::string> MissingColumns(const Table& table, const CsvHeader& header) {
  std::vector<std::string> missing;
  for (const std::string& column : DeclaredColumns(table)) {
    const bool known = std::find(missing.begin(), missing.end(), column) != missing.end();
    if (!known && !header.Find(column)) missing.push_back(column);
  }
  return missing;
}

// Where a header's first row ends depends on the delimiter (a quote opens a field only after one), so each
// is tried on the stream itself.
absl::Status SetDelimiter(CsvSplitter& splitter, const std::vector<std::string>& wanted) {
  char best = kDelimiters[0];
  size_t most = 0;
  for (const char delimiter : kDelimiters) {
    splitter.set_delimiter(delimiter);
    absl::StatusOr<std::string> header = splitter.Peek();
    if (!header.ok()) return header.status();
    const size_t found = CountColumns(*header, delimiter, wanted);
    if (found > most) best = delimiter;
    most = std::max(most, found);
  }
  splitter.set_delimiter(best);
  return absl::OkStatus();
}

absl::StatusOr<RowFormat> OpenCsv(const Source& source, std::unique_ptr<ByteSource> bytes) {
  auto splitter = std::make_unique<CsvSplitter>(std::move(bytes));
  if (absl::Status status = SetDelimiter(*splitter, DeclaredColumns(source.table)); !status.ok()) return status;

  RawRow row;
  absl::StatusOr<bool> any = splitter->Next(row);
  if (!any.ok()) return any.status();
  if (!row.rejected.empty()) {
    return absl::InvalidArgumentError(fmt::format("the CSV header cannot be read: {}", row.rejected));
  }
  absl::StatusOr<CsvHeader> header = ReadHeader(source, row.text, splitter->delimiter());
  if (!header.ok()) return header.status();
  splitter->set_columns(header->columns.size());
  return RowFormat{.splitter = std::move(splitter),
                   .parser = MakeCsvTableParser(source, *header),
                   .header = std::move(row.text),
                   .missing_columns = MissingColumns(source.table, *header)};
}

// The parsers of the formats whose rows stand for themselves.
std::unique_ptr<RowParser> MakeJsonParser(const Schema& schema, const Source& source) {
  if (source.has_table) return MakeJsonTableParser(source);
  if (source.events.format == EventFormat::kSegment) return MakeSegmentParser(schema, source);
  return MakeNativeParser(source);
}

}  // namespace

absl::StatusOr<RowFormat> OpenRows(const Schema& schema, const Source& source, std::unique_ptr<ByteSource> bytes) {
  if (IsCsv(source)) return OpenCsv(source, std::move(bytes));
  return RowFormat{.splitter = std::make_unique<LineSplitter>(std::move(bytes)),
                   .parser = MakeJsonParser(schema, source)};
}

absl::StatusOr<std::unique_ptr<RowParser>> OpenParser(const Schema& schema, const Source& source,
                                                      std::string_view csv_header) {
  if (!IsCsv(source)) return MakeJsonParser(schema, source);
  absl::StatusOr<CsvHeader> header =
      ReadHeader(source, csv_header, DetectDelimiter(csv_header, DeclaredColumns(source.table)));
  if (!header.ok()) return header.status();
  return MakeCsvTableParser(source, *header);
}

}  // namespace kintsugi::ingest
