// Looking up many at once, what nobody has, and raw values.

#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

std::string NameOf(const std::optional<Profile>& profile) {
  if (!profile) return "nobody";
  const auto name = profile->attribute("first_name");
  return name ? std::string(std::get<std::string_view>(name->value)) : "nameless";
}

std::string NameOf(const absl::StatusOr<Profile>& profile) {
  if (profile.ok()) return NameOf(std::optional(*profile));
  return absl::IsNotFound(profile.status()) ? "nobody" : profile.status().ToString();
}

std::vector<std::string> NamesOf(const Database& database, const std::vector<Identifier>& identifiers) {
  const auto profiles = database->LookupMany(identifiers);
  if (!profiles.ok()) return {profiles.status().ToString()};
  std::vector<std::string> names;
  for (const auto& profile : *profiles) names.push_back(NameOf(profile));
  return names;
}

}  // namespace

TEST_CASE("many are looked up in their order, whether they are in memory or not", "[lookup]") {
  Database database(Shop());
  Take(database, {Seen("1", {{"device", "d-1"}, {"email", "jane@x.com"}}, 1, {{"first_name", std::string("Jane")}}),
                  Seen("2", {{"device", "d-2"}}, 1, {{"first_name", std::string("John")}}),
                  Row("42", {{"customer_id", "c"}}, 1, {{"first_name", std::string("Joan")}})});
  const std::vector<Identifier> asked = {{"device", "d-2"}, {"email", " JANE@x.com "}, {"device", "d-9"},
                                         {"crm", "42"},     {"device", "d-1"},         {"email", "not an address"},
                                         {"device", "d-2"}};
  const std::vector<std::string> names = {"John", "Jane", "nobody", "Joan", "Jane", "nobody", "John"};
  CHECK(NamesOf(database, asked) == names);
  CHECK(NamesOf(database, asked) == names);  // now from memory
  database.Reopen();
  CHECK(NameOf(database->Lookup("device", "d-1")) == "Jane");
  CHECK(NamesOf(database, asked) == names);  // one of them is
  CHECK(NamesOf(database, {}).empty());
  CHECK(absl::IsInvalidArgument(database->LookupMany(std::vector<Identifier>{{"shoe", "44"}}).status()));
}

TEST_CASE("what nobody had is found as soon as somebody has it, under every spelling that was asked for", "[lookup]") {
  Database database(Shop());
  const std::vector<Identifier> spellings = {
      {"email", "jane@x.com"}, {"email", " Jane@X.com"}, {"email", "JANE@x.com"}};
  for (int round = 0; round < 2; ++round) {
    for (const Identifier& one : spellings) CHECK(absl::IsNotFound(database->Lookup(one).status()));
  }
  Take(database, {Seen("1", {{"email", "jAne@x.com"}}, 1, {{"first_name", std::string("Jane")}})});
  for (const Identifier& one : spellings) CHECK(NameOf(database->Lookup(one)) == "Jane");
  CHECK(database->WithdrawEvents("app", std::vector<std::string>{"1"}).ok());
  for (const Identifier& one : spellings) CHECK(NameOf(database->Lookup(one)) == "nobody");
}

TEST_CASE("an identifier that moves to another profile is looked up where it is", "[lookup]") {
  Database database(Shop());
  const auto name = [](const char* text) { return std::vector<NamedValue>{{"first_name", std::string(text)}}; };
  Take(database, {Seen("1", {{"customer_id", "1"}, {"device", "d"}}, 1, name("Jane")),
                  Seen("2", {{"customer_id", "2"}}, 1, name("John"))});
  CHECK(NameOf(database->Lookup("device", "d")) == "Jane");
  CHECK(NameOf(database->Lookup("customer_id", "2")) == "John");
  Take(database, {Seen("3", {{"customer_id", "2"}, {"device", "d"}}, 2)});
  CHECK(NameOf(database->Lookup("device", "d")) == "John");
  CHECK(NameOf(database->Lookup("customer_id", "1")) == "Jane");
}

TEST_CASE("a profile found by its id is the newest, and a former id goes on leading to its anchor", "[lookup]") {
  Database database(Shop());
  Take(database, {Seen("1", {{"device", "d-1"}}, 1), Seen("2", {{"device", "d-2"}}, 2)});
  const ProfileId first = database->Lookup("device", "d-1")->id();
  const ProfileId second = database->Lookup("device", "d-2")->id();
  CHECK(database->Lookup(second)->identifier_count() == 1);
  Take(database, {Seen("3", {{"device", "d-1"}, {"device", "d-2"}}, 3)});
  CHECK(database->Lookup(first)->identifier_count() == 2);
  CHECK(database->Lookup(second)->id() == first);
  Take(database, {Seen("4", {{"device", "d-2"}, {"device", "d-3"}}, 4)});
  CHECK(database->Lookup(second)->identifier_count() == 3);
  CHECK(database->Lookup(first)->identifier_count() == 3);
}

TEST_CASE("a profile outlives its engine, and what it was moved from is empty", "[lookup]") {
  std::optional<Database> database(Shop());
  Take(*database, {Seen("1", {{"device", "d"}}, 1, {{"first_name", std::string("Jane")}})});
  Profile profile = *(*database)->Lookup("device", "d");
  database.reset();
  const Profile copy = profile;
  Profile moved = std::move(profile);
  CHECK(moved.ToJson() == copy.ToJson());
  CHECK(std::get<std::string_view>(moved.attribute("first_name")->value) == "Jane");
  CHECK_FALSE(profile.attribute("first_name"));
  CHECK(profile.identifiers().empty());
  profile = std::move(moved);
  CHECK(profile.ToJson() == copy.ToJson());
  CHECK(moved.attributes().empty());
}

}  // namespace kintsugi::testing
