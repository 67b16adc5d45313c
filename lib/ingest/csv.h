// The fields of one CSV row, and what a header says about a file.

#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace kintsugi::ingest {

struct CsvField {
  std::string_view text;  // quotes taken off; an unquoted field is trimmed of spaces
  bool quoted = false;    // tells an empty text from no text
};

// CsvRow takes a row apart; made once and used for many rows, it stops allocating.
class CsvRow {
 public:
  // Why the row is not RFC 4180; empty if all is well. Spaces around a quoted field are ignored.
  std::string_view Parse(std::string_view row, char delimiter);
  // Valid until the next Parse(), and as long as the row that it was given.
  const std::vector<CsvField>& fields() const { return fields_; }

 private:
  std::string_view Unescape(std::string_view quoted);

  std::vector<CsvField> fields_;
  std::string unescaped_;  // never grows beyond what Parse() reserves, so views into it stay
};

// A row with commas; what was quoted, or could not stand otherwise, is quoted.
std::string FormatCsv(std::span<const CsvField> fields);

// A header row. Names are trimmed of spaces; of two columns of one name the first counts.
struct CsvHeader {
  char delimiter = ',';
  std::vector<std::string> columns;

  // kInvalidArgument if the text is not a CSV row, or is empty.
  static absl::StatusOr<CsvHeader> Parse(std::string_view text, char delimiter);
  std::optional<size_t> Find(std::string_view column) const;
};

// What may stand between two fields; a comma by default.
inline constexpr std::array<char, 3> kDelimiters = {',', ';', '\t'};

// How many of the wanted columns this header has under this delimiter.
size_t CountColumns(std::string_view header, char delimiter, std::span<const std::string> wanted);

// The delimiter under which most of the wanted columns are found; of equals the first of kDelimiters.
char DetectDelimiter(std::string_view header, std::span<const std::string> wanted);

}  // namespace kintsugi::ingest
