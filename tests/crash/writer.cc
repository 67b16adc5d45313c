// kintsugi_crash_writer DB logged|mixed: ingests group after group until it is killed, and writes each group's
// number to standard output once Ingest has returned. It is a program of its own because a forked copy
// of a process does not have its threads.

#include "crash/writer.h"

#include <unistd.h>

#include <span>
#include <string_view>

#include "kintsugi/engine.h"

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const bool mixed = std::string_view(argv[2]) == "mixed";
  const auto schema = kintsugi::Schema::Parse(kintsugi::testing::kCrashSchema);
  if (!schema.ok()) return 2;
  const auto engine = kintsugi::Engine::Open({.schema = *schema}, argv[1]);
  if (!engine.ok()) return 1;
  for (int i = 0;; ++i) {
    const auto group = kintsugi::testing::CrashGroup(i);
    const auto durability =
        mixed && i % 2 == 0 ? kintsugi::Durability::kLosesOnAnyCrash : kintsugi::Durability::kLosesOnMachineCrash;
    if (!(*engine)->Ingest(std::span<const kintsugi::Event>(group), {durability}).ok()) return 1;
    if (write(STDOUT_FILENO, &i, sizeof(i)) != sizeof(i)) return 0;
  }
}
