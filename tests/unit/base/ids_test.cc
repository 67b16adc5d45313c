#include "kintsugi/ids.h"

#include <rapidcheck.h>

#include "catch.h"

namespace kintsugi {
namespace {

// The first colon ends the namespace, so a value may hold colons, and may be empty.
TEST_CASE("An identifier's text is cut at the first colon", "[base]") {
  CHECK(Identifier{"email", "jane@example.com"}.ToString() == "email:jane@example.com");
  CHECK(Identifier::Parse("wifi_mac:00:1b:44") == Identifier{"wifi_mac", "00:1b:44"});
  CHECK(Identifier::Parse("email:") == Identifier{"email", ""});
}

// What reads identifiers takes views, and whoever keeps one copies it.
TEST_CASE("An identifier reads as a view of itself, and a view makes a copy that is its own", "[base]") {
  Identifier jane{"email", "jane@example.com"};
  const IdentifierView view = jane;
  CHECK(view.value.data() == jane.value.data());
  CHECK(view == jane);
  CHECK(view.ToString() == "email:jane@example.com");
  CHECK(IdentifierView{"cookie", "z"} < view);
  const Identifier copy = ToIdentifier(view);
  jane.value = "joe@example.com";
  CHECK(copy == IdentifierView{"email", "jane@example.com"});
}

// A text without a namespace names no identifier.
TEST_CASE("A text without a namespace is no identifier", "[base]") {
  CHECK_FALSE(Identifier::Parse(""));
  CHECK_FALSE(Identifier::Parse("jane@example.com"));
  CHECK_FALSE(Identifier::Parse(":jane"));
}

// Ids are printed in one form and read in both cases.
TEST_CASE("A profile id is 32 lower-case hex digits", "[base]") {
  const std::string hex = "00ff10a9b8c7d6e5f4012345678abcde";
  const auto id = ProfileId::Parse(hex);
  REQUIRE(id);
  CHECK(id->bytes[1] == 0xff);
  CHECK(id->ToString() == hex);
  CHECK(ProfileId::Parse("00FF10A9B8C7D6E5F4012345678ABCDE") == id);
}

// Whatever is not exactly 32 hex digits is no id.
TEST_CASE("A profile id is refused in any other form", "[base]") {
  CHECK_FALSE(ProfileId::Parse(""));
  CHECK_FALSE(ProfileId::Parse("00ff10a9b8c7d6e5f4012345678abcd"));
  CHECK_FALSE(ProfileId::Parse("00ff10a9b8c7d6e5f4012345678abcdef"));
  CHECK_FALSE(ProfileId::Parse("00ff10a9b8c7d6e5f4012345678abcdg"));
  CHECK_FALSE(ProfileId::Parse("0x0f10a9b8c7d6e5f4012345678abcde"));
}

// Text and id are two forms of the same thing.
TEST_CASE("A profile id survives its text", "[base]") {
  CHECK(rc::check("Parse(ToString(id)) == id", [](const std::array<uint8_t, 16>& bytes) {
    const ProfileId id{bytes};
    RC_ASSERT(ProfileId::Parse(id.ToString()) == id);
  }));
}

}  // namespace
}  // namespace kintsugi
