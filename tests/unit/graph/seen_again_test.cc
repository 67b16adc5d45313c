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

// Of one source only one value is kept: what is left out says nothing about what survives.
TEST_CASE("a value that is left out leaves what another identifier said", "[seen_again]") {
  const Schema schema = *Schema::Parse(
      "namespaces { name: 'customer_id' } namespaces { name: 'email' } "
      "sources { name: 'app' events { format: NATIVE } } golden { attributes { name: 'page' max_values: 1 } }");
  const auto seen = [](const std::string& id, std::vector<Identifier> identifiers, int day, const std::string& page) {
    Event event = Seen(id, std::move(identifiers), day);
    if (!page.empty()) event.traits = {{"page", page}};
    return event;
  };
  Database database(schema);
  Take(database, {seen("a", {kAnn, kMail}, 1, "")});
  Take(database, {seen("b", {kMail}, 25, "X")});
  Take(database, {seen("c", {kAnn, kMail}, 20, "last")});
  for (int i = 0; i < 10; ++i) Take(database, {seen(std::to_string(i), {kAnn, kMail}, 5 + i, "p" + std::to_string(i))});
  CHECK(database->Lookup("email", "a@example.com")->attribute("page")->value == ValueView("X"));
  CHECK(Faults(database) == kNone);
}

// The same where attributes are too many.
TEST_CASE("an attribute that is left out leaves what another identifier said", "[seen_again]") {
  Database database(Shop());
  Take(database, {Seen("a", {kAnn, kMail}, 1)});
  std::vector<NamedValue> many;
  for (int i = 0; i < 500; ++i) many.emplace_back("a" + std::to_string(i), Value(int64_t{i}));
  Event event = Seen("b", {kAnn, kMail}, 2);
  event.traits = many;
  Take(database, {event});
  for (int i = 0; i < 10; ++i) {
    Event of_mail = Seen("mail" + std::to_string(i), {kMail}, 3);
    of_mail.traits = {{"b" + std::to_string(i), Value(std::string("mail"))}};
    Take(database, {of_mail});
    Event of_ann = Seen("ann" + std::to_string(i), {kAnn, kMail}, 4);
    of_ann.traits = {{"b" + std::to_string(i), Value(std::string("ann"))}};
    Take(database, {of_ann});
  }
  CHECK(Faults(database) == kNone);
}

// A group is told of by what caused it, though the first of it did not load the person.
TEST_CASE("who is seen again before others change them causes what they did, and no more", "[seen_again]") {
  Groups groups;
  groups.Take(Seen("one", {kAnn, kMail}, 5));
  groups.Take(Seen("two", {kMail, kPhone}, 6));
  const auto changes = groups.CausesOf({Seen("three", {kMail, kPhone}, 7), Seen("four", {kAnn, kPhone}, 3),
                                        Seen("five", {{"customer_id", "zoe"}}, 8), Seen("six", {kBob, kPhone}, 9)});
  for (const stored::Change::Cause& cause : changes) CHECK(cause.id() != "five");
  CHECK(!changes.empty());
}

}  // namespace kintsugi::testing
