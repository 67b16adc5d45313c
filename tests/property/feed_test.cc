// The feed against a subscriber who believes nothing else: after each of many random steps, under every schema, what it
// knows is the present; and nobody enters a segment twice, or leaves one without having entered it.

#include <cstdlib>

#include "catch.h"
#include "feed_support.h"
#include "property/run.h"

namespace kintsugi::testing {
namespace {

constexpr size_t kStepsPerRun = 60;
// Of each schema.
constexpr size_t kSteps = 600;

// With segments that people enter and leave all the time, and traits that are told if the schema has any.
Schema SchemaWithFeed(size_t index) {
  Schema schema = ConflictSchema(false, index);
  schema.feed.emplace();
  for (Trait& trait : schema.traits) trait.feed = true;
  using What = SegmentCondition::What;
  const auto leaf = [](What what, std::string name) { return SegmentCondition{.what = what, .name = std::move(name)}; };
  SegmentCondition little = leaf(What::kAttribute, "low");
  little.comparison = Comparison::kAtMost;
  little.bound = 3;
  SegmentCondition lately = leaf(What::kLastSeenDays, "");
  lately.comparison = Comparison::kLessThan;
  lately.bound = 1;
  SegmentCondition named = leaf(What::kAttribute, "name");
  named.comparison = Comparison::kExists;
  schema.segments = {
      {.name = "known", .members = {.all = {leaf(What::kHas, "user")}}},
      {.name = "named", .members = {.all = {named}, .none = {little}}},
      {.name = "both", .members = {.all = {leaf(What::kSegment, "known"), leaf(What::kSegment, "named")}}},
      {.name = "lately", .members = {.all = {lately}}},
  };
  if (auto status = schema.Validate(); !status.ok()) throw std::runtime_error(status.ToString());
  return schema;
}

void CheckRun(const Schema& schema, uint64_t seed) {
  const std::vector<Step> steps = AnySteps(seed, kStepsPerRun);
  Database database(schema);
  for (size_t i = 0; i < steps.size(); ++i) {
    INFO("seed " << seed << ", step " << i);
    REQUIRE(Take(steps[i], database) == "");
    REQUIRE(Wrong(*database) == "");
  }
  INFO("seed " << seed);
  CHECK(Sound(database) == "");
}

void CheckSchema(size_t index) {
  const Schema schema = SchemaWithFeed(index);
  for (uint64_t run = 0; run < kSteps / kStepsPerRun; ++run) CheckRun(schema, 1000 * index + run);
}

}  // namespace

TEST_CASE("after every step a replay of the feed is the present: strict users", "[property]") {
  CheckSchema(0);
}
TEST_CASE("after every step a replay of the feed is the present: generic identifiers", "[property]") {
  CheckSchema(2);
}
TEST_CASE("after every step a replay of the feed is the present: bounded values, no limits", "[property]") {
  CheckSchema(3);
}
TEST_CASE("after every step a replay of the feed is the present: hubs, keeping the oldest", "[property]") {
  CheckSchema(5);
}
TEST_CASE("after every step a replay of the feed is the present: traits of every kind", "[property]") {
  CheckSchema(6);
}

}  // namespace kintsugi::testing
