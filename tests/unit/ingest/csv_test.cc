#include "ingest/csv.h"

#include "catch.h"

namespace kintsugi::ingest {
namespace {

// Fields between bars, quoted ones with a star.
std::string Show(std::string_view text, char delimiter = ',') {
  CsvRow row;
  const std::string_view wrong = row.Parse(text, delimiter);
  if (!wrong.empty()) return std::string(wrong);
  std::string shown;
  for (const CsvField& field : row.fields()) shown.append("|").append(field.text).append(field.quoted ? "*" : "");
  return shown;
}

TEST_CASE("ingest: unquoted CSV fields are trimmed and quoted ones are not") {
  // Spaces around the quotes are not part of the field.
  CHECK(Show("a, b ,c") == "|a|b|c");
  CHECK(Show("\" a \", \"b\" ,\"\"") == "| a *|b*|*");
  CHECK(Show("a,,") == "|a||");
  CHECK(Show(" ") == "|");
  CHECK(Show("a\t;b;\t", ';') == "|a\t|b|\t");
}

TEST_CASE("ingest: doubled quotes are one quote") {
  // Several fields of it, so that the room for them is shared.
  CHECK(Show("\"a\"\"b\",\"\"\"\"\"\",\"x\"\"\"") == "|a\"b*|\"\"*|x\"*");
  CHECK(Show("5\" pipe,a\"\"b") == "|5\" pipe|a\"\"b");
}

TEST_CASE("ingest: a row with broken quotes says what is wrong") {
  // The parser also meets rows that no splitter has seen, out of quarantine.
  CHECK(Show("\"a") == "a quote is never closed");
  CHECK(Show("\"a\"b,c") == "text after a closing quote");
}

TEST_CASE("ingest: a header's names are trimmed and the first of equal names counts") {
  // A header of nothing is none.
  const auto header = CsvHeader::Parse(" id ,\" name \",id", ',');
  REQUIRE(header.ok());
  CHECK(header->columns == std::vector<std::string>{"id", "name", "id"});
  CHECK(header->Find("id") == 0);
  CHECK(header->Find("name") == 1);
  CHECK_FALSE(header->Find("mail"));
  CHECK_FALSE(CsvHeader::Parse("", ',').ok());
  CHECK_FALSE(CsvHeader::Parse("\"a", ',').ok());
}

TEST_CASE("ingest: the delimiter is the one under which the declared columns are found") {
  // A comma unless something speaks for another.
  const std::vector<std::string> wanted = {"id", "mail"};
  CHECK(DetectDelimiter("id,mail", wanted) == ',');
  CHECK(DetectDelimiter("mail;x;id", wanted) == ';');
  CHECK(DetectDelimiter("x\tmail\tid", wanted) == '\t');
  CHECK(DetectDelimiter("\"id\";\"a, b\"", wanted) == ';');
  CHECK(DetectDelimiter("a;b;c", wanted) == ',');
  CHECK(DetectDelimiter("id", wanted) == ',');
  CHECK(DetectDelimiter("id;x,mail", std::vector<std::string>{"mail"}) == ',');
}

}  // namespace
}  // namespace kintsugi::ingest
