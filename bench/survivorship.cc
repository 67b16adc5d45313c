// Survivorship of one profile, pure: which of n observations reach the golden record.

#include "golden/survivorship.h"

#include <array>

#include "bench/data.h"
#include "bench/harness.h"
#include "bench/random.h"
#include "golden/value_codec.h"

namespace kintsugi::bench {
namespace {

// Ten attributes, one for every rule that there is (but IGNORE), of three sources.
constexpr std::string_view kSchema = R"(
    namespaces { name: "user" }
    sources { name: "crm" trust: 0.9 events { format: NATIVE } }
    sources { name: "web" trust: 0.5 events { format: NATIVE } }
    sources { name: "app" trust: 0.5 events { format: NATIVE } }
    golden {
      attributes { name: "a0" keep: MOST_RECENT }
      attributes { name: "a1" keep: OLDEST }
      attributes { name: "a2" keep: SOURCE_ORDER source_order: "crm" source_order: "web" }
      attributes { name: "a3" keep: MOST_FREQUENT }
      attributes { name: "a4" keep: LONGEST }
      attributes { name: "a5" keep: HIGHEST_TRUST half_life_days: 365 }
      attributes { name: "a6" keep: MIN }
      attributes { name: "a7" keep: MAX }
      attributes { name: "a8" keep: ALL }
      attributes { name: "a9" keep: MOST_RECENT }
    })";

std::vector<golden::Observation> MakeObservations(size_t count) {
  std::vector<golden::Observation> out;
  Random random(count);
  for (size_t i = 0; i < count; ++i) {
    const Time time(std::chrono::seconds(random.Below(100'000'000)));
    out.push_back({.attribute = fmt::format("a{}", i % 10),
                   .value = golden::EncodeValue(fmt::format("value {:06}", random.Below(1'000'000))),
                   .source = static_cast<golden::SourceIndex>(random.Below(3)),
                   .first_observed = time,
                   .last_observed = time,
                   .count = 1 + random.Below(5)});
  }
  return out;
}

void Survive(benchmark::State& state) {
  const golden::Rules rules(ValueOf(Schema::Parse(kSchema)));
  const std::vector<golden::Observation> observations = MakeObservations(static_cast<size_t>(state.range(0)));
  std::vector<const golden::Observation*> pointers;
  for (const golden::Observation& observation : observations) pointers.push_back(&observation);
  for (auto _ : state) benchmark::DoNotOptimize(rules.Survive(pointers));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

const auto* const kSurvive = benchmark::RegisterBenchmark("survivorship", Survive) -> Arg(10) -> Arg(100) -> Arg(1000);

}  // namespace
}  // namespace kintsugi::bench
