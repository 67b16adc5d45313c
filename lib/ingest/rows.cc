#include "ingest/rows.h"

#include <algorithm>
#include <utility>

#include "base/json.h"
#include "fmt/format.h"
#include "format/evidence_codec.h"
#include "ingest/csv.h"
#include "ingest/native.h"
#include "ingest/segment.h"
#include "ingest/splitter.h"
#include "ingest/table.h"

namespace kintsugi::ingest {
namespace {

bool IsCsv(const Source& source) {
  return source.table() && source.table()->format == TableFormat::kCsv;
}

// The columns for a message: whatever the file is, it neither fills the screen nor moves its cursor.
std::string Shown(const std::vector<std::string>& columns) {
  constexpr size_t kMostColumns = 30;
  constexpr size_t kMostBytes = 60;
  std::string out;
  for (size_t i = 0; i < std::min(columns.size(), kMostColumns); ++i) {
    std::string name;
    AppendJsonString(name, columns[i].substr(0, kMostBytes));
    if (name.size() == columns[i].size() + 2) name = columns[i];  // a plain one needs no quotes
    out += (i > 0 ? ", " : "") + name;
  }
  if (columns.size() > kMostColumns) out += fmt::format(" and {} more", columns.size() - kMostColumns);
  return out;
}

// `name` is the file's, or empty.
absl::StatusOr<CsvHeader> ReadHeader(const Source& source, std::string_view text, char delimiter,
                                     const std::string& name) {
  const std::string place = name.empty() ? "" : name + ": ";
  absl::StatusOr<CsvHeader> header = CsvHeader::Parse(text, delimiter);
  if (!header.ok()) {
    return absl::Status(header.status().code(), place + std::string(header.status().message()));
  }
  const std::string& key = source.table()->key;
  if (key.empty() || header->Find(key)) return header;
  return absl::InvalidArgumentError(
      fmt::format("{}the CSV header has no column `{}`, which is the key of source `{}`; its columns are: {}", place,
                  key, source.name, Shown(header->columns)));
}

// What lines of JSON must not be: one array, or objects that go over several lines.
std::string JsonHint(std::string_view begin) {
  const size_t at = begin.find_first_not_of(" \t\r\n");
  if (at == std::string_view::npos) return "";
  const std::string_view rest = begin.substr(at);
  constexpr std::string_view kMend = "one JSON object a line is read; `jq -c '.[]' FILE` makes lines of an array";
  if (rest[0] == '[') return fmt::format("the file begins with `[`, as one JSON array: {}", kMend);
  const size_t next = rest.find_first_not_of(" \t\r", 1);
  if (rest[0] != '{' || next == std::string_view::npos || rest[next] != '\n') return "";
  return "the file's first line is only `{`: one JSON object a line is read; `jq -c . FILE` puts each on one";
}

std::vector<std::string> MissingColumns(const Table& table, const CsvHeader& header) {
  std::vector<std::string> missing;
  for (const std::string& column : DeclaredFields(table)) {
    const bool known = std::find(missing.begin(), missing.end(), column) != missing.end();
    if (!known && !header.Find(column)) missing.push_back(column);
  }
  return missing;
}

std::vector<std::string> DoubledColumns(const Table& table, const CsvHeader& header) {
  std::vector<std::string> doubled;
  for (const std::string& column : DeclaredFields(table)) {
    const bool known = std::find(doubled.begin(), doubled.end(), column) != doubled.end();
    if (!known && std::count(header.columns.begin(), header.columns.end(), column) > 1) doubled.push_back(column);
  }
  return doubled;
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
  const Table& table = *source.table();
  const std::string name = bytes->name();
  auto splitter = std::make_unique<CsvSplitter>(std::move(bytes));
  if (absl::Status status = SetDelimiter(*splitter, DeclaredFields(table)); !status.ok()) return status;

  RawRow row;
  absl::StatusOr<bool> any = splitter->Next(row);
  if (!any.ok()) return any.status();
  if (!row.rejected.empty()) {
    return absl::InvalidArgumentError(fmt::format("{}: the CSV header cannot be read: {}", name, row.rejected));
  }
  absl::StatusOr<CsvHeader> header = ReadHeader(source, row.text, splitter->delimiter(), name);
  if (!header.ok()) return header.status();
  splitter->set_columns(header->columns.size());
  return RowFormat{.splitter = std::move(splitter),
                   .parser = MakeCsvTableParser(source, *header),
                   .header = std::move(row.text),
                   .missing_columns = MissingColumns(table, *header),
                   .doubled_columns = DoubledColumns(table, *header)};
}

// The parsers of the formats whose rows stand for themselves.
std::unique_ptr<RowParser> MakeJsonParser(const Schema& schema, const Source& source) {
  if (source.table()) return MakeJsonTableParser(source);
  if (source.events()->format == EventFormat::kSegment) return MakeSegmentParser(schema, source);
  return MakeNativeParser(source);
}

}  // namespace

absl::StatusOr<RowFormat> OpenRows(const Schema& schema, const Source& source, std::unique_ptr<ByteSource> bytes) {
  if (IsCsv(source)) return OpenCsv(source, std::move(bytes));
  auto splitter = std::make_unique<LineSplitter>(std::move(bytes));
  absl::StatusOr<std::string_view> begin = splitter->Begin();
  if (!begin.ok()) return begin.status();
  std::string hint = JsonHint(*begin);
  RowFormat format{.splitter = std::move(splitter), .parser = MakeJsonParser(schema, source), .hint = std::move(hint)};
  if (const Table* table = source.table()) {
    format.declared = DeclaredFields(*table);
  } else {
    for (const IdentifierField& entry : source.events()->map) format.declared.push_back(entry.field);
  }
  return format;
}

absl::StatusOr<std::unique_ptr<RowParser>> OpenParser(const Schema& schema, const Source& source,
                                                      std::string_view csv_header) {
  if (!IsCsv(source)) return MakeJsonParser(schema, source);
  absl::StatusOr<CsvHeader> header =
      ReadHeader(source, csv_header, DetectDelimiter(csv_header, DeclaredFields(*source.table())), "");
  if (!header.ok()) return header.status();
  return MakeCsvTableParser(source, *header);
}

struct ContentParser::Parts {
  Source source;
  std::unique_ptr<RowParser> json;  // of rows, or of messages
};

ContentParser::ContentParser(const Schema& schema, const Source& source) {
  // A kept row keeps its version: another field of it need not be a time.
  Source of_kept = source;
  if (Table* table = of_kept.table()) table->updated_at.clear();
  auto json = source.table() ? MakeJsonTableParser(of_kept) : MakeSegmentParser(schema, source);
  parts_ = std::make_unique<const Parts>(Parts{std::move(of_kept), std::move(json)});
}
ContentParser::ContentParser(ContentParser&&) noexcept = default;
ContentParser::~ContentParser() = default;

Parsed ContentParser::Parse(std::string_view content) const {
  std::string_view json;
  if (parts_->source.table() && format::KindOf(content) == format::ContentKind::kCells)
    return ParseCells(parts_->source, content);
  if (!format::DecodeJson(content, json)) return Rejection{"a damaged row"};
  std::vector<Parsed> parsed;
  parts_->json->Parse(json, parsed);
  if (parsed.size() != 1) return Rejection{"a damaged row"};
  return std::move(parsed.front());
}

}  // namespace kintsugi::ingest
