// kintsugi_core, which knows no store, gives the store's bytes.

#include <fmt/format.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <set>
#include <string>

#include "catch.h"
#include "engine_fixture.h"
#include "format/family.h"
#include "store/store.h"

namespace kintsugi::testing {
namespace {

constexpr const char* kSchema = R"(
  namespaces { name: "customer_id" max_per_profile: 1 }
  namespaces { name: "email" max_per_profile: 3 generic_above: 5 }
  namespaces { name: "cookie" }
  sources { name: "web" events { format: NATIVE } }
  golden { attributes { name: "city" keep: MOST_RECENT } attributes { name: "size" keep: MAX } }
)";

// Families that profiles, and who is whose, are kept in.
constexpr std::array kDerived = {format::Family::kIdentifiers, format::Family::kProfiles, format::Family::kEvidence,
                                 format::Family::kTallies,     format::Family::kValues,   format::Family::kSightings,
                                 format::Family::kCrossings};

// Three hundred events of people who share mailboxes and browsers: profiles merge, conflict, one mailbox is
// generic, and of most people much is observed.
std::string Events() {
  std::string lines;
  for (int i = 0; i < 300; ++i) {
    const int person = i * 7 % 40;
    const std::string mailbox = i % 9 == 0 ? "office" : fmt::format("m{}", person % 23);
    lines += fmt::format(
        R"({{"id":"e{}","time":"2026-03-{:02}T10:00:00Z","name":"View","identifiers":{{"customer_id":["c{}"],"email":["{}"],"cookie":["k{}"]}},"traits":{{"city":"town {}","size":{},"note":"{:x>600}"}}}})"
        "\n",
        i, 1 + i % 28, person, mailbox, i % 31, i % 5, i, i);
  }
  return lines;
}

std::string Hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return out;
}

std::set<std::string> LinesOf(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  std::array<char, 4096> buffer;
  for (size_t n; (n = fread(buffer.data(), 1, buffer.size(), pipe.get())) > 0;) text.append(buffer.data(), n);
  std::set<std::string> lines;
  for (size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1)
    lines.insert(text.substr(begin, end - begin));
  return lines;
}

}  // namespace

TEST_CASE("what is resolved from memory alone, without RocksDB, has the bytes of what the store holds", "[core]") {
  TemporaryDirectory directory;
  std::ofstream(directory / "schema") << kSchema;
  std::ofstream(directory / "events") << Events();
  Database database(*Schema::Parse(kSchema));
  IngestReport report;
  REQUIRE(database->IngestFile({.source = "web", .path = directory / "events"}, report).ok());
  REQUIRE(report.accepted == 300);
  database.Close();

  const auto store = store::Store::Open({.read_only = true}, database.path(), format::kFormat);
  REQUIRE(store.ok());
  std::set<std::string> stored;
  for (const format::Family family : kDerived) {
    size_t rows = 0;
    REQUIRE((*store)
                ->Scan(family, "",
                       [&](std::string_view key, std::string_view row) {
                         stored.insert(fmt::format("{} {} {}", static_cast<size_t>(family), Hex(key), Hex(row)));
                         ++rows;
                         return true;
                       })
                .ok());
    CHECK(rows > 20);
  }
  std::set<std::string> resolved;
  for (const std::string& line :
       LinesOf(fmt::format("{} {} web {}", KINTSUGI_CORE_ROWS, directory / "schema", directory / "events"))) {
    // Which of several limits is kept at a generic identifier depends on history: `hubs` is compared by verify.
    const auto family = static_cast<format::Family>(std::stoi(line));
    if (std::find(kDerived.begin(), kDerived.end(), family) != kDerived.end()) resolved.insert(line);
  }
  CHECK(resolved == stored);
}

}  // namespace kintsugi::testing
