// Tables in memory are hashed under a secret that differs from process to process. None of it shows.

#include <random>

#include "base/table_hash.h"
#include "store/store.h"
#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

// Everything that is stored, after evidence of all kinds, under one secret.
std::vector<std::string> RowsUnder(const HashKey& secret) {
  TableHash::SetKeyForTesting(secret);
  Database database(*Schema::Parse(R"(
    namespaces { name: "customer_id" max_per_profile: 1 }
    namespaces { name: "email" max_per_profile: 3 generic_above: 3 }
    namespaces { name: "device" }
    sources { name: "crm" table { key: "id" updated_at: "at" identifiers { field: "c" namespace: "customer_id" } identifiers { field: "m" namespace: "email" } attributes { field: "first" name: "first_name" } } }
    sources { name: "app" events { format: NATIVE } }
  )"),
                    1 << 20, [] { return At(500); });
  std::mt19937 random(7);
  const auto one_of = [&](const char* ns, uint32_t of) { return Identifier{ns, std::to_string(random() % of)}; };
  for (int group = 0; group < 20; ++group) {
    std::vector<Event> events;
    std::vector<Record> records;
    for (int i = 0; i < 30; ++i) {
      const std::string id = std::to_string(group) + "-" + std::to_string(i);
      const int day = static_cast<int>(random() % 300);
      events.push_back(Seen(id, {one_of("customer_id", 40), one_of("email", 20), one_of("device", 100)}, day,
                            {{"first_name", std::string("n") + std::to_string(random() % 5)}}));
      records.push_back(Row(std::to_string(random() % 60), {one_of("customer_id", 40), one_of("email", 20)}, day));
    }
    events.push_back(Seen("refused", {{"customer_id", "1"}, {"customer_id", "2"}}, group));
    REQUIRE(database->Ingest(std::span<const Event>(events)).ok());
    REQUIRE(database->Ingest(std::span<const Record>(records)).ok());
    REQUIRE(database
                ->Assert({.kind = group % 2 == 0 ? Assertion::Kind::kSame : Assertion::Kind::kNever,
                          .a = {"device", std::to_string(group)},
                          .b = {"customer_id", std::to_string(group)},
                          .by = "jane",
                          .because = "she knows"})
                .ok());
    const std::vector<std::string> ids = {events[0].id, events[9].id, events[17].id};
    REQUIRE(database->WithdrawEvents("app", ids).ok());
  }
  std::vector<std::string> rows = StateOf(database);
  database.Close();
  auto store = store::Store::Open({}, database.path(), format::kFormat);
  REQUIRE(store.ok());
  for (size_t family = 0; family < format::kFamilyCount; ++family) {
    const auto status =
        (*store)->Scan(static_cast<format::Family>(family), "", [&](std::string_view key, std::string_view value) {
          rows.push_back(std::to_string(family) + " " + std::string(key) + " " + std::string(value));
          return true;
        });
    REQUIRE(status.ok());
  }
  return rows;
}

}  // namespace

TEST_CASE("two processes with different secrets store the same bytes", "[order]") {
  const std::vector<std::string> rows = RowsUnder({1});
  CHECK(rows.size() > 2000);
  CHECK(rows == RowsUnder({2}));
  CHECK(rows == RowsUnder({3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3}));
}

}  // namespace kintsugi::testing
