// What the feed tells of any change of profiles, against a subscriber who believes nothing else: whatever became of the
// identifiers, a replay knows who is there, and what is to be known of them.

#include "living/feed.h"

#include <algorithm>
#include <random>

#include "catch.h"
#include "feed_support.h"
#include "golden/value_codec.h"
#include "living/feed_codec.h"
#include "living/feed_replay.h"

namespace kintsugi::testing {
namespace {

using Kind = FeedEntry::Kind;
using living::Told;

constexpr const char* kSchema = R"(
  namespaces { name: "id" } sources { name: "web" events {} } feed {}
  traits { name: "orders" events: "Order" count {} feed: true }
  traits { name: "silent" count {} }
  traits { name: "last" last { of: "$name" } feed: true }
  segments { name: "a" all { has: "id" } } segments { name: "b" all { has: "id" } }
  segments { name: "c" all { has: "id" } })";

Schema TheSchema() {
  return *Schema::Parse(kSchema);
}

struct Person {
  ProfileId id;
  std::vector<std::string> identifiers;
  std::map<std::string, Value> attributes;
  int64_t orders = 0;
  std::string last;  // empty: absent
  std::vector<uint32_t> segments;
};

using People = std::map<ProfileId, Person>;

ProfileId IdOf(std::string_view anchor) {
  ProfileId id;
  id.bytes[0] = static_cast<uint8_t>(anchor.front());
  return id;
}

std::string RecordOf(const Person& person) {
  std::map<std::string, std::string> values;
  for (const auto& [name, value] : person.attributes) values[name] = golden::EncodeValue(value);
  golden::Parts parts;
  for (const std::string& value : person.identifiers) parts.identifiers.push_back({0, value});
  for (const auto& [name, value] : values) parts.attributes.push_back({.name = name, .value = value});
  parts.traits.emplace();
  parts.traits->segments = person.segments;
  parts.traits->values = {golden::EncodeValue(person.orders), golden::EncodeValue(int64_t{7}),
                          person.last.empty() ? "" : golden::EncodeValue(person.last)};
  return golden::EncodeRecord(parts);
}

std::vector<Told> Tell(const People& before, const People& now) {
  static const living::TraitRules traits(TheSchema());
  static const living::FeedRules rules(TheSchema(), traits);
  std::map<ProfileId, std::pair<std::string, std::string>> records;
  for (const auto& [id, person] : before) records[id].first = RecordOf(person);
  for (const auto& [id, person] : now) records[id].second = RecordOf(person);
  std::vector<living::RecordChange> changes;
  for (const auto& [id, record] : records) {
    if (record.first != record.second) changes.push_back({id, record.first, record.second});
  }
  return living::TellChanges(rules, changes, [](const golden::StoredIdentifier& one) { return IdOf(one.value); });
}

Person Of(const std::vector<std::string>& identifiers, std::string_view anchor, std::vector<uint32_t> segments = {}) {
  return {.id = IdOf(anchor), .identifiers = identifiers, .segments = std::move(segments)};
}

People Are(const std::vector<Person>& people) {
  People out;
  for (const Person& person : people) out[person.id] = person;
  return out;
}

// "MERGED a from b c", with ids by their anchors.
std::vector<std::string> InLetters(const std::vector<Told>& told) {
  std::vector<std::string> out;
  for (const Told& one : told) {
    std::string text = std::string(ToString(one.kind)) + " " + static_cast<char>(one.id.bytes[0]);
    for (const ProfileId& other : one.others) text += std::string(" ") + static_cast<char>(other.bytes[0]);
    out.push_back(one.name.empty() ? text : text + " " + one.name);
  }
  return out;
}

using Lines = std::vector<std::string>;

// A random state over a few identifiers. `anchored`: ids are those of a member, as the engine's are.
class AnyPeople {
 public:
  explicit AnyPeople(uint64_t seed) : random_(seed) {}

  People Next(bool anchored) {
    const std::string all = "abcdefgh";
    std::map<size_t, std::vector<std::string>> groups;
    for (const char c : all) {
      if (Below(5) != 0) groups[Below(5)].emplace_back(1, c);
    }
    People people;
    for (const auto& [group, identifiers] : groups) {
      const std::string anchor = anchored ? identifiers[Below(identifiers.size())] : std::string(1, all[Below(8)]);
      Person person = Of(identifiers, anchor);
      for (const char* name : {"age", "city", "name"}) {
        if (Below(3) != 0) person.attributes[name] = AnyValue();
      }
      person.orders = static_cast<int64_t>(Below(3));
      if (Below(2) == 0) person.last = Below(2) == 0 ? "View" : "Order";
      for (uint32_t i = 0; i < 3; ++i) {
        if (Below(2) == 0) person.segments.push_back(i);
      }
      people.try_emplace(person.id, person);
    }
    return people;
  }

 private:
  size_t Below(size_t end) { return random_() % end; }
  // A whole number is the same in JSON as the double that equals it.
  Value AnyValue() {
    static const std::vector<Value> values = {int64_t{1}, 1.0, std::string("1"), std::string("x"), true, Json{"[1]"}};
    return values[Below(values.size())];
  }

  std::mt19937_64 random_;
};

std::map<std::string, ReplayedProfile> KnownOf(const People& people) {
  std::map<std::string, ReplayedProfile> out;
  for (const auto& [id, person] : people) {
    ReplayedProfile& known = out[id.ToString()];
    for (const auto& [name, value] : person.attributes) known.attributes[name] = ToJson(value);
    known.traits["orders"] = std::to_string(person.orders);
    if (!person.last.empty()) known.traits["last"] = ToJson(Value(person.last));
    for (const uint32_t segment : person.segments) known.segments.insert(std::string(1, "abc"[segment]));
  }
  return out;
}

}  // namespace

TEST_CASE("whatever becomes of profiles, a replay of the feed knows the present") {
  for (uint64_t seed = 0; seed < 150; ++seed) {
    INFO("seed " << seed);
    AnyPeople any(seed);
    People before;
    std::vector<FeedEntry> entries;
    const living::TraitRules traits(TheSchema());
    const living::FeedRules rules(TheSchema(), traits);
    living::FeedReplay replay(rules);
    for (int step = 0; step < 12; ++step) {
      const People now = any.Next(seed % 3 != 0);
      for (const Told& told : Tell(before, now)) {
        entries.push_back(living::ToEntry(told, entries.size() + 1, Time()));
        REQUIRE(replay.Apply(entries.back()).ok());
      }
      if (step % 4 == 3) {  // it begins from nothing each time
        const auto known = NaiveReplay(TheSchema(), LinesOf(entries));
        REQUIRE(known.ok());
        REQUIRE(*known == KnownOf(now));
      }
      for (const auto& [id, person] : now) REQUIRE(replay.profiles().at(id) == living::FedOf(rules, RecordOf(person)));
      REQUIRE(replay.profiles().size() == now.size());
      before = now;
    }
  }
}

TEST_CASE("where identifiers went tells what became of a profile") {
  const auto told = [](const std::vector<Person>& before, const std::vector<Person>& now) {
    return InLetters(Tell(Are(before), Are(now)));
  };
  CHECK(told({}, {Of({"a"}, "a")}) == Lines{"PROFILE_CREATED a"});
  CHECK(told({Of({"a"}, "a")}, {}) == Lines{"PROFILE_REMOVED a"});
  CHECK(told({Of({"a"}, "a")}, {Of({"a"}, "a")}).empty());
  CHECK(told({Of({"a"}, "a")}, {Of({"a", "b"}, "a")}).empty());
  CHECK(told({Of({"a"}, "a")}, {Of({"a", "b"}, "b")}) == Lines{"PROFILE_RENAMED b a"});
  CHECK(told({Of({"a"}, "a"), Of({"b"}, "b"), Of({"c"}, "c")}, {Of({"a", "b", "c"}, "b")}) ==
        Lines{"PROFILES_MERGED b a c"});
  // The anchor of all is new, so the profile is.
  CHECK(told({Of({"a"}, "a"), Of({"b"}, "b")}, {Of({"a", "b", "c"}, "c")}) ==
        Lines{"PROFILE_CREATED c", "PROFILES_MERGED c a b"});
  CHECK(told({Of({"a", "b", "c"}, "a")}, {Of({"a"}, "a"), Of({"b"}, "b"), Of({"c"}, "c")}) ==
        Lines{"PROFILE_SPLIT a b c"});
  // Its anchor was withdrawn, and nothing else held it together.
  CHECK(told({Of({"a", "b", "c"}, "a")}, {Of({"b"}, "b"), Of({"c"}, "c")}) ==
        Lines{"PROFILE_SPLIT a b c", "PROFILE_REMOVED a"});
  // Two who are there share it: whoever has the anchor is found by the id.
  CHECK(told({Of({"a", "b"}, "b"), Of({"c"}, "c"), Of({"d"}, "d")}, {Of({"a", "c"}, "c"), Of({"b", "d"}, "d")}) ==
        Lines{"PROFILES_MERGED d b"});
  // One identifier moved between two who stay.
  CHECK(told({Of({"a", "b"}, "a"), Of({"c"}, "c")}, {Of({"a"}, "a"), Of({"b", "c"}, "c")}).empty());
}

TEST_CASE("who vanishes leaves its segments first, and who comes enters them last") {
  CHECK(InLetters(Tell(Are({Of({"a"}, "a", {0}), Of({"b"}, "b", {0, 2})}), Are({Of({"a", "b"}, "a", {0, 1})}))) ==
        Lines{"SEGMENT_LEFT b a", "SEGMENT_LEFT b c", "PROFILES_MERGED a b", "SEGMENT_ENTERED a b"});
  CHECK(InLetters(Tell(Are({Of({"a"}, "a", {1})}), {})) == Lines{"SEGMENT_LEFT a b", "PROFILE_REMOVED a"});
  // What is known moves along.
  CHECK(InLetters(Tell(Are({Of({"a"}, "a", {1, 2})}), Are({Of({"a", "b"}, "b", {1})}))) ==
        Lines{"PROFILE_RENAMED b a", "SEGMENT_LEFT b c"});
}

TEST_CASE("values are told when they read differently, and gone ones as null") {
  Person before = Of({"a"}, "a");
  Person now = before;
  before.attributes = {{"age", int64_t{1}}, {"city", std::string("Kyoto")}, {"name", std::string("Jane")}};
  now.attributes = {{"age", 1.0}, {"name", std::string("Joan")}, {"zip", std::string("1")}};
  now.orders = 2;
  const auto told = Tell(Are({before}), Are({now}));
  std::vector<FeedEntry> entries;
  for (const Told& one : told) entries.push_back(living::ToEntry(one, 1, Time()));
  CHECK(InWords(entries) == Lines{"ATTRIBUTE_CHANGED city null", "ATTRIBUTE_CHANGED name \"Joan\"",
                                  "ATTRIBUTE_CHANGED zip \"1\"", "TRAIT_CHANGED orders 2"});
}

TEST_CASE("rows of the feed say what was told, and damaged ones are none") {
  const Told told{.kind = Kind::kProfilesMerged, .id = IdOf("a"), .others = {IdOf("b"), IdOf("c")}};
  const Told value{.kind = Kind::kAttributeChanged, .id = IdOf("a"), .name = "city", .value = "sKyoto"};
  const Time time(std::chrono::seconds(5));
  for (const Told& one : {told, value}) {
    const std::string row = living::EncodeFeedRow(one, time);
    FeedEntry entry;
    REQUIRE(living::DecodeFeedRow(row, 9, entry));
    CHECK(entry.ToJson() == living::ToEntry(one, 9, time).ToJson());
    Time recorded_at;
    REQUIRE(living::DecodeFeedTime(row, recorded_at));
    CHECK(recorded_at == time);
  }
  const std::string row = living::EncodeFeedRow(told, time);
  for (size_t size = 0; size < row.size(); ++size) {
    FeedEntry entry;
    CHECK(!living::DecodeFeedRow(std::string_view(row).substr(0, size), 1, entry));
  }
}

TEST_CASE("an entry is one line of JSON, and kinds have names") {
  FeedEntry entry{.sequence = 3, .recorded_at = Time(), .kind = Kind::kProfilesMerged, .profile_id = IdOf("a")};
  entry.others = {IdOf("b")};
  const std::string a = IdOf("a").ToString();
  const std::string b = IdOf("b").ToString();
  const std::string begin = R"({"sequence":3,"recorded_at":"1970-01-01T00:00:00Z","kind":")";
  CHECK(entry.ToJson() == begin + R"(PROFILES_MERGED","profile_id":")" + a + R"(","from":[")" + b + R"("]})");
  entry.kind = Kind::kProfileRenamed;
  CHECK(entry.ToJson() == begin + R"(PROFILE_RENAMED","profile_id":")" + a + R"(","from":")" + b + R"("})");
  entry.kind = Kind::kProfileSplit;
  CHECK(entry.ToJson() == begin + R"(PROFILE_SPLIT","profile_id":")" + a + R"(","into":[")" + b + R"("]})");
  entry.kind = Kind::kTierChanged;
  CHECK(entry.ToJson() == begin + R"(TIER_CHANGED","profile_id":")" + a + R"(","tier":null})");
  entry.kind = Kind::kTraitChanged;
  entry.name = "orders";
  entry.value = int64_t{4};
  CHECK(entry.ToJson() == begin + R"(TRAIT_CHANGED","profile_id":")" + a + R"(","trait":"orders","value":4})");
  for (const Kind kind : AllFeedKinds()) CHECK(ParseFeedKind(ToString(kind)) == kind);
  CHECK(!ParseFeedKind("profile_created"));
}

}  // namespace kintsugi::testing
