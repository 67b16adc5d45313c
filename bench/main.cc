// kintsugi_bench: see docs/benchmarks.md for how to run it and what it said.

#include <benchmark/benchmark.h>

#include <functional>
#include <vector>

#include "bench/harness.h"

namespace kintsugi::bench {
namespace {

std::vector<std::function<void()>> exit_actions;

}  // namespace

void OnExit(std::function<void()> action) {
  exit_actions.push_back(std::move(action));
}

}  // namespace kintsugi::bench

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  auto& actions = kintsugi::bench::exit_actions;
  for (; !actions.empty(); actions.pop_back()) actions.back()();
  return 0;
}
