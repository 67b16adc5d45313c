#include "write/advance.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

#include "format/keys.h"
#include "format/stored_rows.h"
#include "graph/golden_rows.h"
#include "store/stored_evidence.h"
#include "write/batch_rows.h"
#include "write/member_rows.h"
#include "write/trait_rows.h"
#include "write/writer.h"

namespace kintsugi::write {
namespace {

using format::Family;

// The first row of `due` that is after `now`.
std::string EndOfDue(Time now) {
  return format::DueKey(now + Time::duration(1), ProfileId());
}

// Those of `due` from a row on that are not after `now`, until there are enough. `from` becomes the last of them.
absl::StatusOr<std::vector<ProfileId>> ReadDue(const store::Store& store, std::string& from, Time now, size_t most,
                                               const store::Store::Snapshot* snapshot = nullptr) {
  std::vector<ProfileId> due;
  std::string last = from;
  const auto visit = [&](std::string_view key, std::string_view) -> VisitResult {
    Time time;
    ProfileId id;
    if (!format::ParseDueKey(key, time, id)) return format::DamagedRow(Family::kDue);
    last = key;
    due.push_back(id);
    return due.size() < most;
  };
  const auto status =
      store.ScanBetween(Family::kDue, from, EndOfDue(now), store::Store::Direction::kForwards, visit, snapshot);
  if (!status.ok()) return status;
  from = std::move(last);
  return due;
}

}  // namespace

absl::StatusOr<bool> RefreshDue(const ingest::Context& context, const living::Rules& rules, const store::Store& store,
                                stored::Counters& counters, std::string& swept_to, FeedRows& feed,
                                graph::RowSink& sink) {
  const Time now = format::NowOf(counters);
  const auto due = ReadDue(store, swept_to, now, kMostDue);
  if (!due.ok()) return due.status();
  const store::StoredEvidence rows(store);
  TraitRows traits(context, rules, rows, now);
  const bool has_traits = !rules.traits.empty();
  MemberRows members(rules.segments);
  graph::GoldenRows golden(context, rows,
                           {.traits = has_traits ? &traits : nullptr,
                            .segments = &rules.segments,
                            .now = now,
                            .listeners = ListenersOf(members, feed)});
  for (const ProfileId& id : *due) {
    if (auto status = golden.Refresh(id, sink); !status.ok()) return status;
  }
  if (has_traits) {
    if (auto status = traits.Write(sink); !status.ok()) return status;
  }
  counters.set_approximate(counters.approximate() + golden.approximate());
  counters.set_overdrawn(counters.overdrawn() + golden.overdrawn());
  members.AddTo(counters);
  return due->size() < kMostDue;
}

absl::StatusOr<bool> IsAnythingDue(const store::Store& store, Time now, const store::Store::Snapshot* snapshot) {
  std::string from;
  const auto due = ReadDue(store, from, now, 1, snapshot);
  if (!due.ok()) return due.status();
  return !due->empty();
}

// ---- Writer

absl::Status Writer::Advance(Time now, const WriteOptions& options) {
  if (auto status = MayWrite(); !status.ok()) return status;
  if (FormatTime(now).empty()) return absl::InvalidArgumentError("the clock is moved within the years 1 to 9999 only");
  if (const Time before = format::NowOf(counters_.Get()); now < before) {
    return absl::InvalidArgumentError(
        fmt::format("the database's now is {} and does not move back, to {}", FormatTime(before), FormatTime(now)));
  }
  for (bool is_advanced = false; !is_advanced;) {
    Waiting mine{.durability = options.durability, .alone = true, .advance_to = now};
    if (auto status = TakeTurn(mine); !status.ok()) return status;
    is_advanced = mine.is_advanced;
  }
  return absl::OkStatus();
}

absl::Status Writer::AdvanceToClock() {
  const Time now = clock_();
  return now <= format::NowOf(counters_.Get()) ? absl::OkStatus() : Advance(now, {});
}

// The clock is moved with the first batch: whoever writes from then on does it as of the new time, and what is left to
// be done stands in `due`, also after a crash. Another may have moved it further meanwhile.
absl::Status Writer::AdvanceSome(Waiting& mine) {
  stored::Counters counters = counters_.Get();
  const Time now = std::max(*mine.advance_to, format::NowOf(counters));
  counters.set_now(format::ToUs(now));
  store::Batch batch = store_.NewBatch();
  CacheMarks marks;
  BatchRows sink(batch, &marks);
  std::string swept_to = swept_to_;
  FeedRows feed(context_, rules_.feed);
  const auto is_done = RefreshDue(context_, rules_, store_, counters, swept_to, feed, sink);
  if (!is_done.ok()) return is_done.status();
  const Time recorded_at = rules_.feed.is_on() ? clock_() : kNeverLast;  // the host's clock may be anything
  if (auto status = feed.Finish(store_, recorded_at, counters, sink); !status.ok()) return status;
  sink.Finish();
  batch.Put(format::Family::kMeta, "counters", counters.SerializeAsString());
  if (auto status = WriteRows(batch, marks, mine.durability); !status.ok()) return status;
  counters_.Set(std::move(counters));
  swept_to_ = *is_done ? EndOfDue(now) : std::move(swept_to);
  mine.is_advanced = *is_done;
  TellHost(feed);
  return absl::OkStatus();
}

}  // namespace kintsugi::write
