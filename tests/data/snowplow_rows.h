// The files of Snowplow's published models: CSV, with JSON in some of the cells.

#pragma once

#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "catch.h"
#include "ingest/csv.h"
#include "ingest/splitter.h"
#include "kintsugi/value.h"

namespace kintsugi::testing::snowplow {

using Row = std::map<std::string, std::string>;

inline std::vector<Row> ReadCsv(const std::string& path) {
  ingest::CsvSplitter splitter(*ingest::OpenByteSource(path));
  ingest::RawRow raw;
  std::vector<Row> rows;
  REQUIRE(*splitter.Next(raw));
  const auto header = *ingest::CsvHeader::Parse(raw.text, ',');
  ingest::CsvRow fields;
  while (*splitter.Next(raw)) {
    REQUIRE(fields.Parse(raw.text, ',').empty());
    Row& row = rows.emplace_back();
    for (size_t i = 0; i < header.columns.size(); ++i) row[header.columns[i]] = fields.fields()[i].text;
  }
  return rows;
}

// The same rows with the JSON of their cells as JSON. A schema's paths go into objects and arrays, but not into the
// text of a CSV's cell; this, which knows no column, is all that is done to the files before a schema reads them.
inline void WriteJsonLines(const std::vector<Row>& rows, const std::string& path) {
  std::ofstream out(path);
  for (const Row& row : rows) {
    std::string line;
    for (const auto& [column, cell] : row) {
      if (cell.empty()) continue;
      const bool is_json = cell[0] == '{' || cell[0] == '[';
      line += (line.empty() ? "{" : ",") + ToJson(Value(column)) + ":" + (is_json ? cell : ToJson(Value(cell)));
    }
    out << line << "}\n";
  }
}

// "2022-10-25 08:14:20.415000+00:00", or without a zone, which is UTC.
inline Time TimeOf(const std::string& text) {
  const auto time = ParseTime(text);
  if (!time) FAIL("no time: " << text);
  return *time;
}

}  // namespace kintsugi::testing::snowplow
