// People's decisions, and the explanations that they decide by.

#include <map>
#include <memory>
#include <string>

#include "bench/harness.h"
#include "bench/new_database.h"
#include "bench/stars.h"

namespace kintsugi::bench {
namespace {

// A database for each size of a profile, for all repetitions.
class Stars {
 public:
  Stars(size_t profiles, size_t identifiers) : database_(kStarSchema) {
    Loader<Event> loader(database_);
    for (size_t profile = 0; profile < profiles; ++profile) {
      for (size_t device = 0; device + 1 < identifiers; ++device) loader.Add(StarEvent(profile, device));
    }
  }

  static Engine& Get(size_t profiles, size_t identifiers) {
    auto& made = Shared<std::map<size_t, std::unique_ptr<Stars>>>()[identifiers];
    if (!made) made = std::make_unique<Stars>(profiles, identifiers);
    return made->database_.engine();
  }

 private:
  NewDatabase database_;
};

// Profiles of a user and two devices: `never` tears one device off, and its retraction puts it back.
void Never(benchmark::State& state) {
  constexpr size_t kProfiles = 10'000;
  Engine& engine = Stars::Get(kProfiles, 3);
  static size_t number = 0;
  for (auto _ : state) {
    const size_t profile = number % kProfiles;
    const std::string id = fmt::format("decision {}", number++);
    const auto asserted = engine.Assert({.id = id,
                                         .kind = Assertion::Kind::kNever,
                                         .a = StarDevice(profile, 0),
                                         .b = StarDevice(profile, 1),
                                         .by = "a steward",
                                         .because = "they said so"});
    if (!asserted.ok()) state.SkipWithError(asserted.status().ToString().c_str());
    const auto retracted = engine.Retract({.id = id, .by = "a steward", .because = "they were wrong"});
    if (!retracted.ok()) state.SkipWithError(retracted.ToString().c_str());
  }
}

template <typename Explain>
void OfOneProfile(benchmark::State& state, Explain explain) {
  const auto identifiers = static_cast<size_t>(state.range(0));
  const Engine& engine = Stars::Get(1, identifiers);
  for (auto _ : state) {
    if (!explain(engine, identifiers)) state.SkipWithError("it was not explained");
  }
}

// From one device to another: over the user.
void Why(benchmark::State& state) {
  OfOneProfile(state, [](const Engine& engine, size_t identifiers) {
    const auto why = engine.ExplainWhy(StarDevice(0, 0), StarDevice(0, identifiers - 2));
    return why.ok() && why->path.size() == 2;
  });
}

void How(benchmark::State& state) {
  OfOneProfile(state, [](const Engine& engine, size_t identifiers) {
    const auto how = engine.ExplainHow(StarUser(0));
    return how.ok() && how->steps.size() == identifiers - 1;
  });
}

const auto* const kNever = benchmark::RegisterBenchmark("assert/never", Never);
const auto* const kWhy = benchmark::RegisterBenchmark("explain/why", Why) -> Arg(10) -> Arg(100) -> Arg(1000);
const auto* const kHow = benchmark::RegisterBenchmark("explain/how", How) -> Arg(10) -> Arg(100) -> Arg(1000);

}  // namespace
}  // namespace kintsugi::bench
