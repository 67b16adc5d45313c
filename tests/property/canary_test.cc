// Would the suite notice? An engine that breaks a rule differs from the reference as much as a reference that breaks it
// differs from the engine.

#include <list>

#include "catch.h"
#include "property/run.h"

namespace kintsugi::testing {
namespace {

struct Rule {
  Broken broken;
  std::string name;
};
const std::vector<Rule> kRules = {
    {Broken::kNoRank, "no rank"},
    {Broken::kRankByOldest, "rank by oldest"},
    {Broken::kRankByBytes, "rank by bytes"},
    {Broken::kNoPositions, "no positions"},
    {Broken::kNoTime, "no time"},
    {Broken::kWeakerIsStronger, "the weaker end is the stronger"},
    {Broken::kLimitOffByOne, "one more than max_per_profile"},
    {Broken::kNoLimit, "no max_per_profile"},
    {Broken::kMaxIdentifiersOffByOne, "one more than max_identifiers"},
    {Broken::kNoMaxIdentifiers, "no max_identifiers"},
    {Broken::kRecordsUnlimited, "no duplicate_free"},
    {Broken::kGenericOffByOne, "generic one too late"},
    {Broken::kGenericNever, "never generic"},
    {Broken::kGenericBothWays, "generic as the stronger end, too"},
    {Broken::kGenericAllNamespaces, "generic by all stronger namespaces together"},
    {Broken::kGenericOwnNamespace, "generic by its own namespace, too"},
    {Broken::kNeverIgnored, "no never"},
    {Broken::kNeverOnlyDirect, "never only between the two themselves"},
    {Broken::kSameIgnored, "no same"},
    {Broken::kSameLast, "same last"},
    {Broken::kSameReversed, "the weakest same first"},
    {Broken::kSameOverLimits, "same over limits"},
    {Broken::kSameOverNever, "same over never"},
    {Broken::kAssertedIsEvidence, "assertions bring identifiers"},
    {Broken::kRetractedCounts, "retracted assertions count"},
    {Broken::kReassertedCounts, "asserting again undoes a retraction"},
    {Broken::kLastAssertionWins, "the last assertion of an id wins"},
    {Broken::kAnchorLastSeen, "anchor by last_seen"},
    {Broken::kAnchorStrongest, "anchor by strength"},
    {Broken::kLastToArriveWins, "the last version to arrive wins"},
    {Broken::kSmallerContentWins, "of equal times the smaller content wins"},
    {Broken::kFirstSeenOfNewest, "first_seen of the newest version"},
    {Broken::kFirstSeenOfWithdrawn, "first_seen of withdrawn versions"},
    {Broken::kWithdrawsNothing, "records are not withdrawn"},
    {Broken::kWithdrawsOlderOnly, "the version of the withdrawal's time stays"},
    {Broken::kNoTombstone, "old versions bring a withdrawn record back"},
    {Broken::kLastTombstoneCounts, "the last withdrawal counts, not the greatest"},
    {Broken::kUnknownTimesStayGone, "versions without a time do not come back"},
    {Broken::kReplayComesBack, "a replay brings a withdrawn event back"},
    {Broken::kReadmitsNothing, "readmitted events do not come back"},
    {Broken::kReadmitBringsBack, "readmitted events come back at once"},
    {Broken::kSourceLeavesTombstones, "a withdrawn source leaves tombstones"},
    {Broken::kSourceLeavesMessages, "a withdrawn source leaves message ids"},
    {Broken::kExtractionIgnored, "when a version was extracted does not matter"},
    {Broken::kNoMaxValues, "no max_values"},
    {Broken::kMaxValuesOffByOne, "one more than max_values"},
    {Broken::kLastSaidNotKept, "beyond max_values the last is not kept"},
};
constexpr uint64_t kSeeds = 24;
constexpr size_t kStepsPerRun = 300;

struct Canary {
  Rule rule;
  Reference reference;
};

// Takes one run with the engine and a reference for each rule, and returns the rules that were not noticed.
std::vector<Rule> Unnoticed(const Schema& schema, uint64_t seed, const std::vector<Rule>& rules) {
  Database database(schema);
  Reference right(schema);
  std::list<Canary> canaries;
  for (const Rule& rule : rules) canaries.push_back({rule, Reference(schema, rule.broken)});
  for (const Step& step : AnySteps(seed, kStepsPerRun)) {
    REQUIRE(Take(step, database) == "");
    const Reference::Answers answers{database.Clusters(), database.Profiles()};
    Take(step, right);
    REQUIRE(right.Ask() == answers);  // else a wrong engine would notice every canary
    for (Canary& canary : canaries) Take(step, canary.reference);
    std::erase_if(canaries, [&](const Canary& canary) { return canary.reference.Ask() != answers; });
    if (canaries.empty()) break;
  }
  std::vector<Rule> left;
  for (const Canary& canary : canaries) left.push_back(canary.rule);
  return left;
}

}  // namespace

// The steps are the same in every run of the tests.
TEST_CASE("a resolver with any one rule broken is noticed", "[property][canary]") {
  REQUIRE(kRules.size() == static_cast<size_t>(Broken::kEnd) - 1);  // each has its canary
  std::vector<Rule> left = kRules;
  for (uint64_t seed = 0; seed < kSeeds; ++seed) {
    for (size_t schema = 0; schema < ConflictSchemas(false).size() && !left.empty(); ++schema)
      left = Unnoticed(ConflictSchema(false, schema), seed, left);
  }
  std::vector<std::string> names;
  for (const Rule& rule : left) names.push_back(rule.name);
  CHECK(names == std::vector<std::string>{});
}

}  // namespace kintsugi::testing
