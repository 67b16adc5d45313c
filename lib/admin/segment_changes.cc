#include "admin/segment_changes.h"

#include <utility>
#include <vector>

#include "format/keys.h"

namespace kintsugi::admin {
namespace {

using format::Family;

// Profiles before and after that share an identifier, each pair once.
std::set<std::pair<ProfileId, ProfileId>> PairsOf(const Partition& before, const Partition& after) {
  std::set<std::pair<ProfileId, ProfileId>> pairs;
  auto old = before.begin();
  for (const auto& [identifier, profile] : after) {
    while (old != before.end() && old->first < identifier) ++old;
    if (old != before.end() && old->first == identifier) pairs.emplace(old->second, profile);
  }
  return pairs;
}

// One of each profile: the first.
std::map<ProfileId, const Identifier*> ExamplesOf(const Partition& partition) {
  std::map<ProfileId, const Identifier*> examples;
  for (const auto& [identifier, profile] : partition) examples.emplace(profile, &identifier);
  return examples;
}

// The members that are not in `kept`, as a count and some examples.
void Tell(const std::set<ProfileId>& members, const std::set<ProfileId>& kept,
          const std::map<ProfileId, const Identifier*>& examples, uint64_t& count, std::vector<Identifier>& shown) {
  for (const ProfileId& id : members) {
    if (kept.contains(id)) continue;
    ++count;
    const auto example = examples.find(id);
    if (shown.size() < Difference::kMaxExamples && example != examples.end()) shown.push_back(*example->second);
  }
}

}  // namespace

Memberships NoMembers(const ingest::Context& context) {
  Memberships out;
  for (const std::string& name : context.names->segments) out[name];
  return out;
}

absl::Status AddMember(const ingest::Context& context, std::string_view key, Memberships& out) {
  uint32_t segment = 0;
  ProfileId id;
  if (!format::ParseMemberKey(key, segment, id) || segment >= context.names->segments.size())
    return format::DamagedRow(Family::kMembers);
  out[context.names->segments[segment]].insert(id);
  return absl::OkStatus();
}

absl::StatusOr<Memberships> ReadMemberships(const ingest::Context& context, const store::Store& store,
                                            const store::Store::Snapshot& snapshot) {
  Memberships out = NoMembers(context);
  const auto scanned = store.Scan(
      Family::kMembers, "", [&](std::string_view key, std::string_view) { return AddMember(context, key, out); },
      &snapshot);
  if (!scanned.ok()) return scanned;
  return out;
}

void CompareMembers(const Partition& before, const Memberships& was, const Partition& after, const Memberships& is,
                    Difference& difference) {
  if (was.empty() && is.empty()) return;
  const auto pairs = PairsOf(before, after);
  const auto examples_before = ExamplesOf(before);
  const auto examples_after = ExamplesOf(after);
  std::set<std::string> names;
  for (const Memberships* side : {&was, &is}) {
    for (const auto& [name, members] : *side) names.insert(name);
  }
  const std::set<ProfileId> nobody = {};
  for (const std::string& name : names) {
    const auto was_in = was.find(name);
    const auto is_in = is.find(name);
    const std::set<ProfileId>& members_before = was_in == was.end() ? nobody : was_in->second;
    const std::set<ProfileId>& members_after = is_in == is.end() ? nobody : is_in->second;
    std::set<ProfileId> kept_before;
    std::set<ProfileId> kept_after;
    for (const auto& [one, other] : pairs) {
      if (!members_before.contains(one) || !members_after.contains(other)) continue;
      kept_before.insert(one);
      kept_after.insert(other);
    }
    Difference::SegmentChange& change = difference.segments[name];
    Tell(members_after, kept_after, examples_after, change.entered, change.entering);
    Tell(members_before, kept_before, examples_before, change.left, change.leaving);
  }
}

}  // namespace kintsugi::admin
