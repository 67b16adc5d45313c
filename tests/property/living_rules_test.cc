// The rules of traits, visits and retention against the naive ones, on random schemas, items and times: whatever they
// are, both say the same, and before the time at which something is due nothing changes.

#include "living/trait_rules.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>

#include "catch.h"
#include "living/retention.h"
#include "living/visit_rules.h"
#include "property/living_case.h"
#include "reference/living.h"

namespace kintsugi::testing {
namespace {

using Traits = std::map<std::string, std::string>;

// They are the same in every run of the tests.
constexpr uint64_t kCases = 3000;

Traits NaiveTraitsOf(const LivingCase& one) {
  return NaiveTraits(one.schema, one.items, one.now);
}

Traits FastTraitsOf(const LivingCase& one) {
  const auto told = living::TraitRules(one.schema).Evaluate(one.items, OrNeverLast(one.now));
  Traits traits;
  for (size_t i = 0; i < one.schema.traits.size(); ++i) {
    if (told.values[i]) traits[one.schema.traits[i].name] = ToJson(*told.values[i]);
  }
  return traits;
}

bool AgreeOnTraits(const LivingCase& one) {
  return FastTraitsOf(one) == NaiveTraitsOf(one);
}

// Whether nothing changes between `now` and when something is said to be due, as far as the instants at which something
// may happen show. When the clock is first set, everybody's traits may change: that is not looked at.
bool IsDueInTime(const LivingCase& one) {
  if (!one.now) return true;
  const auto due = Known(living::TraitRules(one.schema).Evaluate(one.items, *one.now).due);
  const Traits before = NaiveTraitsOf(one);
  const auto is_quiet = [&](Time then) { return NaiveTraits(one.schema, one.items, then) == before; };
  if (due && !is_quiet(*due - std::chrono::microseconds(1))) return false;
  for (const int hours : {1, 24, 48, 720, 24 * 365}) {
    const Time then = *one.now + std::chrono::hours(hours);
    if ((!due || then < *due) && !is_quiet(then)) return false;
  }
  return true;
}

std::string VisitText(const std::vector<living::Item>& items, const std::vector<std::string>& sources, bool current) {
  std::string text = current ? "current" : "over";
  for (const living::Item& item : items) text += " " + item.id;
  for (const std::string& source : sources) text += " " + source;
  return text;
}

std::vector<std::string> NaiveVisitsOf(const LivingCase& one) {
  std::vector<std::string> texts;
  for (const NaiveVisit& visit : NaiveVisits(one.schema, one.items, one.now))
    texts.push_back(VisitText(visit.items, visit.sources, visit.current));
  return texts;
}

std::vector<std::string> FastVisitsOf(const LivingCase& one) {
  std::vector<std::string> texts;
  for (const living::Visit& visit : living::VisitRules(one.schema).Of(one.items, OrNeverLast(one.now))) {
    std::vector<living::Item> items;
    std::vector<std::string> sources;
    for (const size_t item : visit.items) items.push_back(one.items[item]);
    for (const golden::SourceIndex source : visit.sources) sources.push_back(one.schema.sources[source].name);
    texts.push_back(VisitText(items, sources, visit.is_current));
  }
  return texts;
}

bool AgreeOnVisits(const LivingCase& one) {
  return FastVisitsOf(one) == NaiveVisitsOf(one);
}

// Whether events go at the time that the rules say, not earlier and not later.
bool AgreeOnRetention(const LivingCase& one) {
  const living::RetentionRules rules(one.schema);
  return std::all_of(one.items.begin(), one.items.end(), [&](const living::Item& item) {
    const auto end = rules.EndOf(item.name, item.time);
    const auto is_kept = [&](Time now) { return NaiveIsKept(one.schema, item, false, now); };
    if (one.now && is_kept(*one.now) != (!end || *one.now < *end)) return false;
    return !end || (is_kept(*end - std::chrono::microseconds(1)) && !is_kept(*end));
  });
}

bool IsOperand(const Schema& schema, const std::string& name) {
  return std::any_of(schema.traits.begin(), schema.traits.end(), [&](const Trait& trait) {
    return std::find(trait.operands.begin(), trait.operands.end(), name) != trait.operands.end();
  });
}

// The case without one part: first its traits, then its items, then the items' properties. Nothing: there is no such
// part; the case as it is: that one cannot be left out.
std::optional<LivingCase> Without(LivingCase one, size_t part) {
  auto& traits = one.schema.traits;
  if (part < traits.size()) {
    if (!IsOperand(one.schema, traits[part].name)) traits.erase(traits.begin() + static_cast<std::ptrdiff_t>(part));
    return one;
  }
  part -= traits.size();
  if (part < one.items.size()) {
    one.items.erase(one.items.begin() + static_cast<std::ptrdiff_t>(part));
    return one;
  }
  part -= one.items.size();
  for (living::Item& item : one.items) {
    if (part < item.properties.size()) {
      item.properties.erase(item.properties.begin() + static_cast<std::ptrdiff_t>(part));
      return one;
    }
    part -= item.properties.size();
  }
  return std::nullopt;
}

// What is left if everything goes that the failure does not need.
template <typename Holds>
LivingCase Shrunk(LivingCase one, Holds holds) {
  for (size_t part = 0;;) {
    auto fewer = Without(one, part);
    if (!fewer) return one;
    const bool is_smaller = fewer->schema.traits.size() < one.schema.traits.size() || part >= one.schema.traits.size();
    if (is_smaller && !holds(*fewer)) {
      one = *std::move(fewer);
      part = 0;
    } else {
      ++part;
    }
  }
}

std::string Print(const LivingCase& one) {
  std::ostringstream out;
  const std::string text = one.schema.ToText();
  out << text.substr(text.find("calendar")) << "now " << (one.now ? FormatTime(one.now) : "before all times") << "\n";
  for (const living::Item& item : one.items) {
    out << item.id << " at " << FormatTime(item.time) << " " << one.schema.sources[item.source].name << " \""
        << item.name << "\"";
    for (const auto& [name, value] : item.properties) out << " " << name << "=" << ToJson(value);
    out << "\n";
  }
  return out.str();
}

std::string Print(const Traits& traits) {
  std::string out;
  for (const auto& [name, json] : traits) out += "  " + name + "=" + json;
  return out;
}

// Checks all cases, or as many as the environment variable KINTSUGI_PROPERTY_STEPS says, or the one of the seed
// KINTSUGI_PROPERTY_SEED. `holds` says whether one is right, `say` what each
// of the two says of it.
template <typename Holds, typename Say>
void CheckCases(Holds holds, Say say) {
  const char* count = std::getenv("KINTSUGI_PROPERTY_STEPS");
  const char* seed_given = std::getenv("KINTSUGI_PROPERTY_SEED");
  const uint64_t first = seed_given != nullptr ? std::stoull(seed_given) : 0;
  const uint64_t end = seed_given != nullptr ? first + 1 : count != nullptr ? std::stoull(count) : kCases;
  REQUIRE(first < end);
  for (uint64_t seed = first; seed < end; ++seed) {
    const LivingCase one = LivingCases(seed).Any();
    if (holds(one)) continue;
    const LivingCase fewer = Shrunk(one, holds);
    FAIL("KINTSUGI_PROPERTY_SEED=" << seed << "\n" << Print(fewer) << say(fewer));
  }
}

std::string BothTraits(const LivingCase& one) {
  return "reference:" + Print(NaiveTraitsOf(one)) + "\nrules:    " + Print(FastTraitsOf(one));
}

}  // namespace

TEST_CASE("random schemas of the living profile are valid", "[living][property]") {
  for (uint64_t seed = 0; seed < kCases / 10; ++seed) {
    const absl::Status status = LivingCases(seed).Any().schema.Validate();
    INFO("seed " << seed << ": " << status.ToString());
    REQUIRE(status.ok());
  }
}

TEST_CASE("traits are what the naive ones are", "[living][property]") {
  CheckCases(AgreeOnTraits, BothTraits);
}

TEST_CASE("no trait changes by time alone before it is due", "[living][property]") {
  CheckCases(IsDueInTime, BothTraits);
}

TEST_CASE("events go when the naive retention takes them", "[living][property]") {
  CheckCases(AgreeOnRetention, [](const LivingCase&) { return ""; });
}

TEST_CASE("visits are what the naive ones are", "[living][property]") {
  CheckCases(AgreeOnVisits, [](const LivingCase& one) {
    std::string out;
    for (const std::string& visit : NaiveVisitsOf(one)) out += "reference: " + visit + "\n";
    for (const std::string& visit : FastVisitsOf(one)) out += "rules:     " + visit + "\n";
    return out;
  });
}

}  // namespace kintsugi::testing
