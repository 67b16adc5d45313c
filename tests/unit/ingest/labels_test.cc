// Files of labels: what is read, and how one that is wrong is told.

#include <fstream>

#include "catch.h"
#include "engine_fixture.h"
#include "kintsugi/as_of.h"

namespace kintsugi::testing {
namespace {

class File {
 public:
  explicit File(const std::string& content) { std::ofstream(path(), std::ios::binary) << content; }
  std::string path() const { return directory_ / "labels.csv"; }

 private:
  TemporaryDirectory directory_;
};

std::string WhyNot(const std::string& content) {
  const File file(content);
  const auto labels = LoadLabels(file.path());
  REQUIRE(absl::IsInvalidArgument(labels.status()));
  const std::string message(labels.status().message());
  REQUIRE(message.starts_with(file.path()));
  return message.substr(file.path().size());
}

}  // namespace

TEST_CASE("a label has an identifier, a time and all of its fields, in whatever order the columns are", "[labels]") {
  const File file(
      "churned,time,identifier,note\n1,2026-01-15,email:a@x.com,\"a, b\"\n\n,2026-01-15T10:00:00Z,crm:1,\"\"\n");
  const auto labels = LoadLabels(file.path());
  REQUIRE(labels.ok());
  CHECK(labels->columns == std::vector<std::string>{"churned", "time", "identifier", "note"});
  REQUIRE(labels->rows.size() == 2);
  CHECK(labels->rows[0].at.identifier == Identifier{"email", "a@x.com"});
  CHECK(FormatTime(labels->rows[0].at.time) == "2026-01-15T00:00:00Z");
  CHECK(labels->rows[0].fields[3] == "a, b");
  CHECK_FALSE(labels->rows[1].fields[0].has_value());
  CHECK(labels->rows[1].fields[3] == "");
  CHECK(labels->rows[1].line == 4);
}

TEST_CASE("what is no file of labels is told with its line", "[labels]") {
  CHECK(WhyNot("").starts_with(":1: the file is empty"));
  CHECK(WhyNot("id,time\n").starts_with(":1: the header needs the columns `identifier` and `time`"));
  CHECK(WhyNot("identifier,note,time,note\n").starts_with(":1: the header names the column `note` twice"));
  CHECK(WhyNot("identifier,time, time\n").starts_with(":1: the header names the column `time` twice"));
  CHECK(WhyNot("identifier,time,,\"\"\n").starts_with(":1: two columns of the header have no name"));
  CHECK(WhyNot("identifier,time\na@x.com,2026-01-15\n").starts_with(":2: the identifier is not of the form"));
  CHECK(WhyNot("identifier,time\nemail:a,2026-01-15\nemail:a,soon\n").starts_with(":3: `soon` is not a time"));
  CHECK(WhyNot("identifier,time\nemail:a,0000-01-01\n").starts_with(":2: `0000-01-01` is not a time"));
  CHECK(WhyNot("identifier,time\nemail:a,2026-01-15,1\n").starts_with(":2: the row has another number of fields"));
  CHECK(WhyNot("identifier,time\n\"email:a\"x,2026-01-15\n").starts_with(":2: "));
  CHECK(absl::IsNotFound(LoadLabels("/nowhere/labels.csv").status()));
}

}  // namespace kintsugi::testing
