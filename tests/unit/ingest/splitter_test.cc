#include "ingest/splitter.h"

#include <rapidcheck.h>

#include "catch.h"
#include "ingest/csv.h"
#include "unit/ingest/support.h"

namespace kintsugi::ingest {
namespace {

using Rows = std::vector<std::vector<std::string>>;

RowList SplitLines(std::string bytes, size_t chunk = 1 << 20, const RowLimits& limits = {}) {
  LineSplitter splitter(std::make_unique<ChunkedSource>(std::move(bytes), chunk), limits);
  return Split(splitter);
}

RowList SplitCsv(std::string bytes, size_t columns = 0, size_t chunk = 1 << 20, const RowLimits& limits = {}) {
  CsvSplitter splitter(std::make_unique<ChunkedSource>(std::move(bytes), chunk), limits);
  splitter.set_columns(columns);
  return Split(splitter);
}

// RFC 4180, with quotes wherever the text would read back as another one without.
std::string WriteField(const std::string& text, char delimiter, bool alone) {
  const bool plain = text.find_first_of(std::string("\"\r\n") + delimiter) == std::string::npos;
  const bool padded = !text.empty() && (text.front() == ' ' || text.back() == ' ');
  const bool blank = alone && text.find_first_not_of(" \t") == std::string::npos;
  if (plain && !padded && !blank) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string WriteCsv(const Rows& rows, char delimiter, std::string_view line_end, bool last_line_end) {
  std::string text;
  for (size_t i = 0; i < rows.size(); ++i) {
    for (size_t j = 0; j < rows[i].size(); ++j) {
      if (j > 0) text += delimiter;
      // A row of blanks would be a blank line, so one field of it is quoted.
      const bool blank_row = std::all_of(rows[i].begin(), rows[i].end(), [](const std::string& field) {
        return field.find_first_not_of(" \t") == std::string::npos;
      });
      text += WriteField(rows[i][j], delimiter, j == 0 && (rows[i].size() == 1 || blank_row));
    }
    if (i + 1 < rows.size() || last_line_end) text += line_end;
  }
  return text;
}

Rows ReadFields(const RowList& list, char delimiter) {
  Rows rows;
  CsvRow row;
  for (const RawRow& raw : list.rows) {
    RC_ASSERT(raw.rejected.empty());
    RC_ASSERT(row.Parse(raw.text, delimiter).empty());
    rows.emplace_back();
    for (const CsvField& field : row.fields()) rows.back().emplace_back(field.text);
  }
  return rows;
}

rc::Gen<std::string> FieldGen() {
  return rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab\"\"\"\n\n\r,,;\t  \xC3\xA9\x01")));
}

TEST_CASE("ingest: any rows written as RFC 4180 read back the same") {
  // Whatever the fields, the delimiter, the line ends and the size of the pieces in which they come.
  CHECK(rc::check("CSV round trip", [] {
    const size_t columns = *rc::gen::inRange<size_t>(1, 5);
    const auto rows = *rc::gen::container<Rows>(rc::gen::container<std::vector<std::string>>(columns, FieldGen()));
    const char delimiter = *rc::gen::elementOf(std::string(",;\t"));
    const auto line_end = *rc::gen::element(std::string("\n"), std::string("\r\n"));
    const std::string text = WriteCsv(rows, delimiter, line_end, *rc::gen::arbitrary<bool>());

    const RowLimits limits{.chunk_bytes = *rc::gen::inRange<size_t>(1, 40)};
    CsvSplitter splitter(std::make_unique<ChunkedSource>(text, *rc::gen::inRange<size_t>(1, 40)), limits);
    splitter.set_delimiter(delimiter);
    splitter.set_columns(columns);
    const RowList list = Split(splitter);
    RC_ASSERT(list.status.ok());
    RC_ASSERT(ReadFields(list, delimiter) == rows);
  }));
}

TEST_CASE("ingest: any lines read back the same, and know where they stand") {
  // Whatever the size of the pieces; blank lines are left out, and counted.
  CHECK(rc::check("lines round trip", [] {
    const auto lines = *rc::gen::container<std::vector<std::string>>(
        rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab \",\t"))));
    const auto line_end = *rc::gen::element(std::string("\n"), std::string("\r\n"));
    std::string text;
    std::vector<std::pair<uint64_t, std::string>> expected;
    for (size_t i = 0; i < lines.size(); ++i) {
      text += lines[i] + line_end;
      if (lines[i].find_first_not_of(" \t") != std::string::npos) expected.emplace_back(i + 1, lines[i]);
    }
    const RowLimits limits{.chunk_bytes = *rc::gen::inRange<size_t>(1, 40)};
    const RowList list = SplitLines(text, *rc::gen::inRange<size_t>(1, 40), limits);
    std::vector<std::pair<uint64_t, std::string>> found;
    for (const RawRow& row : list.rows) found.emplace_back(row.line, row.text);
    RC_ASSERT(list.status.ok());
    RC_ASSERT(found == expected);
  }));
}

TEST_CASE("ingest: no bytes are lost by the CSV splitter, whatever comes in") {
  // Quotes anywhere: every line's text is in some row, in order, and rows know their line.
  CHECK(rc::check("CSV garbage", [] {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("ab\"\"\n\n, \r")));
    const size_t columns = *rc::gen::inRange<size_t>(0, 3);
    const RowLimits limits{.row_bytes = *rc::gen::inRange<size_t>(1, 20), .chunk_bytes = 3};
    std::string joined;
    uint64_t line = 1;
    for (const RawRow& row : SplitCsv(text, columns, 2, limits).rows) {
      RC_ASSERT(row.line >= line);
      line = row.line + 1 + std::count(row.text.begin(), row.text.end(), '\n');
      joined += row.text;
    }
    const auto without_space = [](std::string all) {
      std::erase_if(all, [](char c) { return c == '\n' || c == '\r' || c == ' '; });
      return all;
    };
    RC_ASSERT(without_space(joined) == without_space(text));
  }));
}

TEST_CASE("ingest: a byte order mark at the start is not part of the first row") {
  // Only there; elsewhere it is text.
  CHECK(Texts(SplitLines("\xEF\xBB\xBF{}\n\xEF\xBB\xBF{}\n")) == std::vector<std::string>{"{}", "\xEF\xBB\xBF{}"});
  CHECK(Texts(SplitCsv("\xEF\xBB\xBF\"id\",b\n", 0, 1)) == std::vector<std::string>{"\"id\",b"});
  CHECK(SplitLines("\xEF\xBB\xBF").rows.empty());
  CHECK(Texts(SplitLines("\xEF")) == std::vector<std::string>{"\xEF"});
}

TEST_CASE("ingest: a row that is too long is delivered whole and rejected") {
  // And the rows around it are not touched.
  const RowLimits limits{.row_bytes = 10, .chunk_bytes = 4};
  const std::string text = "short\n" + std::string(100, 'x') + "\r\nlast";
  for (const RowList& list : {SplitLines(text, 7, limits), SplitCsv(text, 1, 7, limits)}) {
    REQUIRE(list.rows.size() == 3);
    CHECK(list.rows[1].text == std::string(100, 'x'));
    CHECK(list.rows[1].rejected == "row is longer than 10 bytes");
    CHECK(list.rows[1].line == 2);
    CHECK(list.rows[2].text == "last");
    CHECK(list.rows[2].line == 3);
    CHECK(list.rows[2].rejected.empty());
  }
}

TEST_CASE("ingest: a row beyond every measure is cut, and says so") {
  // Otherwise a file without a line end would take the memory of the machine.
  const RowLimits limits{.row_bytes = 10, .kept_bytes = 20, .chunk_bytes = 4};
  const RowList list = SplitLines(std::string(100, 'x') + "\nlast\n", 7, limits);
  REQUIRE(list.rows.size() == 2);
  CHECK(list.rows[0].text == std::string(20, 'x'));
  CHECK(list.rows[0].rejected == "row is longer than 10 bytes; only its first 20 were kept");
  CHECK(list.rows[1].text == "last");
}

TEST_CASE("ingest: a line of 100 MB is one rejected row") {
  // The real limits, in one piece of memory.
  std::string text(size_t{100} << 20, 'x');
  text += "\n{}\n";
  LineSplitter splitter(MemoryByteSource(text));
  RawRow row;
  REQUIRE(*splitter.Next(row));
  CHECK(row.text.size() == size_t{100} << 20);
  CHECK(row.rejected == "row is longer than 16777216 bytes");
  REQUIRE(*splitter.Next(row));
  CHECK(row.text == "{}");
  CHECK(row.rejected.empty());
  CHECK_FALSE(*splitter.Next(row));
}

TEST_CASE("ingest: an error ends the stream and the rows before it are whole") {
  // The piece of a row that came before the error is not a row.
  const absl::Status lost = absl::DataLossError("gone");
  LineSplitter lines(std::make_unique<ChunkedSource>("one\ntwo\nthr", 4, lost));
  const RowList list = Split(lines);
  CHECK(Texts(list) == std::vector<std::string>{"one", "two"});
  CHECK(list.status.code() == absl::StatusCode::kDataLoss);
  CsvSplitter csv(std::make_unique<ChunkedSource>("a,b\n1,\"2", 3, lost));
  const RowList rows = Split(csv);
  CHECK(Texts(rows) == std::vector<std::string>{"a,b"});
  CHECK(rows.status.code() == absl::StatusCode::kDataLoss);
}

TEST_CASE("ingest: a quote inside an unquoted field is a character") {
  // Inches, nicknames: a quote opens a field only at its beginning.
  CHECK(Texts(SplitCsv("1,5\" pipe\n2,Jim \"Jimmy\" Doe\n")) ==
        std::vector<std::string>{"1,5\" pipe", "2,Jim \"Jimmy\" Doe"});
}

TEST_CASE("ingest: a stray quote costs its own line and no other") {
  // Never closed; closed by another stray; closed by an honest quoted field; and not enough fields.
  const auto check = [](const std::string& text, std::vector<std::string> accepted, size_t rejected_line) {
    for (size_t chunk : {1, 5, 1000}) {
      std::vector<std::string> texts;
      std::vector<uint64_t> rejected;
      for (const RawRow& row : SplitCsv(text, 2, chunk, {.chunk_bytes = chunk}).rows) {
        if (row.rejected.empty()) texts.push_back(row.text);
        if (!row.rejected.empty()) rejected.push_back(row.line);
      }
      CHECK(texts == accepted);
      CHECK(rejected == std::vector<uint64_t>{rejected_line});
    }
  };
  check("1,a\n2,\"b\n3,c\n4,d\n", {"1,a", "3,c", "4,d"}, 2);
  check("1,\"a\n2,c\n3,\"d, e\"\n", {"2,c", "3,\"d, e\""}, 1);
  check("1,\"a\" b\n2,c\n", {"2,c"}, 1);
  check("\",a\n2,c\n3,d\n4,\"e\"\n", {"2,c", "3,d", "4,\"e\""}, 1);
  check("1,a\n2,b\n3,\"c", {"1,a", "2,b"}, 3);
}

TEST_CASE("ingest: many stray quotes are split in linear time") {
  // 200 000 lines, each with a quote that it does not close; a scan of the rest for each would take hours.
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += std::to_string(i) + ",\"x\n";
  const RowList list = SplitCsv(text, 2);
  CHECK(list.rows.size() == 200'000);
}

TEST_CASE("ingest: quoted line ends count as lines") {
  // The row after a field of three lines knows its place.
  const RowList list = SplitCsv("a,b\n1,\"x\r\ny\n\nz\"\n\n2,c\n", 2);
  REQUIRE(list.rows.size() == 3);
  CHECK(list.rows[1].line == 2);
  CHECK(list.rows[1].text == "1,\"x\r\ny\n\nz\"");
  CHECK(list.rows[2].line == 7);
}

}  // namespace
}  // namespace kintsugi::ingest
