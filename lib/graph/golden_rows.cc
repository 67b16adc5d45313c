#include "graph/golden_rows.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "format/keys.h"
#include "golden/record_codec.h"
#include "golden/survivorship.h"

namespace kintsugi::graph {
namespace {

using format::Family;
using golden::Observation;
using golden::Survivor;

// Then all can survive anew for less than reading the record costs.
bool IsLittleAndLoaded(const ComponentDelta& delta, const Resolved& profile) {
  constexpr size_t kLittle = 32;
  size_t observations = 0;
  for (NodeId id : profile.members) {
    if (!delta.observations.IsAny(id)) continue;
    const Observed* observed = delta.observations.Find(id);
    const std::optional<size_t> count = observed == nullptr ? std::nullopt : observed->CountLoaded();
    if (!count) return false;
    observations += *count;
  }
  return observations <= kLittle;
}

// What is damaged is not copied into a new record.
bool IsWhole(const golden::RecordView& record) {
  if (!record.valid() || record.identifiers().size() != record.identifier_count()) return false;
  for (uint32_t i = 0; i < record.attribute_count(); ++i) {
    if (record.attribute(i).value.empty()) return false;  // each has at least a tag
  }
  return true;
}

golden::StoredAttribute ToStored(const ingest::Context& context, const Survivor& s) {
  return {s.attribute, s.value, context.catalog.source_number(s.source), s.observed_at, s.rule};
}

bool IsOf(const std::vector<Observation>& observations, const Survivor& survivor) {
  return std::any_of(observations.begin(), observations.end(),
                     [&](const Observation& o) { return o.value == survivor.value && o.source == survivor.source; });
}

// The attributes of a record, of some of which something else is said now.
class Attributes {
 public:
  // The references outlive it.
  Attributes(const ingest::Context& context, Observations& observations, std::span<const NodeId> members,
             const golden::RecordView& record)
      : context_(context), observations_(observations), members_(members) {
    for (uint32_t i = 0; i < record.attribute_count(); ++i) before_.push_back(record.attribute(i));
  }

  // `has_nulls`: there is a null among what was observed of the members, or was. `may_ask`: the members are all that
  // the profile has, and can be asked for what else was observed of them.
  absl::Status Change(bool has_nulls, bool may_ask) {
    std::vector<Observed::Change> changes;
    for (NodeId id : members_) {
      const Observed* changed = observations_.FindChanged(id);
      if (changed == nullptr) continue;
      for (Observed::Change& change : changed->Changes()) AddTo(changes, std::move(change));
    }
    for (const Observed::Change& change : changes) {
      if (auto status = Change(change, has_nulls, may_ask); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  // By name; views into the record and this.
  std::vector<golden::StoredAttribute> Now() const {
    std::vector<golden::StoredAttribute> out;
    for (const golden::StoredAttribute& attribute : before_) {
      if (std::find(replaced_.begin(), replaced_.end(), attribute.name) == replaced_.end()) out.push_back(attribute);
    }
    for (const Survivor& s : survivors_) out.push_back(ToStored(context_, s));
    std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
    return out;
  }

 private:
  const golden::Rules& rules() const { return context_.golden_rules; }

  // What was observed of several identifiers of one attribute is one change.
  static void AddTo(std::vector<Observed::Change>& changes, Observed::Change change) {
    const auto same = std::find_if(changes.begin(), changes.end(),
                                   [&](const Observed::Change& known) { return known.attribute == change.attribute; });
    if (same == changes.end()) {
      changes.push_back(std::move(change));
      return;
    }
    std::move(change.said.begin(), change.said.end(), std::back_inserter(same->said));
    std::move(change.retired.begin(), change.retired.end(), std::back_inserter(same->retired));
  }

  absl::Status Change(const Observed::Change& change, bool has_nulls, bool may_ask) {
    std::optional<Survivor> before;
    const auto at = std::find_if(before_.begin(), before_.end(),
                                 [&](const golden::StoredAttribute& a) { return a.name == change.attribute; });
    if (at != before_.end()) {
      before = Survivor{std::string(at->name), std::string(at->value), 0, at->observed_at, at->rule};
      if (!context_.catalog.FindSource(at->source_number, before->source)) return format::DamagedRow(Family::kProfiles);
    }
    const bool is_lost = before && IsOf(change.retired, *before);
    if (has_nulls || is_lost || change.said.empty() || !rules().ComparesOneByOne(change.attribute)) {
      if (!may_ask) return absl::InternalError("a profile that is not loaded needs more to be known of it");
      return SurviveAnew(change.attribute);
    }
    if (before) replaced_.push_back(change.attribute);
    survivors_.push_back(rules().SurviveWith(before ? &*before : nullptr, change.said));
    return absl::OkStatus();
  }

  // Among all that was observed of any of the profile's identifiers.
  absl::Status SurviveAnew(const std::string& attribute) {
    std::vector<const Observation*> observations;
    for (NodeId id : members_) {
      if (!observations_.IsAny(id)) continue;
      if (auto status = observations_.of(id).AppendOf(attribute, observations); !status.ok()) return status;
    }
    for (const std::string_view name : rules().AttributesOf(attribute)) replaced_.emplace_back(name);
    for (Survivor& survivor : rules().Survive(std::move(observations))) survivors_.push_back(std::move(survivor));
    return absl::OkStatus();
  }

  const ingest::Context& context_;
  Observations& observations_;
  const std::span<const NodeId> members_;
  std::vector<golden::StoredAttribute> before_;
  std::vector<std::string> replaced_;  // names
  std::vector<Survivor> survivors_;
};

// Moves what says when a record changes by time alone. Both are records; empty: there is none.
void MoveDue(const ProfileId& id, std::string_view before, std::string_view now, RowSink& sink) {
  const Time was_due = golden::RecordView(before).due();
  const Time is_due = golden::RecordView(now).due();
  if (was_due == is_due) return;
  if (was_due != kNeverFirst) sink.Delete(Family::kDue, format::DueKey(was_due, id));
  if (is_due != kNeverFirst) sink.Put(Family::kDue, format::DueKey(is_due, id), {});
}

bool IsApproximate(std::string_view record) {
  return !golden::RecordView(record).approximate_traits().empty();
}

bool HasSegments(const GoldenRows::Derived& derived) {
  return derived.segments != nullptr && !derived.segments->empty();
}

}  // namespace

GoldenRows::GoldenRows(const ingest::Context& context, const EvidenceSource& source, Derived derived)
    : context_(context),
      source_(source),
      derived_(std::move(derived)),
      is_followed_(derived_.traits != nullptr || HasSegments(derived_) || !derived_.listeners.empty()) {}

absl::Status GoldenRows::Put(const ProfileId& id, std::string_view before, std::string_view now, RowSink& sink) {
  sink.Put(Family::kProfiles, format::ProfileKey(id), now);
  return Follow(id, before, now, sink);
}

// What is kept beside golden records, or told of them.
absl::Status GoldenRows::Follow(const ProfileId& id, std::string_view before, std::string_view now, RowSink& sink) {
  if (!is_followed_) return absl::OkStatus();
  MoveDue(id, before, now, sink);
  approximate_ += IsApproximate(now) - IsApproximate(before);
  overdrawn_ += int64_t{golden::RecordView(now).overdrawn()} - int64_t{golden::RecordView(before).overdrawn()};
  for (RecordListener* listener : derived_.listeners) {
    if (auto status = listener->OnRecord(id, before, now, sink); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status GoldenRows::SetTraits(golden::Parts& parts, const golden::RecordView* before) const {
  if (derived_.traits != nullptr) {
    std::vector<format::NodeKey> identifiers;
    for (const golden::StoredIdentifier& one : parts.identifiers) identifiers.push_back({one.number, one.value});
    auto traits = derived_.traits->TraitsOf(identifiers, before);
    if (!traits.ok()) return traits.status();
    parts.traits = *std::move(traits);
  }
  return SetSegments(parts);
}

// Of all else that the record holds.
absl::Status GoldenRows::SetSegments(golden::Parts& parts) const {
  if (!HasSegments(derived_)) return absl::OkStatus();
  golden::StoredTraits& traits = parts.traits ? *parts.traits : parts.traits.emplace();
  living::Membership membership = derived_.segments->Evaluate(parts, traits.values, derived_.now);
  if (derived_.now != kNeverLast && membership.due <= derived_.now)
    return absl::InternalError("a segment that is due already was computed");
  traits.segments = std::move(membership.segments);
  traits.due = std::min(traits.due, membership.due);
  return absl::OkStatus();
}

// `last_seen`: what stored records say of when its identifiers were last seen, if their sightings are not loaded.
absl::StatusOr<std::string> GoldenRows::Encode(const Loaded& loaded, const Resolved& profile, Time last_seen,
                                               std::vector<golden::StoredAttribute> attributes,
                                               const golden::RecordView* before) const {
  golden::Parts parts{.last_seen = last_seen, .attributes = std::move(attributes)};
  for (NodeId id : profile.members) {
    const NodeState& node = loaded.nodes[id];
    parts.first_seen = std::min(parts.first_seen, node.first_seen);
    parts.last_seen = std::max(parts.last_seen, node.last_seen);
    parts.identifiers.push_back({loaded.context.catalog.number(node.node.ns), node.node.value});
  }
  if (auto status = SetTraits(parts, before); !status.ok()) return status;
  return golden::EncodeRecord(parts);
}

// Over what is stored under the id, if that is not known.
absl::Status GoldenRows::PutOver(const ProfileId& id, std::string_view row, RowSink& sink) {
  std::optional<std::string> before;
  if (is_followed_) {
    auto stored = source_.Get(Family::kProfiles, format::ProfileKey(id));
    if (!stored.ok()) return stored.status();
    before = *std::move(stored);
  }
  return Put(id, before.value_or(std::string()), row, sink);
}

absl::StatusOr<std::string> GoldenRows::Read(const ProfileId& id) const {
  auto row = source_.Get(Family::kProfiles, format::ProfileKey(id));
  if (!row.ok()) return row.status();
  if (!*row || !IsWhole(golden::RecordView(**row))) return format::DamagedRow(Family::kProfiles);
  return **std::move(row);
}

// Where sightings are not loaded nothing was withdrawn and nothing is in conflict, so each profile that held one of the
// identifiers before is part of this one as a whole.
absl::StatusOr<Time> GoldenRows::LastSeenBefore(const ComponentDelta& delta, const Resolved& profile) const {
  Time last_seen = kNeverLast;
  if (profile.is_timed) return last_seen;
  absl::flat_hash_set<ProfileSlot> seen;
  for (NodeId id : profile.members) {
    const ProfileSlot slot = delta.loaded.nodes[id].slot;
    const StoredProfile& before = delta.loaded.profiles[slot];
    if (!before.stored || !seen.insert(slot).second) continue;
    const auto record = Read(before.id);
    if (!record.ok()) return record.status();
    last_seen = std::max(last_seen, golden::RecordView(*record).last_seen());
  }
  return last_seen;
}

// All that was observed survives anew. `before`: as ProfileBefore; its traits may stand.
absl::Status GoldenRows::WriteAnew(const ComponentDelta& delta, const Resolved& profile, const StoredProfile* before,
                                   RowSink& sink) {
  const auto last_seen = LastSeenBefore(delta, profile);
  if (!last_seen.ok()) return last_seen.status();
  std::vector<const Observation*> observations;
  for (NodeId id : profile.members) {
    if (!delta.observations.IsAny(id)) continue;
    if (auto status = delta.observations.of(id).AppendAll(observations); !status.ok()) return status;
  }
  const std::vector<Survivor> survivors = context_.golden_rules.Survive(std::move(observations));
  std::vector<golden::StoredAttribute> attributes;
  for (const Survivor& s : survivors) attributes.push_back(ToStored(context_, s));
  std::string stored;
  if (derived_.traits != nullptr && before != nullptr) {
    auto read = Read(before->id);
    if (!read.ok()) return read.status();
    stored = *std::move(read);
  }
  const golden::RecordView record(stored);
  const auto row = Encode(delta.loaded, profile, *last_seen, std::move(attributes), stored.empty() ? nullptr : &record);
  if (!row.ok()) return row.status();
  if (profile.is_stored) return PutOver(profile.id, *row, sink);
  return Put(profile.id, {}, *row, sink);
}

absl::Status GoldenRows::Write(const ComponentDelta& delta, const Resolved& profile, RowSink& sink) {
  const StoredProfile* before = ProfileBefore(delta.loaded, profile);
  if (before == nullptr || (profile.is_timed && IsLittleAndLoaded(delta, profile)))
    return WriteAnew(delta, profile, before, sink);
  const auto row = Read(before->id);
  if (!row.ok()) return row.status();
  const golden::RecordView record(*row);
  Attributes attributes(context_, delta.observations, profile.members, record);
  // A null that was taken back counts, too: what it deleted is there again.
  const bool has_nulls = std::any_of(profile.members.begin(), profile.members.end(), [&](NodeId id) {
    return delta.observations.HasNulls(id) || delta.loaded.nodes[id].had_nulls;
  });
  if (auto status = attributes.Change(has_nulls, true); !status.ok()) return status;
  const Time last_seen = profile.is_timed ? kNeverLast : record.last_seen();
  const auto now = Encode(delta.loaded, profile, last_seen, attributes.Now(), &record);
  if (!now.ok()) return now.status();
  if (before->id != profile.id) return PutOver(profile.id, *now, sink);
  return *now == *row ? absl::OkStatus() : Put(profile.id, *row, *now, sink);
}

// Nothing is null there, and the values compare one by one, so no other observations are asked for.
absl::Status GoldenRows::OnSeenAgain(const SeenAgain& seen, Observations& observations, RowSink& sink) {
  const auto row = Read(seen.id);
  if (!row.ok()) return row.status();
  const golden::RecordView record(*row);
  Attributes attributes(context_, observations, seen.homes, record);
  if (auto status = attributes.Change(false, false); !status.ok()) return status;
  return Rewrite(seen.id, *row,
                 {.first_seen = record.first_seen(),
                  .last_seen = std::max(record.last_seen(), seen.last_seen),
                  .identifiers = record.identifiers(),
                  .attributes = attributes.Now()},
                 sink);
}

absl::Status GoldenRows::Refresh(const ProfileId& id, RowSink& sink) {
  const auto row = Read(id);
  if (!row.ok()) return row.status();
  const golden::RecordView record(*row);
  golden::Parts parts{
      .first_seen = record.first_seen(), .last_seen = record.last_seen(), .identifiers = record.identifiers()};
  for (uint32_t i = 0; i < record.attribute_count(); ++i) parts.attributes.push_back(record.attribute(i));
  return Rewrite(id, *row, std::move(parts), sink);
}

absl::Status GoldenRows::Rewrite(const ProfileId& id, const std::string& before, golden::Parts parts, RowSink& sink) {
  const golden::RecordView record(before);
  if (auto status = SetTraits(parts, &record); !status.ok()) return status;
  const std::string now = golden::EncodeRecord(parts);
  return now == before ? absl::OkStatus() : Put(id, before, now, sink);
}

absl::Status GoldenRows::OnComponent(const ComponentDelta& delta, RowSink& sink) {
  for (const Resolved& profile : delta.after) {
    if (!profile.is_changed) continue;
    if (auto status = Write(delta, profile, sink); !status.ok()) return status;
  }
  for (ProfileSlot slot : delta.vanished) {
    const ProfileId& id = delta.loaded.profiles[slot].id;
    if (is_followed_) {
      const auto row = source_.Get(Family::kProfiles, format::ProfileKey(id));
      if (!row.ok()) return row.status();
      if (*row) {
        if (auto status = Follow(id, **row, {}, sink); !status.ok()) return status;
      }
    }
    sink.Delete(Family::kProfiles, format::ProfileKey(id));
  }
  return absl::OkStatus();
}

}  // namespace kintsugi::graph
