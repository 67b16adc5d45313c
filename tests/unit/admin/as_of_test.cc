// Looking back: what was true as of a time is told by the evidence up to it, whenever that came.

#include "unit/engine/support.h"

namespace kintsugi::testing {
namespace {

// A CRM that keeps versions, a list that does not, receipts that are items, and the web.
constexpr const char* kSchema = R"(
  namespaces { name: "customer_id" max_per_profile: 1 }
  namespaces { name: "email" normalize: EMAIL }
  namespaces { name: "device" }
  sources { name: "crm" table { key: "id" updated_at: "at" keep_versions: true
    identifiers { field: "m" namespace: "email" } attributes { field: "name" } } }
  sources { name: "list" table { key: "id" updated_at: "at" attributes { field: "name" } } }
  sources { name: "till" table { key: "id" updated_at: "at" keep_versions: true
    event { name: "Order Completed" properties { field: "total" type: NUMBER } } } }
  sources { name: "app" events { format: NATIVE } }
  traits { name: "orders" events: "Order Completed" count {} }
  traits { name: "orders_30d" events: "Order Completed" count {} window { days: 30 } }
  traits { name: "days_since_order" events: "Order Completed" days_since_last {} }
  traits { name: "views" events: "View" count {} }
)";

Schema TheSchema(const std::string& more = "") {
  return *Schema::Parse(kSchema + more);
}

const Identifier kJane{"email", "jane@x.com"};
const Identifier kPhone{"device", "phone"};
const Identifier kCard{"crm", "1"};

Record Card(int day, const std::string& email, const std::string& name, std::optional<Time> extracted = std::nullopt) {
  return {.source = "crm",
          .key = "1",
          .version = At(day),
          .identifiers = {{"email", email}},
          .attributes = {{"name", name}},
          .extracted_at = extracted};
}

Event Order(const std::string& id, const Identifier& who, int day) {
  return {.source = "app", .id = id, .time = At(day), .name = "Order Completed", .identifiers = {who}};
}

// The golden record, or "" if nobody had it.
std::string AsOf(const Database& database, const Identifier& identifier, Time as_of) {
  const auto profile = database->LookupAsOf(identifier, as_of);
  if (!profile.ok()) REQUIRE(absl::IsNotFound(profile.status()));
  return profile.ok() ? profile->ToJson() : "";
}

std::string NameOf(const Database& database, const Identifier& identifier, int day) {
  const auto profile = database->LookupAsOf(identifier, At(day));
  if (!profile.ok()) return "nobody";
  const auto name = profile->attribute("name");
  return name ? std::string(std::get<std::string_view>(name->value)) : "no name";
}

int64_t TraitOf(const Database& database, const Identifier& identifier, const std::string& trait, int day) {
  const auto profile = database->LookupAsOf(identifier, At(day));
  REQUIRE(profile.ok());
  const auto value = profile->trait(trait);
  return value ? std::get<int64_t>(*value) : -1;
}

std::vector<std::string> ProfilesAsOf(const Database& database, Time as_of) {
  std::vector<std::string> lines;
  const auto status =
      database->ForEachProfileAsOf(as_of, [&](const ProfileView& one) { return lines.push_back(one.ToJson()), true; });
  REQUIRE(status.ok());
  return lines;
}

bool WereTogether(const Database& database, const Identifier& a, const Identifier& b, int day) {
  const auto x = database->LookupAsOf(a, At(day));
  const auto y = database->LookupAsOf(b, At(day));
  return x.ok() && y.ok() && x->id() == y->id();
}

std::vector<std::string> TimelineAsOf(const Database& database, const Identifier& identifier, int day) {
  const auto page = database->Timeline(identifier, {.as_of = At(day)});
  std::vector<std::string> out;
  if (!page.ok()) return {std::string(page.status().message())};
  for (const TimelineItem& item : page->items) out.push_back(item.id + " " + FormatTime(item.time));
  return out;
}

Assertion Decision(Assertion::Kind kind, const Identifier& a, const Identifier& b, std::optional<Time> time) {
  return {.kind = kind, .a = a, .b = b, .by = "ann", .because = "she called", .time = time};
}

}  // namespace

TEST_CASE("what came later is not there, and before the first of it nobody was", "[as-of]") {
  Database database(TheSchema());
  Take(database, {Seen("m-1", {kJane, kPhone}, 5), Seen("m-2", {kJane, {"device", "laptop"}}, 9)});
  CHECK(AsOf(database, kJane, At(4)).empty());
  CHECK(database->LookupAsOf(kJane, At(8))->identifier_count() == 2);
  CHECK(database->LookupAsOf(kJane, At(9))->identifier_count() == 3);
  CHECK(AsOf(database, {"device", "laptop"}, At(8)).empty());
  CHECK(database->LookupAsOf(kJane, At(8))->last_seen() == At(5));
  CHECK(ProfilesAsOf(database, At(4)).empty());
  CHECK(ProfilesAsOf(database, At(8)) == std::vector<std::string>{AsOf(database, kJane, At(8))});
}

TEST_CASE("what came late counts from its own time, and not from when it came", "[as-of]") {
  Database database(TheSchema());
  Take(database, {Seen("m-2", {kJane, kPhone}, 9)});
  REQUIRE(database->Advance(At(20)).ok());
  CHECK(AsOf(database, kJane, At(5)).empty());
  Take(database, {Seen("m-1", {kJane}, 3)});
  CHECK(database->LookupAsOf(kJane, At(5))->first_seen() == At(3));
  CHECK(database->LookupAsOf(kJane, At(5))->identifier_count() == 1);
}

TEST_CASE("as of a time a record is as its version of then said, if its table keeps versions", "[as-of][versions]") {
  Database database(TheSchema());
  Take(database, {Card(1, "maiden@x.com", "Jane Maiden"), Card(7, "jane@x.com", "Jane Miller")});
  CHECK(NameOf(database, kCard, 0) == "nobody");
  CHECK(NameOf(database, kCard, 1) == "Jane Maiden");
  CHECK(NameOf(database, kCard, 6) == "Jane Maiden");
  CHECK(NameOf(database, kCard, 7) == "Jane Miller");
  // The mailbox that she had then leads to her, though nothing says today that she ever had it.
  CHECK(absl::IsNotFound(database->Lookup("email", "maiden@x.com").status()));
  CHECK(NameOf(database, {"email", "Maiden@X.com"}, 6) == "Jane Maiden");
  CHECK(NameOf(database, {"email", "maiden@x.com"}, 7) == "nobody");
  CHECK(NameOf(database, kJane, 6) == "nobody");
  CHECK(database->LookupAsOf(kCard, At(6))->last_seen() == At(1));
  CHECK(database->LookupAsOf(kCard, At(7))->first_seen() == At(1));
  CHECK(Faults(database) == kNone);
}

TEST_CASE("without that, it counts from its newest version on, as if there had been no other", "[as-of][versions]") {
  Database database(TheSchema());
  const Record first{.source = "list", .key = "9", .version = At(1), .attributes = {{"name", std::string("June")}}};
  const Record second{.source = "list", .key = "9", .version = At(7), .attributes = {{"name", std::string("Jane")}}};
  Take(database, {first, second});
  const Identifier nine{"list", "9"};
  CHECK(NameOf(database, nine, 6) == "nobody");
  CHECK(NameOf(database, nine, 7) == "Jane");
  CHECK(database->LookupAsOf(nine, At(7))->first_seen() == At(7));
  CHECK(database->Lookup(nine)->first_seen() == At(1));
}

TEST_CASE("a version that is older than the newest is kept whenever it comes, and of one time the one that counts",
          "[as-of][versions]") {
  const std::vector<Record> versions = {Card(1, "a@x.com", "One"), Card(3, "b@x.com", "Wrong", At(3)),
                                        Card(3, "c@x.com", "Three", At(4)), Card(5, "d@x.com", "Five")};
  std::vector<size_t> order = {0, 1, 2, 3};
  do {
    Database database(TheSchema());
    for (const size_t i : order) REQUIRE(database->Ingest(versions[i]).ok());
    CHECK(NameOf(database, kCard, 2) == "One");
    CHECK(NameOf(database, kCard, 4) == "Three");
    CHECK(NameOf(database, {"email", "c@x.com"}, 4) == "Three");
    CHECK(NameOf(database, {"email", "b@x.com"}, 4) == "nobody");
    CHECK(NameOf(database, kCard, 5) == "Five");
    CHECK(Faults(database) == kNone);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_CASE("what was withdrawn never came, as of any time", "[as-of]") {
  Database database(TheSchema());
  Take(database, {Card(1, "a@x.com", "One"), Card(3, "b@x.com", "Three"), Card(5, "c@x.com", "Five"),
                  Seen("m-1", {{"email", "a@x.com"}, kPhone}, 1)});
  const std::vector<std::string> keys = {"1"};
  REQUIRE(database->WithdrawRecords("crm", keys, At(3)).ok());
  CHECK(NameOf(database, kCard, 4) == "nobody");
  CHECK(NameOf(database, kCard, 5) == "Five");
  CHECK(NameOf(database, {"email", "b@x.com"}, 4) == "nobody");
  CHECK(database->LookupAsOf({"email", "a@x.com"}, At(2))->identifier_count() == 2);
  CHECK(Faults(database) == kNone);
  const std::vector<std::string> ids = {"m-1"};
  REQUIRE(database->WithdrawEvents("app", ids).ok());
  CHECK(AsOf(database, kPhone, At(2)).empty());
  REQUIRE(database->WithdrawSource("crm").ok());
  CHECK(ProfilesAsOf(database, At(9)).empty());
  CHECK(Faults(database) == kNone);
}

TEST_CASE("a source without times counts always", "[as-of]") {
  Database database(Shop());
  Take(database, {Record{.source = "list", .key = "9", .identifiers = {kJane}}});
  CHECK(database->LookupAsOf(kJane, At(-9999))->identifier_count() == 2);
}

// A version without a time is older than all that have one.
TEST_CASE("a version without a time counts before the first that has one", "[as-of][versions]") {
  for (const bool is_late : {false, true}) {
    Database database(TheSchema());
    Record untimed = Card(0, "old@x.com", "Old");
    untimed.version.reset();
    if (!is_late) REQUIRE(database->Ingest(untimed).ok());
    REQUIRE(database->Ingest(Card(5, "jane@x.com", "Jane")).ok());
    if (is_late) REQUIRE(database->Ingest(untimed).ok());
    CHECK(NameOf(database, kCard, 4) == "Old");
    CHECK(NameOf(database, {"email", "old@x.com"}, 4) == "Old");
    CHECK(NameOf(database, kCard, 5) == "Jane");
    CHECK(Faults(database) == kNone);
  }
}

TEST_CASE("a decision counts from when it was made until it was taken back", "[as-of]") {
  Database database(TheSchema());
  const Identifier joe{"email", "joe@x.com"};
  Take(database, {Seen("m-1", {kJane}, 1), Seen("m-2", {joe}, 1)});
  const auto same = database->Assert(Decision(Assertion::Kind::kSame, kJane, joe, At(3)));
  REQUIRE(same.ok());
  CHECK_FALSE(WereTogether(database, kJane, joe, 2));
  CHECK(WereTogether(database, kJane, joe, 3));
  REQUIRE(database->Retract({.id = *same, .by = "ann", .because = "twins", .time = At(6)}).ok());
  CHECK(WereTogether(database, kJane, joe, 5));
  CHECK_FALSE(WereTogether(database, kJane, joe, 6));
  CHECK_FALSE(IsTogether(database, kJane, joe));
}

TEST_CASE("a never that was decided later kept nobody apart before", "[as-of]") {
  Database database(TheSchema());
  Take(database, {Seen("m-1", {kJane, kPhone}, 1)});
  REQUIRE(database->Assert(Decision(Assertion::Kind::kNever, kJane, kPhone, At(5))).ok());
  CHECK(WereTogether(database, kJane, kPhone, 4));
  CHECK_FALSE(WereTogether(database, kJane, kPhone, 5));
}

TEST_CASE("decisions without a time count always, and so do retractions", "[as-of]") {
  Database database(TheSchema());
  const Identifier joe{"email", "joe@x.com"};
  Take(database, {Seen("m-1", {kJane}, 1), Seen("m-2", {joe}, 1)});
  const auto same = database->Assert(Decision(Assertion::Kind::kSame, kJane, joe, std::nullopt));
  REQUIRE(same.ok());
  CHECK(WereTogether(database, kJane, joe, 1));
  REQUIRE(database->Retract({.id = *same, .by = "ann", .because = "twins"}).ok());
  CHECK_FALSE(WereTogether(database, kJane, joe, 1));
}

TEST_CASE("traits are those of then, their windows with them", "[as-of][living]") {
  Database database(TheSchema());
  Take(database, {Order("o-1", kJane, 0), Order("o-2", kJane, 20), Order("o-3", kJane, 45), Seen("v", {kJane}, 3)});
  REQUIRE(database->Advance(At(200)).ok());
  CHECK(TraitOf(database, kJane, "orders", 2) == 1);
  CHECK(TraitOf(database, kJane, "views", 2) == 0);
  CHECK(TraitOf(database, kJane, "orders", 44) == 2);
  CHECK(TraitOf(database, kJane, "orders_30d", 44) == 1);
  CHECK(TraitOf(database, kJane, "orders_30d", 45) == 2);
  CHECK(TraitOf(database, kJane, "days_since_order", 44) == 24);
  CHECK(TraitOf(database, kJane, "orders", 9999) == 3);
  CHECK(TraitOf(database, kJane, "orders_30d", 9999) == 0);
}

TEST_CASE("what retention has taken by the clock is no item as of an earlier time, and evidence still",
          "[as-of][living]") {
  Database database(TheSchema(R"(retention { name: "View" days: 10 })"));
  Take(database, {Seen("v", {kJane, kPhone}, 3), Order("o", kJane, 4)});
  CHECK(TraitOf(database, kJane, "views", 5) == 1);
  REQUIRE(database->Advance(At(20)).ok());
  CHECK(TraitOf(database, kJane, "views", 5) == 0);
  CHECK(TraitOf(database, kJane, "orders", 5) == 1);
  CHECK(database->LookupAsOf(kPhone, At(5))->identifier_count() == 2);
  CHECK(TimelineAsOf(database, kJane, 5) == std::vector<std::string>{"o " + FormatTime(At(4))});
}

TEST_CASE("a timeline as of a time is that of who it was, with what had happened", "[as-of][living]") {
  Database database(TheSchema());
  Record receipt{
      .source = "till", .key = "r-1", .version = At(2), .identifiers = {kJane}, .properties = {{"total", int64_t{10}}}};
  Record moved = receipt;
  moved.version = At(8);
  Take(database, {Order("o-1", kJane, 1), receipt, moved, Order("o-2", kPhone, 3), Seen("m", {kJane, kPhone}, 6)});
  CHECK(TimelineAsOf(database, kJane, 0) ==
        std::vector<std::string>{"nobody had email:jane@x.com as of " + FormatTime(At(0))});
  CHECK(TimelineAsOf(database, kJane, 5) ==
        std::vector<std::string>{"o-1 " + FormatTime(At(1)), "till:r-1 " + FormatTime(At(2))});
  CHECK(TimelineAsOf(database, kJane, 6).size() == 4);  // the telephone is hers by now, and what it did
  CHECK(TimelineAsOf(database, kJane, 8).back() == "till:r-1 " + FormatTime(At(8)));
  TimelineQuery query{.limit = 3, .newest_first = true, .as_of = At(6)};
  const auto page = database->Timeline(kJane, query);
  REQUIRE(page->items.size() == 3);
  CHECK(page->items.front().id == "m");
  query.after = page->next;
  CHECK(database->Timeline(kJane, query)->items.front().id == "o-1");
  query.as_of = At(7);  // the cursor is not of this time
  CHECK(absl::IsInvalidArgument(database->Timeline(kJane, query).status()));
}

TEST_CASE("why two were one is told by what was known of then", "[as-of]") {
  Database database(TheSchema());
  Take(database, {Seen("m-1", {kJane, kPhone}, 1), Seen("m-2", {kPhone, {"customer_id", "1"}}, 2),
                  Seen("m-3", {kJane, {"customer_id", "2"}}, 9)});
  const auto then = database->ExplainWhy(kJane, {"customer_id", "1"}, At(8));
  REQUIRE(then.ok());
  CHECK(then->together);
  CHECK(then->path.size() == 2);
  const auto now = database->ExplainWhy(kJane, {"customer_id", "1"});
  CHECK_FALSE(now->together);
  CHECK(absl::IsNotFound(database->ExplainWhy(kJane, {"customer_id", "2"}, At(8)).status()));
  CHECK(database->ExplainWhy(kJane, {"customer_id", "2"}, At(9))->together);
}

TEST_CASE("an id names its anchor as of any time, also one that became another's", "[as-of]") {
  Database database(TheSchema());
  Take(database, {Seen("m-1", {kJane}, 1), Seen("m-2", {kPhone}, 2)});
  const ProfileId former = HolderOf(database, kPhone);
  Take(database, {Seen("m-3", {kJane, kPhone}, 5)});
  const ProfileId current = HolderOf(database, kPhone);
  REQUIRE(former != current);
  CHECK(database->LookupAsOf(former, At(4))->id() == former);
  CHECK(database->LookupAsOf(former, At(5))->id() == current);
  CHECK(database->LookupAsOf(current, At(4))->identifier_count() == 1);
  CHECK(absl::IsNotFound(database->LookupAsOf(former, At(1)).status()));
  CHECK(absl::IsNotFound(database->LookupAsOf(ProfileId{{1}}, At(4)).status()));
}

TEST_CASE("many are asked about at once, in any order, and each answer is that of its time", "[as-of]") {
  Database database(TheSchema());
  Take(database, {Seen("m-1", {kJane}, 1), Seen("m-2", {kJane, kPhone}, 5), Seen("m-3", {{"device", "other"}}, 3)});
  const std::vector<IdentifierAt> asked = {
      {kJane, At(9)}, {kPhone, At(4)}, {{"device", "other"}, At(4)}, {kPhone, At(5)}, {{"email", "??"}, At(4)},
      {kJane, At(1)}, {kJane, At(0)},  {{"device", "none"}, At(4)}};
  const auto answers = database->LookupManyAsOf(asked);
  REQUIRE(answers.ok());
  for (size_t i = 0; i < asked.size(); ++i) {
    const std::string alone = AsOf(database, asked[i].identifier, asked[i].time);
    CHECK(((*answers)[i] ? (*answers)[i]->ToJson() : "") == alone);
  }
  CHECK((*answers)[0]->identifier_count() == 2);
  CHECK_FALSE((*answers)[1].has_value());
  CHECK(absl::IsInvalidArgument(database->LookupManyAsOf(std::vector<IdentifierAt>{{{"shoe", "1"}, At(1)}}).status()));
}

TEST_CASE("a time outside the years 1 to 9999 is refused", "[as-of]") {
  Database database(TheSchema());
  const std::vector<Time> wrong = {Time::min(), Time::max(), At(-740'000), At(3'000'000)};
  for (const Time time : wrong) {
    CHECK(absl::IsInvalidArgument(database->LookupAsOf(kJane, time).status()));
    CHECK(absl::IsInvalidArgument(database->LookupAsOf(ProfileId(), time).status()));
    CHECK(absl::IsInvalidArgument(database->LookupManyAsOf(std::vector<IdentifierAt>{{kJane, time}}).status()));
    CHECK(absl::IsInvalidArgument(database->Timeline(kJane, {.as_of = time}).status()));
    CHECK(absl::IsInvalidArgument(database->ExplainWhy(kJane, kPhone, time).status()));
    CHECK(absl::IsInvalidArgument(database->ForEachProfileAsOf(time, [](const ProfileView&) { return true; })));
  }
  CHECK(absl::IsInvalidArgument(database->LookupAsOf({"shoe", "1"}, At(1)).status()));
}

TEST_CASE("an engine that only reads looks back, too, and a visit may call it", "[as-of]") {
  Database database(TheSchema());
  Take(database, {Seen("m-1", {kJane}, 1), Card(2, "joe@x.com", "Joe")});
  const auto reader = Engine::Open({.read_only = true}, database.path());
  REQUIRE(reader.ok());
  size_t seen = 0;
  const auto visit = [&](const ProfileView& one) {
    const Identifier identifier = ToIdentifier(one.identifiers().front());
    return (*reader)->LookupAsOf(identifier, At(2))->id() == one.id() && ++seen > 0;
  };
  REQUIRE((*reader)->ForEachProfileAsOf(At(2), visit).ok());
  CHECK(seen == 2);
}

}  // namespace kintsugi::testing
