#include "identity/resolve.h"

#include <rapidcheck.h>

#include <algorithm>
#include <set>
#include <sstream>
#include <tuple>

#include "catch.h"
#include "heap.h"

namespace kintsugi::identity {

static bool operator==(const Link& a, const Link& b) {
  return std::tie(a.stronger, a.weaker, a.kind, a.first_seen, a.last_seen) ==
         std::tie(b.stronger, b.weaker, b.kind, b.first_seen, b.last_seen);
}

static bool operator==(const RefusedLink& a, const RefusedLink& b) {
  return a.link == b.link && a.reason == b.reason;
}

static bool operator==(const Resolution& a, const Resolution& b) {
  return a.profile_of == b.profile_of && a.profile_count == b.profile_count && a.refused == b.refused &&
         a.generic == b.generic;
}

namespace {

Time At(int minute) {
  return Time(std::chrono::minutes(minute));
}

// Namespaces are letters, strongest first. `c` is a customer id, of which a profile holds one.
constexpr std::string_view kNamespaces = "cedk";

Rules OneCustomer() {
  return {.namespaces = {{.max_per_profile = 1}, {}, {}, {}}};
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

// Evidence as tests write it: "c1 d7" are customer 1 and device 7.
class Evidence {
 public:
  Evidence& Seen(const std::string& names, Time first, Time last) {
    for (const std::string& name : Words(names)) nodes_.insert(NodeOf(name));
    seen_.push_back({Words(names), first, last});
    return *this;
  }
  Evidence& Seen(const std::string& names, int minute) { return Seen(names, At(minute), At(minute)); }
  Evidence& Same(const std::string& a, const std::string& b) { return Assert(Assertion::Kind::kSame, a, b); }
  Evidence& Never(const std::string& a, const std::string& b) { return Assert(Assertion::Kind::kNever, a, b); }

  // Profiles in the order of their numbers: "c1 d7 | c2".
  std::string Profiles(const Rules& rules) const {
    const Resolution resolution = identity::Resolve(rules, ToComponent());
    std::vector<std::string> profiles(resolution.profile_count);
    for (size_t i = 0; i < nodes_.size(); ++i) {
      std::string& profile = profiles.at(resolution.profile_of.at(i));
      profile += (profile.empty() ? "" : " ") + NameOf(i);
    }
    std::string text;
    for (const std::string& profile : profiles) text += (text.empty() ? "" : " | ") + profile;
    return text;
  }

  // In the order in which they were tried: "c1-d7 max_per_profile, …".
  std::string Refusals(const Rules& rules) const {
    constexpr const char* kReasons[] = {"max_per_profile", "max_identifiers", "never"};
    std::string text;
    for (const auto& [link, reason, ns, broken] : identity::Resolve(rules, ToComponent()).refused) {
      text += (text.empty() ? "" : ", ") + NameOf(link.stronger) + "-" + NameOf(link.weaker) + " " +
              kReasons[static_cast<int>(reason)];
    }
    return text;
  }

  std::string Generic(const Rules& rules) const {
    std::string text;
    for (const uint32_t i : identity::Resolve(rules, ToComponent()).generic)
      text += (text.empty() ? "" : " ") + NameOf(i);
    return text;
  }

  Component ToComponent() const {
    Component out;
    out.identifiers = {nodes_.begin(), nodes_.end()};
    for (const auto& [names, first, last] : seen_) {
      std::set<uint32_t> members;
      for (const std::string& name : names) members.insert(IndexOf(name));
      out.associations.push_back({{members.begin(), members.end()}, first, last});
    }
    for (const auto& [kind, a, b] : assertions_) out.assertions.push_back({kind, IndexOf(a), IndexOf(b)});
    return out;
  }

 private:
  static Node NodeOf(const std::string& name) {
    return {static_cast<NamespaceIndex>(kNamespaces.find(name[0])), name.substr(1)};
  }
  uint32_t IndexOf(const std::string& name) const {
    return static_cast<uint32_t>(std::distance(nodes_.begin(), nodes_.find(NodeOf(name))));
  }
  std::string NameOf(size_t index) const {
    const auto at = std::next(nodes_.begin(), static_cast<std::ptrdiff_t>(index));
    return kNamespaces[at->ns] + at->value;
  }
  Evidence& Assert(Assertion::Kind kind, const std::string& a, const std::string& b) {
    nodes_.insert(NodeOf(a));
    nodes_.insert(NodeOf(b));
    assertions_.emplace_back(kind, a, b);
    return *this;
  }

  std::set<Node> nodes_;
  std::vector<std::tuple<std::vector<std::string>, Time, Time>> seen_;
  std::vector<std::tuple<Assertion::Kind, std::string, std::string>> assertions_;
};

// No limit is broken: what hangs together is one person.
TEST_CASE("Without a conflict everything connected is one profile", "[identity]") {
  const Evidence evidence =
      Evidence().Seen("c1 e1", 1).Seen("e1 d1 d2", 2).Seen("d2 k1", 3).Seen("e9 d9", 4).Seen("k9", 5);
  CHECK(evidence.Profiles(OneCustomer()) == "c1 e1 d1 d2 k1 | e9 d9 | k9");
  CHECK(evidence.Refusals(OneCustomer()).empty());
  CHECK(Evidence().Profiles(OneCustomer()).empty());
}

// Profiles are numbered by their smallest identifier: strongest first, then bytes.
TEST_CASE("Profiles are numbered by their smallest identifier", "[identity]") {
  CHECK(Evidence().Seen("c2 d1", 1).Seen("c1 d2", 2).Seen("e1 k1", 3).Profiles(OneCustomer()) ==
        "c1 d2 | c2 d1 | e1 k1");
  CHECK(Evidence().Seen("c2 d1", 1).Seen("c1 d1", 2).Seen("e1 k1", 3).Profiles(OneCustomer()) == "c1 d1 | c2 | e1 k1");
}

// The shared device: it goes with the last login, whoever came first.
TEST_CASE("An identifier belongs to whoever used it last", "[identity]") {
  const Evidence evidence = Evidence().Seen("c1 d1", 1).Seen("c2 d1", 2);
  CHECK(evidence.Profiles(OneCustomer()) == "c1 | c2 d1");
  CHECK(evidence.Refusals(OneCustomer()) == "c1-d1 max_per_profile");
  CHECK(Evidence().Seen("c1 d1", 1).Seen("c2 d1", 2).Seen("c1 d1", 3).Profiles(OneCustomer()) == "c1 d1 | c2");
}

// The mirror: what was there first stays, however often the other is seen later.
TEST_CASE("KEEP_OLDEST is the mirror of KEEP_NEWEST", "[identity]") {
  Rules rules = OneCustomer();
  rules.keep_oldest = true;
  CHECK(Evidence().Seen("c1 d1", 1).Seen("c2 d1", 2).Seen("c2 d1", 9).Profiles(rules) == "c1 d1 | c2");
  CHECK(Evidence().Seen("c1 d1", 5).Seen("c2 d1", At(3), At(9)).Profiles(rules) == "c1 | c2 d1");
}

// Mirrored times and the mirrored rule give the same profiles.
TEST_CASE("KEEP_OLDEST of the past is KEEP_NEWEST of the future", "[identity]") {
  Rules oldest = OneCustomer();
  oldest.keep_oldest = true;
  const std::vector<std::string> links = {"c1 e1", "e1 d1", "c2 d1", "c2 e2", "e2 d2", "c1 d2", "d1 d2"};
  Evidence forth, back;
  for (int minute = 0; const std::string& link : links) {
    ++minute;
    forth.Seen(link, minute);
    back.Seen(link, -minute);
  }
  CHECK(forth.Profiles(OneCustomer()) == back.Profiles(oldest));
}

// Rank: an identifier's newest link to something stronger comes before any second link, however new that one is.
TEST_CASE("Every identifier's newest link comes before anybody's second", "[identity]") {
  // d1's newest is c1, at 2. d2 has seen c1 at 8 and c2 at 9; d1-d2 at 7 is d2's third.
  const Evidence evidence = Evidence().Seen("c1 d1", 2).Seen("c1 d2", 8).Seen("c2 d2", 9).Seen("d1 d2", 7);
  CHECK(evidence.Profiles(OneCustomer()) == "c1 d1 | c2 d2");
  CHECK(evidence.Refusals(OneCustomer()) == "c1-d2 max_per_profile, d1-d2 max_per_profile");
}

// Without ranks c1 would join c2 through e1's second link, and leave no room for e2, whose only link is older.
TEST_CASE("A second link waits for an older first one of the same strength", "[identity]") {
  const Rules rules = {.namespaces = {{}, {.max_per_profile = 1}, {}, {}}};
  const Evidence evidence = Evidence().Seen("c2 e1", 9).Seen("c1 e1", 8).Seen("c1 e2", 1);
  CHECK(evidence.Profiles(rules) == "c1 e2 | c2 e1");
  CHECK(evidence.Refusals(rules) == "c1-e1 max_per_profile");
}

// Newest-first alone would join c2 with e1 before e1 reaches its own customer.
TEST_CASE("An old first link beats a new second one", "[identity]") {
  const Evidence evidence = Evidence().Seen("c1 e1", 1).Seen("e1 d1", 5).Seen("c2 d1", 6);
  CHECK(evidence.Profiles(OneCustomer()) == "c1 e1 | c2 d1");
}

// Among links of one rank the pair of stronger namespaces comes first, whatever the times.
TEST_CASE("Stronger namespaces come before newer times", "[identity]") {
  const Rules rules = {.namespaces = {{1, 0}, {1, 0}, {}, {}}};
  // Rank 0 all: c1-e1 (0+1), e2-k1 (1+3), e1-k1 is k1's second.
  CHECK(Evidence().Seen("c1 e1", 1).Seen("c1 e2", 2).Seen("e2 k1", 9).Seen("e1 k1", 8).Refusals(rules) ==
        "c1-e1 max_per_profile, e1-k1 max_per_profile");
  Rules two = OneCustomer();
  two.max_identifiers = 2;
  CHECK(Evidence().Seen("c1 e1", 1).Seen("c1 d1", 9).Profiles(two) == "c1 e1 | d1");
}

// Equal rank, equal strength: the newer; then the bytes of the stronger end, then of the weaker.
TEST_CASE("Ties end in times, then bytes", "[identity]") {
  Rules two = OneCustomer();
  two.max_identifiers = 2;
  CHECK(Evidence().Seen("c1 d1", 1).Seen("c1 d2", 2).Profiles(two) == "c1 d2 | d1");
  CHECK(Evidence().Seen("c1 d1", 1).Seen("c1 d2", 1).Profiles(two) == "c1 d1 | d2");
  CHECK(Evidence().Seen("c1 d1", 1).Seen("c2 d1", 1).Profiles(OneCustomer()) == "c1 d1 | c2");
  CHECK(Evidence().Seen("c1 d1", 1).Seen("e1 d1", 1).Profiles(two) == "c1 d1 | e1");
}

// Seen twice, the extremes of the times count: newest for one rule, oldest for the other.
TEST_CASE("A link has the extremes of the times of its associations", "[identity]") {
  const Evidence evidence = Evidence().Seen("c1 d1", 1).Seen("c1 d1 k1", 9).Seen("c2 d1", At(2), At(8));
  CHECK(evidence.Profiles(OneCustomer()) == "c1 d1 k1 | c2");
  const Resolution resolution = Resolve(OneCustomer(), evidence.ToComponent());
  REQUIRE(resolution.refused.size() == 1);
  CHECK(resolution.refused[0].link.first_seen == At(2));
  CHECK(resolution.refused[0].link.last_seen == At(8));
}

// 300 sets that share 63 of their 64 identifiers have 600,000 pairs, and 21,000 links. Without bound: 2,000 events of
// 256 cookies took 2.1 GB and ten seconds, every time that one of them was seen.
TEST_CASE("Sets that share their identifiers take the memory of their distinct links", "[identity]") {
  constexpr uint32_t kShared = 63, kSets = 300;
  Component sets;
  for (uint32_t i = 0; i < kShared + kSets; ++i) {
    sets.identifiers.push_back({1, std::to_string(100'000 + i)});
  }
  for (uint32_t set = 0; set < kSets; ++set) {
    SeenTogether& seen = sets.associations.emplace_back();
    for (uint32_t i = 0; i < kShared; ++i) seen.members.push_back(i);
    seen.members.push_back(kShared + set);
    seen.first_seen = At(static_cast<int>(set * 7919 % 1000));
    seen.last_seen = At(static_cast<int>(2000 + set * 104729 % 1000));
  }
  // The same, link by link.
  Component links{.identifiers = sets.identifiers};
  for (uint32_t weaker = 1; weaker < kShared + kSets; ++weaker) {
    for (uint32_t stronger = 0; stronger < std::min(weaker, kShared); ++stronger) {
      SeenTogether& seen = links.associations.emplace_back(SeenTogether{{stronger, weaker}});
      for (const SeenTogether& set : sets.associations) {
        if (weaker >= kShared && set.members.back() != weaker) continue;
        seen.first_seen = std::min(seen.first_seen, set.first_seen);
        seen.last_seen = std::max(seen.last_seen, set.last_seen);
      }
    }
  }
  Rules rules = OneCustomer();
  rules.max_identifiers = kShared / 2;  // so that nearly all links are refused, and tell their order

  const testing::HeapPeak heap;
  const Resolution of_sets = Resolve(rules, sets);
  CHECK(heap.bytes() < static_cast<int64_t>(links.associations.size()) * 512);
  CHECK(of_sets.refused.size() > links.associations.size() / 2);
  CHECK(of_sets == Resolve(rules, links));
}

// An unknown time is no time to win by.
TEST_CASE("Evidence without a time loses to evidence with one", "[identity]") {
  const Evidence evidence = Evidence().Seen("c1 d1", kNeverFirst, kNeverLast).Seen("c2 d1", -1000);
  CHECK(evidence.Profiles(OneCustomer()) == "c1 | c2 d1");
  Rules oldest = OneCustomer();
  oldest.keep_oldest = true;
  CHECK(evidence.Profiles(oldest) == "c1 | c2 d1");
}

// The limit is the number that a profile may hold, not one less.
TEST_CASE("A profile holds max_per_profile of a namespace and no more", "[identity]") {
  const Rules rules = {.namespaces = {{}, {.max_per_profile = 2}, {}, {}}};
  CHECK(Evidence().Seen("c1 e1", 1).Seen("c1 e2", 2).Profiles(rules) == "c1 e1 e2");
  CHECK(Evidence().Seen("c1 e1", 1).Seen("c1 e2", 2).Seen("c1 e3", 3).Profiles(rules) == "c1 e2 e3 | e1");
}

// Counts add up when groups join: two and one are three.
TEST_CASE("Limits count both groups of a link", "[identity]") {
  const Rules rules = {.namespaces = {{}, {.max_per_profile = 2}, {}, {}}};
  const Evidence evidence =
      Evidence().Seen("c1 e1", 1).Seen("c1 e2", 2).Seen("c2 e3", 3).Seen("c1 d1", 9).Seen("c2 d1", 8);
  CHECK(evidence.Profiles(rules) == "c1 e1 e2 d1 | c2 e3");
  CHECK(evidence.Refusals(rules) == "c2-d1 max_per_profile");
}

// A profile of everybody is nobody's: growth ends at the limit.
TEST_CASE("A profile holds max_identifiers and no more", "[identity]") {
  Rules rules = OneCustomer();
  rules.max_identifiers = 3;
  CHECK(Evidence().Seen("c1 d1", 1).Seen("c1 d2", 2).Profiles(rules) == "c1 d1 d2");
  const Evidence four = Evidence().Seen("c1 d1", 1).Seen("c1 d2", 2).Seen("c1 d3", 3);
  CHECK(four.Profiles(rules) == "c1 d2 d3 | d1");
  CHECK(four.Refusals(rules) == "c1-d1 max_identifiers");
}

// More people than a mailbox has: its links say nothing about who they are.
TEST_CASE("A generic identifier joins nobody", "[identity]") {
  const Rules rules = {.namespaces = {{.max_per_profile = 1}, {.generic_above = 2}, {}, {}}};
  const Evidence two = Evidence().Seen("c1 e1", 1).Seen("c2 e1", 2);
  CHECK(two.Profiles(rules) == "c1 | c2 e1");
  CHECK(two.Generic(rules).empty());
  const Evidence three = Evidence().Seen("c1 e1", 1).Seen("c2 e1", 2).Seen("c3 e1", 3);
  CHECK(three.Profiles(rules) == "c1 | c2 | c3 | e1");
  CHECK(three.Generic(rules) == "e1");
  CHECK(three.Refusals(rules).empty());
}

// Ten devices do not make a mailbox generic, nor do two customers and two more of another kind.
TEST_CASE("Generic counts distinct identifiers of one stronger namespace", "[identity]") {
  // Two customers that may not meet keep Resolve() off its fast path, which does not count.
  const Rules rules = {.namespaces = {{.max_per_profile = 1}, {}, {.generic_above = 2}, {}}};
  CHECK(Evidence().Seen("c1 d1", 1).Seen("c2 d1", 2).Seen("e1 d1", 3).Seen("e2 d1", 4).Generic(rules).empty());
  CHECK(Evidence().Seen("d1 k1", 1).Seen("d1 k2", 1).Seen("d1 k3", 1).Seen("c1 c2", 1).Generic(rules).empty());
  CHECK(Evidence().Seen("d1 d2 d3 d4", 1).Seen("c1 c2", 1).Generic(rules).empty());
  CHECK(Evidence().Seen("c1 d1", 1).Seen("c1 d1 e1", 2).Seen("c2 d1", 3).Generic(rules).empty());
  CHECK(Evidence().Seen("e1 d1", 1).Seen("e2 d1", 2).Seen("e3 d1", 3).Generic(rules) == "d1");
}

// Weaker identifiers still hang on it: they have nobody better.
TEST_CASE("A generic identifier keeps its links to weaker ones", "[identity]") {
  const Rules rules = {.namespaces = {{.max_per_profile = 1}, {.generic_above = 1}, {}, {}}};
  const Evidence evidence = Evidence().Seen("c1 e1", 1).Seen("c2 e1", 2).Seen("e1 d1", 3);
  CHECK(evidence.Profiles(rules) == "c1 | c2 | e1 d1");
}

// All of its links to stronger ones, those inside its own namespace too.
TEST_CASE("A generic identifier does not join a stronger one of its own namespace", "[identity]") {
  const Rules rules = {.namespaces = {{.max_per_profile = 1}, {.generic_above = 1}, {}, {}}};
  CHECK(Evidence().Seen("c1 e2", 1).Seen("c2 e2", 2).Seen("e1 e2", 3).Profiles(rules) == "c1 | c2 | e1 | e2");
  CHECK(Evidence().Seen("c1 e1", 1).Seen("c2 e1", 2).Seen("e1 e2", 3).Profiles(rules) == "c1 | c2 | e1 e2");
}

// A person said so, and no event did.
TEST_CASE("Same joins what nothing else does", "[identity]") {
  CHECK(Evidence().Seen("c1 d1", 1).Seen("e1 k1", 2).Same("k1", "d1").Profiles(OneCustomer()) == "c1 e1 d1 k1");
  CHECK(Evidence().Seen("c1 d1", 1).Same("d1", "d1").Profiles(OneCustomer()) == "c1 d1");
}

// A person's word comes before every observation, and breaks no limit.
TEST_CASE("Same comes first and never breaks a limit", "[identity]") {
  const Evidence evidence = Evidence().Seen("c2 d1", 9).Same("d1", "c1");
  CHECK(evidence.Profiles(OneCustomer()) == "c1 d1 | c2");
  const Evidence both = Evidence().Same("c1", "c2").Seen("c1 d1", 1).Seen("c2 d2", 2);
  CHECK(both.Profiles(OneCustomer()) == "c1 d1 | c2 d2");
  CHECK(both.Refusals(OneCustomer()) == "c1-c2 max_per_profile");
}

// Of two that exclude each other: the pair of stronger namespaces, then the bytes. Said twice is said once.
TEST_CASE("Conflicting sames are taken strongest first", "[identity]") {
  CHECK(Evidence().Same("c2", "d1").Same("c1", "d1").Same("d1", "c2").Refusals(OneCustomer()) ==
        "c2-d1 max_per_profile");
  CHECK(Evidence().Same("c2", "d1").Same("c1", "e1").Same("e1", "d1").Profiles(OneCustomer()) == "c1 e1 | c2 d1");
  Rules alone = OneCustomer();
  alone.max_identifiers = 1;
  CHECK(Evidence().Same("c1", "k1").Same("e1", "e2").Refusals(alone) == "e1-e2 max_identifiers, c1-k1 max_identifiers");
}

// A same for a generic identifier is a person's word, and stands.
TEST_CASE("Same joins a generic identifier", "[identity]") {
  const Rules rules = {.namespaces = {{.max_per_profile = 1}, {.generic_above = 1}, {}, {}}};
  CHECK(Evidence().Seen("c1 e1", 1).Seen("c2 e1", 2).Same("c1", "e1").Profiles(rules) == "c1 e1 | c2");
}

// Twins at one address: a person keeps them apart, over any number of steps.
TEST_CASE("Never keeps two apart", "[identity]") {
  const Evidence direct = Evidence().Seen("e1 d1", 1).Never("e1", "d1");
  CHECK(direct.Profiles(OneCustomer()) == "e1 | d1");
  CHECK(direct.Refusals(OneCustomer()) == "e1-d1 never");
  const Evidence far = Evidence().Seen("e1 d1", 1).Seen("d1 k1", 2).Seen("e2 k1", 3).Never("e1", "e2");
  CHECK(far.Profiles(OneCustomer()) == "e1 d1 | e2 k1");
  CHECK(far.Refusals(OneCustomer()) == "d1-k1 never");
}

// Groups carry all their nevers with them when they join, whichever way round.
TEST_CASE("A group keeps its members' nevers", "[identity]") {
  const Evidence evidence =
      Evidence().Seen("c1 d1", 9).Seen("c1 d2", 8).Seen("e1 d3", 7).Seen("d1 d3", 1).Seen("d2 d3", 2).Never("d2", "e1");
  CHECK(evidence.Profiles(OneCustomer()) == "c1 d1 d2 | e1 d3");
  CHECK(evidence.Refusals(OneCustomer()) == "d2-d3 never, d1-d3 never");
}

// An identifier cannot be somebody else than itself; and never beats same.
TEST_CASE("Never of one identifier says nothing, and never beats same", "[identity]") {
  CHECK(Evidence().Seen("c1 d1", 1).Never("d1", "d1").Profiles(OneCustomer()) == "c1 d1");
  CHECK(Evidence().Same("e1", "d1").Never("d1", "e1").Refusals(OneCustomer()) == "e1-d1 never");
}

// Of several reasons the one that a person gave is told, then the namespace's limit.
TEST_CASE("A refused link tells the strongest reason", "[identity]") {
  Rules rules = OneCustomer();
  rules.max_identifiers = 1;
  CHECK(Evidence().Seen("c1 c2", 1).Never("c1", "c2").Refusals(rules) == "c1-c2 never");
  CHECK(Evidence().Seen("c1 c2", 1).Refusals(rules) == "c1-c2 max_per_profile");
  CHECK(Evidence().Seen("c1 d1", 1).Refusals(rules) == "c1-d1 max_identifiers");
}

struct Problem {
  Rules rules;
  Component component;
};

// Up to nine identifiers of four namespaces. `limits`: whether any can be broken.
Problem ArbitraryProblem(bool limits) {
  Problem out;
  // Of full size from the first run on: small problems have no conflicts.
  const auto number = [](int end) {
    return static_cast<uint32_t>(*rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, end)));
  };
  for (int ns = 0; ns < 4; ++ns)
    out.rules.namespaces.push_back(limits ? Rules::PerNamespace{number(4), number(4)} : Rules::PerNamespace{9, 9});
  out.rules.max_identifiers = limits && number(3) == 0 ? 1 + number(6) : 0;
  out.rules.keep_oldest = number(2) == 1;
  std::set<Node> nodes;
  for (uint32_t i = 0, n = 1 + number(9); i < n; ++i) {
    nodes.insert({static_cast<NamespaceIndex>(number(4)), std::string(1, static_cast<char>('a' + i))});
  }
  out.component.identifiers = {nodes.begin(), nodes.end()};
  const int n = static_cast<int>(nodes.size());
  for (uint32_t i = 0, associations = number(13); i < associations; ++i) {
    std::set<uint32_t> members = {number(n), number(n)};
    if (number(3) == 0) members.insert(number(n));
    const int first = static_cast<int>(number(6));
    SeenTogether seen = {{members.begin(), members.end()}, At(first), At(first + static_cast<int>(number(4)))};
    if (number(8) == 0) seen.first_seen = kNeverFirst, seen.last_seen = kNeverLast;
    out.component.associations.push_back(seen);
  }
  for (uint32_t i = 0, assertions = number(3); i < assertions; ++i) {
    const auto kind = limits && number(2) == 0 ? Assertion::Kind::kNever : Assertion::Kind::kSame;
    out.component.assertions.push_back({kind, number(n), number(n)});
  }
  return out;
}

template <typename T>
void Shuffle(std::vector<T>& items) {
  for (size_t i = items.size(); i > 1; --i) std::swap(items[i - 1], items[*rc::gen::inRange<size_t>(0, i)]);
}

// Equal sets as one, with the extremes of their times.
std::vector<SeenTogether> Merged(const std::vector<SeenTogether>& associations) {
  std::map<std::vector<uint32_t>, SeenTogether> by_members;
  for (const SeenTogether& seen : associations) {
    SeenTogether& merged = by_members.emplace(seen.members, seen).first->second;
    merged.first_seen = std::min(merged.first_seen, seen.first_seen);
    merged.last_seen = std::max(merged.last_seen, seen.last_seen);
  }
  std::vector<SeenTogether> out;
  for (const auto& [members, seen] : by_members) out.push_back(seen);
  return out;
}

// The idea of it all: a profile is a function of the evidence.
TEST_CASE("Resolution depends neither on the order of evidence nor on how often it is told", "[identity]") {
  CHECK(rc::check("shuffled, repeated, merged", [] {
    const auto [rules, component] = ArbitraryProblem(true);
    const Resolution expected = Resolve(rules, component);
    RC_CLASSIFY(!expected.refused.empty(), "refused");
    RC_CLASSIFY(!expected.generic.empty(), "generic");
    Component other = component;
    for (size_t i = 0; i < component.associations.size(); ++i) {
      if (*rc::gen::inRange(0, 4) == 0) other.associations.push_back(component.associations[i]);
    }
    for (Assertion& assertion : other.assertions) {
      if (*rc::gen::arbitrary<bool>()) std::swap(assertion.a, assertion.b);
    }
    Shuffle(other.associations);
    Shuffle(other.assertions);
    RC_ASSERT(Resolve(rules, other) == expected);
    other.associations = Merged(other.associations);
    RC_ASSERT(Resolve(rules, other) == expected);
    Shuffle(other.associations);
    RC_ASSERT(Resolve(rules, other) == expected);
  }));
}

// Two identifiers of a fifth namespace that may not meet do not touch the rest, but force the slow path for all.
TEST_CASE("The fast path gives what the slow path gives", "[identity]") {
  CHECK(rc::check("with a conflict far away", [] {
    const auto [rules, component] = ArbitraryProblem(*rc::gen::inRange(0, 3) == 0);
    const Resolution expected = Resolve(rules, component);
    RC_CLASSIFY(expected.refused.empty() && expected.generic.empty(), "free of conflict");
    Rules five = rules;
    five.namespaces.push_back({.max_per_profile = 1});
    Component with = component;
    const auto far = static_cast<uint32_t>(component.identifiers.size());
    with.identifiers.push_back({4, "x"});
    with.identifiers.push_back({4, "y"});
    with.associations.push_back({{far, far + 1}, At(3), At(3)});
    Resolution actual = Resolve(five, with);
    RC_ASSERT(std::erase_if(actual.refused, [&](const RefusedLink& refused) { return refused.link.stronger == far; }) ==
              1u);
    RC_ASSERT(actual.profile_of[far] == expected.profile_count);
    RC_ASSERT(actual.profile_of[far + 1] == expected.profile_count + 1);
    RC_ASSERT(actual.profile_count == expected.profile_count + 2);
    actual.profile_of.resize(far);
    actual.profile_count -= 2;
    RC_ASSERT(actual == expected);
  }));
}

// What a profile may hold, and whom it must keep apart.
TEST_CASE("No profile breaks a limit", "[identity]") {
  CHECK(rc::check("counts, sizes and nevers", [] {
    const auto [rules, component] = ArbitraryProblem(true);
    const Resolution resolution = Resolve(rules, component);
    std::vector<std::map<NamespaceIndex, uint32_t>> counts(resolution.profile_count);
    std::vector<uint32_t> sizes(resolution.profile_count);
    for (size_t i = 0; i < component.identifiers.size(); ++i) {
      ++counts.at(resolution.profile_of[i])[component.identifiers[i].ns];
      ++sizes.at(resolution.profile_of[i]);
    }
    for (const auto& of_profile : counts) {
      for (const auto& [ns, count] : of_profile) {
        const uint32_t limit = rules.namespaces[ns].max_per_profile;
        RC_ASSERT(limit == 0 || count <= limit);
      }
    }
    for (const uint32_t size : sizes)
      RC_ASSERT(size > 0 && (rules.max_identifiers == 0 || size <= rules.max_identifiers));
    for (const auto& [kind, a, b] : component.assertions) {
      if (kind == Assertion::Kind::kNever && a != b) RC_ASSERT(resolution.profile_of[a] != resolution.profile_of[b]);
    }
  }));
}

// Nothing is forgotten: two that were seen together are one profile, or the link is refused, or the weaker is generic.
TEST_CASE("Every link is followed, refused or generic", "[identity]") {
  CHECK(rc::check("each pair of each association", [] {
    const auto [rules, component] = ArbitraryProblem(true);
    const Resolution resolution = Resolve(rules, component);
    std::set<std::pair<uint32_t, uint32_t>> refused;
    for (const auto& [link, reason, ns, broken] : resolution.refused) {
      RC_ASSERT(resolution.profile_of[link.stronger] != resolution.profile_of[link.weaker]);
      if (link.kind == LinkKind::kObserved) RC_ASSERT(refused.emplace(link.stronger, link.weaker).second);
    }
    const std::set<uint32_t> generic(resolution.generic.begin(), resolution.generic.end());
    for (const SeenTogether& seen : component.associations) {
      for (const uint32_t a : seen.members) {
        for (const uint32_t b : seen.members) {
          if (a >= b || generic.contains(b)) continue;
          RC_ASSERT((resolution.profile_of[a] == resolution.profile_of[b]) != refused.contains({a, b}));
        }
      }
    }
  }));
}

}  // namespace
}  // namespace kintsugi::identity
