#include "kintsugi/profile.h"

#include <rapidcheck.h>

#include <simdjson.h>

#include "catch.h"
#include "golden/record_codec.h"
#include "golden/value_codec.h"

namespace kintsugi {
namespace {

constexpr uint16_t kCustomerId = 0, kEmail = 1, kWeb = 2, kCrm = 3;

std::shared_ptr<const golden::Names> TheNames() {
  static const auto names =
      std::make_shared<const golden::Names>(std::vector<std::string>{"customer_id", "email", "web", "crm"});
  return names;
}

Time Day(int day) {
  return Time(std::chrono::sys_days{std::chrono::January / 1 / 2026} + std::chrono::days(day));
}

std::string JaneBytes() {
  return golden::EncodeRecord(
      {.first_seen = Day(0),
       .last_seen = Day(59) + std::chrono::hours(10),
       .identifiers =
           {{kCustomerId, "42"}, {kEmail, "j@x.com"}, {kEmail, "jane@example.com"}, {kCrm, "42"}, {kWeb, "\""}},
       .attributes = {{"age", "i33", kWeb, Day(1), Keep::kMax},
                      {"cities", "j[\"Oslo\",\"Rome\"]", kWeb, Day(2), Keep::kAll},
                      {"first_name", "sJane", kCrm, Day(59), Keep::kMostRecent},
                      {"vip", "b1", kCrm, kNeverLast, Keep::kHighestTrust}}});
}

Profile Jane(const std::string& bytes = JaneBytes()) {
  return Profile(ProfileView(*ProfileId::Parse("6f1c0000000000000000000000000001"), bytes, *TheNames()));
}

// A view of a profile that is gone by the next line must not come about unnoticed: `ProfileView v = *engine->Lookup(…)`
// does not compile, nor does asking a temporary for one.
template <typename T>
concept GivesView = requires(T profile) {
  std::forward<T>(profile).view();
};
static_assert(!std::is_base_of_v<ProfileView, Profile>);
static_assert(!std::is_convertible_v<Profile, ProfileView> && !std::is_convertible_v<Profile&, ProfileView>);
static_assert(!std::is_constructible_v<ProfileView, Profile> && !std::is_constructible_v<ProfileView, Profile&>);
static_assert(GivesView<Profile&> && GivesView<const Profile&>);
static_assert(!GivesView<Profile> && !GivesView<const Profile>);
static_assert(std::is_nothrow_move_constructible_v<Profile> && std::is_copy_constructible_v<Profile>);

// The form that docs/cli.md promises, byte for byte: identifiers as stored, attributes by name, unknown times null.
TEST_CASE("A profile's JSON is the contract's", "[golden]") {
  CHECK(Jane().ToJson() ==
        R"({"profile_id":"6f1c0000000000000000000000000001",)"
        R"("identifiers":{"customer_id":["42"],"email":["j@x.com","jane@example.com"],"crm":["42"],"web":["\""]},)"
        R"("attributes":{"age":{"value":33,"source":"web","observed_at":"2026-01-02T00:00:00Z","rule":"MAX"},)"
        R"("cities":{"value":["Oslo","Rome"],"source":"web","observed_at":"2026-01-03T00:00:00Z","rule":"ALL"},)"
        R"("first_name":{"value":"Jane","source":"crm","observed_at":"2026-03-01T00:00:00Z","rule":"MOST_RECENT"},)"
        R"("vip":{"value":true,"source":"crm","observed_at":null,"rule":"HIGHEST_TRUST"}},)"
        R"("first_seen":"2026-01-01T00:00:00Z","last_seen":"2026-03-01T10:00:00Z"})");
}

// A value that was kept because it was said first has the other of the two times that stand for none.
TEST_CASE("An attribute without a time has none, whichever way it was kept", "[golden]") {
  for (const Time none : {kNeverFirst, kNeverLast}) {
    const Profile profile = Jane(golden::EncodeRecord({.attributes = {{"name", "sJane", kCrm, none, Keep::kOldest}}}));
    CHECK(profile.attribute("name")->observed_at == std::nullopt);
  }
}

// Objects and lists are there even if they are empty, so that a reader need not ask.
TEST_CASE("An empty profile's JSON has every key", "[golden]") {
  CHECK(
      Jane(golden::EncodeRecord({})).ToJson() ==
      R"({"profile_id":"6f1c0000000000000000000000000001","identifiers":{},"attributes":{},"first_seen":null,"last_seen":null})");
}

// One attribute with all that is known of it.
TEST_CASE("An attribute comes with its source, time and rule", "[golden]") {
  const Profile jane = Jane();
  const auto name = jane.attribute("first_name");
  REQUIRE(name);
  CHECK(name->value == ValueView(std::string_view("Jane")));
  CHECK(name->source == "crm");
  CHECK(name->observed_at == Day(59));
  CHECK(name->rule == Keep::kMostRecent);
  CHECK(jane.attribute("vip")->value == ValueView(true));
  CHECK_FALSE(jane.attribute("vip")->observed_at);
  CHECK(jane.attribute("cities")->value == ValueView(JsonView{"[\"Oslo\",\"Rome\"]"}));
  CHECK_FALSE(jane.attribute("last_name"));
}

// A profile reads as its view does; what was moved from, as an empty record.
TEST_CASE("A profile and its view read the same", "[golden]") {
  Profile jane = Jane();
  const ProfileView view = jane.view();
  CHECK(jane.id() == view.id());
  CHECK(jane.first_seen() == view.first_seen());
  CHECK(jane.last_seen() == view.last_seen());
  CHECK(jane.attribute("first_name")->value == view.attribute("first_name")->value);
  CHECK(jane.attributes().size() == view.attributes().size());
  CHECK(jane.identifiers() == view.identifiers());
  CHECK(jane.identifier_count() == view.identifier_count());
  CHECK(jane.ToJson() == view.ToJson());

  const Profile moved = std::move(jane);
  CHECK(moved.ToJson() == view.ToJson());  // its bytes are where they were
  CHECK(jane.identifier_count() == 0);
  CHECK_FALSE(jane.attribute("first_name"));
  CHECK(Jane().attribute("first_name")->value == ValueView(std::string_view("Jane")));  // all in one expression
}

// What can be had one by one can be had together.
TEST_CASE("A profile lists its attributes and identifiers in order", "[golden]") {
  const Profile jane = Jane();
  REQUIRE(jane.attributes().size() == 4);
  CHECK(jane.attributes()[1].name == "cities");
  CHECK(jane.identifier_count() == 5);
  REQUIRE(jane.identifiers().size() == 5);
  CHECK(jane.identifiers()[2] == Identifier{"email", "jane@example.com"});
  CHECK(jane.identifiers()[3] == Identifier{"crm", "42"});
  CHECK(jane.first_seen() == Day(0));
}

// Views belong to the profile, not to whoever made it.
TEST_CASE("A profile is whole after a copy and a move", "[golden]") {
  Profile jane = Jane();
  const Profile copy = jane;
  const Profile moved = std::move(jane);
  CHECK(copy.ToJson() == moved.ToJson());
  CHECK(moved.attribute("first_name")->value == ValueView(std::string_view("Jane")));
}

// Damage may cost values, never the host.
TEST_CASE("No bytes crash a Profile", "[golden]") {
  CHECK(rc::check("cut short and flipped", [] {
    std::string bytes = JaneBytes();
    for (int flips = *rc::gen::inRange(0, 6); flips > 0; --flips) {
      bytes[*rc::gen::inRange<size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
    }
    bytes.resize(*rc::gen::element(bytes.size(), *rc::gen::inRange<size_t>(0, bytes.size() + 1)));
    const Profile profile = Jane(bytes);
    profile.attributes();
    profile.identifiers();
    profile.attribute("first_name");
    RC_ASSERT(!profile.ToJson().empty());
  }));
}

// What strings hold is escaped, whatever it is.
TEST_CASE("A profile's JSON is JSON", "[golden]") {
  CHECK(
      rc::check("a parser reads it back", [](const std::string& name, const std::string& text, const std::string& id) {
        const std::string value = golden::EncodeValue(text);
        const Profile profile = Jane(golden::EncodeRecord(
            {.identifiers = {{kEmail, id}}, .attributes = {{name, value, kWeb, Day(1), Keep::kMostRecent}}}));
        simdjson::dom::parser parser;
        const std::string json = profile.ToJson();
        simdjson::dom::element root;
        RC_ASSERT(parser.parse(json).get(root) == simdjson::SUCCESS);
        RC_ASSERT(root["attributes"].get_object().size() == 1u);
        RC_ASSERT(root["identifiers"]["email"].get_array().size() == 1u);
      }));
}

}  // namespace
}  // namespace kintsugi
