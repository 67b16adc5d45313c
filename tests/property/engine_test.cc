// The engine against the naive reference, and against itself in another order.

#include <rapidcheck.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <sstream>

#include "catch.h"
#include "property/run.h"

namespace kintsugi::testing {
namespace {

// A run is long, so that opening databases is not what takes the time, and small enough to be shrunk.
constexpr size_t kStepsPerRun = 400;
// Of each of the seven schemas: 175,000 steps together.
constexpr size_t kSteps = 25'000;

// Takes 25,000 steps, or as many as the environment variable KINTSUGI_PROPERTY_STEPS says. They are different ones in
// each run of the tests; a failure prints the seed that, as KINTSUGI_PROPERTY_SEED, begins with the failing steps.
void CheckSteps(size_t schema_index) {
  const Schema schema = ConflictSchema(false, schema_index);
  const char* steps_given = std::getenv("KINTSUGI_PROPERTY_STEPS");
  const char* seed_given = std::getenv("KINTSUGI_PROPERTY_SEED");
  const size_t count = steps_given != nullptr ? std::stoul(steps_given) : kSteps;
  REQUIRE(count > 0);
  uint64_t seed = seed_given != nullptr ? std::stoull(seed_given) : std::random_device()();
  for (size_t done = 0; done < count; done += kStepsPerRun, ++seed) {
    std::vector<Step> steps = AnySteps(seed, std::min(kStepsPerRun, count - done));
    const auto difference = FirstDifference(schema, steps);
    if (!difference) continue;
    steps.resize(difference->step + 1);
    const std::vector<Step> fewer = Shrunk(schema, steps);
    const auto smallest = FirstDifference(schema, fewer);
    std::ostringstream text;
    for (const Step& step : fewer) text << step;
    FAIL("KINTSUGI_PROPERTY_SEED=" << seed << ": a difference after step " << difference->step << ": "
                                   << difference->what << "\nshrunk to " << fewer.size() << " steps:\n"
                                   << text.str() << (smallest ? smallest->what : "which does not fail each time"));
  }
}

// As the API takes them: neighbours of one kind go together.
void TakeTogether(Database& database, std::span<const Step> steps) {
  for (size_t i = 0; i < steps.size();) {
    Step step = steps[i++];
    for (; i < steps.size() && steps[i].what.index() == step.what.index(); ++i) {
      if (auto* events = std::get_if<Events>(&step.what)) {
        events->push_back(std::get<Events>(steps[i].what).front());
      } else if (auto* records = std::get_if<Records>(&step.what)) {
        records->push_back(std::get<Records>(steps[i].what).front());
      } else {
        break;
      }
    }
    RC_ASSERT(Take(step, database) == "");
  }
}

// A retraction of every third assertion: the engine does not know what it has not seen, so each stays behind its
// assertion.
std::vector<Step> WithRetractions(std::vector<Step> steps) {
  std::vector<Step> out;
  size_t assertions = 0;
  for (Step& step : steps) {
    const auto* assertion = std::get_if<Assertion>(&step.what);
    if (assertion != nullptr && ++assertions % 3 == 0) out.push_back({Retracted{assertion->id}});
    out.push_back(std::move(step));
  }
  return out;
}
void PutRetractionsBehind(std::vector<Step>& steps) {
  for (size_t i = 0; i < steps.size(); ++i) {
    const auto* retracted = std::get_if<Retracted>(&steps[i].what);
    if (retracted == nullptr) continue;
    const auto asserts = [&](const Step& step) {
      const auto* assertion = std::get_if<Assertion>(&step.what);
      return assertion != nullptr && assertion->id == retracted->id;
    };
    const auto at = steps.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::any_of(steps.begin(), at, asserts)) continue;
    std::iter_swap(at, std::find_if(at, steps.end(), asserts));
  }
}

}  // namespace

TEST_CASE("after every step the engine is what the naive reference says: strict users", "[property]") {
  CheckSteps(0);
}
TEST_CASE("after every step the engine is what the naive reference says: the oldest is kept", "[property]") {
  CheckSteps(1);
}
TEST_CASE("after every step the engine is what the naive reference says: generic identifiers", "[property]") {
  CheckSteps(2);
}
TEST_CASE("after every step the engine is what the naive reference says: no limits", "[property]") {
  CheckSteps(3);
}
TEST_CASE("after every step the engine is what the naive reference says: hubs", "[property]") {
  CheckSteps(4);
}
TEST_CASE("after every step the engine is what the naive reference says: hubs, keeping the oldest", "[property]") {
  CheckSteps(5);
}

TEST_CASE("after every step the engine is what the naive reference says: traits of every kind", "[property]") {
  CheckSteps(6);
}

TEST_CASE("order, batches and restarts leave no trace: the same evidence gives the same bytes", "[property]") {
  for (size_t schema = 0; schema < ConflictSchemas(true).size(); ++schema) {
    INFO("schema " << schema);
    CHECK(rc::check("any order = the given order", [&] {
      auto steps = WithRetractions(*AnyOrderlessSteps());
      PutRetractionsBehind(steps);
      Database once(ConflictSchema(true, schema));
      TakeTogether(once, steps);

      std::mt19937_64 random(*rc::gen::arbitrary<uint64_t>());
      std::shuffle(steps.begin(), steps.end(), random);
      PutRetractionsBehind(steps);
      Database again(ConflictSchema(true, schema));
      const std::span<const Step> all(steps);
      const size_t half = steps.size() / 2;
      TakeTogether(again, all.first(half));
      again.Reopen();
      for (size_t i = half; i < steps.size(); ++i) RC_ASSERT(Take(steps[i], again) == "");
      TakeTogether(again, all);  // and all of it twice

      RC_ASSERT(once.Profiles() == again.Profiles());
      RC_ASSERT(once.Clusters() == again.Clusters());
      RC_ASSERT(Sound(again) == "");
    }));
  }
}

}  // namespace kintsugi::testing
