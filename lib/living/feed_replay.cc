#include "living/feed_replay.h"

#include <fmt/format.h>

#include <utility>

#include "golden/value_codec.h"

namespace kintsugi::living {
namespace {

using Kind = FeedEntry::Kind;

constexpr std::string_view kGone = "null";

std::string AsJsonText(std::string_view value) {
  return value.empty() ? std::string(kGone) : ViewToJson(golden::ReadValue(value));
}

void Set(std::map<std::string, std::string>& of, const std::string& name, std::string json) {
  if (json == kGone)
    of.erase(name);
  else
    of.insert_or_assign(name, std::move(json));
}

absl::Status Impossible(const FeedEntry& entry, std::string_view why) {
  return absl::DataLossError(fmt::format("{} of {} {}", ToString(entry.kind), entry.profile_id.ToString(), why));
}

}  // namespace

FedProfile FedOf(const FeedRules& rules, std::string_view record) {
  FedProfile out;
  const golden::RecordView view(record);
  for (uint32_t i = 0; rules.tells_attributes() && i < view.attribute_count(); ++i)
    Set(out.attributes, std::string(view.attribute(i).name), AsJsonText(view.attribute(i).value));
  for (const FeedRules::Fed& fed : rules.traits()) Set(out.traits, fed.name, AsJsonText(view.trait(fed.position)));
  for (const uint32_t segment : view.segments()) {
    if (segment < rules.segments().size()) out.segments.insert(rules.segments()[segment]);
  }
  return out;
}

absl::Status FeedReplay::Create(const ProfileId& id) {
  const auto [at, is_new] = profiles_.try_emplace(id);
  if (!is_new) return absl::DataLossError(fmt::format("{} is brought twice", id.ToString()));
  for (const FeedRules::Fed& fed : rules_.traits()) Set(at->second.traits, fed.name, AsJsonText(fed.over_no_item));
  return absl::OkStatus();
}

absl::Status FeedReplay::Rename(const FeedEntry& entry) {
  if (entry.others.size() != 1 || !profiles_.contains(entry.others.front()))
    return Impossible(entry, "names no id that is there");
  if (profiles_.contains(entry.profile_id)) return Impossible(entry, "brings an id that is there");
  auto known = profiles_.extract(entry.others.front());
  known.key() = entry.profile_id;
  profiles_.insert(std::move(known));
  return absl::OkStatus();
}

absl::Status FeedReplay::Change(const FeedEntry& entry, FedProfile& profile) const {
  if (entry.kind == Kind::kSegmentEntered) {
    return profile.segments.insert(entry.name).second ? absl::OkStatus() : Impossible(entry, "comes a second time");
  }
  if (entry.kind == Kind::kSegmentLeft) {
    return profile.segments.erase(entry.name) > 0 ? absl::OkStatus() : Impossible(entry, "was not entered");
  }
  auto& values = entry.kind == Kind::kAttributeChanged ? profile.attributes : profile.traits;
  const std::string name = entry.kind == Kind::kTierChanged ? "tier" : entry.name;
  const auto known = values.find(name);
  const std::string json = ToJson(entry.value);
  if (json == (known == values.end() ? kGone : std::string_view(known->second)))
    return Impossible(entry, "changes nothing");
  Set(values, name, json);
  return absl::OkStatus();
}

absl::Status FeedReplay::Apply(const FeedEntry& entry) {
  if (entry.kind == Kind::kProfileCreated) return Create(entry.profile_id);
  if (entry.kind == Kind::kProfileRenamed) return Rename(entry);
  const auto at = profiles_.find(entry.profile_id);
  if (at == profiles_.end()) return Impossible(entry, "is about an id that is not there");
  switch (entry.kind) {
    case Kind::kProfileRemoved:
      profiles_.erase(at);
      return absl::OkStatus();
    case Kind::kProfilesMerged:
      for (const ProfileId& from : entry.others) {
        if (from == entry.profile_id || profiles_.erase(from) == 0)
          return Impossible(entry, "takes an id that is not there");
      }
      return absl::OkStatus();
    case Kind::kProfileSplit:
      for (const ProfileId& into : entry.others) {
        if (auto status = Create(into); !status.ok()) return status;
      }
      return absl::OkStatus();
    default:
      return Change(entry, at->second);
  }
}

}  // namespace kintsugi::living
