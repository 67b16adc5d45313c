// Assertions: people's decisions, their errors, how long they last, and how they are taken back.

#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

using Kind = Assertion::Kind;

Assertion Decided(Kind kind, Identifier a, Identifier b) {
  return {.kind = kind, .a = std::move(a), .b = std::move(b), .by = "ann", .because = "she said so"};
}

std::vector<KeptAssertion> AssertionsOf(const Database& database) {
  std::vector<KeptAssertion> all;
  REQUIRE(database->ForEachAssertion([&](const KeptAssertion& kept) { return all.push_back(kept), true; }).ok());
  return all;
}

const Identifier kPhone{"device", "phone"};
const Identifier kTablet{"device", "tablet"};

// Two people: one with a record, one without.
Evidence TwoPeople() {
  return {Row("42", {{"customer_id", "42"}, {"email", "jane@example.com"}}, 3, {{"first_name", std::string("Jane")}}),
          Seen("m-1", {{"email", "jane@example.com"}, kPhone}, 5), Seen("m-2", {kTablet}, 1),
          Seen("m-3", {kTablet, {"device", "watch"}}, 7, {{"first_name", std::string("Joan")}})};
}

}  // namespace

TEST_CASE("what is no decision is refused with the reason, and nothing of it is kept", "[assertions]") {
  Database database(Shop());
  const auto refusal = [&](const Assertion& assertion) {
    const auto id = database->Assert(assertion);
    CHECK(absl::IsInvalidArgument(id.status()));
    return std::string(id.status().message());
  };
  CHECK(Contains(refusal(Decided(Kind::kSame, {"cookie", "c"}, kPhone)), "customer_id, email, device, crm, list"));
  CHECK(Contains(refusal(Decided(Kind::kSame, {"email", "nonsense"}, kPhone)), "email:nonsense"));
  CHECK(Contains(refusal(Decided(Kind::kNever, kPhone, {"email", "noreply@example.com"})), "blocked"));
  CHECK(Contains(refusal(Decided(Kind::kNever, {"device", ""}, kPhone)), "cannot be an identifier"));
  CHECK(Contains(refusal(Decided(Kind::kNever, {"email", "Jane@Example.com "}, {"email", "jane@example.com"})),
                 "one identifier"));
  for (const char* missing : {"by", "because", "utf8"}) {
    Assertion assertion = Decided(Kind::kSame, kPhone, kTablet);
    if (missing == std::string("by")) assertion.by.clear();
    if (missing == std::string("because")) assertion.because.clear();
    if (missing == std::string("utf8")) assertion.because = "\xff";
    refusal(assertion);
  }
  CHECK(AssertionsOf(database).empty());
  CHECK(Faults(database) == kNone);
}

TEST_CASE("the least and the greatest time say no more than none", "[assertions]") {
  Database database(Shop());
  Assertion assertion = Decided(Kind::kSame, kPhone, kTablet);
  const std::string id = *database->Assert(assertion);
  for (const Time time : {Time::min(), Time::max()}) {
    assertion.time = time;
    CHECK(*database->Assert(assertion) == id);
  }
  REQUIRE(database->Retract({.id = id, .by = "bob", .because = "no", .time = Time::max()}).ok());
  const std::vector<KeptAssertion> kept = AssertionsOf(database);
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].assertion.time == std::nullopt);
  CHECK(kept[0].retraction.time == std::nullopt);
}

TEST_CASE("an assertion id that is taken keeps its first content", "[assertions]") {
  Database database(Shop());
  Assertion assertion = Decided(Kind::kSame, kPhone, kTablet);
  assertion.id = "d-1";
  CHECK(*database->Assert(assertion) == "d-1");
  CHECK(*database->Assert(assertion) == "d-1");
  assertion.kind = Kind::kNever;
  CHECK(absl::IsAlreadyExists(database->Assert(assertion).status()));
  const auto kept = AssertionsOf(database);
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].assertion.kind == Kind::kSame);
}

TEST_CASE("the same decision twice is one, whichever identifier is named first; with another time it is another",
          "[assertions]") {
  Database database(Shop());
  const auto id = *database->Assert(Decided(Kind::kNever, kPhone, kTablet));
  CHECK(*database->Assert(Decided(Kind::kNever, kTablet, kPhone)) == id);
  CHECK(AssertionsOf(database).size() == 1);
  Assertion later = Decided(Kind::kNever, kPhone, kTablet);
  later.time = At(9);
  CHECK(*database->Assert(later) != id);
  CHECK(*database->Assert(Decided(Kind::kSame, kPhone, kTablet)) != id);
  CHECK(AssertionsOf(database).size() == 3);
  CHECK(Faults(database) == kNone);
}

TEST_CASE("an assertion waits for the evidence of both its ends, and counts as if it had come last", "[assertions]") {
  for (const Kind kind : {Kind::kSame, Kind::kNever}) {
    Database early(Shop());
    REQUIRE(early->Assert(Decided(kind, kTablet, {"email", " JANE@example.com"})).ok());
    CHECK(StateOf(early) == kNone);
    early.Reopen();
    Take(early, TwoPeople());
    CHECK(IsTogether(early, kTablet, kPhone) == (kind == Kind::kSame));
    Database late(Shop());
    Take(late, TwoPeople());
    REQUIRE(late->Assert(Decided(kind, kTablet, {"email", "jane@example.com"})).ok());
    CHECK(StateOf(early) == StateOf(late));
    CHECK(Faults(early) == kNone);
    CHECK(Faults(late) == kNone);
  }
}

TEST_CASE("no evidence overrules a never, and it outlives restarts and everything read again", "[assertions]") {
  Database database(Shop());
  Take(database, TwoPeople());
  REQUIRE(database->Assert(Decided(Kind::kNever, kPhone, kTablet)).ok());
  Take(database, {Seen("m-9", {kPhone, kTablet}, 20)});
  CHECK_FALSE(IsTogether(database, kPhone, kTablet));
  const auto state = StateOf(database);
  database.Reopen();
  for (const auto& one : TwoPeople()) {
    const auto again = std::visit([&](const auto& evidence) { return database->Ingest(evidence); }, one);
    CHECK(again->duplicates == 1);
  }
  CHECK(StateOf(database) == state);
  CHECK(Faults(database) == kNone);
}

TEST_CASE("a retraction gives the state before the assertion back, byte for byte", "[assertions]") {
  const std::vector<Assertion> assertions = {
      Decided(Kind::kSame, kPhone, kTablet), Decided(Kind::kNever, kPhone, {"crm", "42"}),
      Decided(Kind::kNever, kTablet, {"device", "watch"}), Decided(Kind::kSame, {"crm", "42"}, {"device", "watch"})};
  for (const Assertion& assertion : assertions) {
    Database database(Shop());
    Take(database, TwoPeople());
    const auto before = StateOf(database);
    const auto id = database->Assert(assertion);
    REQUIRE(id.ok());
    CHECK(StateOf(database) != before);
    CHECK(Faults(database) == kNone);
    REQUIRE(database->Retract({.id = *id, .by = "bob", .because = "a mistake"}).ok());
    CHECK(StateOf(database) == before);
    database.Reopen();
    CHECK(StateOf(database) == before);
    CHECK(Faults(database) == kNone);
    // For good: the same decision is the same assertion, and that is retracted.
    CHECK(*database->Assert(assertion) == *id);
    CHECK(StateOf(database) == before);
  }
}

TEST_CASE("of several assertions each stands until it is retracted itself", "[assertions]") {
  Database database(Shop());
  Take(database, TwoPeople());
  const auto same = *database->Assert(Decided(Kind::kSame, kPhone, kTablet));
  const auto joined = StateOf(database);
  const auto never = *database->Assert(Decided(Kind::kNever, kPhone, kTablet));
  CHECK_FALSE(IsTogether(database, kPhone, kTablet));  // a never wins
  Assertion twice = Decided(Kind::kNever, kTablet, kPhone);
  twice.id = "twice";
  REQUIRE(database->Assert(twice).ok());
  REQUIRE(database->Retract({.id = never, .by = "b", .because = "c"}).ok());
  CHECK_FALSE(IsTogether(database, kPhone, kTablet));
  REQUIRE(database->Retract({.id = "twice", .by = "b", .because = "c"}).ok());
  CHECK(StateOf(database) == joined);
  REQUIRE(database->Retract({.id = same, .by = "b", .because = "c"}).ok());
  CHECK(StateOf(database) == StateOf(Shop(), TwoPeople()));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("retracting what nobody asserted is not found, and retracting twice keeps the first", "[assertions]") {
  Database database(Shop());
  CHECK(absl::IsNotFound(database->Retract({.id = "none", .by = "b", .because = "c"})));
  const auto id = *database->Assert(Decided(Kind::kSame, kPhone, kTablet));
  REQUIRE(database->Retract({.id = id, .by = "bob", .because = "first", .time = At(2)}).ok());
  REQUIRE(database->Retract({.id = id, .by = "eve", .because = "second"}).ok());
  const auto kept = AssertionsOf(database);
  REQUIRE(kept.size() == 1);
  CHECK(kept[0].retracted);
  CHECK(kept[0].retraction.by == "bob");
  CHECK(kept[0].retraction.because == "first");
  CHECK(kept[0].retraction.time == At(2));
}

TEST_CASE("records are named by source and key", "[assertions]") {
  Database database(Shop());
  Take(database, {Row("1", {}, 1), Row("2", {}, 2), Seen("m", {kPhone}, 3)});
  REQUIRE(database->Assert(Decided(Kind::kSame, {"crm", "1"}, {"crm", "2"})).ok());
  CHECK(IsTogether(database, {"crm", "1"}, {"crm", "2"}));
  REQUIRE(database->Assert(Decided(Kind::kSame, {"crm", "2"}, kPhone)).ok());
  CHECK(IsTogether(database, {"crm", "1"}, kPhone));
  REQUIRE(database->Assert(Decided(Kind::kNever, kPhone, {"crm", "1"})).ok());
  CHECK_FALSE(IsTogether(database, {"crm", "1"}, kPhone));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("assertions are visited by id as they were written, the retracted ones too", "[assertions]") {
  Database database(Shop());
  Assertion b = Decided(Kind::kSame, {"email", " Jane@Example.com"}, {"crm", "42"});
  b.id = "b";
  b.time = At(4);
  Assertion a = Decided(Kind::kNever, kPhone, kTablet);
  a.id = "a";
  REQUIRE(database->Assert(b).ok());
  REQUIRE(database->Assert(a).ok());
  REQUIRE(database->Retract({.id = "a", .by = "bob", .because = "no"}).ok());
  database.Reopen();
  const auto kept = AssertionsOf(database);
  REQUIRE(kept.size() == 2);
  CHECK(kept[0].assertion.id == "a");
  CHECK(kept[0].retracted);
  CHECK_FALSE(kept[0].assertion.time);
  CHECK_FALSE(kept[0].retraction.time);
  CHECK(kept[1].assertion.a == b.a);
  CHECK(kept[1].assertion.b == b.b);
  CHECK(kept[1].assertion.by == "ann");
  CHECK(kept[1].assertion.because == "she said so");
  CHECK(kept[1].assertion.time == At(4));
  CHECK_FALSE(kept[1].retracted);
  size_t visited = 0;
  REQUIRE(database->ForEachAssertion([&](const KeptAssertion&) { return ++visited < 1; }).ok());
  CHECK(visited == 1);
}

TEST_CASE("a same that a limit forbids stays apart until the limit no longer does", "[assertions]") {
  Database database(Shop());
  const Evidence both = {Row("42", {{"customer_id", "42"}}, 1), Row("43", {{"customer_id", "43"}}, 2)};
  Take(database, both);
  const auto before = StateOf(database);
  REQUIRE(database->Assert(Decided(Kind::kSame, {"customer_id", "42"}, {"customer_id", "43"})).ok());
  CHECK(StateOf(database) == before);
  REQUIRE(database->Assert(Decided(Kind::kSame, {"crm", "42"}, {"crm", "43"})).ok());
  CHECK(Faults(database) == kNone);
  // A newer version gives its number back.
  Take(database, {Row("43", {}, 3)});
  CHECK(IsTogether(database, {"crm", "42"}, {"crm", "43"}));
  CHECK(absl::IsNotFound(database->Lookup("customer_id", "43").status()));
  CHECK(Faults(database) == kNone);
}

}  // namespace kintsugi::testing
