// What a killed process leaves behind.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catch.h"
#include "crash/writer.h"
#include "engine_fixture.h"
#include "feed_support.h"

namespace kintsugi::testing {
namespace {

// Runs the program until it has written `least` - 1 or a later number, and kills it. Returns all that it wrote.
std::vector<int> RunAndKill(int least, const std::string& path, const char* mode) {
  int acknowledged[2];
  REQUIRE(pipe(acknowledged) == 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(acknowledged[1], STDOUT_FILENO);
    close(acknowledged[0]);
    close(acknowledged[1]);
    execl(KINTSUGI_CRASH_WRITER, "kintsugi_crash_writer", path.c_str(), mode, nullptr);
    _exit(127);
  }
  close(acknowledged[1]);
  std::vector<int> written;
  int one = -1;
  while (one + 1 < least) {
    REQUIRE(read(acknowledged[0], &one, sizeof(one)) == sizeof(one));
    written.push_back(one);
  }
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  while (read(acknowledged[0], &one, sizeof(one)) == sizeof(one)) written.push_back(one);
  close(acknowledged[0]);
  return written;
}

// Until at least so many groups were acknowledged. Returns how many were.
int WriteAndKill(int least, const std::string& path, const char* mode) {
  return RunAndKill(least, path, mode).back() + 1;
}

}  // namespace

TEST_CASE("a process that is killed loses nothing that Ingest returned for, and leaves no half group", "[crash]") {
  TemporaryDirectory directory;
  const int acknowledged = WriteAndKill(50, directory / "db", "logged");
  const auto engine = Engine::Open({}, directory / "db");
  REQUIRE(engine.ok());
  const uint64_t events = (*engine)->GetStats().events;
  CHECK(events % kCrashGroup == 0);
  CHECK(events / kCrashGroup >= static_cast<uint64_t>(acknowledged));
  CHECK((*engine)->Verify()->empty());
}

TEST_CASE("a logged write never survives a crash without the unlogged ones before it", "[crash]") {
  TemporaryDirectory directory;
  const int acknowledged = WriteAndKill(21, directory / "db", "mixed");
  const auto engine = Engine::Open({}, directory / "db");
  REQUIRE(engine.ok());
  // The last of them may have been unlogged.
  CHECK((*engine)->GetStats().events / kCrashGroup >= static_cast<uint64_t>(acknowledged) - 1);
  CHECK((*engine)->Verify()->empty());
}

TEST_CASE("a writer that is killed leaves a feed whose replay is the present, and it goes on from there", "[crash]") {
  TemporaryDirectory directory;
  for (int run = 0; run < 3; ++run) {
    WriteAndKill(20, directory / "db", run == 1 ? "mixed" : "logged");
    const auto engine = Engine::Open({}, directory / "db");
    REQUIRE(engine.ok());
    CHECK(Wrong(**engine) == "");
    CHECK((*engine)->Verify()->empty());
    const auto page = (*engine)->ReadFeed();
    REQUIRE(page.ok());
    CHECK(page->last > 0);
  }
}

TEST_CASE("a consumer that is killed again and again misses no entry, and repeats no more than the last", "[crash]") {
  TemporaryDirectory directory;
  WriteAndKill(40, directory / "db", "logged");
  {
    const auto writer = Engine::Open({}, directory / "db");
    REQUIRE(writer.ok());
  }
  int acknowledged = 0;
  for (int run = 0; run < 4; ++run) {
    const std::vector<int> taken = RunAndKill(acknowledged + 10, directory / "db", "consume");
    CHECK(taken.front() == acknowledged + 1);
    for (size_t i = 1; i < taken.size(); ++i) CHECK(taken[i] == taken[i - 1] + 1);
    const int last = taken.back();
    const auto engine = Engine::Open({.read_only = true}, directory / "db");
    REQUIRE(engine.ok());
    const auto known = (*engine)->AcknowledgedBy(kCrashConsumer);
    REQUIRE(known.ok());
    REQUIRE(known->has_value());
    // It was killed before it acknowledged the last that it wrote, or after.
    CHECK(static_cast<int>(**known) >= last - 1);
    CHECK(static_cast<int>(**known) <= last);
    acknowledged = static_cast<int>(**known);
  }
}

}  // namespace kintsugi::testing
