#include "write/writer.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "golden/shared_profile.h"

namespace kintsugi::write {
namespace {

// A group is cut here, so that one caller does not wait for the work of very many others.
constexpr size_t kMaxGroupItems = 1 << 16;

}  // namespace

Writer::Writer(const ingest::Context& context, const living::Rules& rules, store::Store& store,
               read::ProfileCache& cache, Counters& counters, std::function<Time()> clock, OnChanges on_changes)
    : context_(context),
      rules_(rules),
      store_(store),
      cache_(cache),
      counters_(counters),
      clock_(std::move(clock)),
      on_changes_(std::move(on_changes)),
      preparer_(context),
      out_of_memory_(absl::ResourceExhaustedError(
          "there is not enough memory to apply this group, and nothing of it was applied; send less at a time")) {}

absl::Status Writer::MayWrite() const {
  if (!store_.is_read_only()) return absl::OkStatus();
  return absl::FailedPreconditionError("the database was opened to be read only; open it without Options::read_only");
}

size_t Writer::waiting() const {
  std::lock_guard lock(mutex_);
  return waiting_;
}

size_t Writer::profiles_loaded() const {
  std::lock_guard lock(mutex_);
  return profiles_loaded_;
}

template <typename Evidence>
absl::StatusOr<IngestReport> Writer::IngestAll(std::span<const Evidence> evidence, const WriteOptions& options) {
  std::vector<Item> items(evidence.size());
  for (size_t i = 0; i < evidence.size(); ++i) {
    const auto source = context_.SourceOf(evidence[i].source);
    if (!source.ok()) return source.status();
    items[i].source = *source;
    std::visit([&](auto&& prepared) { items[i].evidence = std::move(prepared); },
               preparer_.Prepare(*source, evidence[i]));
    if constexpr (std::is_same_v<Evidence, Event>)
      items[i].origin.event = &evidence[i];
    else
      items[i].origin.record = &evidence[i];
  }
  auto written = Write(items, options);
  if (!written.ok()) return written.status();
  return std::move(written->report);
}

absl::StatusOr<IngestReport> Writer::Ingest(std::span<const Event> events, const WriteOptions& options) {
  return IngestAll(events, options);
}

absl::StatusOr<IngestReport> Writer::Ingest(std::span<const Record> records, const WriteOptions& options) {
  return IngestAll(records, options);
}

absl::StatusOr<Written> Writer::Write(std::span<const Item> items, const WriteOptions& options, bool alone) {
  if (auto status = MayWrite(); !status.ok()) return status;
  Waiting mine{.items = items, .durability = options.durability, .alone = alone};
  if (auto status = TakeTurn(mine); !status.ok()) return status;
  return std::move(mine.written);
}

absl::Status Writer::Flush() {
  if (auto status = MayWrite(); !status.ok()) return status;
  Waiting mine{.alone = true, .is_flush = true};
  return TakeTurn(mine);
}

absl::Status Writer::TakeTurn(Waiting& mine) {
  std::unique_lock lock(mutex_);
  (first_ == nullptr ? first_ : last_->next) = &mine;
  last_ = &mine;
  ++waiting_;
  turn_.wait(lock, [&] { return mine.done || (first_ == &mine && !is_writing_); });
  if (mine.done) return mine.status;
  Waiting* const group = TakeGroup();
  is_writing_ = true;
  lock.unlock();
  const absl::Status status = TryToApply(*group);
  lock.lock();
  is_writing_ = false;
  for (Waiting* one = group; one != nullptr; one = one->next) {
    one->status = status;
    one->done = true;
    --waiting_;
  }
  turn_.notify_all();
  return status;
}

Writer::Waiting* Writer::TakeGroup() {
  Waiting* const group = first_;
  Waiting* last = group;
  size_t items = group->items.size();
  while (last->next != nullptr && !group->alone && !last->next->alone) {
    items += last->next->items.size();
    if (items > kMaxGroupItems) break;
    last = last->next;
  }
  first_ = std::exchange(last->next, nullptr);
  return group;
}

absl::Status Writer::TryToApply(Waiting& group) {
  try {
    try {
      return ApplyGroup(group);
    } catch (const std::bad_alloc&) {
      return out_of_memory_;
    } catch (const std::exception& thrown) {
      return absl::InternalError(
          fmt::format("writing broke off, and nothing of the group was applied: {}", thrown.what()));
    }
  } catch (const std::bad_alloc&) {
    return out_of_memory_;  // there was none for the message
  } catch (...) {
    return absl::InternalError("writing broke off, and nothing of the group was applied");
  }
}

absl::Status Writer::ApplyGroup(Waiting& group) {
  if (group.is_flush) return store_.Flush();
  if (group.advance_to) return AdvanceSome(group);
  Applier applier(context_, rules_, store_, counters_.Get());
  Durability durability = group.durability;
  for (Waiting* waiting = &group; waiting != nullptr; waiting = waiting->next) {
    std::vector<Verdict> verdicts;
    IngestReport& report = waiting->written.report;
    if (auto status = applier.Apply(waiting->items, verdicts, report.reasons); !status.ok()) return status;
    for (const Verdict verdict : verdicts) {
      ++report.read;
      if (verdict == Verdict::kAccepted) ++report.accepted;
      if (verdict == Verdict::kDuplicate) ++report.duplicates;
      if (verdict == Verdict::kSuperseded) ++report.superseded;
      if (verdict == Verdict::kQuarantined) ++report.quarantined;
    }
    durability = std::min(durability, waiting->durability);  // who wants to lose least decides
  }
  store::Batch batch = store_.NewBatch();
  auto counters = applier.Finish(batch, clock_());
  if (!counters.ok()) return counters.status();
  if (auto status = WriteRows(batch, applier.cache_marks(), durability); !status.ok()) return status;
  counters_.Set(*std::move(counters));
  TellHost(applier.feed());
  for (Waiting* waiting = &group; waiting != nullptr; waiting = waiting->next)
    waiting->written.profiles_loaded = applier.profiles_loaded();
  std::lock_guard lock(mutex_);
  profiles_loaded_ = applier.profiles_loaded();
  return absl::OkStatus();
}

// What the group changes is neither read from memory nor kept there until it is written. Then those who are looked up
// while events come in are there again.
absl::Status Writer::WriteRows(store::Batch& batch, const CacheMarks& marks, Durability durability) {
  read::ProfileCache::Write write(cache_);
  marks.Mark(write);
  if (auto status = store_.Write(batch, durability); !status.ok()) return status;
  try {
    for (const ProfileId& id : write.wanted()) KeepInMemory(id, write);
  } catch (const std::bad_alloc&) {
    // The group is written all the same; they will be read when they are asked for.
  }
  return absl::OkStatus();
}

// The group is written, whatever the host does.
void Writer::TellHost(const FeedRows& feed) const {
  if (!on_changes_) return;
  try {
    const std::vector<FeedEntry> entries = feed.Entries();
    if (!entries.empty()) on_changes_(entries);
  } catch (...) {
    // What it missed is in the feed.
  }
}

void Writer::KeepInMemory(const ProfileId& id, read::ProfileCache::Write& write) const {
  const auto row = store_.Get(format::Family::kProfiles, format::ProfileKey(id));
  if (!row.ok() || !*row) return;  // who asks for it is told
  const auto* profile = golden::SharedProfile::Make(id, **row, context_.names);
  write.Keep(*profile);
  profile->Release(golden::SharedProfile::ThisStripe());
}

}  // namespace kintsugi::write
