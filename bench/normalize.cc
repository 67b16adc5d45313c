// Normalisation, one value at a time, by rule.

#include <array>

#include "bench/harness.h"
#include "normalize/normalizer.h"

namespace kintsugi::bench {
namespace {

// Values as people write them, so that there is something to do.
void Run(benchmark::State& state, Namespace ns, std::array<std::string_view, 4> values) {
  ns.name = "measured";
  const normalize::Normalizer normalizer = ValueOf(normalize::Normalizer::Create(ns));
  size_t next = 0;
  bool accepted = true;
  for (auto _ : state) {
    const normalize::Normalized normalized = normalizer.Normalize(values[next++ % values.size()]);
    accepted &= normalized.refusal == normalize::Refusal::kNone;
    benchmark::DoNotOptimize(normalized.value.data());
  }
  state.SetItemsProcessed(state.iterations());
  if (!accepted) state.SkipWithError("a good value was refused");
}

using Values = std::array<std::string_view, 4>;

const bool registered = [] {
  const auto add = [](const char* name, Namespace ns, Values values) {
    benchmark::RegisterBenchmark(name, Run, ns, values);
  };
  add("normalize/none", {}, {"C-1000017", "C-1000018", "7f3a9c52e1b04d68", "a"});
  add("normalize/lower", {.normalize = Normalization::kLower}, {"JANE", "Jörg", "7F3A9C52E1B04D68", "Ångström"});
  add("normalize/digits", {.normalize = Normalization::kDigits},
      {"4000-0012-3456", "4000 0012 3457", "400000123458", "No. 4711"});
  add("normalize/email", {.normalize = Normalization::kEmail, .provider_rules = true},
      {"Jane.Doe@Example.com", " j.o.h.n+news@gmail.com", "info@example.org", "JANE@EXAMPLE.NET"});
  add("normalize/phone", {.normalize = Normalization::kPhone, .phone_region = "US"},
      {"(650) 253-0000", "+44 20 7031 3000", "650.253.0001", "+49 30 303986300"});
  add("normalize/name", {.normalize = Normalization::kName},
      {"Jane Doe", "  José   García ", "Dr. Jürgen Müller", "O'Brien, Sean"});
  add("normalize/date", {.normalize = Normalization::kDate}, {"1984-02-29", "1990-12-01", "2001-07-04", "1977-10-31"});
  return true;
}();

}  // namespace
}  // namespace kintsugi::bench
