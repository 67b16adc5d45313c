// kintsugi_workload: look-ups and events, end to end, for the library and for what the same data might be kept in
// otherwise. docs/benchmarks.md says how to run it and what it said.

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

#include "bench/check.h"
#include "bench/workload/driver.h"
#include "bench/workload/memory.h"
#include "bench/workload/report.h"
#include "bench/workload/target.h"

namespace kintsugi::bench {
namespace {

struct Arguments {
  std::vector<std::string> targets = {"kintsugi"};
  std::vector<uint64_t> identifiers = {1'000'000};
  Load load;
  double warm_up_seconds = 2;
  bool lists_targets = false;
  bool prints_rows_only = false;
  std::string json;
  Servers servers;
};

double SecondsSince(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

void Write(const std::string& path, const char* mode, const std::string& text) {
  std::FILE* file = std::fopen(path.c_str(), mode);
  Check(file != nullptr, "cannot write " + path);
  const bool written = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  Check(std::fclose(file) == 0 && written, "cannot write " + path);
}

// One target, at each of the sizes in turn: the same database grows.
void Measure(const Kind& kind, const Arguments& arguments) {
  const std::unique_ptr<Target> target = kind.make(arguments.servers);
  Driver driver(*target);
  uint64_t profiles = 0;
  for (const uint64_t identifiers : arguments.identifiers) {
    Report report{.target = kind.name, .load = arguments.load};
    report.load.identifiers = identifiers;

    const uint64_t wanted = (identifiers + kIdentifiersPerProfile - 1) / kIdentifiersPerProfile;
    const auto begin = std::chrono::steady_clock::now();
    target->Load(profiles, wanted);
    target->Settle();
    report.load_seconds = SecondsSince(begin);
    profiles = wanted;
    report.disk_bytes = target->DiskBytes();
    ForgetPeakMemory();

    Load warm_up = report.load;
    warm_up.rate = 0;
    warm_up.seconds = arguments.warm_up_seconds;
    driver.Run(warm_up);
    report.outcome = driver.Run(report.load);
    report.memory_bytes = target->MemoryBytes();
    fmt::print("{}", TableRows(report));
    std::fflush(stdout);
    if (!arguments.json.empty()) Write(arguments.json, "a", ToJson(report));
  }
}

// In a process of its own, so that its memory is its own and nothing is left of it. False if it failed.
bool MeasureApart(const Kind& kind, const Arguments& arguments) {
  const pid_t child = fork();
  Check(child >= 0, "cannot start a process");
  if (child == 0) {
    Measure(kind, arguments);
    std::exit(0);
  }
  int status = 0;
  Check(waitpid(child, &status, 0) == child, "cannot wait for a process");
  if (status == 0) return true;
  if (WIFSIGNALED(status))
    fmt::print(stderr, "kintsugi_workload: {} was ended by signal {}\n", kind.name, WTERMSIG(status));
  return false;
}

// Why it cannot be measured here; empty if it can.
std::string WhyNot(const Kind& kind, const Servers& servers) {
  const std::string_view name = kind.name;
  if (kind.make == nullptr) return fmt::format("it was built without its library (Debian: {})", kind.package);
  if (name.starts_with("redis") && servers.redis_port == 0) return "no server; give --redis-port";
  if (name == "postgres" && servers.postgres.empty()) return "no server; give --postgres";
  return {};
}

int PrintTargets() {
  for (const Kind& kind : Kinds()) {
    fmt::print("{:<17} {}\n{:<17} when its process / the machine crashes, it loses: {}\n", kind.name, kind.what, "",
               kind.losses);
  }
  return 0;
}

void AddOptions(CLI::App& app, Arguments& arguments) {
  static const std::map<std::string, Distribution> kDistributions = {
      {"uniform", Distribution::kUniform}, {"hot", Distribution::kHot}, {"zipfian", Distribution::kZipfian}};
  Load& load = arguments.load;
  std::vector<std::string> names = {"all"};
  for (const Kind& kind : Kinds()) names.emplace_back(kind.name);

  app.add_option("--target", arguments.targets, "what to measure: some of --targets, or all")
      ->delimiter(',')
      ->check(CLI::IsMember(names).description(""))
      ->type_name("NAME,...")
      ->capture_default_str();
  app.add_flag("--targets", arguments.lists_targets, "list the targets, and what they lose in a crash");
  app.add_option("--identifiers", arguments.identifiers, "how many, three a person; several: the database grows")
      ->delimiter(',')
      ->check(CLI::PositiveNumber)
      ->type_name("N,...")
      ->capture_default_str();
  app.add_option("--mix", load.lookup_percent, "look-ups in a hundred operations; the others are events")
      ->check(CLI::Range(0, 100))
      ->type_name("PERCENT")
      ->capture_default_str();
  app.add_option("--distribution", load.distribution,
                 "who is asked for: uniform, hot (10,000 of them) or zipfian (0.99)")
      ->transform(CLI::CheckedTransformer(kDistributions).description(""))
      ->type_name("NAME")
      ->default_str("uniform");
  app.add_option("--threads", load.threads, "how many at once")
      ->check(CLI::Range(1, 1024))
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--rate", load.rate,
                 "operations a second, whose latencies count from when they were due; 0: one after the other")
      ->check(CLI::NonNegativeNumber)
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--seconds", load.seconds, "how long")
      ->check(CLI::PositiveNumber)
      ->type_name("N")
      ->capture_default_str();
  app.add_option("--warm-up", arguments.warm_up_seconds, "the same before, not counted, one after the other")
      ->check(CLI::NonNegativeNumber)
      ->type_name("SECONDS")
      ->capture_default_str();
  app.add_flag("--no-head", arguments.prints_rows_only, "leave out the words above the columns");
  app.add_option("--json", arguments.json, "write a line of JSON for each target and size")->type_name("FILE");
  app.add_option("--redis-port", arguments.servers.redis_port, "an empty redis on this machine")->type_name("PORT");
  app.add_option("--postgres", arguments.servers.postgres, "a PostgreSQL, as libpq takes it")->type_name("TEXT");
}

int Main(int argc, char** argv) {
  CLI::App app("Makes look-ups by identifier and events come, and prints how long they took.", "kintsugi_workload");
  Arguments arguments;
  AddOptions(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (arguments.lists_targets) return PrintTargets();
  Check(std::is_sorted(arguments.identifiers.begin(), arguments.identifiers.end()), "--identifiers must grow");
  if (!arguments.json.empty()) Write(arguments.json, "w", "");

  const auto wanted = [&](const Kind& kind) {
    return std::ranges::any_of(arguments.targets, [&](const auto& name) { return name == "all" || name == kind.name; });
  };
  bool ok = true;
  if (!arguments.prints_rows_only) fmt::print("{}", TableHead());
  for (const Kind& kind : Kinds()) {
    if (!wanted(kind)) continue;
    const std::string why_not = WhyNot(kind, arguments.servers);
    if (!why_not.empty()) fmt::print("skipped: {}: {}\n", kind.name, why_not);
    std::fflush(stdout);
    if (why_not.empty()) ok &= MeasureApart(kind, arguments);
  }
  return ok ? 0 : 1;
}

}  // namespace
}  // namespace kintsugi::bench

int main(int argc, char** argv) {
  return kintsugi::bench::Main(argc, argv);
}
