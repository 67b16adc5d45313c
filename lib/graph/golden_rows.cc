#include "graph/golden_rows.h"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "format/keys.h"

namespace kintsugi::graph {
namespace {

using format::Family;
using golden::Observation;
using golden::Survivor;

// The profile that this one was, if all that was stored of either is of both. Null if there is none.
const StoredProfile* ProfileBefore(const ComponentDelta& delta, const Resolved& profile) {
  const StoredProfile* before = nullptr;
  size_t stored = 0;
  for (NodeId id : profile.members) {
    const StoredProfile& holder = delta.loaded.profiles[delta.loaded.nodes[id].slot];
    if (!holder.stored) continue;
    if (before != nullptr && before != &holder) return nullptr;
    before = &holder;
    ++stored;
  }
  return before != nullptr && stored == before->members.size() ? before : nullptr;
}

bool IsOf(const std::vector<Observation>& observations, const Survivor& survivor) {
  return std::any_of(observations.begin(), observations.end(),
                     [&](const Observation& o) { return o.value == survivor.value && o.source == survivor.source; });
}

// An attribute's survivors while some of what was said of it changes.
class Attributes {
 public:
  Attributes(const ComponentDelta& delta, const Resolved& profile) : delta_(delta), profile_(profile) {}

  // False if a source is none of the schema's: the row is damaged.
  bool Read(std::string_view record_bytes) {
    const golden::RecordView record(record_bytes);
    if (!record.valid()) return false;
    for (uint32_t i = 0; i < record.attribute_count(); ++i) {
      const golden::StoredAttribute a = record.attribute(i);
      Survivor survivor{std::string(a.name), std::string(a.value), 0, a.observed_at, a.rule};
      if (!context().catalog.FindSource(a.source_number, survivor.source)) return false;
      survivors_.emplace_hint(survivors_.end(), survivor.attribute, std::move(survivor));
    }
    return true;
  }

  absl::Status Change() {
    std::map<std::string, Observed::Change> changes;
    bool has_nulls = false;
    for (NodeId id : profile_.members) {
      has_nulls |= delta_.observations.HasNulls(id);
      const Observed* changed = delta_.observations.FindChanged(id);
      if (changed == nullptr) continue;
      for (Observed::Change& change : changed->Changes()) {
        const auto [at, fresh] = changes.try_emplace(change.attribute, change);
        if (fresh) continue;
        for (auto member : {&Observed::Change::said, &Observed::Change::retired}) {
          std::vector<Observation>& into = at->second.*member;
          into.insert(into.end(), (change.*member).begin(), (change.*member).end());
        }
      }
    }
    for (const auto& [attribute, change] : changes) {
      const auto before = survivors_.find(attribute);
      const bool lost = before != survivors_.end() && IsOf(change.retired, before->second);
      const bool is_told = !has_nulls && !lost && !change.said.empty() && rules().ComparesOneByOne(attribute);
      if (!is_told) {
        if (auto status = SurviveAnew(attribute); !status.ok()) return status;
        continue;
      }
      Survivor now = rules().SurviveWith(before == survivors_.end() ? nullptr : &before->second, change.said);
      survivors_.insert_or_assign(now.attribute, std::move(now));
    }
    return absl::OkStatus();
  }

  std::vector<Survivor> Take() {
    std::vector<Survivor> out;
    out.reserve(survivors_.size());
    for (auto& [name, survivor] : survivors_) out.push_back(std::move(survivor));
    return out;
  }

 private:
  const ingest::Context& context() const { return delta_.loaded.context; }
  const golden::Rules& rules() const { return context().golden_rules; }

  // Among all that was observed of any of the profile's identifiers.
  absl::Status SurviveAnew(const std::string& attribute) {
    std::vector<const Observation*> observations;
    for (NodeId id : profile_.members) {
      if (!delta_.observations.IsAny(id)) continue;
      if (auto status = delta_.observations.of(id).AppendOf(attribute, observations); !status.ok()) return status;
    }
    for (const std::string_view name : rules().AttributesOf(attribute)) survivors_.erase(std::string(name));
    for (Survivor& survivor : rules().Survive(std::move(observations))) {
      std::string name = survivor.attribute;
      survivors_.insert_or_assign(std::move(name), std::move(survivor));
    }
    return absl::OkStatus();
  }

  const ComponentDelta& delta_;
  const Resolved& profile_;
  std::map<std::string, Survivor, std::less<>> survivors_;  // by name
};

std::string Encode(const Loaded& loaded, const Resolved& profile, const std::vector<Survivor>& survivors) {
  const format::Catalog& catalog = loaded.context.catalog;
  golden::Parts parts;
  for (NodeId id : profile.members) {
    const NodeState& node = loaded.nodes[id];
    parts.first_seen = std::min(parts.first_seen, node.first_seen);
    parts.last_seen = std::max(parts.last_seen, node.last_seen);
    parts.identifiers.push_back({catalog.number(node.node.ns), node.node.value});
  }
  for (const Survivor& s : survivors)
    parts.attributes.push_back({s.attribute, s.value, catalog.source_number(s.source), s.observed_at, s.rule});
  return golden::EncodeRecord(parts);
}

}  // namespace

absl::StatusOr<std::vector<Survivor>> GoldenRows::Survive(const ComponentDelta& delta, const Resolved& profile) const {
  std::vector<const Observation*> observations;
  for (NodeId id : profile.members) {
    if (!delta.observations.IsAny(id)) continue;
    if (auto status = delta.observations.of(id).AppendAll(observations); !status.ok()) return status;
  }
  return delta.loaded.context.golden_rules.Survive(std::move(observations));
}

absl::Status GoldenRows::Write(const ComponentDelta& delta, const Resolved& profile, RowSink& sink) const {
  const std::string_view key = format::ProfileKey(profile.id);
  const StoredProfile* before = ProfileBefore(delta, profile);
  if (before == nullptr) {
    const auto survivors = Survive(delta, profile);
    if (!survivors.ok()) return survivors.status();
    sink.Put(Family::kProfiles, key, Encode(delta.loaded, profile, *survivors));
    return absl::OkStatus();
  }
  const auto row = source_.Get(Family::kProfiles, format::ProfileKey(before->id));
  if (!row.ok()) return row.status();
  Attributes attributes(delta, profile);
  if (!*row || !attributes.Read(**row)) return format::DamagedRow(Family::kProfiles);
  if (auto status = attributes.Change(); !status.ok()) return status;
  const std::string now = Encode(delta.loaded, profile, attributes.Take());
  if (before->id != profile.id || now != **row) sink.Put(Family::kProfiles, key, now);
  return absl::OkStatus();
}

absl::Status GoldenRows::OnComponent(const ComponentDelta& delta, RowSink& sink) {
  for (const Resolved& profile : delta.after) {
    if (!profile.is_changed) continue;
    if (auto status = Write(delta, profile, sink); !status.ok()) return status;
  }
  for (ProfileSlot slot : delta.vanished)
    sink.Delete(Family::kProfiles, format::ProfileKey(delta.loaded.profiles[slot].id));
  return absl::OkStatus();
}

}  // namespace kintsugi::graph
