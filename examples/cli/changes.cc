// kintsugi changes

#include <fmt/format.h>

#include <chrono>
#include <condition_variable>
#include <mutex>

#include "command.h"
#include "interrupt.h"

namespace kintsugi::cli {
namespace {

// How long --follow waits before it looks again.
constexpr std::chrono::milliseconds kPause(100);
// So many entries are printed between two acknowledgements, and kept in memory.
constexpr size_t kPageEntries = 1000;

absl::StatusOr<std::vector<FeedEntry::Kind>> ParseKinds(const std::vector<std::string>& names) {
  std::vector<FeedEntry::Kind> kinds;
  for (const std::string& name : names) {
    const auto kind = ParseFeedKind(name);
    if (kind) {
      kinds.push_back(*kind);
      continue;
    }
    std::string all;
    for (const FeedEntry::Kind one : AllFeedKinds()) all += fmt::format("{}{}", all.empty() ? "" : ", ", ToString(one));
    return absl::InvalidArgumentError(fmt::format("there is no kind `{}`; the kinds are: {}", name, all));
  }
  return kinds;
}

// Until the time is over, or somebody wants this to stop.
void Wait(std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait_for(lock, stop, kPause, [] { return false; });
}

bool IsAskedFor(const FeedEntry& entry, const std::vector<FeedEntry::Kind>& kinds) {
  if (kinds.empty()) return true;
  for (const FeedEntry::Kind kind : kinds) {
    if (kind == entry.kind) return true;
  }
  return false;
}

// Prints the feed, and knows how far it got.
class ChangesPrinter {
 public:
  ChangesPrinter(Engine& engine, std::string consumer, std::vector<FeedEntry::Kind> kinds)
      : engine_(engine), consumer_(std::move(consumer)), kinds_(std::move(kinds)) {}

  // Where to begin: where it is told to, or else where the consumer is; a new one is owed all of the feed.
  // kInvalidArgument: that is no consumer's name.
  absl::Status Begin(std::optional<uint64_t> after, bool with_snapshot) {
    after_ = after;
    if (consumer_.empty()) return absl::OkStatus();
    const auto known = engine_.AcknowledgedBy(consumer_);
    if (absl::IsInvalidArgument(known.status())) return known.status();
    if (after || with_snapshot) return absl::OkStatus();
    if (!known.ok()) return known.status();
    after_ = known->value_or(0);
    return absl::OkStatus();
  }

  // The present, and then it goes on from there.
  absl::Status PrintSnapshot() {
    const auto sequence = engine_.ForEachFeedSnapshotEntry(
        [&](const FeedEntry& entry) { return !IsAskedFor(entry, kinds_) || PrintLine(entry.ToJson()); });
    if (!sequence.ok()) return sequence.status();
    after_ = *sequence;
    return absl::OkStatus();
  }

  // True if there is no more.
  absl::StatusOr<bool> PrintPage() {
    const auto page = engine_.ReadFeed({.after = after_, .limit = kPageEntries, .kinds = kinds_});
    if (!page.ok()) return page.status();
    if (!after_ && !page->is_whole)
      Say(fmt::format("the feed begins after {}: what was before is gone; `--snapshot` prints the present",
                      page->next));
    for (const FeedEntry& entry : page->entries) PrintLine(entry.ToJson());
    after_ = page->next;
    return page->next >= page->last;
  }

  // What was printed is out. False if it cannot be written.
  bool Flush() { return std::fflush(stdout) == 0 && std::ferror(stdout) == 0; }

  absl::Status Acknowledge() {
    if (consumer_.empty() || !after_ || after_ == acknowledged_) return absl::OkStatus();
    acknowledged_ = after_;
    return engine_.Acknowledge(consumer_, *after_);
  }

 private:
  Engine& engine_;
  const std::string consumer_;
  const std::vector<FeedEntry::Kind> kinds_;
  std::optional<uint64_t> after_;
  std::optional<uint64_t> acknowledged_;
};

ExitCode Conclude(ChangesPrinter& printer) {
  if (!printer.Flush()) return Finish(kFailed);
  const absl::Status status = printer.Acknowledge();
  return status.ok() ? kDone : Fail(status);
}

ExitCode PrintAll(ChangesPrinter& printer) {
  for (;;) {
    const auto is_done = printer.PrintPage();
    if (!is_done.ok()) return Fail(is_done.status());
    if (*is_done) break;
    if (!printer.Flush()) return Finish(kFailed);
  }
  return Conclude(printer);
}

ExitCode Follow(Engine& engine, ChangesPrinter& printer) {
  const Interrupt interrupt;
  const std::stop_token stop = interrupt.token();
  while (!stop.stop_requested()) {
    const auto is_done = printer.PrintPage();
    if (!is_done.ok()) return Fail(is_done.status());
    if (!printer.Flush()) return Finish(kFailed);
    if (auto status = printer.Acknowledge(); !status.ok()) return Fail(status);
    if (!*is_done) continue;
    Wait(stop);
    const absl::Status status = engine.TryCatchUp();
    // A writer may be too busy with its files to be followed just now.
    if (!status.ok() && !absl::IsUnavailable(status)) return Fail(status);
  }
  return kInterrupted;
}

}  // namespace

ExitCode ChangesCommand::Run() const {
  const auto asked = ParseKinds(kinds);
  if (!asked.ok()) return Misused(asked.status());
  if (snapshot && after) return Misused("--snapshot is of the present; give it without --after");
  // Whoever writes the database goes on meanwhile, and may begin to.
  auto engine = OpenToFollow(db);
  if (!engine.ok()) return Fail(engine.status());
  ChangesPrinter printer(**engine, consumer, *asked);
  const absl::Status begun = printer.Begin(after, snapshot);
  if (absl::IsInvalidArgument(begun)) return Misused(begun);
  if (!begun.ok()) return Fail(begun);
  if (snapshot) {
    if (auto status = printer.PrintSnapshot(); !status.ok()) return Fail(status);
  }
  if (follow) return Follow(**engine, printer);
  return snapshot ? Conclude(printer) : PrintAll(printer);
}

}  // namespace kintsugi::cli
