// kintsugi_crash_writer DB logged|mixed: ingests group after group until it is killed, and writes each group's
// number to standard output once Ingest has returned. With `consume` it reads the feed instead, over and over, and
// writes the sequence of each entry before it acknowledges it; after some it waits to be killed. It is a program of its
// own because a forked copy of a process does not have its threads.

#include "crash/writer.h"

#include <unistd.h>

#include <span>
#include <string_view>

#include "kintsugi/engine.h"

namespace {

int Consume(const char* path) {
  const auto engine = kintsugi::Engine::Open({.read_only = true}, path);
  if (!engine.ok()) return 1;
  const auto begin = (*engine)->AcknowledgedBy(kintsugi::testing::kCrashConsumer);
  if (!begin.ok()) return 1;
  int taken = 0;
  for (uint64_t after = begin->value_or(0);; ++taken) {
    while (taken == kintsugi::testing::kCrashTaken) pause();
    const auto page = (*engine)->ReadFeed({.after = after, .limit = 1});
    if (!page.ok()) return 1;
    if (page->entries.empty()) return 0;
    after = page->next;
    const int sequence = static_cast<int>(after);
    if (write(STDOUT_FILENO, &sequence, sizeof(sequence)) != sizeof(sequence)) return 0;
    if (!(*engine)->Acknowledge(kintsugi::testing::kCrashConsumer, after).ok()) return 1;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  if (std::string_view(argv[2]) == "consume") return Consume(argv[1]);
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
