#include "admin/verify_feed.h"

#include <fmt/format.h>

#include <utility>

#include "format/keys.h"
#include "format/stored_rows.h"
#include "living/feed_codec.h"
#include "living/feed_replay.h"

namespace kintsugi::admin {
namespace {

using format::Family;

constexpr size_t kMostFeedDifferences = 1000;

class FeedVerifier {
 public:
  FeedVerifier(const living::FeedRules& rules, const store::Store& store, std::vector<std::string>& differences)
      : rules_(rules), store_(store), snapshot_(store), differences_(differences), replay_(rules) {}

  absl::Status Run() {
    const auto row = store_.Get(Family::kMeta, "counters", &snapshot_);
    if (!row.ok()) return row.status();
    stored::Counters counters;
    if (*row && !format::ParseRow(**row, counters)) return absl::OkStatus();  // reported already
    const stored::Counters::Feed& feed = counters.feed();
    is_whole_ = feed.first() == feed.begin();
    next_ = feed.first();
    const auto visit = [&](std::string_view key, std::string_view entry) { return Take(key, entry); };
    if (auto status = store_.Scan(Family::kFeed, "", visit, &snapshot_); !status.ok()) return status;
    const uint64_t last = rules_.is_on() ? feed.last() : 0;
    if (rules_.is_on() && feed.begin() != 0 && next_ != last + 1)
      Report(fmt::format("feed: it ends before {}, and {} is its last entry", next_, last));
    return rules_.is_on() && is_whole_ ? ComparePresent() : absl::OkStatus();
  }

 private:
  void Report(std::string difference) {
    if (differences_.size() < kMostFeedDifferences) differences_.push_back(std::move(difference));
  }

  VisitResult Take(std::string_view key, std::string_view row) {
    uint64_t sequence = 0;
    FeedEntry entry;
    if (!rules_.is_on() || !format::ParseFeedKey(key, sequence)) {
      Report("feed: a row that should not be there");
      return true;
    }
    if (sequence != next_) Report(fmt::format("feed: {} stands where {} should", sequence, next_));
    next_ = sequence + 1;
    if (!living::DecodeFeedRow(row, sequence, entry)) {
      Report(fmt::format("feed: {} is damaged", sequence));
      is_whole_ = false;
      return true;
    }
    if (!is_whole_) return true;
    const absl::Status status = replay_.Apply(entry);
    if (status.ok()) return true;
    Report(fmt::format("feed: {}: {}", sequence, std::string(status.message())));
    is_whole_ = false;  // what follows from it says nothing
    return true;
  }

  absl::Status ComparePresent() {
    auto next = replay_.profiles().begin();
    const auto end = replay_.profiles().end();
    const auto too_many_before = [&](const ProfileId* id) {
      for (; next != end && (id == nullptr || next->first < *id); ++next)
        Report(fmt::format("feed: it tells of {}, which is not there", next->first.ToString()));
    };
    const auto visit = [&](std::string_view key, std::string_view record) -> VisitResult {
      ProfileId id;
      if (!format::ParseProfileKey(key, id)) return format::DamagedRow(Family::kProfiles);
      too_many_before(&id);
      if (next == end || next->first != id) {
        Report(fmt::format("feed: it does not tell of {}", id.ToString()));
        return true;
      }
      if (next->second != living::FedOf(rules_, record))
        Report(fmt::format("feed: it tells something else of {}", id.ToString()));
      ++next;
      return true;
    };
    const absl::Status status = store_.Scan(Family::kProfiles, "", visit, &snapshot_);
    too_many_before(nullptr);
    return status;
  }

  const living::FeedRules& rules_;
  const store::Store& store_;
  const store::Store::Snapshot snapshot_;
  std::vector<std::string>& differences_;
  living::FeedReplay replay_;
  bool is_whole_ = false;
  uint64_t next_ = 0;
};

}  // namespace

absl::Status VerifyFeed(const living::FeedRules& rules, const store::Store& store,
                        std::vector<std::string>& differences) {
  return FeedVerifier(rules, store, differences).Run();
}

}  // namespace kintsugi::admin
