#include "admin/difference.h"

#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "catch.h"
#include "kintsugi/history.h"

namespace kintsugi::admin {
namespace {

ProfileId IdOf(int profile) {
  ProfileId id;
  id.bytes[15] = static_cast<uint8_t>(profile);
  return id;
}

// "1: a b; 2: c" are two profiles of three identifiers.
Partition Profiles(const std::string& text) {
  Partition out;
  std::istringstream profiles(text);
  for (std::string profile; std::getline(profiles, profile, ';');) {
    std::istringstream words(profile);
    std::string word;
    words >> word;
    const ProfileId id = IdOf(std::stoi(word));
    while (words >> word) out[{"e", word}] = id;
  }
  return out;
}

// "1 2 > 3: 5 (a b)": profiles before and after, how many identifiers, and those shown.
std::string ToText(const std::vector<Difference::Example>& examples) {
  std::string out;
  for (const Difference::Example& example : examples) {
    out += out.empty() ? "" : "; ";
    for (const ProfileId& id : example.before) out += std::to_string(id.bytes[15]) + " ";
    out += ">";
    for (const ProfileId& id : example.after) out += " " + std::to_string(id.bytes[15]);
    out += ": " + std::to_string(example.identifiers) + " (";
    for (const Identifier& identifier : example.shown) {
      out += (&identifier == &example.shown.front() ? "" : " ") + identifier.value;
    }
    out += ")";
  }
  return out;
}

// The names of profiles do not matter, only who is in them.
TEST_CASE("Nothing changed is no difference", "[admin]") {
  const Difference same = Compare(Profiles("1: a b; 2: c"), Profiles("1: a b; 2: c"));
  CHECK(same.profiles_before == 2);
  CHECK(same.profiles_after == 2);
  CHECK(same.identifiers_before == 3);
  CHECK(same.identifiers_after == 3);
  CHECK(same.merged + same.split + same.added + same.gone + same.moved == 0);
  CHECK(same.merges.empty());
  CHECK(same.splits.empty());
  const Difference renamed = Compare(Profiles("1: a b; 2: c"), Profiles("7: a b; 1: c"));
  CHECK(renamed.merged + renamed.split + renamed.moved == 0);
  CHECK(Compare({}, {}).ToJson() == Difference().ToJson());
}

// The larger stays, the smaller moves.
TEST_CASE("A profile that holds identifiers of several is a merge", "[admin]") {
  const Difference difference = Compare(Profiles("1: a b; 2: c; 3: d"), Profiles("2: a b c; 3: d"));
  CHECK(difference.profiles_before == 3);
  CHECK(difference.profiles_after == 2);
  CHECK(difference.merged == 1);
  CHECK(difference.split == 0);
  CHECK(difference.moved == 1);
  CHECK(ToText(difference.merges) == "1 2 > 2: 3 (a b c)");
  CHECK(difference.splits.empty());
}

// The larger part goes on as what it was.
TEST_CASE("A profile whose identifiers are in several is a split", "[admin]") {
  const Difference difference = Compare(Profiles("1: a b c; 2: d"), Profiles("1: a b; 3: c; 2: d"));
  CHECK(difference.merged == 0);
  CHECK(difference.split == 1);
  CHECK(difference.moved == 1);
  CHECK(ToText(difference.splits) == "1 > 1 3: 3 (a b c)");
  CHECK(difference.merges.empty());
}

// A move is both: what one loses, the other gains. All of the profiles counts, and only what they share is shown.
TEST_CASE("An identifier that changes sides is a merge and a split", "[admin]") {
  const Difference difference = Compare(Profiles("1: a b m; 2: c d"), Profiles("1: a b; 2: c d m"));
  CHECK(difference.merged == 1);
  CHECK(difference.split == 1);
  CHECK(difference.moved == 1);
  CHECK(ToText(difference.merges) == "1 2 > 2: 5 (c d m)");
  CHECK(ToText(difference.splits) == "1 > 1 2: 5 (a b m)");
}

// One goes on as one: who continues is closest, and of equals has the smaller id.
TEST_CASE("A profile continues one, and all others of it moved", "[admin]") {
  const auto moved = [](const char* before, const char* after) {
    const uint64_t there = Compare(Profiles(before), Profiles(after)).moved;
    CHECK(Compare(Profiles(after), Profiles(before)).moved == there);
    return there;
  };
  CHECK(moved("1: a b c d e", "1: a b c; 2: d e") == 2);
  CHECK(moved("1: a b c d e", "7: a b; 8: c d; 9: e") == 3);
  CHECK(moved("1: a b; 2: c d", "1: a c; 2: b d") == 3);  // of equals only the first two go on as one
  // Profile 3 shares most with 1, which goes on as 2: so it continues nobody.
  CHECK(moved("1: a b c d e; 4: f", "2: a b c; 3: d e f") == 3);
}

// New and lost identifiers are counted apart and make neither merges nor splits.
TEST_CASE("Identifiers of one side only are added or gone", "[admin]") {
  const Difference difference = Compare(Profiles("1: a b; 2: x y"), Profiles("1: a b n; 3: o"));
  CHECK(difference.added == 2);
  CHECK(difference.gone == 2);
  CHECK(difference.profiles_before == 2);
  CHECK(difference.profiles_after == 2);
  CHECK(difference.merged + difference.split + difference.moved == 0);
  const Difference merge = Compare(Profiles("1: a x; 2: b"), Profiles("1: a b n"));
  CHECK(ToText(merge.merges) == "1 2 > 1: 4 (a b)");
}

// Size, then id.
TEST_CASE("The largest examples come first", "[admin]") {
  const Difference difference =
      Compare(Profiles("1: a; 2: b; 3: c d; 4: e; 5: f; 6: g"), Profiles("6: a b; 9: c d e; 5: f g"));
  CHECK(ToText(difference.merges) == "3 4 > 9: 3 (c d e); 5 6 > 5: 2 (f g); 1 2 > 6: 2 (a b)");
}

// A screenful, and everything is counted all the same.
TEST_CASE("Examples and what they show are bounded", "[admin]") {
  Partition before, after;
  for (int i = 0; i < 12; ++i) {
    before[{"e", "a" + std::to_string(i)}] = IdOf(2 * i);
    before[{"e", "b" + std::to_string(i)}] = IdOf(2 * i + 1);
    after[{"e", "a" + std::to_string(i)}] = after[{"e", "b" + std::to_string(i)}] = IdOf(i);
  }
  const Difference many = Compare(before, after);
  CHECK(many.merged == 12);
  CHECK(many.merges.size() == Difference::kMaxExamples);
  CHECK(Compare(after, before).split == 12);
  CHECK(Compare(after, before).splits.size() == Difference::kMaxExamples);
}

// Thirty of one profile do not hide the one of the other.
TEST_CASE("Every side of an example is shown", "[admin]") {
  Partition before, after;
  for (int i = 0; i < 30; ++i) before[{"e", "a" + std::to_string(100 + i)}] = IdOf(1);
  before[{"e", "z"}] = IdOf(2);
  for (const auto& [identifier, profile] : before) after[identifier] = IdOf(1);
  const Difference difference = Compare(before, after);
  REQUIRE(difference.merges.size() == 1);
  const std::vector<Identifier>& shown = difference.merges[0].shown;
  CHECK(difference.merges[0].identifiers == 31);
  CHECK(shown.size() == Difference::kMaxShown);
  CHECK(std::is_sorted(shown.begin(), shown.end()));
  CHECK(shown.back() == Identifier{"e", "z"});
}

Partition ArbitraryPartition() {
  Partition out;
  for (char c = 'a'; c < 'k'; ++c) {
    const int profile = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, 6));
    if (profile > 0) out[{"e", std::string(1, c)}] = IdOf(profile);
  }
  return out;
}

// For each profile of `one` the profiles of `many` that hold its identifiers.
std::map<ProfileId, std::set<ProfileId>> Partners(const Partition& one, const Partition& many) {
  std::map<ProfileId, std::set<ProfileId>> out;
  for (const auto& [identifier, profile] : one) {
    if (many.contains(identifier)) out[profile].insert(many.at(identifier));
  }
  return out;
}

// The profile of `many` that shares most identifiers with one of `one`; of several the one with the smaller id.
ProfileId ClosestOf(const ProfileId& profile, const Partition& one, const Partition& many) {
  std::map<ProfileId, size_t> shared;
  for (const auto& [identifier, holder] : one) {
    if (holder == profile && many.contains(identifier)) ++shared[many.at(identifier)];
  }
  return std::max_element(shared.begin(), shared.end(), [](auto& a, auto& b) { return a.second < b.second; })->first;
}

uint64_t CountMoved(const Partition& before, const Partition& after) {
  uint64_t moved = 0;
  for (const auto& [identifier, profile] : before) {
    if (!after.contains(identifier)) continue;
    const ProfileId& now = after.at(identifier);
    moved += ClosestOf(profile, before, after) != now || ClosestOf(now, after, before) != profile;
  }
  return moved;
}

uint64_t CountSeveral(const std::map<ProfileId, std::set<ProfileId>>& partners) {
  return static_cast<uint64_t>(
      std::count_if(partners.begin(), partners.end(), [](const auto& entry) { return entry.second.size() > 1; }));
}

// What follows from the definitions, the slow way; and there and back are mirrors.
TEST_CASE("A difference counts what the two partitions say", "[admin]") {
  CHECK(rc::check("any two partitions", [] {
    const Partition before = ArbitraryPartition();
    const Partition after = ArbitraryPartition();
    const Difference there = Compare(before, after);
    const Difference back = Compare(after, before);
    RC_ASSERT(there.merged == CountSeveral(Partners(after, before)));
    RC_ASSERT(there.split == CountSeveral(Partners(before, after)));
    RC_ASSERT(there.moved == CountMoved(before, after));
    RC_ASSERT(there.moved == back.moved);
    RC_ASSERT(there.merged == back.split);
    RC_ASSERT(there.added == back.gone);
    RC_ASSERT(there.identifiers_after == there.identifiers_before + there.added - there.gone);
    for (const Difference::Example& merge : there.merges) {
      RC_ASSERT(merge.after.size() == 1u);
      const std::set<ProfileId> expected = Partners(after, before).at(merge.after[0]);
      RC_ASSERT((std::set<ProfileId>(merge.before.begin(), merge.before.end())) == expected);
      RC_ASSERT(std::is_sorted(merge.before.begin(), merge.before.end()));
      std::set<Identifier> all;
      for (const auto& [identifier, profile] : before) {
        if (expected.contains(profile)) all.insert(identifier);
      }
      for (const auto& [identifier, profile] : after) {
        if (profile == merge.after[0]) all.insert(identifier);
      }
      RC_ASSERT(merge.identifiers == all.size());
      for (const ProfileId& id : merge.before) {
        RC_ASSERT(std::any_of(merge.shown.begin(), merge.shown.end(),
                              [&](const Identifier& shown) { return before.at(shown) == id; }));
      }
    }
  }));
}

// The form that docs/cli.md promises, byte for byte.
TEST_CASE("A difference's JSON is the contract's", "[admin]") {
  Difference difference = Compare(Profiles("1: a; 2: b"), Profiles("1: a b"));
  difference.refused_rows = 3;
  difference.changed_attributes = 4;
  CHECK(difference.ToJson() ==
        R"({"profiles":{"before":2,"after":1,"merged":1,"split":0},)"
        R"("identifiers":{"before":2,"after":2,"added":0,"gone":0,"moved":1},"refused_rows":3,"changed_attributes":4,)"
        R"("merges":[{"before":["00000000000000000000000000000001","00000000000000000000000000000002"],)"
        R"("after":["00000000000000000000000000000001"],"identifiers":2,"shown":["e:a","e:b"]}],"splits":[]})");
}

// Of a change, too. An assertion has no source.
TEST_CASE("A change's JSON is the contract's", "[admin]") {
  const Change change = {.sequence = 7,
                         .kind = Change::Kind::kMove,
                         .before = {IdOf(1)},
                         .after = {IdOf(2)},
                         .moved = {{{"e", "\""}, IdOf(1), IdOf(2)}},
                         .causes = {{Cause::Kind::kEvent, "web", "m-1"}, {Cause::Kind::kSame, "", "s"}},
                         .more_causes = 2};
  CHECK(change.ToJson() ==
        R"({"sequence":7,"recorded_at":null,"kind":"MOVE","before":["00000000000000000000000000000001"],)"
        R"("after":["00000000000000000000000000000002"],"moved":[{"identifier":"e:\"",)"
        R"("from":"00000000000000000000000000000001","to":"00000000000000000000000000000002"}],)"
        R"("causes":[{"kind":"EVENT","source":"web","id":"m-1"},{"kind":"SAME","id":"s"}],"more_causes":2})");
  CHECK(
      Change().ToJson() ==
      R"({"sequence":0,"recorded_at":null,"kind":"MERGE","before":[],"after":[],"moved":[],"causes":[],"more_causes":0})");
}

TEST_CASE("Causes have names", "[admin]") {
  CHECK(ToString(Cause::Kind::kRecord) == "RECORD");
  CHECK(ToString(Cause::Kind::kWithdrawnEvent) == "WITHDRAWN_EVENT");
  CHECK(ToString(Cause::Kind::kWithdrawnRecord) == "WITHDRAWN_RECORD");
  CHECK(ToString(Cause::Kind::kWithdrawnSource) == "WITHDRAWN_SOURCE");
  CHECK(ToString(Cause::Kind::kNever) == "NEVER");
  CHECK(ToString(Cause::Kind::kRetraction) == "RETRACTION");
  CHECK(ToString(Cause::Kind::kSchema) == "SCHEMA");
}

}  // namespace
}  // namespace kintsugi::admin
