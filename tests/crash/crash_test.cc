// What a killed process leaves behind.

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "catch.h"
#include "crash/writer.h"
#include "engine_fixture.h"

namespace kintsugi::testing {
namespace {

// Runs the writer until at least `least` groups were acknowledged, and kills it. Returns how many were.
int WriteAndKill(int least, const std::string& path, const char* mode) {
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
  int last = -1;
  while (last + 1 < least) REQUIRE(read(acknowledged[0], &last, sizeof(last)) == sizeof(last));
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  for (int more = 0; read(acknowledged[0], &more, sizeof(more)) == sizeof(more);) last = more;
  close(acknowledged[0]);
  return last + 1;
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

}  // namespace kintsugi::testing
