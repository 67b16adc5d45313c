#include "write/feed_rows.h"

#include <chrono>

#include "format/keys.h"
#include "format/stored_rows.h"
#include "living/feed_codec.h"

namespace kintsugi::write {
namespace {

using format::Family;

// So many old entries go with a group, and twice as many as it writes: deleting never makes a write wait long.
constexpr size_t kDeletedAtLeast = 64;

// Of an anchor with the schema's place of its namespace.
ProfileId IdOf(const ingest::Context& context, const golden::StoredIdentifier& anchor) {
  identity::Node node{.value = std::string(anchor.value)};
  return context.catalog.Find(anchor.number, node.ns) ? context.IdOf(node) : ProfileId();
}

}  // namespace

absl::Status FeedRows::OnRecord(const ProfileId& id, std::string_view before, std::string_view now, graph::RowSink&) {
  const auto [at, is_first] = changes_.try_emplace(id);
  if (is_first) at->second.before = before;
  at->second.now = now;
  return absl::OkStatus();
}

absl::Status FeedRows::Finish(const store::Store& store, Time now, stored::Counters& counters, graph::RowSink& sink) {
  if (!is_on()) return absl::OkStatus();
  std::vector<living::RecordChange> changes;
  for (const auto& [id, change] : changes_) changes.push_back({id, change.before, change.now});
  told_ =
      living::TellChanges(rules_, changes, [&](const golden::StoredIdentifier& one) { return IdOf(context_, one); });
  changes_.clear();
  stored::Counters::Feed& feed = *counters.mutable_feed();
  if (feed.begin() == 0) {
    feed.set_begin(1);
    feed.set_first(1);
  }
  if (auto status = DeleteOld(store, now, feed, sink); !status.ok()) return status;
  recorded_at_ = now;
  first_ = feed.last() + 1;
  if (feed.first() == first_ && !told_.empty()) feed.set_first_at(format::ToUs(now));
  for (const living::Told& told : told_) {
    feed.set_last(feed.last() + 1);
    sink.Put(Family::kFeed, format::FeedKey(feed.last()), living::EncodeFeedRow(told, now));
  }
  return absl::OkStatus();
}

absl::Status FeedRows::DeleteOld(const store::Store& store, Time now, stored::Counters::Feed& feed,
                                 graph::RowSink& sink) const {
  if (rules_.keep_days() == 0 || !IsKnown(now) || feed.first() > feed.last()) return absl::OkStatus();
  const Time oldest_kept = now - std::chrono::days(rules_.keep_days());
  if (format::ToTime(feed.first_at()) >= oldest_kept) return absl::OkStatus();
  const size_t most = kDeletedAtLeast + 2 * told_.size();
  size_t deleted = 0;
  const auto visit = [&](std::string_view key, std::string_view row) -> VisitResult {
    Time recorded_at;
    if (!living::DecodeFeedTime(row, recorded_at)) return format::DamagedRow(Family::kFeed);
    feed.set_first_at(format::ToUs(recorded_at));
    if (recorded_at >= oldest_kept || deleted == most) return false;
    sink.Delete(Family::kFeed, key);
    feed.set_first(feed.first() + 1);
    ++deleted;
    return true;
  };
  return store.ScanBetween(Family::kFeed, format::FeedKey(feed.first()), format::FeedKey(feed.last() + 1),
                           store::Store::Direction::kForwards, visit);
}

std::vector<FeedEntry> FeedRows::Entries() const {
  std::vector<FeedEntry> entries;
  for (const living::Told& told : told_)
    entries.push_back(living::ToEntry(told, first_ + entries.size(), recorded_at_));
  return entries;
}

std::vector<graph::RecordListener*> ListenersOf(MemberRows& members, FeedRows& feed) {
  std::vector<graph::RecordListener*> listeners;
  if (members.is_on()) listeners.push_back(&members);
  if (feed.is_on()) listeners.push_back(&feed);
  return listeners;
}

void BeginFeedAfter(const stored::Counters& other, stored::Counters& counters) {
  if (!other.has_feed() || other.feed().begin() == 0) return;
  // The one that is left out is what tells a follower of the last entry that this is another feed.
  const uint64_t begin = other.feed().last() + 2;
  counters.mutable_feed()->set_begin(begin);
  counters.mutable_feed()->set_first(begin);
  counters.mutable_feed()->set_last(begin - 1);
}

}  // namespace kintsugi::write
