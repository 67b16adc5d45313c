// Graph: people who are seen again as they were before, which is what most events are.
//
// Who is who is decided by associations, and in a profile without conflict all that are connected are one. So an
// association that is known already changes nothing of that, as long as it was seen no earlier: an identifier's first
// sighting tells the anchor. Then the profile need not be loaded: the rows that change are the association's sightings,
// what was observed, and the golden record's last sighting.

#include <algorithm>
#include <utility>

#include "format/evidence_row.h"
#include "golden/value_codec.h"
#include "graph/graph.h"
#include "graph/rows.h"

namespace kintsugi::graph {

using format::Family;

absl::Status Graph::AddEvent(const std::vector<identity::Node>& identifiers, const Sighting& sighting,
                             const std::vector<golden::Observation>& observations) {
  const auto again = FindAgain(identifiers, sighting);
  if (!again.ok()) return again.status();
  const auto may_observe = *again != nullptr ? MayObserveAgain((*again)->home, observations) : false;
  if (!may_observe.ok()) return may_observe.status();
  if (!*may_observe) {
    if (auto status = AddSighting(identifiers, sighting); !status.ok()) return status;
    return AddObservations(identifiers.front(), observations);
  }
  if (!observations.empty()) {
    Observed& observed = observations_.OfUnloaded((*again)->home);
    const auto is_less = Observe(observed, observations);
    if (!is_less.ok()) return is_less.status();
    // Of a value that is no longer kept nobody here knows whether it survived.
    if (*is_less) return AddSighting(identifiers, sighting);
  }
  if ((*again)->added.empty()) (*again)->cause = cause_;
  Add((*again)->added, sighting);
  return absl::OkStatus();
}

// Null if the profile has to be loaded; or is, so that nothing is read twice.
absl::StatusOr<Graph::Again*> Graph::FindAgain(const std::vector<identity::Node>& identifiers,
                                               const Sighting& sighting) {
  const NodeId home = loaded_.Intern(identifiers.front().ns, identifiers.front().value);
  if (!loaded_.IsElsewhere(home)) return nullptr;
  const auto holder = source_.Get(Family::kIdentifiers, format::IdentifierKey(loaded_.KeyOf(home)));
  if (!holder.ok()) return holder.status();
  if (!*holder) {
    if (auto status = loader_.AddNew(home); !status.ok()) return status;
    return nullptr;
  }
  Again found{.identifiers = identifiers, .home = home};
  if (!format::ParseProfileKey(**holder, found.profile)) return format::DamagedRow(Family::kIdentifiers);
  std::vector<format::NodeKey> members;
  for (const identity::Node& node : identifiers) members.push_back(loaded_.context.KeyOf(node));
  std::string key = format::SightingsKey(members);
  auto again = again_.find(key);
  if (again == again_.end()) {
    const auto is_plain = IsPlainAndSeen(key, found);
    if (!is_plain.ok()) return is_plain.status();
    if (*is_plain) again = again_.emplace(std::move(key), std::move(found)).first;
  }
  const auto is_no_earlier = [&](const Sighting& s) { return s.first_seen <= sighting.first_seen; };
  if (again != again_.end() && std::any_of(again->second.stored.begin(), again->second.stored.end(), is_no_earlier))
    return &again->second;
  if (auto status = loader_.LoadProfile(found.profile); !status.ok()) return status;
  return nullptr;
}

// Reads when the association was seen.
absl::StatusOr<bool> Graph::IsPlainAndSeen(const std::string& key, Again& again) {
  if (loaded_.slots.contains(again.profile)) return false;
  const auto row = source_.Get(Family::kSightings, key);
  if (!row.ok()) return row.status();
  if (!*row) return false;
  if (!DecodeSightings(**row, loaded_.context.catalog, again.stored)) return format::DamagedRow(Family::kSightings);
  const auto [plain, fresh] = is_plain_.try_emplace(again.profile, false);
  if (!fresh) return plain->second;
  const auto evidence = source_.Get(Family::kEvidence, format::ProfileKey(again.profile));
  if (!evidence.ok()) return evidence.status();
  return plain->second = *evidence && format::IsPlain(**evidence);
}

// False if more has to be known than this identifier's own values to tell what survives.
absl::StatusOr<bool> Graph::MayObserveAgain(NodeId home, const std::vector<golden::Observation>& observations) {
  if (observations.empty()) return true;
  const bool is_simple = std::all_of(observations.begin(), observations.end(), [&](const golden::Observation& o) {
    return !golden::IsNull(o.value) && loaded_.context.golden_rules.ComparesOneByOne(o.attribute);
  });
  return is_simple ? observations_.OfUnloaded(home).IsStored() : false;
}

// Others of the group may have loaded them all the same.
absl::Status Graph::LoadSeenAgain() {
  for (auto again = again_.begin(); again != again_.end();) {
    if (!loaded_.slots.contains(again->second.profile)) {
      ++again;
      continue;
    }
    BeginCause(again->second.cause);
    for (const Sighting& sighting : again->second.added) {
      if (auto status = AddSighting(again->second.identifiers, sighting); !status.ok()) return status;
    }
    again = again_.erase(again);
  }
  std::stable_sort(touched_.begin(), touched_.end(),
                   [](const Touched& a, const Touched& b) { return a.cause < b.cause; });
  return absl::OkStatus();
}

absl::Status Graph::WriteSeenAgain(RowSink& sink, std::span<DeltaListener* const> listeners) {
  absl::btree_map<ProfileId, SeenAgain> profiles;
  for (const auto& [key, again] : again_) {
    if (again.added.empty()) continue;
    std::vector<Sighting> sightings = again.stored;
    SeenAgain& profile = profiles[again.profile];
    profile.id = again.profile;
    if (std::find(profile.homes.begin(), profile.homes.end(), again.home) == profile.homes.end())
      profile.homes.push_back(again.home);
    for (const Sighting& sighting : again.added) {
      Add(sightings, sighting);
      profile.last_seen = std::max(profile.last_seen, sighting.last_seen);
    }
    sink.Put(Family::kSightings, key, EncodeSightings(loaded_.context.catalog, sightings));
  }
  for (const auto& [id, profile] : profiles) {
    for (DeltaListener* listener : listeners) {
      if (auto status = listener->OnSeenAgain(profile, observations_, sink); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

}  // namespace kintsugi::graph
