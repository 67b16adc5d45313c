// An event of someone who was seen like that before writes what it says, and not the person.

#include <set>

#include "unit/write/groups.h"

namespace kintsugi::testing {
namespace {

using format::Family;

const Identifier kAnn{"customer_id", "ann"};
const Identifier kBob{"customer_id", "bob"};
const Identifier kMail{"email", "a@example.com"};
const Identifier kPhone{"device", "phone"};

Event WithTrait(Event event, const Value& value) {
  event.traits = {{"first_name", value}};
  return event;
}

// What every event that is new writes.
std::set<Family> EventAnd(std::set<Family> families) {
  families.insert({Family::kMeta, Family::kEvents, Family::kMessages, Family::kSightings});
  return families;
}

}  // namespace

TEST_CASE("someone who is seen again is not loaded, and nothing is written of who they are", "[seen_again]") {
  Groups groups;
  groups.Take(Seen("one", {kAnn, kMail}, 5));
  CHECK(groups.written() == EventAnd({Family::kIdentifiers, Family::kEvidence, Family::kProfiles}));
  groups.Take(Seen("two", {kAnn, kMail}, 7));
  CHECK(groups.written() == EventAnd({Family::kProfiles}));
  CHECK(groups.profiles_loaded() == 0);
}

TEST_CASE("an event that changes nothing of the golden record does not write it", "[seen_again]") {
  Groups groups;
  groups.Take(WithTrait(Seen("one", {kAnn, kMail}, 5), std::string("Ann")));
  groups.Take(WithTrait(Seen("two", {kAnn, kMail}, 9), std::string("Anna")));
  // In between, and of a value that did not survive.
  const size_t marked = groups.Take(WithTrait(Seen("three", {kAnn, kMail}, 6), std::string("Ann")));
  CHECK(groups.written() == EventAnd({Family::kTallies}));
  CHECK(marked == 0);
  CHECK(groups.profiles_loaded() == 0);
}

TEST_CASE("a person is loaded where an event may change who is who, or more has to be known", "[seen_again]") {
  Groups groups;
  groups.Take(Seen("one", {kAnn, kMail}, 5));
  SECTION("seen together for the first time") {
    groups.Take(Seen("two", {kAnn, kPhone}, 7));
  }
  SECTION("seen earlier than ever") {
    groups.Take(Seen("two", {kAnn, kMail}, 3));
  }
  SECTION("something is observed for the first time") {
    groups.Take(WithTrait(Seen("two", {kAnn, kMail}, 7), std::string("Ann")));
  }
  SECTION("a null is") {
    groups.Take(WithTrait(Seen("two", {kAnn, kMail}, 7), std::string("Ann")));
    groups.Take(WithTrait(Seen("three", {kAnn, kMail}, 8), Null()));
  }
  SECTION("in conflict") {
    groups.Take(Seen("two", {kBob, kMail}, 7));
    groups.Take(Seen("three", {kAnn, kMail}, 8));
  }
  SECTION("something is asserted") {
    groups.Assert({.kind = Assertion::Kind::kNever, .a = kAnn, .b = kPhone, .by = "jane", .because = "."});
    groups.Take(Seen("two", {kAnn, kMail}, 8));
  }
  CHECK(groups.profiles_loaded() > 0);
}

}  // namespace kintsugi::testing
