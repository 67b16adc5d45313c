// What a feed says, taken by itself.

#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "kintsugi/feed.h"
#include "living/feed.h"

namespace kintsugi::living {

// What the feed tells of a profile. Values are JSON texts; what is absent is not there.
struct FedProfile {
  std::map<std::string, std::string> attributes;
  std::map<std::string, std::string> traits;
  std::set<std::string> segments;
  friend bool operator==(const FedProfile&, const FedProfile&) = default;
};

// What it should tell of a golden record.
FedProfile FedOf(const FeedRules& rules, std::string_view record);

// FeedReplay follows a feed from its beginning. Not thread-safe.
class FeedReplay {
 public:
  // `rules` outlives it.
  explicit FeedReplay(const FeedRules& rules) : rules_(rules) {}

  // The next entry. kDataLoss, which says what is impossible, if it is about ids that were not told of, or changes what
  // is so already.
  absl::Status Apply(const FeedEntry& entry);

  const std::map<ProfileId, FedProfile>& profiles() const { return profiles_; }

 private:
  absl::Status Create(const ProfileId& id);
  absl::Status Rename(const FeedEntry& entry);
  absl::Status Change(const FeedEntry& entry, FedProfile& profile) const;

  const FeedRules& rules_;
  std::map<ProfileId, FedProfile> profiles_;
};

}  // namespace kintsugi::living
