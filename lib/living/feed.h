// The feed: what changed between the golden records before and those now.

#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "golden/record_codec.h"
#include "kintsugi/feed.h"
#include "kintsugi/ids.h"
#include "kintsugi/schema.h"
#include "living/trait_rules.h"

namespace kintsugi::living {

// FeedRules is what a schema says of the feed, made ready. Immutable and safe from many threads.
class FeedRules {
 public:
  FeedRules(const Schema& valid_schema, const TraitRules& traits);

  // A trait that the feed tells of.
  struct Fed {
    uint32_t position = 0;  // as golden::RecordView::trait()
    std::string name;
    std::string over_no_item;  // EncodeValue; empty: absent. What is known of it if nothing was told
    FeedEntry::Kind kind = FeedEntry::Kind::kTraitChanged;
  };

  bool is_on() const { return is_on_; }
  bool tells_attributes() const { return tells_attributes_; }
  uint32_t keep_days() const { return keep_days_; }  // 0: for ever
  const std::vector<Fed>& traits() const { return traits_; }
  const std::vector<std::string>& segments() const { return segments_; }  // in the schema's order

 private:
  bool is_on_ = false;
  bool tells_attributes_ = false;
  uint32_t keep_days_ = 0;
  std::vector<Fed> traits_;
  std::vector<std::string> segments_;
};

// What became of the golden record of an id. Empty: there was none, or is none any more.
struct RecordChange {
  ProfileId id;
  std::string_view before;
  std::string_view now;
};

// An entry before it has its place in the feed.
struct Told {
  FeedEntry::Kind kind = FeedEntry::Kind::kProfileCreated;
  ProfileId id;
  std::vector<ProfileId> others;
  std::string name;
  std::string value;  // EncodeValue; empty: there is none
  friend bool operator==(const Told&, const Told&) = default;
};

// The id that a profile has if this identifier is its anchor.
using IdOf = std::function<ProfileId(const golden::StoredIdentifier&)>;

// What the changes come to. `changes`: in order of id, each once; all profiles that identifiers came from or went to
// are among them. The identifiers that a profile had tell what became of it:
//   they are one other profile's now, which has no others from elsewhere  → it was renamed
//   all are one profile's now                                             → it was merged into that
//   they are several profiles' now                                        → it was split into those that are new
//   nobody has them                                                       → it was removed
// One that was split, and has no place any more, is removed; if all that it was split into were there, or are told of
// otherwise, it was merged into the one that has its anchor. What comes to one from nobody, or from profiles that are
// merged as a whole, is created. An id leaves its segments before it is merged away or removed.
//
// Entries about one person follow one another: those that bring ids, those that take ids away, then for each id what
// differs from what is known of it. Pure; the same changes give the same entries. Cost: linear in the records, but for
// sorting.
std::vector<Told> TellChanges(const FeedRules& rules, std::span<const RecordChange> changes, const IdOf& id_of);

}  // namespace kintsugi::living
