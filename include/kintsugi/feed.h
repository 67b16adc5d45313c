// The feed: what changed, in order, each once, for ever resumable. docs/feed.md explains it.

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kintsugi/export.h"
#include "kintsugi/ids.h"
#include "kintsugi/value.h"

namespace kintsugi {

// One thing that changed. Entries of a group that was written tell the difference that it made, and each is about ids
// that were told of before: replaying them from the first on gives the profiles of the present.
struct KINTSUGI_EXPORT FeedEntry {
  // They are stored, so their numbers never change.
  enum class Kind : uint8_t {
    kProfileCreated = 0,
    kProfileRemoved = 1,    // what was known of the id is void
    kProfilesMerged = 2,    // `others` are part of the profile now, and no ids any more
    kProfileSplit = 3,      // `others` are new ids, of what was part of the profile
    kProfileRenamed = 4,    // what was known of the one in `others` is known of this id
    kAttributeChanged = 5,  // `name`, `value`
    kTraitChanged = 6,      // `name`, `value`
    kSegmentEntered = 7,    // `name`
    kSegmentLeft = 8,       // `name`
    kTierChanged = 9,       // `value`
  };

  uint64_t sequence = 0;  // from 1; ascending, and not reused
  Time recorded_at;       // when the group was written, by Options::clock
  Kind kind = Kind::kProfileCreated;
  ProfileId profile_id;
  std::vector<ProfileId> others;
  std::string name;
  Value value;  // a Null: there is none any more

  // One line, as `kintsugi changes` prints it (docs/cli.md).
  std::string ToJson() const;
};

// "PROFILE_CREATED" and so on; and the reverse, nothing for any other text.
KINTSUGI_EXPORT std::string_view ToString(FeedEntry::Kind kind);
KINTSUGI_EXPORT std::optional<FeedEntry::Kind> ParseFeedKind(std::string_view text);
// All of them, in order of their numbers.
KINTSUGI_EXPORT const std::vector<FeedEntry::Kind>& AllFeedKinds();

// Which entries.
struct FeedQuery {
  std::optional<uint64_t> after;       // those with greater sequences; nothing: all that are there
  size_t limit = 1000;                 // so many are looked at, at most; at least 1
  std::vector<FeedEntry::Kind> kinds;  // only these; none: all
};

// In order of their sequences.
struct FeedPage {
  std::vector<FeedEntry> entries;
  uint64_t next = 0;      // FeedQuery::after of the next page: all up to it were looked at, those left out, too
  uint64_t last = 0;      // of the entries that there are; `next` again if this is the last page
  bool is_whole = false;  // nothing of the feed was deleted, so its first entry is the beginning
};

}  // namespace kintsugi
