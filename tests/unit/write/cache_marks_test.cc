// What a group changes for those who look up is marked, and nothing else is: people who join, part, move and go.

#include "unit/write/groups.h"

namespace kintsugi::testing {
namespace {

const Identifier kAnn{"customer_id", "ann"};
const Identifier kBob{"customer_id", "bob"};
const Identifier kMail{"email", "a@example.com"};
const Identifier kPhone{"device", "phone"};

using Kind = write::Withdrawal::Kind;

}  // namespace

TEST_CASE("what a group changes for those who look up is marked, whatever becomes of people", "[cache_marks]") {
  Groups groups;
  CHECK(groups.Take(Seen("one", {kAnn, kMail}, 5)) == 3);
  CHECK(groups.Take(Seen("two", {kPhone}, 6)) == 2);
  // Joined: the phone has another profile, and its own is gone.
  CHECK(groups.Take(Seen("both", {kMail, kPhone}, 7)) == 3);
  // Another anchor, and so another id: everybody's.
  CHECK(groups.Take(Seen("early", {kPhone}, 1)) == 5);
  // In conflict: bob uses the mailbox last.
  CHECK(groups.Take(Seen("bob", {kBob, kMail}, 9)) > 0);
  CHECK(groups.Take(Row("r-1", {kAnn}, 3, {{"first_name", Value("Ann")}})) > 0);
  CHECK(groups.Take(Row("r-1", {kBob}, 4)) > 0);
  CHECK(groups.Assert(
            {.id = "never", .kind = Assertion::Kind::kNever, .a = kBob, .b = kPhone, .by = "jane", .because = "."}) >
        0);
  CHECK(groups.Retract("never") > 0);
  // Parted, and gone.
  CHECK(groups.Withdraw("app", Kind::kEvent, "both") > 0);
  CHECK(groups.Withdraw("crm", Kind::kRecord, "r-1") > 0);
  CHECK(groups.Withdraw("app", Kind::kEvent, "bob", true) > 0);
  CHECK(groups.Withdraw("app", Kind::kEvent, "one") > 0);
}

TEST_CASE("what changes nobody's profile marks nothing", "[cache_marks]") {
  Groups groups;
  CHECK(groups.Take(Seen("one", {kAnn, kMail}, 5)) == 3);
  CHECK(groups.Assert({.kind = Assertion::Kind::kNever, .a = kBob, .b = kPhone, .by = "jane", .because = "."}) == 0);
}

}  // namespace kintsugi::testing
