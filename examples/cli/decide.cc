// kintsugi same, never, retract

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <set>

#include "command.h"
#include "text.h"

namespace kintsugi::cli {
namespace {

Time Now() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

// A person's decision is worth waiting for the disk.
constexpr WriteOptions kDurable{Durability::kLosesNothing};

// The profile that holds an identifier; nothing if nobody has it.
absl::StatusOr<std::optional<ProfileId>> HolderOf(const Engine& engine, const Identifier& identifier) {
  const auto profile = engine.Lookup(identifier);
  if (profile.ok()) return profile->id();
  if (absl::IsNotFound(profile.status())) return std::nullopt;
  return profile.status();
}

// What an assertion led to.
struct Consequence {
  std::optional<ProfileId> profile_a;
  std::optional<ProfileId> profile_b;

  bool together() const { return profile_a && profile_a == profile_b; }
};

absl::StatusOr<Consequence> ConsequenceOf(const Engine& engine, const Assertion& assertion) {
  const auto a = HolderOf(engine, assertion.a);
  if (!a.ok()) return a.status();
  const auto b = HolderOf(engine, assertion.b);
  if (!b.ok()) return b.status();
  return Consequence{*a, *b};
}

Value ToValue(const std::optional<ProfileId>& id) {
  return id ? Value(id->ToString()) : Value(Null());
}

JsonObject Described(const Assertion& assertion) {
  return JsonObject()
      .Add("id", assertion.id)
      .Add("kind", std::string(ToString(assertion.kind)))
      .Add("a", assertion.a.ToString())
      .Add("b", assertion.b.ToString());
}

std::string ToJson(const Assertion& assertion, const Consequence& consequence) {
  return Described(assertion)
      .Add("together", consequence.together())
      .Add("profile_a", ToValue(consequence.profile_a))
      .Add("profile_b", ToValue(consequence.profile_b))
      .Done();
}

void SayThatItWaits(const Identifier& identifier) {
  Say(fmt::format("nobody has {} yet; the assertion waits until evidence names it", identifier.ToString()));
}

// Why an assertion has not led to what it says, if so.
void SayWhyNot(const Engine& engine, const Assertion& assertion, const Consequence& consequence) {
  if (!consequence.profile_a) SayThatItWaits(assertion.a);
  if (!consequence.profile_b) SayThatItWaits(assertion.b);
  if (!consequence.profile_a || !consequence.profile_b) return;
  if (consequence.together() == (assertion.kind == Assertion::Kind::kSame)) return;
  const auto why = engine.ExplainWhy(assertion.a, assertion.b);
  Say(why.ok() ? why->verdict : std::string(why.status().message()));
}

// The identifiers of the profiles that hold either; a profile that both share counts once.
absl::StatusOr<std::set<Identifier>> CompanyOf(const Engine& engine, const Assertion& assertion) {
  std::set<Identifier> company;
  for (const Identifier& one : {assertion.a, assertion.b}) {
    const auto profile = engine.Lookup(one);
    if (absl::IsNotFound(profile.status())) continue;
    if (!profile.ok()) return profile.status();
    for (const IdentifierView& identifier : profile->identifiers()) company.insert(ToIdentifier(identifier));
  }
  return company;
}

// A `same` goes before all evidence, so under a limit it may take an identifier away from its company.
void SayWhoIsLeftBehind(const std::set<Identifier>& before, const std::set<Identifier>& now) {
  std::vector<Identifier> left;
  std::set_difference(before.begin(), before.end(), now.begin(), now.end(), std::back_inserter(left));
  if (left.empty()) return;
  Say(fmt::format("a limit left behind: {}; `kintsugi retract` undoes it", ListedUpTo(5, left)));
}

// Whether an assertion, whose identifiers are as they were written, is between two normalised ones. One about a
// namespace that the schema no longer has is not.
bool IsBetween(const Engine& engine, const Assertion& assertion, const std::pair<Identifier, Identifier>& pair) {
  const auto a = engine.Normalize(assertion.a);
  const auto b = engine.Normalize(assertion.b);
  return a.ok() && b.ok() && (std::pair(*a, *b) == pair || std::pair(*b, *a) == pair);
}

absl::StatusOr<std::pair<Identifier, Identifier>> Normalized(const Engine& engine,
                                                             const std::pair<Identifier, Identifier>& raw) {
  auto a = engine.Normalize(raw.first);
  if (!a.ok()) return a.status();
  auto b = engine.Normalize(raw.second);
  if (!b.ok()) return b.status();
  return std::pair(*std::move(a), *std::move(b));
}

// What is to be retracted: an assertion by its id, or all between two identifiers.
struct Wanted {
  std::string id;
  std::optional<std::pair<Identifier, Identifier>> pair;

  std::string ToString() const {
    return pair ? fmt::format("between {} and {}", pair->first.ToString(), pair->second.ToString()) : '`' + id + '`';
  }
};

absl::StatusOr<Wanted> ParseWanted(const std::vector<std::string>& what) {
  if (what.size() == 1) return Wanted{what[0], std::nullopt};
  const auto pair = ParsePair(what[0], what[1]);
  if (!pair.ok()) return pair.status();
  return Wanted{"", *pair};
}

// Those that are wanted, the retracted ones too.
absl::StatusOr<std::vector<KeptAssertion>> FindWanted(const Engine& engine, const Wanted& wanted) {
  std::pair<Identifier, Identifier> pair;
  if (wanted.pair) {
    auto normalized = Normalized(engine, *wanted.pair);
    if (!normalized.ok()) return normalized.status();
    pair = *std::move(normalized);
  }
  std::vector<KeptAssertion> found;
  const auto status = engine.ForEachAssertion([&](const KeptAssertion& kept) {
    const Assertion& assertion = kept.assertion;
    if (wanted.pair ? IsBetween(engine, assertion, pair) : assertion.id == wanted.id) found.push_back(kept);
    return true;
  });
  if (!status.ok()) return status;
  return found;
}

std::string NoSuch(const Wanted& wanted) {
  return fmt::format("there is no assertion {}; `kintsugi assertions` lists them", wanted.ToString());
}

std::string RetractedAlready(const Wanted& wanted) {
  return fmt::format("the assertion {} is retracted already", wanted.ToString());
}

}  // namespace

std::string_view ToString(Assertion::Kind kind) {
  return kind == Assertion::Kind::kSame ? "SAME" : "NEVER";
}

ExitCode AssertCommand::Run() const {
  const auto pair = ParsePair(a, b);
  if (!pair.ok()) return Misused(pair.status());
  auto engine = OpenExisting(db);
  if (!engine.ok()) return Fail(engine.status());
  Assertion assertion{
      .id = "", .kind = kind, .a = pair->first, .b = pair->second, .by = by, .because = because, .time = Now()};
  const auto before = CompanyOf(**engine, assertion);
  if (!before.ok()) return Fail(before.status());
  const auto id = (*engine)->Assert(assertion, kDurable);
  if (!id.ok()) return Fail(id.status());
  assertion.id = *id;
  const auto consequence = ConsequenceOf(**engine, assertion);
  if (!consequence.ok()) return Fail(consequence.status());
  PrintLine(ToJson(assertion, *consequence));
  SayWhyNot(**engine, assertion, *consequence);
  const auto now = CompanyOf(**engine, assertion);
  if (!now.ok()) return Fail(now.status());
  if (consequence->together()) SayWhoIsLeftBehind(*before, *now);
  return Finish(kDone);
}

ExitCode RetractCommand::Run() const {
  const auto wanted = ParseWanted(what);
  if (!wanted.ok()) return Misused(wanted.status());
  auto engine = OpenExisting(db);
  if (!engine.ok()) return Fail(engine.status());
  const auto found = FindWanted(**engine, *wanted);
  if (!found.ok()) return Fail(found.status());
  size_t standing = 0;
  for (const auto& [assertion, retracted, retraction] : *found) {
    if (retracted) continue;
    const auto status = (*engine)->Retract({.id = assertion.id, .by = by, .because = because, .time = Now()}, kDurable);
    if (!status.ok()) return Fail(status);
    const auto consequence = ConsequenceOf(**engine, assertion);
    if (!consequence.ok()) return Fail(consequence.status());
    PrintLine(ToJson(assertion, *consequence));
    ++standing;
  }
  if (standing > 0) return Finish(kDone);
  return Fail(absl::NotFoundError(found->empty() ? NoSuch(*wanted) : RetractedAlready(*wanted)));
}

}  // namespace kintsugi::cli
