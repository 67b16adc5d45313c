// Explanations through the engine: from what is stored, in one moment of it.

#include <algorithm>
#include <atomic>
#include <thread>

#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

using Outcome = Link::Outcome;

Schema KioskShop() {
  Schema schema = Shop();
  schema.namespaces[2].generic_above = 2;
  return schema;
}

Identifier Customer(int i) {
  return {"customer_id", std::to_string(i)};
}
Identifier Device(int i) {
  return {"device", "d-" + std::to_string(i)};
}
const Identifier kMail{"email", "jane@example.com"};
const Identifier kKiosk{"device", "kiosk"};

Why WhyOf(const Database& database, const Identifier& a, const Identifier& b) {
  auto why = database->ExplainWhy(a, b);
  REQUIRE(why.ok());
  return *std::move(why);
}

How HowOf(const Database& database, const Identifier& identifier) {
  auto how = database->ExplainHow(identifier);
  REQUIRE(how.ok());
  return *std::move(how);
}

// The path leads from a to b.
bool Connects(const Why& why) {
  Identifier at = why.a;
  for (const Link& link : why.path) {
    if (link.stronger != at && link.weaker != at) return false;
    at = link.stronger == at ? link.weaker : link.stronger;
  }
  return at == why.b;
}

}  // namespace

TEST_CASE("why tells the links between two identifiers, who saw them, when and how often", "[explain]") {
  Database database(Shop());
  Event till = Seen("m-3", {kMail, Device(1)}, 9);
  till.source = "till";
  Take(database, {Row("42", {Customer(42), kMail}, 3), Seen("m-1", {kMail, Device(1)}, 5),
                  Seen("m-2", {kMail, Device(1)}, 2), till});
  const Why why = WhyOf(database, Device(1), {"crm", "42"});
  CHECK(why.together);
  CHECK(why.profile_a == HolderOf(database, kMail));
  CHECK(why.profile_b == why.profile_a);
  REQUIRE(why.path.size() == 2);
  CHECK(Connects(why));
  CHECK(why.path[0].stronger == kMail);
  CHECK(why.path[0].outcome == Outcome::kAccepted);
  REQUIRE(why.path[0].seen_by.size() == 2);
  CHECK(why.path[0].seen_by[0].source == "app");
  CHECK(why.path[0].seen_by[0].first_seen == At(2));
  CHECK(why.path[0].seen_by[0].last_seen == At(5));
  CHECK(why.path[0].seen_by[0].count == 2);
  CHECK(why.path[0].seen_by[1].source == "till");
  CHECK(why.path[0].seen_by[1].count == 1);
  CHECK(why.path[1].seen_by[0].source == "crm");
  database.Reopen();
  CHECK(WhyOf(database, Device(1), {"crm", "42"}).ToJson() == why.ToJson());
}

TEST_CASE("identifiers that are asked about may be raw, and nobody's are not found", "[explain]") {
  Database database(Shop());
  Take(database, {Seen("m-1", {kMail, Device(1)}, 5)});
  const Why why = WhyOf(database, {"email", " JANE@Example.com"}, Device(1));
  CHECK(why.a == kMail);
  CHECK(why.together);
  CHECK(HowOf(database, {"email", " JANE@Example.com"}).anchor == kMail);
  const Why itself = WhyOf(database, {"email", " JANE@Example.com"}, kMail);
  CHECK(itself.together);
  CHECK(itself.path.empty());
  CHECK(absl::IsNotFound(database->ExplainWhy(kMail, Device(2)).status()));
  CHECK(absl::IsNotFound(database->ExplainWhy(Device(2), kMail).status()));
  CHECK(absl::IsNotFound(database->ExplainWhy(kMail, {"email", "nonsense"}).status()));
  CHECK(absl::IsNotFound(database->ExplainHow(Device(2)).status()));
  CHECK(absl::IsInvalidArgument(database->ExplainHow({"cookie", "c"}).status()));
  CHECK(absl::IsInvalidArgument(database->ExplainWhy(kMail, {"cookie", "c"}).status()));
}

TEST_CASE("why names the limit that keeps two apart, and how tells each of them", "[explain]") {
  Database database(Shop());
  Take(database, {Seen("m-1", {Customer(1), Device(1)}, 1), Seen("m-2", {Customer(2), Device(1)}, 2)});
  const Why why = WhyOf(database, Customer(1), Device(1));
  CHECK_FALSE(why.together);
  REQUIRE(why.path.size() == 1);
  CHECK(why.path[0].outcome == Outcome::kMaxPerProfile);
  CHECK(Contains(why.path[0].reason, "at most 1 customer_id"));
  CHECK(Contains(why.verdict, "customer_id:1"));
  CHECK(Contains(why.verdict, "customer_id:2"));
  CHECK(why.profile_a == HolderOf(database, Customer(1)));
  CHECK(why.profile_b == HolderOf(database, Customer(2)));
  CHECK(WhyOf(database, Customer(2), Device(1)).together);
  CHECK(HowOf(database, Customer(1)).steps.empty());
  REQUIRE(HowOf(database, Customer(2)).steps.size() == 1);
}

TEST_CASE("why names the decision that joins or parts two identifiers", "[explain]") {
  Database database(Shop());
  Take(database, {Seen("m-1", {Device(1)}, 1), Seen("m-2", {Device(2)}, 2)});
  const Why before = WhyOf(database, Device(1), Device(2));
  CHECK_FALSE(before.together);
  CHECK(before.path.empty());
  CHECK(Contains(before.verdict, "nothing connects them"));

  Assertion same{
      .id = "s", .kind = Assertion::Kind::kSame, .a = Device(1), .b = Device(2), .by = "ann", .because = "one desk"};
  REQUIRE(database->Assert(same).ok());
  const Why joined = WhyOf(database, Device(1), Device(2));
  CHECK(joined.together);
  REQUIRE(joined.path.size() == 1);
  CHECK(joined.path[0].kind == Link::Kind::kSame);
  CHECK(joined.path[0].assertion == "s");
  CHECK(joined.path[0].by == "ann");
  CHECK(joined.path[0].because == "one desk");
  const How how = HowOf(database, Device(2));
  REQUIRE(how.steps.size() == 1);
  CHECK(how.anchor == Device(1));
  CHECK_FALSE(how.steps[0].time);

  Assertion never = same;
  never.id = "n";
  never.kind = Assertion::Kind::kNever;
  never.by = "bob";
  REQUIRE(database->Assert(never).ok());
  Take(database, {Seen("m-3", {Device(1), Device(2)}, 3)});
  const Why parted = WhyOf(database, Device(1), Device(2));
  CHECK_FALSE(parted.together);
  REQUIRE(parted.path.size() == 1);
  CHECK(parted.path[0].outcome == Outcome::kNever);
  CHECK(Contains(parted.verdict, "never the same, says bob"));

  REQUIRE(database->Retract({.id = "n", .by = "b", .because = "c"}).ok());
  REQUIRE(database->Retract({.id = "s", .by = "b", .because = "c"}).ok());
  CHECK(WhyOf(database, Device(1), Device(2)).path[0].kind == Link::Kind::kSeenTogether);
}

TEST_CASE("a generic identifier connects nobody and says so", "[explain]") {
  Database database(KioskShop());
  for (int i = 0; i < 3; ++i) Take(database, {Seen("m-" + std::to_string(i), {Customer(i), kKiosk}, 10 + i)});
  const Why users = WhyOf(database, Customer(0), Customer(1));
  CHECK_FALSE(users.together);
  CHECK((users.path.empty() || Connects(users)));
  const Why user = WhyOf(database, Customer(0), kKiosk);
  CHECK_FALSE(user.together);
  REQUIRE(user.path.size() == 1);
  CHECK(user.path[0].outcome == Outcome::kGeneric);
  CHECK(Contains(user.verdict, "generic"));
  CHECK(HowOf(database, Customer(0)).steps.empty());
}

TEST_CASE("how tells the profile of a generic identifier that all its users left", "[explain]") {
  Database database(KioskShop());
  for (int i = 0; i < 3; ++i) Take(database, {Seen("m-" + std::to_string(i), {Customer(i), kKiosk}, 10 + i)});
  const How how = HowOf(database, kKiosk);
  CHECK(how.profile == HolderOf(database, kKiosk));
  CHECK(how.anchor == kKiosk);
  CHECK(how.anchor_seen == At(10));
  CHECK(how.steps.empty());
  const Why why = WhyOf(database, kKiosk, kKiosk);
  CHECK(why.together);
  Take(database, {Seen("m-9", {{"email", "far@example.com"}}, 9)});
  const Why far = WhyOf(database, kKiosk, {"email", "far@example.com"});
  CHECK_FALSE(far.together);
  CHECK(Contains(far.verdict, "nothing connects them"));
}

TEST_CASE("how joins every identifier of a profile, oldest first", "[explain]") {
  Database database(Shop());
  Take(database, {Row("42", {Customer(42), kMail}, 9), Seen("m-1", {kMail, Device(1)}, 5),
                  Seen("m-2", {Device(1), Device(2)}, 7), Seen("m-3", {Device(3), Device(2)}, 1)});
  const How how = HowOf(database, Device(1));
  CHECK(how.profile == HolderOf(database, kMail));
  CHECK(how.anchor == Device(2));
  CHECK(how.anchor_seen == At(1));
  CHECK(how.steps.size() == database->Lookup("email", kMail.value)->identifier_count() - 1);
  CHECK(std::is_sorted(how.steps.begin(), how.steps.end(), [](auto& a, auto& b) { return a.time < b.time; }));
  CHECK(how.steps.back().size == how.steps.size() + 1);
  database.Reopen();
  CHECK(HowOf(database, {"crm", "42"}).ToJson() == how.ToJson());
}

TEST_CASE("an explanation is of one moment, whatever is written meanwhile", "[explain]") {
  Database database(Shop());
  constexpr int kDevices = 40;
  for (int i = 0; i <= kDevices; ++i) Take(database, {Seen("m-" + std::to_string(i), {Device(i)}, i)});
  std::atomic<bool> done = false;
  std::atomic<int> explained = 0;
  std::atomic<int> wrong = 0;
  std::thread reader([&] {
    while (!done) {
      const auto why = database->ExplainWhy(Device(0), Device(kDevices));
      const auto how = database->ExplainHow(Device(0));
      if (!why.ok() || !how.ok()) {
        ++wrong;
        break;
      }
      const bool accepted = std::all_of(why->path.begin(), why->path.end(),
                                        [](const Link& link) { return link.outcome == Outcome::kAccepted; });
      const bool whole = why->together ? accepted && Connects(*why) && !why->path.empty() : why->path.empty();
      const bool grown = how->steps.empty() || how->steps.back().size == how->steps.size() + 1;
      if (!whole || !grown) ++wrong;
      ++explained;
    }
  });
  // Chains grow to one and fall apart again.
  for (int round = 0; round < 3; ++round) {
    std::vector<std::string> ids;
    for (int i = 0; i < kDevices; ++i) {
      ids.push_back("l-" + std::to_string(round) + "-" + std::to_string(i));
      CHECK(database->Ingest(Seen(ids.back(), {Device(i), Device(i + 1)}, 100)).ok());
    }
    CHECK(database->WithdrawEvents("app", ids)->withdrawn == kDevices);
  }
  while (explained == 0 && wrong == 0) std::this_thread::yield();
  done = true;
  reader.join();
  CHECK(wrong == 0);
}

}  // namespace kintsugi::testing
