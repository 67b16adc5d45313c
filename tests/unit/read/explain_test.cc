#include "read/explain.h"

#include <rapidcheck.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "catch.h"

namespace kintsugi::read {
namespace {

using identity::Rules;
using Kind = identity::Assertion::Kind;
using Outcome = Link::Outcome;

Time Day(int day) {
  return Time(std::chrono::sys_days{std::chrono::March / 1 / 2026} + std::chrono::days(day));
}

// Namespaces are letters, strongest first, and then the sources. `c` is a customer id, of which a profile holds one.
constexpr std::string_view kLetters = "cedk";
const std::vector<std::string> kNamespaces = {"c", "e", "d", "k", "crm", "web"};

Rules OneCustomer() {
  return {.namespaces = {{.max_per_profile = 1}, {}, {}, {}, {}, {}}};
}

Rules GenericEmail(uint32_t above) {
  return {.namespaces = {{.max_per_profile = 1}, {.generic_above = above}, {}, {}, {}, {}}};
}

std::vector<std::string> Words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

ProfileId IdOf(uint32_t profile) {
  ProfileId id;
  id.bytes[0] = static_cast<uint8_t>(profile + 1);
  return id;
}

// Resolves a component and makes it ready to be explained, with `sources` saying who saw which association.
Explainable ToExplainable(const Rules& rules, const identity::Component& component,
                          const std::vector<std::vector<SeenBy>>& seen_by) {
  Explainable out{.component = component,
                  .resolution = identity::Resolve(rules, component),
                  .rules = rules,
                  .seen_by = seen_by,
                  .namespaces = kNamespaces};
  for (const identity::Node& node : component.identifiers) out.names.push_back({kNamespaces[node.ns], node.value});
  for (const uint32_t profile : out.resolution.profile_of) out.profiles.push_back(IdOf(profile));
  out.first_seen.assign(component.identifiers.size(), kNeverFirst);
  for (const auto& [members, first_seen, last_seen] : component.associations) {
    for (const uint32_t i : members) out.first_seen[i] = std::min(out.first_seen[i], first_seen);
  }
  for (size_t i = 0; i < component.assertions.size(); ++i) {
    out.decisions.push_back({"a-" + std::to_string(i + 1), "ops", "called in"});
  }
  return out;
}

// Evidence as tests write it: "c1 d7" are customer 1 and device 7.
class Evidence {
 public:
  Evidence& Seen(const std::string& names, std::optional<Time> first, std::optional<Time> last,
                 const std::string& source = "web") {
    for (const std::string& name : Words(names)) nodes_.insert(NodeOf(name));
    seen_.push_back({Words(names), {source, first, last, 1}});
    return *this;
  }
  Evidence& Seen(const std::string& names, int day, const std::string& source = "web") {
    return Seen(names, Day(day), Day(day), source);
  }
  Evidence& Same(const std::string& a, const std::string& b) { return Assert(Kind::kSame, a, b); }
  Evidence& Never(const std::string& a, const std::string& b) { return Assert(Kind::kNever, a, b); }

  Explainable Resolved(const Rules& rules) const {
    identity::Component component;
    component.identifiers = {nodes_.begin(), nodes_.end()};
    std::vector<std::vector<SeenBy>> seen_by;
    for (const auto& [names, seen] : seen_) {
      std::set<uint32_t> members;
      for (const std::string& name : names) members.insert(IndexOf(name));
      component.associations.push_back(
          {{members.begin(), members.end()}, OrNeverFirst(seen.first_seen), OrNeverLast(seen.last_seen)});
      seen_by.push_back({seen});
    }
    for (const auto& [kind, a, b] : assertions_) component.assertions.push_back({kind, IndexOf(a), IndexOf(b)});
    return ToExplainable(rules, component, seen_by);
  }

  Why WhyOf(const Rules& rules, const std::string& a, const std::string& b) const {
    return ExplainWhy(Resolved(rules), IndexOf(a), IndexOf(b));
  }
  Why WhyOf(const std::string& a, const std::string& b) const { return WhyOf(OneCustomer(), a, b); }
  How HowOf(const std::string& a) const { return ExplainHow(Resolved(OneCustomer()), IndexOf(a)); }

  uint32_t IndexOf(const std::string& name) const {
    return static_cast<uint32_t>(std::distance(nodes_.begin(), nodes_.find(NodeOf(name))));
  }

 private:
  static identity::Node NodeOf(const std::string& name) {
    return {static_cast<identity::NamespaceIndex>(kLetters.find(name[0])), name.substr(1)};
  }
  Evidence& Assert(Kind kind, const std::string& a, const std::string& b) {
    nodes_.insert(NodeOf(a));
    nodes_.insert(NodeOf(b));
    assertions_.emplace_back(kind, a, b);
    return *this;
  }

  std::set<identity::Node> nodes_;
  std::vector<std::pair<std::vector<std::string>, SeenBy>> seen_;
  std::vector<std::tuple<Kind, std::string, std::string>> assertions_;
};

std::string Short(const Identifier& identifier) {
  return identifier.ns + identifier.value;
}

// "c1-d7 d7-k1", what was asserted with = for the dash, and with ! before a link that is not accepted.
std::string PathOf(const Why& why) {
  std::string out;
  for (const Link& link : why.path) {
    out += (out.empty() ? "" : " ") + std::string(link.outcome == Outcome::kAccepted ? "" : "!") +
           Short(link.stronger) + (link.kind == Link::Kind::kSame ? "=" : "-") + Short(link.weaker);
  }
  return out;
}

// "d7 to 2 by c1-d7, …".
std::string StepsOf(const How& how) {
  std::string out;
  for (const How::Step& step : how.steps) {
    out += out.empty() ? "" : ", ";
    for (const Identifier& identifier : step.joined) out += Short(identifier) + " ";
    out += "to " + std::to_string(step.size) + " by " + Short(step.link.stronger) + "-" + Short(step.link.weaker);
  }
  return out;
}

// The plain case: one link says it all.
TEST_CASE("Two that were seen together are explained by that link", "[read]") {
  const Why why = Evidence().Seen("c1 d1", 1, "crm").WhyOf("d1", "c1");
  CHECK(why.together);
  CHECK(why.profile_a == why.profile_b);
  REQUIRE(PathOf(why) == "c1-d1");
  CHECK(why.path[0].reason == "seen together by crm");
  CHECK(why.path[0].assertion.empty());
  CHECK(why.verdict == "d:1 and c:1 are one profile: seen together by crm");
}

// One pair in many associations is one link; each source speaks once, in the order of the schema.
TEST_CASE("A link tells each source's sightings together", "[read]") {
  const Why why =
      Evidence().Seen("c1 d1", 5).Seen("c1 d1 k1", 2, "crm").Seen("c1 d1 k2", Day(1), Day(3)).WhyOf("c1", "d1");
  REQUIRE(why.path.size() == 1);
  const std::vector<SeenBy>& seen_by = why.path[0].seen_by;
  REQUIRE(seen_by.size() == 2);
  CHECK(seen_by[0].source == "crm");
  CHECK(seen_by[0].count == 1);
  CHECK(seen_by[1].source == "web");
  CHECK(seen_by[1].count == 2);
  CHECK(seen_by[1].first_seen == Day(1));
  CHECK(seen_by[1].last_seen == Day(5));
  CHECK(why.path[0].reason == "seen together by crm and web");
}

// A path is read from the one asked about first to the other.
TEST_CASE("Two that a third one joins are explained by a path from one to the other", "[read]") {
  const Evidence evidence = Evidence().Seen("c1 e1", 1).Seen("e1 d1", 2).Seen("d1 k1", 3);
  CHECK(PathOf(evidence.WhyOf("c1", "d1")) == "c1-e1 e1-d1");
  CHECK(PathOf(evidence.WhyOf("k1", "c1")) == "d1-k1 e1-d1 c1-e1");
  CHECK(evidence.WhyOf("c1", "d1").verdict == "c:1 and d:1 are one profile: 2 links connect them");
}

// The shorter explanation is the better one, however weak and old.
TEST_CASE("Fewest links come before strongest", "[read]") {
  const Evidence evidence =
      Evidence().Seen("c1 e1", 8).Seen("e1 e2", 9).Seen("e2 d1", 9).Seen("c1 k1", 1).Seen("k1 d1", 1);
  CHECK(PathOf(evidence.WhyOf("c1", "d1")) == "c1-k1 d1-k1");
}

// Of two paths over one other: the one over the stronger namespace, though it is older.
TEST_CASE("Strongest comes before newest", "[read]") {
  const Evidence evidence = Evidence().Seen("c1 e1", 1).Seen("e1 d1", 1).Seen("c1 k1", 9).Seen("k1 d1", 9);
  CHECK(PathOf(evidence.WhyOf("c1", "d1")) == "c1-e1 e1-d1");
}

// A path is as new as its oldest link, and as a link was last seen.
TEST_CASE("Of equally strong paths the newest explains", "[read]") {
  const auto both = [](int day) {
    return Evidence().Seen("c1 e1", 1).Seen("c1 e1", day).Seen("e1 d1", 9).Seen("c1 e2", 5).Seen("e2 d1", 5);
  };
  CHECK(PathOf(both(4).WhyOf("c1", "d1")) == "c1-e2 e2-d1");
  CHECK(PathOf(both(6).WhyOf("c1", "d1")) == "c1-e1 e1-d1");
  CHECK(PathOf(both(5).WhyOf("c1", "d1")) == "c1-e1 e1-d1");  // as new: bytes
  CHECK(PathOf(both(5).WhyOf("d1", "c1")) == "e1-d1 c1-e1");
}

// What has no time is older than anything that has one.
TEST_CASE("Links without a time explain only what nothing else does", "[read]") {
  const Evidence evidence =
      Evidence().Seen("c1 e1", std::nullopt, std::nullopt).Seen("e1 d1", 1).Seen("c1 e2", 1).Seen("e2 d1", 1);
  CHECK(PathOf(evidence.WhyOf("c1", "d1")) == "c1-e2 e2-d1");
  CHECK(PathOf(Evidence().Same("c1", "d1").Seen("c1 d1", 1).WhyOf("c1", "d1")) == "c1-d1");
}

// A person's word has a name to it.
TEST_CASE("A same tells who said so, and why", "[read]") {
  const Why why = Evidence().Seen("c1 d1", 1).Seen("e1 k1", 2).Same("k1", "c1").WhyOf("c1", "k1");
  REQUIRE(PathOf(why) == "c1=k1");
  CHECK(why.path[0].assertion == "a-1");
  CHECK(why.path[0].by == "ops");
  CHECK(why.path[0].because == "called in");
  CHECK(why.path[0].seen_by.empty());
  CHECK(why.verdict == R"(c:1 and k:1 are one profile: asserted to be the same by ops: "called in")");
}

// The order in which people decided must not show.
TEST_CASE("A same that was said twice is told by the smaller id", "[read]") {
  Explainable part = Evidence().Same("c1", "d1").Same("d1", "c1").Resolved(OneCustomer());
  part.decisions = {{"b", "eve", "late"}, {"a", "ann", "early"}};
  const Why why = ExplainWhy(part, 0, 1);
  REQUIRE(PathOf(why) == "c1=d1");
  CHECK(why.path[0].assertion == "a");
  CHECK(why.path[0].by == "ann");
}

// The shared device: whose limit it was, and who would meet.
TEST_CASE("Two that max_per_profile keeps apart are told the limit and the values", "[read]") {
  const Evidence evidence = Evidence().Seen("c1 d1", 1).Seen("c2 d1", 2);
  const Why why = evidence.WhyOf("c1", "c2");
  CHECK_FALSE(why.together);
  CHECK(why.profile_a != why.profile_b);
  REQUIRE(PathOf(why) == "!c1-d1 c2-d1");
  CHECK(why.path[0].outcome == Outcome::kMaxPerProfile);
  CHECK(why.path[0].reason == "a profile holds at most 1 c; here would be c:1 and c:2");
  CHECK(why.path[0].seen_by.size() == 1);
  CHECK(why.verdict ==
        "c:1 and c:2 are two profiles: "
        "a profile holds at most 1 c; here would be c:1 and c:2");
  CHECK(evidence.WhyOf("c1", "d1").verdict ==
        "c:1 and d:1 are two profiles: a profile holds at most 1 c; here would be c:1 and c:2");
}

// A long list helps nobody.
TEST_CASE("At most four values are told", "[read]") {
  Rules rules = OneCustomer();
  rules.namespaces[1].max_per_profile = 5;
  const Evidence evidence = Evidence().Seen("c1 e1 e2 e3 e4", 9).Seen("c2 e5 e6 e7", 9).Seen("e4 e5", 1);
  rules.namespaces[0].max_per_profile = 0;
  CHECK(evidence.WhyOf(rules, "e4", "e5").path[0].reason ==
        "a profile holds at most 5 e; here would be e:1, e:2, e:3, e:4 and 3 more");
  rules.namespaces[1].max_per_profile = 0;
  rules.namespaces[0].max_per_profile = 1;
  CHECK(evidence.WhyOf(rules, "e4", "e5").path[0].reason == "a profile holds at most 1 c; here would be c:1 and c:2");
}

// Of a profile that is only partly here not all can be named, but nothing false is said.
TEST_CASE("Values that are not loaded are others", "[read]") {
  Explainable part = Evidence().Seen("e1 d1", 1).Resolved(OneCustomer());
  part.profiles = {IdOf(1), IdOf(2)};
  part.resolution.refused = {{{0, 1}, identity::Refused::kMaxPerProfile, 0}};
  CHECK(ExplainWhy(part, 0, 1).path[0].reason == "a profile holds at most 1 c; here would be more");
  part.resolution.refused[0].ns = 1;
  part.rules.namespaces[1].max_per_profile = 2;
  CHECK(ExplainWhy(part, 0, 1).path[0].reason == "a profile holds at most 2 e; here would be e:1 and others");
}

// It cannot be, but what says so should not fail because of it.
TEST_CASE("A refusal that resolution does not list still has a sentence", "[read]") {
  Explainable part = Evidence().Seen("e1 d1", 1).Resolved(OneCustomer());
  part.profiles = {IdOf(1), IdOf(2)};
  CHECK(ExplainWhy(part, 0, 1).verdict == "e:1 and d:1 are two profiles: a limit keeps their profiles apart");
}

// A profile of everybody is nobody's.
TEST_CASE("Two that max_identifiers keeps apart are told the limit", "[read]") {
  Rules rules = OneCustomer();
  rules.max_identifiers = 2;
  const Why why = Evidence().Seen("c1 d1", 1).Seen("c1 d2", 2).WhyOf(rules, "c1", "d1");
  REQUIRE(PathOf(why) == "!c1-d1");
  CHECK(why.path[0].outcome == Outcome::kMaxIdentifiers);
  CHECK(why.path[0].reason == "a profile holds at most 2 identifiers");
}

// Twins: the assertion need not name the ends of the link that it refuses.
TEST_CASE("Two that a never keeps apart are told who said so", "[read]") {
  const Evidence evidence = Evidence().Seen("e1 d1", 1).Seen("d1 k1", 2).Seen("e2 k1", 3).Never("e2", "e1");
  const Why why = evidence.WhyOf("e1", "k1");
  REQUIRE(PathOf(why) == "e1-d1 !d1-k1");
  const Link& refused = why.path[1];
  CHECK(refused.outcome == Outcome::kNever);
  CHECK(refused.reason == R"(e:1 and e:2 are never the same, says ops: "called in")");
  CHECK(refused.assertion == "a-1");
  CHECK(refused.by == "ops");
  CHECK(refused.because == "called in");
  CHECK(refused.seen_by.size() == 1);
}

// The strongest pair, then the smallest id: not the one that was decided first.
TEST_CASE("Of several nevers between two profiles one is told, whatever their order", "[read]") {
  Explainable part = Evidence()
                         .Seen("c1 e1", 5)
                         .Seen("d1 k1", 4)
                         .Seen("c1 d1", 1)
                         .Never("e1", "k1")
                         .Never("k1", "c1")
                         .Never("c1", "k1")
                         .Resolved(OneCustomer());
  part.decisions = {{"a", "ann", "one"}, {"b", "bob", "two"}, {"c", "cid", "three"}};
  const Why why = ExplainWhy(part, 2, 3);
  REQUIRE(PathOf(why) == "!d1-k1");
  CHECK(why.path[0].assertion == "b");
  CHECK(why.path[0].reason == "c:1 and k:1 are never the same, says bob: \"two\"");
}

// It stays the person's word that it is; the reason names the other.
TEST_CASE("A same that a never refuses keeps its own assertion", "[read]") {
  const Why why = Evidence().Same("e1", "d1").Never("d1", "e1").WhyOf("e1", "d1");
  REQUIRE(PathOf(why) == "!e1=d1");
  CHECK(why.path[0].outcome == Outcome::kNever);
  CHECK(why.path[0].assertion == "a-1");
  CHECK(why.path[0].reason == R"(e:1 and d:1 are never the same, says ops: "called in")");
}

// One pair, two links, each with a reason of its own.
TEST_CASE("A pair that was seen and asserted in vain is told by what was seen", "[read]") {
  CHECK(PathOf(Evidence().Same("c1", "c2").Seen("c1 c2", 1).WhyOf("c1", "c2")) == "!c1-c2");
}

// An info@ mailbox: what made it generic.
TEST_CASE("A link to a generic identifier tells what it was seen with", "[read]") {
  const Evidence evidence = Evidence().Seen("c1 e1", 1).Seen("c2 e1", 2).Seen("c3 e1", 3).Seen("e1 d1", 4);
  const Why why = evidence.WhyOf(GenericEmail(2), "c1", "d1");
  REQUIRE(PathOf(why) == "!c1-e1 e1-d1");
  CHECK(why.path[0].outcome == Outcome::kGeneric);
  CHECK(why.path[0].reason == "e:1 is generic: seen with more than 2 c");
  CHECK(evidence.WhyOf(GenericEmail(2), "c1", "c2").verdict ==
        "c:1 and c:2 are two profiles: e:1 is generic: seen with more than 2 c (the first of 2 links between them that "
        "are not accepted)");
}

// Of evidence in other components nobody here knows the namespace.
TEST_CASE("What is generic by evidence elsewhere is told without a namespace", "[read]") {
  Explainable part = Evidence().Seen("c1 e1", 1).Resolved(GenericEmail(1));
  part.component.generic = {1};
  part.profiles = {IdOf(1), IdOf(2)};
  CHECK(ExplainWhy(part, 0, 1).path[0].reason ==
        "e:1 is generic: seen with more than 1 identifier of one stronger namespace");
}

// Together by another way: the inactive link explains nothing, however short.
TEST_CASE("A link to a generic identifier is no part of an accepted path", "[read]") {
  const Evidence evidence =
      Evidence().Seen("c1 e1", 9).Seen("c2 e1", 2).Seen("c3 e1", 3).Seen("e1 d1", 4).Seen("c1 d1", 5);
  const Why why = evidence.WhyOf(GenericEmail(2), "c1", "e1");
  CHECK(why.together);
  CHECK(PathOf(why) == "c1-d1 e1-d1");
}

// A person's word counts for a generic identifier too.
TEST_CASE("A same to a generic identifier is accepted", "[read]") {
  const Evidence evidence = Evidence().Seen("c1 e1", 1).Seen("c2 e1", 2).Same("c1", "e1");
  CHECK(PathOf(evidence.WhyOf(GenericEmail(1), "c1", "e1")) == "c1=e1");
}

// Apart, the path is the one with least in the way, though it is longer.
TEST_CASE("Fewest refused links come before fewest links", "[read]") {
  const Evidence evidence = Evidence()
                                .Seen("c1 e1", 1)
                                .Seen("c2 e1", 2)
                                .Seen("c3 e1", 3)
                                .Seen("c1 d1", 4)
                                .Seen("c2 d2", 5)
                                .Seen("d2 k1", 6)
                                .Seen("d1 k1", 3);
  CHECK(PathOf(evidence.WhyOf(GenericEmail(2), "c1", "c2")) == "c1-d1 !d1-k1 d2-k1 c2-d2");
}

// No evidence is an answer too, and a never stands before any comes.
TEST_CASE("Two that nothing connects are told so", "[read]") {
  const Why why = Evidence().Seen("c1 d1", 1).Seen("e1 k1", 2).WhyOf("c1", "e1");
  CHECK_FALSE(why.together);
  CHECK(why.path.empty());
  CHECK(why.verdict == "c:1 and e:1 are two profiles: nothing connects them");
  CHECK(Evidence().Seen("c1 d1", 1).Seen("e1 k1", 2).Never("k1", "d1").WhyOf("c1", "e1").verdict ==
        "c:1 and e:1 are two profiles: nothing connects them, and d:1 and k:1 are never the same, says ops: "
        "\"called in\"");
}

// Whoever would lift the limit should know that it is not all.
TEST_CASE("A never behind a limit is told with it", "[read]") {
  const Why why = Evidence().Seen("c1 d1", 1).Seen("c2 d1", 2).Seen("c1 k1", 0).Never("k1", "d1").WhyOf("c1", "k1");
  CHECK(why.together);
  CHECK(Evidence()
            .Seen("c1 e1", 1)
            .Seen("c2 e1", 2)
            .Seen("c3 e1", 3)
            .Never("c1", "c2")
            .WhyOf(GenericEmail(2), "c1", "c2")
            .verdict ==
        "c:1 and c:2 are two profiles: e:1 is generic: seen with more than 2 c (the first of 2 links between them that "
        "are not accepted), and c:1 and c:2 are never the same, says ops: \"called in\"");
}

// Nothing to explain.
TEST_CASE("An identifier is one with itself", "[read]") {
  const Why why = Evidence().Seen("c1 d1", 1).WhyOf("d1", "d1");
  CHECK(why.together);
  CHECK(why.path.empty());
  CHECK(why.verdict == "both are d:1, one identifier");
}

// The order of the evidence's times, whatever the order of strength.
TEST_CASE("A profile came together oldest link first", "[read]") {
  const How how = Evidence().Seen("k1 d1", 1).Seen("c1 e1", 3).Seen("e1 d1", 5).Seen("c1 d1", 9).HowOf("e1");
  CHECK(Short(how.anchor) == "d1");
  CHECK(how.anchor_seen == Day(1));
  CHECK(StepsOf(how) == "k1 to 2 by d1-k1, e1 to 2 by c1-e1, c1 e1 to 4 by e1-d1");
  REQUIRE(how.steps.size() == 3);
  CHECK(how.steps[0].time == Day(1));
  CHECK(how.steps[2].time == Day(5));
  CHECK(how.steps[2].link.reason == "seen together by web");
}

// What arrives late and is old takes its place as if it had come in time.
TEST_CASE("Late evidence explains from where its time puts it", "[read]") {
  const Evidence in_time = Evidence().Seen("e1 k1", 1).Seen("c1 e1", 4).Seen("c1 d1", 6);
  const Evidence late = Evidence().Seen("c1 e1", 4).Seen("c1 d1", 6).Seen("e1 k1", 1);
  CHECK(StepsOf(late.HowOf("c1")) == "k1 to 2 by e1-k1, c1 to 3 by c1-e1, d1 to 4 by c1-d1");
  CHECK(late.HowOf("c1").ToJson() == in_time.HowOf("c1").ToJson());
  CHECK(Short(late.HowOf("d1").anchor) == "e1");
}

// Neither group has the profile's anchor: the older stays, equal ones by strength.
TEST_CASE("The younger group joins the older", "[read]") {
  CHECK(StepsOf(Evidence()
                    .Seen("k1 k2", 1)
                    .Seen("e1 e2", 2)
                    .Seen("c1 d1", 3)
                    .Seen("d1 e2", 4)
                    .Seen("k2 c1", 5)
                    .HowOf("c1")) ==
        "k2 to 2 by k1-k2, e2 to 2 by e1-e2, d1 to 2 by c1-d1, c1 d1 to 4 by e2-d1, c1 e1 e2 d1 to 6 by c1-k2");
  CHECK(StepsOf(Evidence().Seen("c1 d1", 1).Seen("e1 d2", 1).Seen("d1 d2", 1).HowOf("c1")) ==
        "d1 to 2 by c1-d1, d2 to 2 by e1-d2, e1 d2 to 4 by d1-d2");
}

// What has no time explains only what the rest leaves open, and a person's word after that.
TEST_CASE("Unknown times come last, and sames after them", "[read]") {
  const How how = Evidence()
                      .Same("c1", "e1")
                      .Seen("c1 d1", 7)
                      .Seen("d1 k1", std::nullopt, std::nullopt)
                      .Seen("e1 k2", 8)
                      .HowOf("c1");
  CHECK(StepsOf(how) == "d1 to 2 by c1-d1, k2 to 2 by e1-k2, k1 to 3 by d1-k1, e1 k2 to 5 by c1-e1");
  REQUIRE(how.steps.size() == 4);
  CHECK_FALSE(how.steps[3].time);
  CHECK(how.steps[3].link.kind == Link::Kind::kSame);
}

// Only what was accepted counts, and one identifier needs nothing.
TEST_CASE("Refused links join nobody in a how", "[read]") {
  const Evidence evidence = Evidence().Seen("c1 d1", 1).Seen("c2 d1", 2);
  CHECK(StepsOf(evidence.HowOf("d1")) == "c2 to 2 by c2-d1");
  CHECK(StepsOf(evidence.HowOf("c1")).empty());
  CHECK(Short(evidence.HowOf("c1").anchor) == "c1");
}

// The form that docs/cli.md promises, byte for byte.
TEST_CASE("A why's JSON is the contract's", "[read]") {
  CHECK(Evidence()
            .Seen("c1 d1", 0, "crm")
            .Seen("e1 d1", std::nullopt, std::nullopt)
            .Never("c1", "e1")
            .WhyOf("c1", "e1")
            .ToJson() ==
        R"({"a":"c:1","b":"e:1","together":false,"profile_a":"01000000000000000000000000000000",)"
        R"("profile_b":"02000000000000000000000000000000",)"
        R"("verdict":"c:1 and e:1 are two profiles: )"
        R"(c:1 and e:1 are never the same, says ops: \"called in\"",)"
        R"("path":[{"stronger":"c:1","weaker":"d:1","kind":"SEEN_TOGETHER","outcome":"ACCEPTED",)"
        R"("reason":"seen together by crm","seen_by":[{"source":"crm","first_seen":"2026-03-01T00:00:00Z",)"
        R"("last_seen":"2026-03-01T00:00:00Z","count":1}]},)"
        R"({"stronger":"e:1","weaker":"d:1","kind":"SEEN_TOGETHER","outcome":"NEVER",)"
        R"("reason":"c:1 and e:1 are never the same, says ops: \"called in\"",)"
        R"("seen_by":[{"source":"web","first_seen":null,"last_seen":null,"count":1}],)"
        R"("assertion":"a-1","by":"ops","because":"called in"}]})");
}

TEST_CASE("A how's JSON is the contract's", "[read]") {
  CHECK(Evidence().Seen("c1", 0).Same("c1", "d1").HowOf("c1").ToJson() ==
        R"({"profile_id":"01000000000000000000000000000000","anchor":"c:1","anchor_seen":"2026-03-01T00:00:00Z",)"
        R"("steps":[{"time":null,"joined":["d:1"],"size":2,"link":{"stronger":"c:1","weaker":"d:1","kind":"SAME",)"
        R"("outcome":"ACCEPTED","reason":"asserted to be the same by ops: \"called in\"","seen_by":[],)"
        R"("assertion":"a-1","by":"ops","because":"called in"}}]})");
}

// Up to nine identifiers of four namespaces, with limits that are often broken.
Explainable ArbitraryExplainable() {
  // Of full size from the first run on: small components have no conflicts.
  const auto number = [](int end) {
    return static_cast<uint32_t>(*rc::gen::resize(rc::kNominalSize, rc::gen::inRange(0, end)));
  };
  Rules rules;
  for (size_t ns = 0; ns < kNamespaces.size(); ++ns) rules.namespaces.push_back({number(4), number(4)});
  rules.max_identifiers = number(3) == 0 ? 1 + number(6) : 0;
  identity::Component component;
  std::set<identity::Node> nodes;
  for (uint32_t i = 0, n = 2 + number(8); i < n; ++i) {
    nodes.insert({static_cast<identity::NamespaceIndex>(number(4)), std::string(1, static_cast<char>('a' + i))});
  }
  component.identifiers = {nodes.begin(), nodes.end()};
  const int n = static_cast<int>(nodes.size());
  std::vector<std::vector<SeenBy>> seen_by;
  for (uint32_t i = 0, associations = number(13); i < associations; ++i) {
    std::set<uint32_t> members = {number(n), number(n)};
    if (number(3) == 0) members.insert(number(n));
    const int first = static_cast<int>(number(6));
    SeenBy seen = {number(2) == 0 ? "crm" : "web", Day(first), Day(first + static_cast<int>(number(4))), 1};
    if (number(8) == 0) seen.first_seen = seen.last_seen = std::nullopt;
    component.associations.push_back(
        {{members.begin(), members.end()}, OrNeverFirst(seen.first_seen), OrNeverLast(seen.last_seen)});
    seen_by.push_back({seen});
  }
  for (uint32_t i = 0, assertions = number(4); i < assertions; ++i) {
    component.assertions.push_back({number(2) == 0 ? Kind::kNever : Kind::kSame, number(n), number(n)});
  }
  return ToExplainable(rules, component, seen_by);
}

struct PlainLink {
  uint32_t a;
  uint32_t b;
  bool accepted;
  Time last_seen;
};

// The links as docs/identity.md defines them, without the code under test. Unlike there a pair may come several times:
// then once with its greatest time, which is the one that counts.
std::vector<PlainLink> PlainLinks(const Explainable& part) {
  const std::set<uint32_t> generic(part.resolution.generic.begin(), part.resolution.generic.end());
  const auto& profile_of = part.resolution.profile_of;
  std::vector<PlainLink> out;
  for (const auto& [members, first_seen, last_seen] : part.component.associations) {
    for (const uint32_t a : members) {
      for (const uint32_t b : members) {
        if (a < b) out.push_back({a, b, profile_of[a] == profile_of[b] && !generic.contains(b), last_seen});
      }
    }
  }
  for (const auto& [kind, a, b] : part.component.assertions) {
    if (kind == Kind::kSame && a != b) out.push_back({a, b, profile_of[a] == profile_of[b], kNeverLast});
  }
  return out;
}

// How many accepted links are between `start` and each identifier; -1: no number of them.
std::vector<int> Distances(const std::vector<PlainLink>& links, size_t n, uint32_t start) {
  std::vector<int> out(n, -1);
  std::vector<uint32_t> open = {start};
  out[start] = 0;
  for (size_t i = 0; i < open.size(); ++i) {
    for (const auto& [a, b, accepted, last_seen] : links) {
      if (!accepted || (a != open[i] && b != open[i])) continue;
      const uint32_t next = a == open[i] ? b : a;
      if (out[next] >= 0) continue;
      out[next] = out[open[i]] + 1;
      open.push_back(next);
    }
  }
  return out;
}

// What makes a path worse: links that are not accepted, links, positions, and the age of the oldest.
using Badness = std::tuple<int, int, int, Time::duration>;
constexpr Badness kUnreached = {1000, 0, 0, {}};

// The least badness of a path from `start` to each identifier (Bellman and Ford's algorithm).
std::vector<Badness> LeastBadness(const Explainable& part, const std::vector<PlainLink>& links, uint32_t start) {
  const auto& identifiers = part.component.identifiers;
  std::vector<Badness> out(identifiers.size(), kUnreached);
  out[start] = {0, 0, 0, -Time::duration::max()};
  const auto extend = [&](uint32_t from, uint32_t to, const PlainLink& link) {
    if (out[from] == kUnreached) return;
    auto [refused, length, positions, age] = out[from];
    const Time::duration own =
        link.last_seen == kNeverLast ? Time::duration::max() : -link.last_seen.time_since_epoch();
    out[to] = std::min(out[to], Badness{refused + !link.accepted, length + 1,
                                        positions + identifiers[from].ns + identifiers[to].ns, std::max(age, own)});
  };
  for (size_t round = 0; round < identifiers.size(); ++round) {
    for (const PlainLink& link : links) {
      extend(link.a, link.b, link);
      extend(link.b, link.a, link);
    }
  }
  return out;
}

Badness BadnessOf(const Why& why) {
  Badness out = {0, 0, 0, -Time::duration::max()};
  auto& [refused, length, positions, age] = out;
  const auto position = [&](const Identifier& identifier) {
    return static_cast<int>(std::find(kNamespaces.begin(), kNamespaces.end(), identifier.ns) - kNamespaces.begin());
  };
  for (const Link& link : why.path) {
    std::optional<Time> last_seen;
    for (const SeenBy& seen : link.seen_by) last_seen = std::max(last_seen, seen.last_seen);
    refused += link.outcome != Outcome::kAccepted;
    length += 1;
    positions += position(link.stronger) + position(link.weaker);
    age = std::max(age, last_seen ? -last_seen->time_since_epoch() : Time::duration::max());
  }
  return out;
}

// Follows the path from a; where it ends.
Identifier EndOf(const Why& why) {
  Identifier at = why.a;
  for (const Link& link : why.path) {
    if (link.stronger != at && link.weaker != at) return {};
    at = link.stronger == at ? link.weaker : link.stronger;
  }
  return at;
}

// The explanation is true: a chain of accepted links from one to the other, and no shorter one is.
TEST_CASE("Two in one profile are connected by the shortest accepted path", "[read]") {
  CHECK(rc::check("each pair of a profile", [] {
    const Explainable part = ArbitraryExplainable();
    const auto n = static_cast<uint32_t>(part.names.size());
    const std::vector<PlainLink> links = PlainLinks(part);
    for (uint32_t a = 0; a < n; ++a) {
      const std::vector<int> distances = Distances(links, n, a);
      for (uint32_t b = 0; b < n; ++b) {
        const Why why = ExplainWhy(part, a, b);
        RC_ASSERT(why.together == (distances[b] >= 0));
        if (!why.together) continue;
        RC_ASSERT(EndOf(why) == part.names[b]);
        RC_ASSERT(static_cast<int>(why.path.size()) == distances[b]);
        for (const Link& link : why.path) RC_ASSERT(link.outcome == Outcome::kAccepted);
      }
    }
  }));
}

// Together or apart: no path has fewer refused links, then fewer links, stronger ones, newer ones; and whoever is
// asked about first, it is the same.
TEST_CASE("The path is the best of all, from either end", "[read]") {
  CHECK(rc::check("each pair of a component", [] {
    const Explainable part = ArbitraryExplainable();
    const auto n = static_cast<uint32_t>(part.names.size());
    const std::vector<PlainLink> links = PlainLinks(part);
    for (uint32_t a = 0; a < n; ++a) {
      const std::vector<Badness> least = LeastBadness(part, links, a);
      for (uint32_t b = 0; b < n; ++b) {
        Why why = ExplainWhy(part, a, b);
        if (why.path.empty()) {
          RC_ASSERT(a == b || least[b] == kUnreached);
          continue;
        }
        RC_ASSERT(EndOf(why) == part.names[b]);
        RC_ASSERT(BadnessOf(why) == least[b]);
        const std::string forth = PathOf(why);
        why = ExplainWhy(part, b, a);
        std::reverse(why.path.begin(), why.path.end());
        RC_ASSERT(PathOf(why) == forth);
      }
    }
  }));
}

// Every link that is not accepted has its reason from resolution, and every sentence says something.
TEST_CASE("No path is left without a reason", "[read]") {
  CHECK(rc::check("each pair of a component", [] {
    const Explainable part = ArbitraryExplainable();
    const auto n = static_cast<uint32_t>(part.names.size());
    for (uint32_t a = 0; a < n; ++a) {
      for (uint32_t b = 0; b < n; ++b) {
        const Why why = ExplainWhy(part, a, b);
        RC_ASSERT(!why.verdict.empty());
        for (const Link& link : why.path) {
          RC_ASSERT(!link.reason.empty());
          RC_ASSERT(link.reason != "a limit keeps their profiles apart");
          RC_ASSERT(link.reason != "an assertion keeps their profiles apart");
          RC_ASSERT(link.assertion.empty() == (link.kind != Link::Kind::kSame && link.outcome != Outcome::kNever));
          // All of the component is here, so nothing is left to guess.
          RC_ASSERT(link.reason.find("others") == std::string::npos);
          RC_ASSERT(link.reason.find("one stronger namespace") == std::string::npos);
        }
      }
    }
  }));
}

// One step less than identifiers, and at the end they are the profile's, all and only.
TEST_CASE("The steps of a how join exactly the profile's identifiers", "[read]") {
  CHECK(rc::check("each profile", [] {
    const Explainable part = ArbitraryExplainable();
    for (uint32_t a = 0; a < part.names.size(); ++a) {
      std::set<Identifier> members;
      for (uint32_t i = 0; i < part.names.size(); ++i) {
        if (part.profiles[i] == part.profiles[a]) members.insert(part.names[i]);
      }
      const How how = ExplainHow(part, a);
      RC_ASSERT(how.steps.size() + 1 == members.size());
      RC_ASSERT(members.contains(how.anchor));
      std::map<Identifier, std::set<Identifier>> group_of;  // replayed from what the steps say
      for (const Identifier& member : members) group_of[member] = {member};
      Time before = Time::min();
      for (const How::Step& step : how.steps) {
        const std::set<Identifier> joined(step.joined.begin(), step.joined.end());
        const bool stronger_joins = joined.contains(step.link.stronger);
        RC_ASSERT(stronger_joins != joined.contains(step.link.weaker));
        RC_ASSERT(group_of.at(stronger_joins ? step.link.stronger : step.link.weaker) == joined);
        RC_ASSERT(!joined.contains(how.anchor));
        std::set<Identifier> whole = group_of.at(stronger_joins ? step.link.weaker : step.link.stronger);
        whole.insert(joined.begin(), joined.end());
        RC_ASSERT(whole.size() == step.size);
        RC_ASSERT(before <= OrNeverFirst(step.time));
        before = OrNeverFirst(step.time);
        for (const Identifier& member : whole) group_of[member] = whole;
      }
      RC_ASSERT(group_of.at(how.anchor) == members);
    }
  }));
}

}  // namespace
}  // namespace kintsugi::read
