// What looking back costs: the evidence of the person, and not of all who used the same kiosk.

#include "admin/closure.h"

#include "admin/database.h"
#include "graph/memory_rows.h"
#include "store/stored_evidence.h"
#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

// Counts what is read.
class CountingRows : public graph::EvidenceSource {
 public:
  explicit CountingRows(const store::Store& store) : rows_(store) {}

  size_t count() const { return count_; }

  absl::StatusOr<std::optional<std::string>> Get(format::Family family, std::string_view key) const override {
    ++count_;
    return rows_.Get(family, key);
  }
  absl::StatusOr<std::vector<std::optional<std::string>>> GetMany(format::Family family,
                                                                  const std::vector<std::string>& keys) const override {
    count_ += keys.size();
    return rows_.GetMany(family, keys);
  }
  absl::Status ScanFrom(format::Family family, std::string_view prefix, std::string_view begin,
                        const Visit& visit) const override {
    return rows_.ScanFrom(family, prefix, begin, [&](std::string_view key, std::string_view row) {
      ++count_;
      return visit(key, row);
    });
  }
  absl::Status ScanBack(format::Family family, std::string_view prefix, std::string_view end,
                        const Visit& visit) const override {
    return rows_.ScanBack(family, prefix, end, visit);
  }

 private:
  const store::StoredEvidence rows_;
  mutable size_t count_ = 0;
};

Schema Kiosks() {
  Schema schema = Shop();
  schema.namespaces[2].generic_above = 10;
  return schema;
}

const Identifier kKiosk{"device", "kiosk"};

Identifier Customer(int i) {
  return {"customer_id", std::to_string(i)};
}

struct Cost {
  size_t rows = 0;
  size_t events = 0;
};

// Of whoever is reached from an identifier as of a day.
Cost CostOf(const std::string& path, const Identifier& identifier, int day) {
  const auto opened = admin::OpenDatabase({.create_if_missing = false}, path);
  REQUIRE(opened.ok());
  const CountingRows rows(*opened->store);
  const auto decisions = admin::Decisions::Read(*opened->context, rows);
  REQUIRE(decisions.ok());
  admin::Closure closure(*opened->context, rows, *decisions, At(day), At(day));
  const auto node = opened->context->Normalize(identifier.ns, identifier.value);
  REQUIRE(closure.Reach({&*node, 1}).ok());
  graph::MemoryRows evidence;
  REQUIRE(closure.CopyEvidence(evidence).ok());
  return {rows.count(), evidence.of(format::Family::kEvents).size()};
}

}  // namespace

TEST_CASE("a kiosk that all customers used does not lead from one to the others", "[as-of]") {
  Database database(Kiosks());
  std::vector<Event> events;
  for (int i = 0; i < 2000; ++i) events.push_back(Seen("m" + std::to_string(i), {Customer(i), kKiosk}, 1 + i % 5));
  REQUIRE(database->Ingest(events).ok());
  // It did, until there were so many of them.
  CHECK(database->LookupAsOf(Customer(0), At(1))->identifier_count() == 1);
  CHECK(database->LookupAsOf(kKiosk, At(9))->identifier_count() == 1);
  database.Close();
  const Cost cost = CostOf(database.path(), Customer(7), 9);
  CHECK(cost.events == 1);
  CHECK(cost.rows < 100);
  database.Reopen();
}

TEST_CASE("a kiosk leads from one to another while few have used it", "[as-of]") {
  Database database(Kiosks());
  for (int i = 0; i < 40; ++i) REQUIRE(database->Ingest(Seen("m" + std::to_string(i), {Customer(i), kKiosk}, i)).ok());
  CHECK(database->LookupAsOf(Customer(5), At(5))->identifier_count() == 2);  // who used it last has it
  CHECK(database->LookupAsOf(Customer(4), At(5))->identifier_count() == 1);
  CHECK(database->LookupAsOf(Customer(5), At(10))->identifier_count() == 1);
  CHECK(database->LookupAsOf(kKiosk, At(9))->identifier_count() == 2);
  CHECK(database->LookupAsOf(kKiosk, At(10))->identifier_count() == 1);
}

TEST_CASE("what came after the time is not read", "[as-of]") {
  Database database(Shop());
  std::vector<Event> events;
  for (int i = 0; i < 1000; ++i) events.push_back(Seen("m" + std::to_string(i), {Customer(1), {"device", "d"}}, i));
  REQUIRE(database->Ingest(events).ok());
  database.Close();
  CHECK(CostOf(database.path(), Customer(1), 2).events == 3);
  CHECK(CostOf(database.path(), Customer(1), 2).rows < 20);
  database.Reopen();
}

}  // namespace kintsugi::testing
