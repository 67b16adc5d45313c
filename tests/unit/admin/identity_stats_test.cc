// Identity statistics: what is worth a look, largest first.

#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

Identifier Customer(int i) {
  return {"customer_id", std::to_string(i)};
}
Identifier Device(const std::string& name) {
  return {"device", name};
}

Schema KioskShop() {
  Schema schema = Shop();
  schema.namespaces[2].generic_above = 2;
  return schema;
}

IdentityStats StatsOf(const Database& database, size_t most = 10) {
  auto stats = database->GetIdentityStats(most);
  REQUIRE(stats.ok());
  return *std::move(stats);
}

}  // namespace

TEST_CASE("an empty database has nothing worth a look", "[stats]") {
  Database database(Shop());
  const IdentityStats stats = StatsOf(database);
  CHECK(stats.largest_profiles.empty());
  CHECK(stats.conflicts.empty());
  CHECK(stats.generic.empty());
  CHECK(stats.profile_sizes.empty());
  CHECK(stats.conflict_count + stats.generic_count == 0);
}

TEST_CASE("profiles are counted by size, and the largest are told by their strongest identifier", "[stats]") {
  Database database(Shop());
  // Profiles of 1, 2, 3, 4 and 5 identifiers.
  for (int size = 1; size <= 5; ++size) {
    std::vector<Identifier> identifiers;
    for (int i = 0; i < size; ++i) identifiers.push_back(Device(std::to_string(size) + "-" + std::to_string(i)));
    Take(database, {Seen("m-" + std::to_string(size), identifiers, size)});
  }
  const IdentityStats stats = StatsOf(database);
  CHECK(stats.profile_sizes == std::map<uint64_t, uint64_t>{{1, 1}, {2, 1}, {4, 2}, {8, 1}});
  REQUIRE(stats.largest_profiles.size() == 5);
  for (size_t i = 0; i < 5; ++i) CHECK(stats.largest_profiles[i].identifiers == 5 - i);
  CHECK(stats.largest_profiles[0].example == Device("5-0"));
  CHECK(stats.largest_profiles[0].id == HolderOf(database, Device("5-0")));
  const IdentityStats two = StatsOf(database, 2);
  CHECK(two.largest_profiles.size() == 2);
  CHECK(two.profile_sizes == stats.profile_sizes);
  CHECK(StatsOf(database, 0).largest_profiles.empty());
}

TEST_CASE("a component with refused links is one conflict, told by the identifier with most of them", "[stats]") {
  Database database(Shop());
  // Three customers of one device: two of its links are refused.
  for (int i = 1; i <= 3; ++i) Take(database, {Seen("m-" + std::to_string(i), {Customer(i), Device("shared")}, i)});
  Take(database, {Seen("m-4", {Customer(8), Device("two")}, 1), Seen("m-5", {Customer(9), Device("two")}, 2),
                  Seen("m-6", {Device("calm"), {"email", "calm@example.com"}}, 1)});
  IdentityStats stats = StatsOf(database);
  CHECK(stats.conflict_count == 2);
  REQUIRE(stats.conflicts.size() == 2);
  CHECK(stats.conflicts[0].refused_links == 2);
  CHECK(stats.conflicts[0].profiles == 3);
  CHECK(stats.conflicts[0].identifiers == 4);
  CHECK(stats.conflicts[0].example == Device("shared"));
  CHECK(stats.conflicts[1].refused_links == 1);
  CHECK(stats.refused_links == std::map<std::string, uint64_t>{{"max_per_profile: customer_id", 3}});
  stats = StatsOf(database, 1);
  CHECK(stats.conflict_count == 2);
  CHECK(stats.conflicts.size() == 1);
}

TEST_CASE("links that a never or the size of profiles refuses are told by their reason", "[stats]") {
  Schema schema = Shop();
  schema.identity.max_identifiers = 3;
  Database database(schema);
  Take(database, {Seen("m-1", {Device("a"), Device("b")}, 1)});
  REQUIRE(
      database->Assert({.kind = Assertion::Kind::kNever, .a = Device("a"), .b = Device("b"), .by = "a", .because = "b"})
          .ok());
  Take(database, {Seen("m-2", {Device("c"), Device("d")}, 2), Seen("m-3", {Device("e"), Device("d")}, 3),
                  Seen("m-4", {Device("e"), Device("f")}, 1)});
  const IdentityStats stats = StatsOf(database);
  CHECK(stats.refused_links == std::map<std::string, uint64_t>{{"never", 1}, {"max_identifiers", 1}});
  CHECK(stats.conflict_count == 2);
}

TEST_CASE("every generic identifier is told once, with the namespace that it has most of", "[stats]") {
  Database database(KioskShop());
  for (int i = 0; i < 5; ++i) {
    Take(database, {Seen("k-" + std::to_string(i), {Customer(i), Device("kiosk")}, i)});
    Take(database,
         {Seen("t-" + std::to_string(i), {{"email", std::to_string(i % 3) + "@example.com"}, Device("till")}, i)});
  }
  // It has a profile with others, too.
  Take(database, {Seen("beside", {Device("till"), Device("zebra")}, 9)});
  const IdentityStats stats = StatsOf(database);
  CHECK(stats.generic_count == 2);
  REQUIRE(stats.generic.size() == 2);
  CHECK(stats.generic[0].identifier == Device("kiosk"));
  CHECK(stats.generic[0].links == 5);
  CHECK(stats.generic[0].ns == "customer_id");
  CHECK(stats.generic[1].identifier == Device("till"));
  CHECK(stats.generic[1].links == 3);
  CHECK(stats.generic[1].ns == "email");
  CHECK(stats.conflict_count == 0);
  CHECK(StatsOf(database, 1).generic.size() == 1);
}

TEST_CASE("refused identifiers are the sum over all sources", "[stats]") {
  Database database(Shop());
  Take(database, {Seen("m-1", {Device("a"), {"email", "nonsense"}}, 1), Row("1", {{"email", "more nonsense"}}, 1),
                  Row("2", {{"email", "noreply@example.com"}}, 1)});
  CHECK(StatsOf(database).refused_identifiers ==
        std::map<std::string, uint64_t>{{"email: blocked", 1}, {"email: malformed", 2}});
}

}  // namespace kintsugi::testing
