#include "read/feed.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/hash.h"
#include "format/keys.h"
#include "format/stored_rows.h"
#include "living/feed_codec.h"
#include "store/acknowledgements.h"

namespace kintsugi::read {
namespace {

using format::Family;

// What is to be done about it.
constexpr std::string_view kBeginAnew =
    "begin anew with a snapshot of the present (`kintsugi changes --snapshot`, with the same --consumer)";

absl::Status CheckIsOn(const living::FeedRules& rules) {
  if (rules.is_on()) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "the database has no feed: add `feed {}` to its schema and run `kintsugi migrate`");
}

// As of the snapshot. Before the first write there are none.
absl::StatusOr<stored::Counters::Feed> ReadState(const store::Store& store, const store::Store::Snapshot& snapshot) {
  const auto row = store.Get(Family::kMeta, "counters", &snapshot);
  if (!row.ok()) return row.status();
  stored::Counters counters;
  if (*row && !format::ParseRow(**row, counters)) return absl::DataLossError("the database's counters are damaged");
  stored::Counters::Feed feed = counters.feed();
  if (feed.begin() == 0) {
    feed.set_begin(1);
    feed.set_first(1);
  }
  return feed;
}

absl::Status CheckPlace(uint64_t after, const stored::Counters::Feed& feed) {
  if (after > feed.last()) {
    return absl::OutOfRangeError(fmt::format(
        "the feed has its entries up to {}, and does not go on after {}: the database is another one, or a crash or an "
        "older copy took it back; {}",
        feed.last(), after, kBeginAnew));
  }
  if (after + 1 < feed.first()) {
    return absl::OutOfRangeError(fmt::format("the feed has its entries from {} on, and those after {} are gone; {}",
                                             feed.first(), after, kBeginAnew));
  }
  return absl::OkStatus();
}

// 0: there is none.
absl::StatusOr<uint64_t> FingerprintAt(const store::Store& store, uint64_t sequence) {
  const auto row = store.Get(Family::kFeed, format::FeedKey(sequence));
  if (!row.ok()) return row.status();
  return *row ? Fingerprint(**row) : 0;
}

}  // namespace

absl::StatusOr<FeedPage> ReadFeed(const living::FeedRules& rules, const store::Store& store, const FeedQuery& query) {
  if (auto status = CheckIsOn(rules); !status.ok()) return status;
  if (query.limit == 0) return absl::InvalidArgumentError("a page of the feed has a limit of at least 1");
  const store::Store::Snapshot snapshot(store);
  const auto feed = ReadState(store, snapshot);
  if (!feed.ok()) return feed.status();
  const bool is_whole = feed->first() == feed->begin();
  // Who was told of nothing yet misses nothing of a feed that is whole, whatever it begins with.
  const bool is_from_beginning = !query.after || (*query.after == 0 && is_whole);
  const uint64_t after = is_from_beginning ? feed->first() - 1 : *query.after;
  if (auto status = CheckPlace(after, *feed); !status.ok()) return status;
  FeedPage page{.next = after, .last = feed->last(), .is_whole = is_whole};
  size_t looked_at = 0;
  const auto visit = [&](std::string_view key, std::string_view row) -> VisitResult {
    uint64_t sequence = 0;
    FeedEntry entry;
    if (!format::ParseFeedKey(key, sequence) || !living::DecodeFeedRow(row, sequence, entry))
      return format::DamagedRow(Family::kFeed);
    page.next = sequence;
    const bool is_asked_for =
        query.kinds.empty() || std::find(query.kinds.begin(), query.kinds.end(), entry.kind) != query.kinds.end();
    if (is_asked_for) page.entries.push_back(std::move(entry));
    return ++looked_at < query.limit;
  };
  if (after < feed->last()) {
    const auto status = store.ScanBetween(Family::kFeed, format::FeedKey(after + 1), format::FeedKey(feed->last() + 1),
                                          store::Store::Direction::kForwards, visit, &snapshot);
    if (!status.ok()) return status;
  }
  return page;
}

absl::StatusOr<uint64_t> ForEachFeedSnapshotEntry(const living::FeedRules& rules, const store::Store& store, Time now,
                                                  const std::function<bool(const FeedEntry&)>& visit) {
  if (auto status = CheckIsOn(rules); !status.ok()) return status;
  const store::Store::Snapshot snapshot(store);
  const auto feed = ReadState(store, snapshot);
  if (!feed.ok()) return feed.status();
  bool is_whole = true;
  const auto tell = [&](std::string_view key, std::string_view record) -> VisitResult {
    living::RecordChange change{.now = record};
    if (!format::ParseProfileKey(key, change.id)) return format::DamagedRow(Family::kProfiles);
    const auto nobody = [](const golden::StoredIdentifier&) { return ProfileId(); };
    for (const living::Told& told : living::TellChanges(rules, {&change, 1}, nobody)) {
      is_whole = visit(living::ToEntry(told, feed->last(), now));
      if (!is_whole) return false;
    }
    return true;
  };
  if (auto status = store.Scan(Family::kProfiles, "", tell, &snapshot); !status.ok()) return status;
  if (!is_whole) return absl::CancelledError("the snapshot was stopped before its end");
  return feed->last();
}

absl::StatusOr<std::optional<uint64_t>> AcknowledgedBy(const store::Store& store, const std::string& path,
                                                       std::string_view consumer) {
  const auto known = store::ReadAcknowledgement(path, consumer);
  if (!known.ok()) return known.status();
  if (!*known) return std::nullopt;
  const auto there = FingerprintAt(store, (*known)->sequence);
  if (!there.ok()) return there.status();
  // One that was deleted meanwhile, as all are some time, says nothing.
  if (*there != 0 && (*known)->fingerprint != 0 && *there != (*known)->fingerprint) {
    return absl::OutOfRangeError(
        fmt::format("entry {} is another one than the consumer `{}` acknowledged: a crash or an older copy took the "
                    "feed back, and it went on otherwise; {}",
                    (*known)->sequence, consumer, kBeginAnew));
  }
  return (*known)->sequence;
}

absl::Status Acknowledge(const store::Store& store, const std::string& path, std::string_view consumer,
                         uint64_t sequence) {
  const auto fingerprint = FingerprintAt(store, sequence);
  if (!fingerprint.ok()) return fingerprint.status();
  return store::WriteAcknowledgement(path, consumer, {sequence, *fingerprint});
}

}  // namespace kintsugi::read
