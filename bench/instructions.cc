// kintsugi_instructions: does one thing many times, for callgrind to count the instructions of nothing else.
//
//   valgrind --tool=callgrind --collect-atstart=no --callgrind-out-file=OUT kintsugi_instructions lookup/hot 2000
//
// Instructions do not drift as times do: what costs a few per cent more is seen. Threads of RocksDB are not counted.

#include <fmt/format.h>
#include <gnu/libc-version.h>
#include <rocksdb/version.h>
#include <sys/utsname.h>
#include <valgrind/callgrind.h>

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/config.h"
#include "bench/check.h"
#include "bench/data.h"
#include "bench/new_database.h"
#include "bench/people.h"

namespace kintsugi::bench {
namespace {

constexpr std::string_view kUsage =
    "usage: kintsugi_instructions lookup/hot|lookup/uncached|ingest/single|ingest/single_known COUNT\n"
    "       kintsugi_instructions --built-with\n";
constexpr uint64_t kPeople = 1000;

// What else than the library's own code decides how many instructions it takes.
void PrintBuiltWith() {
  utsname system;
  Check(uname(&system) == 0, "the system has no name");
#ifdef ABSL_LTS_RELEASE_VERSION
  constexpr long kAbseil = ABSL_LTS_RELEASE_VERSION;
#else
  constexpr long kAbseil = 0;
#endif
  fmt::print("{} {}, RocksDB {}.{}.{}, Abseil {}, glibc {}, {}\n",
#ifdef __clang__
             "Clang", __clang_version__,
#else
             "GCC", __VERSION__,
#endif
             ROCKSDB_MAJOR, ROCKSDB_MINOR, ROCKSDB_PATCH, kAbseil, gnu_get_libc_version(), system.machine);
}

// Of everybody, in order; twice before it counts.
void LookUpAgainAndAgain(const Engine& engine, uint64_t count) {
  std::vector<Probe> probes;
  for (uint64_t i = 0; i < kPeople * kIdentifiersPerProfile; ++i) probes.push_back({NamespaceOf(i), KeyOf(i)});
  bool found = true;
  for (size_t i = 0; i < 2 * probes.size(); ++i) found &= LookUp(engine, probes[i % probes.size()]) != 0;
  CALLGRIND_TOGGLE_COLLECT;
  for (size_t i = 0; i < count; ++i) found &= LookUp(engine, probes[i % probes.size()]) != 0;
  CALLGRIND_TOGGLE_COLLECT;
  Check(found, "an identifier was not found");
}

// One call per event: of new people, or of the thousand again and again, who bring a value that changes each time.
void Ingest(Engine& engine, uint64_t count, bool of_known) {
  const auto event_of = [&](uint64_t i) {
    Event event = PersonEvent(of_known ? i % kPeople : kPeople + i);
    event.id = std::to_string(i);
    *event.time += std::chrono::hours(1);
    event.traits.resize(1);
    event.traits.front().second = event.id;
    return event;
  };
  uint64_t accepted = 0;
  uint64_t tried = 0;
  const auto ingest = [&] {
    const Event event = event_of(tried++);
    CALLGRIND_TOGGLE_COLLECT;
    const auto report = engine.Ingest(event);
    CALLGRIND_TOGGLE_COLLECT;
    accepted += report.ok() ? report->accepted : 0;
  };
  Check(engine.Ingest(event_of(count)).status());  // what the first one of all prepares
  while (tried < count) ingest();
  Check(accepted == count, "an event was not accepted");
}

int Main(int argc, char** argv) {
  const std::string_view what = argc > 1 ? argv[1] : "";
  if (what == "--built-with") {
    PrintBuiltWith();
    return 0;
  }
  const uint64_t count = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 0;
  const bool known =
      what == "lookup/hot" || what == "lookup/uncached" || what == "ingest/single" || what == "ingest/single_known";
  if (!known || count == 0) {
    fmt::print(stderr, kUsage);
    return 2;
  }
  NewDatabase database(kPeopleSchema, what == "lookup/uncached" ? WithoutProfileCache() : Options());
  {
    Loader<Event> loader(database);
    for (uint64_t profile = 0; profile < kPeople; ++profile) loader.Add(PersonEvent(profile));
  }
  if (what.starts_with("lookup/")) {
    LookUpAgainAndAgain(database.engine(), count);
  } else {
    Ingest(database.engine(), count, what == "ingest/single_known");
  }
  return 0;
}

}  // namespace
}  // namespace kintsugi::bench

int main(int argc, char** argv) {
  return kintsugi::bench::Main(argc, argv);
}
