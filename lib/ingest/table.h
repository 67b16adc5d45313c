// Rows with a key: from a CSV row or a JSON object to a Record.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/csv.h"
#include "ingest/rows.h"

namespace kintsugi::ingest {

// How a declared field becomes part of a record:
//   key         missing, empty or null → the row is refused; not declared → the hash of the row's text
//   updated_at  missing or empty → version unknown; there, but not a time → the row is refused
//   identifier  missing, empty, null, a boolean or an object → left out; an array → each of its elements
//   attribute   missing or null, or not of its declared type → left out; an array or object → Json;
//               several values on the way (an array of objects) → a Json array, or of a typed attribute
//               the first that converts; an empty string is a value (in CSV only if it is quoted)
// What is there and not of its declared type is told in Parsed::refused_values. The whole row is kept as evidence,
// unless the table says otherwise.
std::unique_ptr<RowParser> MakeJsonTableParser(const Source& source);
std::unique_ptr<RowParser> MakeCsvTableParser(const Source& source, const CsvHeader& header);

// A CSV row that was kept, read by the names of its columns.
Parsed ParseCells(const Source& source, std::string_view content);

// The fields that a table declares: key, version, identifiers, attributes; of items their properties and time.
std::vector<std::string> DeclaredFields(const Table& table);

}  // namespace kintsugi::ingest
