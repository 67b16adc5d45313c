#include "format/catalog.h"

#include <rapidcheck.h>

#include <algorithm>

#include "catch.h"

namespace kintsugi::format {
namespace {

Schema SchemaOf(const std::vector<std::string>& namespaces, const std::vector<std::string>& sources) {
  Schema schema;
  for (const std::string& name : namespaces) schema.namespaces.push_back({.name = name});
  for (const std::string& name : sources) schema.sources.push_back({.name = name});
  return schema;
}

Catalog MustCreate(const Schema& schema, std::vector<std::string> stored = {}) {
  auto catalog = Catalog::Create(schema, std::move(stored));
  REQUIRE(catalog.ok());
  return *std::move(catalog);
}

// In a new database the two ways of counting agree: namespaces, then sources.
TEST_CASE("A new database's numbers are its positions", "[format]") {
  const Catalog catalog = MustCreate(SchemaOf({"id", "email"}, {"crm", "web"}));
  CHECK(catalog.names() == std::vector<std::string>{"id", "email", "crm", "web"});
  CHECK(catalog.namespace_count() == 2);
  CHECK(catalog.position_count() == 4);
  for (uint16_t i = 0; i < 4; ++i) CHECK(catalog.number(i) == i);
  CHECK(catalog.source_number(1) == 3);
  CHECK(catalog.name(2) == "crm");
}

// Rows that were stored under a number must go on meaning the same.
TEST_CASE("A changed schema keeps the numbers of old names", "[format]") {
  const Catalog old = MustCreate(SchemaOf({"id", "email"}, {"crm"}));
  const Catalog now = MustCreate(SchemaOf({"email", "phone", "id"}, {"web", "crm"}), old.names());
  CHECK(now.names() == std::vector<std::string>{"id", "email", "crm", "phone", "web"});
  CHECK(now.number(0) == 1);  // email
  CHECK(now.number(1) == 3);  // phone
  CHECK(now.number(2) == 0);  // id
  CHECK(now.source_number(0) == 4);
  CHECK(now.source_number(1) == 2);
}

// A number that nobody declares any more, and one that never was.
TEST_CASE("A number without a name in the schema has no position", "[format]") {
  const Catalog catalog = MustCreate(SchemaOf({"email"}, {"web"}), {"id", "email", "crm"});
  uint16_t position = 99;
  CHECK_FALSE(catalog.Find(0, position));
  CHECK_FALSE(catalog.Find(2, position));
  CHECK_FALSE(catalog.Find(4, position));
  CHECK_FALSE(catalog.Find(65535, position));
  REQUIRE(catalog.Find(1, position));
  CHECK(position == 0);
  REQUIRE(catalog.Find(3, position));
  CHECK(position == 1);
}

// By name: namespaces and sources alike, declared ones only.
TEST_CASE("A declared name is found at its position", "[format]") {
  const Catalog catalog = MustCreate(SchemaOf({"email"}, {"web"}), {"id", "web"});
  uint16_t position = 99;
  REQUIRE(catalog.FindName("web", position));
  CHECK(position == 1);
  CHECK_FALSE(catalog.FindName("id", position));
  CHECK_FALSE(catalog.FindName("", position));
}

// 65,535 stands for a name that is gone.
TEST_CASE("More names than numbers are refused", "[format]") {
  std::vector<std::string> stored;
  for (int i = 0; i < 65534; ++i) stored.push_back("gone-" + std::to_string(i));
  CHECK(MustCreate(SchemaOf({}, {}), stored).names().size() == 65534);
  const auto full = Catalog::Create(SchemaOf({"email"}, {}), stored);
  CHECK(full.status().code() == absl::StatusCode::kResourceExhausted);
}

// Through any number of changes: old numbers stay, positions follow the schema.
TEST_CASE("Numbers never change, whatever the schemas", "[format]") {
  CHECK(rc::check("each schema's catalog goes on from the last", [] {
    std::vector<std::string> stored;
    for (int change = 0; change < 4; ++change) {
      std::vector<std::string> names;
      for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
        if (*rc::gen::arbitrary<bool>()) names.push_back(name);
      }
      if (*rc::gen::arbitrary<bool>()) std::reverse(names.begin(), names.end());
      const auto cut = names.begin() + static_cast<std::ptrdiff_t>(*rc::gen::inRange<size_t>(0, names.size() + 1));
      const auto catalog = Catalog::Create(SchemaOf({names.begin(), cut}, {cut, names.end()}), stored);
      RC_ASSERT(catalog.ok());
      RC_ASSERT(std::equal(stored.begin(), stored.end(), catalog->names().begin()));
      for (uint16_t position = 0; position < names.size(); ++position) {
        uint16_t found = 99;
        RC_ASSERT(catalog->name(position) == names[position]);
        RC_ASSERT(catalog->names()[catalog->number(position)] == names[position]);
        RC_ASSERT(catalog->Find(catalog->number(position), found));
        RC_ASSERT(found == position);
      }
      stored = catalog->names();
    }
  }));
}

}  // namespace
}  // namespace kintsugi::format
