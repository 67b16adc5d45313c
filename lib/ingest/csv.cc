#include "ingest/csv.h"

#include <algorithm>

#include "absl/status/status.h"
#include "fmt/format.h"

namespace kintsugi::ingest {
namespace {

std::string_view TrimSpaces(std::string_view text) {
  const size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

// The position of the quote that closes a field whose content begins at `from`; npos if there is none.
size_t ClosingQuote(std::string_view row, size_t from, bool& has_doubled) {
  size_t quote = row.find('"', from);
  while (quote != std::string_view::npos && row.substr(quote + 1).starts_with('"')) {
    has_doubled = true;
    quote = row.find('"', quote + 2);
  }
  return quote;
}

size_t SkipSpaces(std::string_view row, size_t from) {
  return std::min(row.find_first_not_of(' ', from), row.size());
}

}  // namespace

std::string_view CsvRow::Unescape(std::string_view quoted) {
  const size_t begin = unescaped_.size();
  for (size_t at = 0; at < quoted.size();) {
    const size_t quote = std::min(quoted.find('"', at), quoted.size());
    unescaped_.append(quoted.substr(at, quote + 1 - at));
    at = quote + 2;
  }
  return std::string_view(unescaped_).substr(begin);
}

std::string_view CsvRow::Parse(std::string_view row, char delimiter) {
  fields_.clear();
  unescaped_.clear();
  for (size_t at = 0;; ++at) {
    const size_t start = SkipSpaces(row, at);
    if (start < row.size() && row[start] == '"') {
      bool has_doubled = false;
      const size_t close = ClosingQuote(row, start + 1, has_doubled);
      if (close == std::string_view::npos) return "a quote is never closed";
      if (has_doubled) unescaped_.reserve(row.size());
      const std::string_view text = row.substr(start + 1, close - start - 1);
      fields_.push_back({.text = has_doubled ? Unescape(text) : text, .quoted = true});
      at = SkipSpaces(row, close + 1);
      if (at < row.size() && row[at] != delimiter) return "text after a closing quote";
    } else {
      at = std::min(row.find(delimiter, at), row.size());
      fields_.push_back({.text = TrimSpaces(row.substr(start, at - start))});
    }
    if (at >= row.size()) return {};
  }
}

std::string FormatCsv(std::span<const CsvField> fields) {
  std::string out;
  for (const CsvField& field : fields) {
    if (&field != fields.data()) out.push_back(',');
    const bool trimmed = field.text != TrimSpaces(field.text);
    if (!field.quoted && !trimmed && field.text.find_first_of(",\"\r\n") == std::string_view::npos) {
      out.append(field.text);
      continue;
    }
    out.push_back('"');
    for (const char c : field.text) out.append(c == '"' ? 2 : 1, c);
    out.push_back('"');
  }
  return out;
}

absl::StatusOr<CsvHeader> CsvHeader::Parse(std::string_view text, char delimiter) {
  CsvRow row;
  const std::string_view wrong = row.Parse(text, delimiter);
  if (!wrong.empty()) return absl::InvalidArgumentError(fmt::format("the CSV header cannot be read: {}", wrong));
  CsvHeader header{.delimiter = delimiter};
  for (const CsvField& field : row.fields()) header.columns.emplace_back(TrimSpaces(field.text));
  if (std::all_of(header.columns.begin(), header.columns.end(), [](const auto& name) { return name.empty(); })) {
    return absl::InvalidArgumentError("the file has no CSV header: its first row must name the columns");
  }
  return header;
}

std::optional<size_t> CsvHeader::Find(std::string_view column) const {
  const auto found = std::find(columns.begin(), columns.end(), column);
  if (found == columns.end()) return std::nullopt;
  return found - columns.begin();
}

size_t CountColumns(std::string_view text, char delimiter, std::span<const std::string> wanted) {
  absl::StatusOr<CsvHeader> header = CsvHeader::Parse(text, delimiter);
  if (!header.ok()) return 0;
  return std::count_if(wanted.begin(), wanted.end(), [&](const auto& name) { return header->Find(name).has_value(); });
}

char DetectDelimiter(std::string_view header, std::span<const std::string> wanted) {
  return *std::max_element(kDelimiters.begin(), kDelimiters.end(), [&](char a, char b) {
    return CountColumns(header, a, wanted) < CountColumns(header, b, wanted);
  });
}

}  // namespace kintsugi::ingest
