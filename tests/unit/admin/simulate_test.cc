// Simulation: what another schema would make of the evidence; nothing changes.

#include <filesystem>

#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

Identifier Customer(int i) {
  return {"customer_id", std::to_string(i)};
}
const Identifier kPhone{"device", "phone"};

// Two customers of one device.
Evidence TwoCustomers() {
  return {Row("1", {Customer(1), {"email", "jane@example.com"}}, 1, {{"first_name", std::string("Jane")}}),
          Row("2", {Customer(2)}, 2), Seen("m-1", {Customer(1), kPhone}, 3), Seen("m-2", {Customer(2), kPhone}, 4),
          Seen("m-3", {{"email", "jane@example.com"}}, 9, {{"first_name", std::string("Joan")}})};
}

Schema Loose() {
  Schema schema = Shop();
  schema.namespaces[0].max_per_profile = 0;
  return schema;
}

Difference Simulated(const Database& database, const Schema& schema) {
  const auto state = StateOf(database);
  auto difference = database->Simulate(schema);
  REQUIRE(difference.ok());
  CHECK(StateOf(database) == state);
  CHECK(Faults(database) == kNone);
  CHECK_FALSE(std::filesystem::exists(database.path() + ".migrating"));
  return *std::move(difference);
}

}  // namespace

TEST_CASE("the same schema makes no difference", "[simulate]") {
  Database database(Shop());
  Take(database, TwoCustomers());
  const Difference same = Simulated(database, Shop());
  CHECK(same.profiles_before == 2);
  CHECK(same.profiles_after == 2);
  CHECK(same.identifiers_before == 6);
  CHECK(same.identifiers_after == 6);
  CHECK(same.merged + same.split + same.moved + same.added + same.gone + same.refused_rows + same.changed_attributes ==
        0);
}

TEST_CASE("a limit that is lifted merges, and the same limit taken up again splits", "[simulate]") {
  Database database(Shop());
  Take(database, TwoCustomers());
  const Difference there = Simulated(database, Loose());
  CHECK(there.profiles_after == 1);
  CHECK(there.merged == 1);
  CHECK(there.split == 0);
  // The device is Customer 2's; the three of Customer 1 and the three of Customer 2 are equally many.
  CHECK(there.moved == 3);
  REQUIRE(there.merges.size() == 1);
  CHECK(there.merges[0].identifiers == 6);

  Database loose(Loose());
  Take(loose, TwoCustomers());
  const Difference back = Simulated(loose, Shop());
  CHECK(back.profiles_before == 1);
  CHECK(back.profiles_after == 2);
  CHECK(back.split == 1);
  CHECK(back.merged == 0);
  CHECK(back.moved == 3);
}

TEST_CASE("rows that the other schema refuses are counted, and what they said is gone", "[simulate]") {
  Database database(Loose());
  Take(database, TwoCustomers());
  Take(database, {Seen("both", {Customer(1), Customer(2), {"device", "only"}}, 5)});
  const Difference difference = Simulated(database, Shop());
  CHECK(difference.refused_rows == 1);
  CHECK(difference.gone == 1);
  CHECK(difference.added == 0);
}

TEST_CASE("other survivorship changes attributes and nobody's company, under another id key too", "[simulate]") {
  Schema oldest = Shop();
  oldest.golden.attributes[0].keep = Keep::kOldest;
  Database database(Shop());
  Take(database, TwoCustomers());
  const Difference difference = Simulated(database, oldest);
  CHECK(difference.changed_attributes == 1);
  CHECK(difference.merged + difference.split + difference.moved + difference.added + difference.gone == 0);

  oldest.identity.profile_id_key = "00112233445566778899aabbccddeeff";
  CHECK(Simulated(database, oldest).changed_attributes == 1);
  Schema key = Shop();
  key.identity.profile_id_key = oldest.identity.profile_id_key;
  CHECK(Simulated(database, key).changed_attributes == 0);
}

TEST_CASE("a namespace that is left out is gone, with those who had nothing else", "[simulate]") {
  Database database(Shop());
  Take(database, TwoCustomers());
  Take(database, {Seen("m-9", {{"device", "alone"}}, 5)});
  Schema schema = Shop();
  schema.namespaces.pop_back();
  const Difference difference = Simulated(database, schema);
  CHECK(difference.gone == 2);
  CHECK(difference.refused_rows == 1);
  CHECK(difference.profiles_after == 2);
}

TEST_CASE("a schema without a source that brought evidence, or a name of another kind, is refused", "[simulate]") {
  Database database(Shop());
  Take(database, TwoCustomers());
  Schema schema = Shop();
  schema.sources.erase(schema.sources.begin() + 2);  // app
  const auto without = database->Simulate(schema).status();
  CHECK(absl::IsInvalidArgument(without));
  CHECK(Contains(std::string(without.message()), "`app`"));
  schema = Shop();
  schema.sources.erase(schema.sources.begin() + 1);  // list: nothing of it
  CHECK(database->Simulate(schema).ok());
  schema = Shop();
  schema.sources[1].name = "device2";
  schema.namespaces[2].name = "list";
  CHECK(absl::IsInvalidArgument(database->Simulate(schema).status()));
  CHECK(absl::IsInvalidArgument(database->Simulate(Schema()).status()));
}

TEST_CASE("a schema without the namespace of an assertion that stands is refused, as a migration would be",
          "[simulate]") {
  Database database(Shop());
  Take(database, TwoCustomers());
  const auto id = *database->Assert(
      {.kind = Assertion::Kind::kNever, .a = kPhone, .b = Customer(1), .by = "ann", .because = "hers"});
  Schema schema = Shop();
  schema.namespaces.pop_back();
  const auto refused = database->Simulate(schema).status();
  CHECK(absl::IsInvalidArgument(refused));
  CHECK(Contains(std::string(refused.message()), id));
  REQUIRE(database->Retract({.id = id, .by = "ann", .because = "no"}).ok());
  CHECK(database->Simulate(schema).ok());
}

}  // namespace kintsugi::testing
