// Entries of the feed as JSON lines, and what their kinds are called.

#include <algorithm>
#include <array>

#include "base/json.h"
#include "kintsugi/feed.h"

namespace kintsugi {
namespace {

using Kind = FeedEntry::Kind;

// By Kind.
constexpr std::array<std::string_view, 10> kKinds = {
    "PROFILE_CREATED",   "PROFILE_REMOVED", "PROFILES_MERGED", "PROFILE_SPLIT", "PROFILE_RENAMED",
    "ATTRIBUTE_CHANGED", "TRAIT_CHANGED",   "SEGMENT_ENTERED", "SEGMENT_LEFT",  "TIER_CHANGED"};

void WriteWhat(JsonWriter& json, const FeedEntry& entry) {
  switch (entry.kind) {
    case Kind::kProfileCreated:
    case Kind::kProfileRemoved:
      return;
    case Kind::kProfilesMerged:
      return json.Array("from", entry.others);
    case Kind::kProfileSplit:
      return json.Array("into", entry.others);
    case Kind::kProfileRenamed:
      return json.Member("from", entry.others.empty() ? ProfileId() : entry.others.front());
    case Kind::kAttributeChanged:
    case Kind::kTraitChanged:
      json.Member(entry.kind == Kind::kAttributeChanged ? "attribute" : "trait", entry.name);
      return json.Member("value", entry.value);
    case Kind::kSegmentEntered:
    case Kind::kSegmentLeft:
      return json.Member("segment", entry.name);
    case Kind::kTierChanged:
      return json.Member("tier", entry.value);
  }
}

}  // namespace

std::string FeedEntry::ToJson() const {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("sequence", sequence);
  json.Member("recorded_at", std::optional(recorded_at));
  json.Member("kind", ToString(kind));
  json.Member("profile_id", profile_id);
  WriteWhat(json, *this);
  json.EndObject();
  return out;
}

std::string_view ToString(FeedEntry::Kind kind) {
  return kKinds[static_cast<size_t>(kind)];
}

std::optional<FeedEntry::Kind> ParseFeedKind(std::string_view text) {
  const auto at = std::find(kKinds.begin(), kKinds.end(), text);
  if (at == kKinds.end()) return std::nullopt;
  return static_cast<Kind>(at - kKinds.begin());
}

const std::vector<FeedEntry::Kind>& AllFeedKinds() {
  static const auto kinds = [] {
    std::vector<Kind> all;
    for (size_t i = 0; i < kKinds.size(); ++i) all.push_back(static_cast<Kind>(i));
    return all;
  }();
  return kinds;
}

}  // namespace kintsugi
