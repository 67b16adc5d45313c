// Graph: resolving what was loaded, and writing what differs.

#include <algorithm>
#include <bit>
#include <iterator>
#include <numeric>
#include <optional>

#include "absl/container/flat_hash_set.h"
#include "format/codec.h"
#include "format/keys.h"
#include "graph/graph.h"
#include "graph/rows.h"

namespace kintsugi::graph {

using format::Family;

// ---- resolving

// An assertion that was made or taken back, and an identifier that became generic or no longer is, change links whose
// ends they do not touch: no edge near them may be assumed to stay refused.
void Graph::MakeChangedWhole() {
  for (const NodeState& node : loaded_.nodes) {
    if (node.pairs_changed || (node.generic.has_value() && *node.generic != node.was_generic))
      loader_.MakeWhole(node.slot);
  }
}

absl::Status Graph::LoadSightingsOf(const std::function<bool(const Association&)>& is_needed) {
  std::vector<AssociationId> needed;
  for (AssociationId a = 0; a < loaded_.associations.size(); ++a) {
    if (is_needed(loaded_.associations[a])) needed.push_back(a);
  }
  return loader_.LoadSightings(needed);
}

// Identifiers of which an association tells less than before: all that is left has to say when they were seen.
void Graph::MarkWithdrawn() {
  for (const Association& association : loaded_.associations) {
    if (!association.changed || !IsSeenLess(association.before, association.sightings)) continue;
    for (NodeId id : association.members) loaded_.nodes[id].withdrawn = true;
  }
}

absl::Status Graph::LoadAndSee() {
  if (auto status = loader_.LoadConnected(); !status.ok()) return status;
  if (auto status = loader_.LoadRefusals(); !status.ok()) return status;
  const auto status = LoadSightingsOf([&](const Association& association) {
    return std::any_of(association.members.begin(), association.members.end(),
                       [&](NodeId id) { return loaded_.nodes[id].withdrawn; });
  });
  if (!status.ok()) return status;
  return SeeEvidence(loaded_, loader_);
}

// Everything without which the components cannot be resolved.
absl::Status Graph::LoadWhatDecides() {
  MarkWithdrawn();
  for (NodeId id = 0; id < loaded_.nodes.size(); ++id) {
    if (auto status = loader_.FindOutGeneric(id); !status.ok()) return status;
  }
  MakeChangedWhole();
  if (auto status = LoadAndSee(); !status.ok()) return status;
  if (!HasEdges(loaded_)) return absl::OkStatus();
  const auto loaded = LoadSightingsOf([&](const Association& association) { return !loaded_.IsWhole(association); });
  if (!loaded.ok()) return loaded;
  if (auto status = SeeEvidence(loaded_, loader_); !status.ok()) return status;
  const std::vector<NodeId> ends = EndsOfOpenEdges(loaded_);
  if (ends.empty()) return absl::OkStatus();
  for (NodeId end : ends) loader_.MakeWhole(loaded_.nodes[end].slot);
  return LoadAndSee();
}

// Most components are resolved without asking when anybody was seen; the others are when that is loaded.
absl::Status Graph::Resolve(const std::vector<std::vector<ProfileSlot>>& components,
                            std::vector<std::vector<Resolved>>& resolved, BrokenAtHubs& broken) {
  std::vector<size_t> late;
  std::vector<AssociationId> untimed;
  for (size_t i = 0; i < components.size(); ++i) {
    std::optional<std::vector<Resolved>> profiles = ResolveComponent(loaded_, components[i], broken);
    resolved.push_back(profiles ? *std::move(profiles) : std::vector<Resolved>());
    if (profiles) continue;
    late.push_back(i);
    for (ProfileSlot slot : components[i]) {
      const std::vector<AssociationId>& homed = loaded_.profiles[slot].homed;
      untimed.insert(untimed.end(), homed.begin(), homed.end());
    }
  }
  if (late.empty()) return absl::OkStatus();
  if (auto status = loader_.LoadSightings(untimed); !status.ok()) return status;
  if (auto status = SeeEvidence(loaded_, loader_); !status.ok()) return status;
  for (size_t i : late) resolved[i] = *ResolveComponent(loaded_, components[i], broken);
  return absl::OkStatus();
}

// What others know of a generic identifier of theirs is in the golden record, unless somebody joined or left, or
// something was withdrawn.
absl::Status Graph::SeeLast(std::span<Resolved> profiles) {
  for (Resolved& profile : profiles) {
    bool is_withdrawn = false;
    std::vector<NodeId> generic;
    for (NodeId id : profile.members) {
      const NodeState& node = loaded_.nodes[id];
      is_withdrawn |= node.withdrawn;
      if (node.crossed && node.was_generic) generic.push_back(id);
    }
    if (!profile.is_timed || generic.empty()) continue;
    if (!is_withdrawn && ProfileBefore(loaded_, profile) != nullptr) {
      profile.is_timed = false;
      continue;
    }
    for (NodeId id : generic) {
      if (auto status = loader_.SeeLastElsewhere(id); !status.ok()) return status;
    }
  }
  return absl::OkStatus();
}

absl::Status Graph::Finish(RowSink& sink, std::span<DeltaListener* const> listeners, Outcome& outcome) {
  if (auto status = LoadSeenAgain(); !status.ok()) return status;
  if (auto status = LoadWhatDecides(); !status.ok()) return status;
  if (auto status = observations_.Settle(); !status.ok()) return status;
  const std::vector<std::vector<ProfileSlot>> components = ComponentsOf(loaded_);
  BrokenAtHubs broken;
  std::vector<std::vector<Resolved>> by_component;
  if (auto status = Resolve(components, by_component, broken); !status.ok()) return status;
  std::vector<Resolved> resolved;
  std::vector<size_t> ends;  // of each component's profiles
  for (std::vector<Resolved>& profiles : by_component) {
    std::move(profiles.begin(), profiles.end(), std::back_inserter(resolved));
    ends.push_back(resolved.size());
  }
  if (auto status = SeeLast(resolved); !status.ok()) return status;
  const Crossings crossings = CrossingsOf(loaded_, resolved);
  absl::flat_hash_set<NodeId> crossed = loader_.crossed_elsewhere();
  for (const auto& [crossing, state] : crossings) crossed.insert(crossing.first);

  const TouchedByComponent touched = SortTouched(components);
  std::vector<bool> is_kept(loaded_.profiles.size(), false);
  for (size_t i = 0; i < components.size(); ++i) {
    const size_t begin = i == 0 ? 0 : ends[i - 1];
    const std::span<Resolved> after(resolved.data() + begin, ends[i] - begin);
    WriteProfiles(after, crossed, is_kept, sink, outcome);
    const std::vector<ProfileSlot> vanished = WriteVanished(components[i], is_kept, sink, outcome);
    const ComponentDelta delta{loaded_, observations_, components[i], after, vanished, touched.of(i)};
    for (DeltaListener* listener : listeners) {
      if (auto status = listener->OnComponent(delta, sink); !status.ok()) return status;
    }
  }
  if (auto status = WriteSeenAgain(sink, listeners); !status.ok()) return status;
  observations_.Write(sink);
  WriteSightings(sink);
  for (const Association& association : loaded_.associations) {
    outcome.associations += int{association.is_alive()} - int{association.stored};
  }
  WriteCrossings(loaded_, loader_.stored_crossings(), crossings, sink);
  WritePairs(sink);
  WriteHubs(broken, sink, outcome);
  outcome.values_left_out = std::move(values_left_out_);
  return absl::OkStatus();
}

Graph::TouchedByComponent Graph::SortTouched(const std::vector<std::vector<ProfileSlot>>& components) const {
  std::vector<uint32_t> component_of(loaded_.profiles.size());
  for (uint32_t i = 0; i < components.size(); ++i) {
    for (ProfileSlot slot : components[i]) component_of[slot] = i;
  }
  const auto for_each = [&](auto visit) {
    for (const Touched& touched : touched_) {
      const uint32_t a = component_of[loaded_.nodes[touched.a].slot];
      const uint32_t b = component_of[loaded_.nodes[touched.b].slot];
      visit(a, touched);
      if (b != a) visit(b, touched);
    }
  };
  TouchedByComponent out;
  out.begins.resize(components.size() + 1);
  for_each([&](uint32_t component, const Touched&) { ++out.begins[component + 1]; });
  std::partial_sum(out.begins.begin(), out.begins.end(), out.begins.begin());
  out.touched.resize(out.begins.back());
  std::vector<size_t> next = out.begins;
  for_each([&](uint32_t component, const Touched& touched) { out.touched[next[component]++] = touched; });
  return out;
}

// ---- writing

void Graph::WriteProfiles(std::span<Resolved> after, const absl::flat_hash_set<NodeId>& crossed,
                          std::vector<bool>& is_kept, RowSink& sink, Outcome& outcome) const {
  for (Resolved& profile : after) {
    const std::string_view key = format::ProfileKey(profile.id);
    const auto before = loaded_.slots.find(profile.id);
    profile.is_stored = before != loaded_.slots.end();
    if (profile.is_stored)
      is_kept[before->second] = true;
    else
      ++outcome.profiles;
    const std::string row = EncodeEvidence(loaded_, observations_, profile, crossed);
    const bool is_other_row = !profile.is_stored || loaded_.profiles[before->second].row != row;
    if (is_other_row) sink.Put(Family::kEvidence, key, row);
    profile.is_changed = is_other_row || IsSaidOtherwise(profile);
    for (NodeId id : profile.members) {
      const StoredProfile& holder = loaded_.profiles[loaded_.nodes[id].slot];
      if (holder.stored && holder.id == profile.id) continue;
      sink.Put(Family::kIdentifiers, format::IdentifierKey(loaded_.KeyOf(id)), key);
      outcome.identifiers += int{!holder.stored};
    }
  }
}

bool Graph::IsSaidOtherwise(const Resolved& profile) const {
  return std::any_of(profile.members.begin(), profile.members.end(),
                     [&](NodeId id) { return loaded_.nodes[id].touched || observations_.FindChanged(id) != nullptr; });
}

void Graph::WriteSightings(RowSink& sink) const {
  for (const Association& association : loaded_.associations) {
    if (!association.changed || association.before == association.sightings) continue;
    const std::string key = loaded_.KeyOf(association);
    if (association.sightings.empty())
      sink.Delete(Family::kSightings, key);
    else
      sink.Put(Family::kSightings, key, EncodeSightings(loaded_.context.catalog, association.sightings));
  }
}

// What is stored and is no more: identifiers that nothing speaks of, and profiles that became part of another.
std::vector<ProfileSlot> Graph::WriteVanished(std::span<const ProfileSlot> before, const std::vector<bool>& is_kept,
                                              RowSink& sink, Outcome& outcome) const {
  std::vector<ProfileSlot> vanished;
  for (ProfileSlot slot : before) {
    const StoredProfile& profile = loaded_.profiles[slot];
    if (!profile.stored) continue;
    for (NodeId id : profile.members) {
      if (loaded_.nodes[id].alive) continue;
      sink.Delete(Family::kIdentifiers, format::IdentifierKey(loaded_.KeyOf(id)));
      --outcome.identifiers;
    }
    if (is_kept[slot]) continue;
    vanished.push_back(slot);
    const std::string_view key = format::ProfileKey(profile.id);
    sink.Delete(Family::kEvidence, key);
    // The id was handed out, so it goes on leading to whoever holds its anchor.
    sink.Put(Family::kFormerIds, key, format::IdentifierKey(loaded_.KeyOf(profile.anchor)));
    --outcome.profiles;
  }
  return vanished;
}

void Graph::WritePairs(RowSink& sink) const {
  for (NodeId id = 0; id < loaded_.nodes.size(); ++id) {
    const NodeState& node = loaded_.nodes[id];
    if (!node.pairs_changed) continue;
    const std::string key = format::IdentifierKey(loaded_.KeyOf(id));
    if (node.pairs.empty())
      sink.Delete(Family::kAsserted, key);
    else
      sink.Put(Family::kAsserted, key, EncodePairs(loaded_, node.pairs));
  }
}

// One limit of those that a link would break says enough. What was not looked at keeps what was said of it.
void Graph::WriteHubs(const BrokenAtHubs& broken, RowSink& sink, Outcome& outcome) const {
  for (const StoredProfile& profile : loaded_.profiles) {
    for (NodeId id : profile.members) {
      const NodeState& node = loaded_.nodes[id];
      uint64_t refused_by = profile.is_whole || !loaded_.IsGeneric(id) ? 0 : node.refused_by;
      if (const auto at = broken.find(id); at != broken.end()) {
        outcome.broken_at_hubs.emplace(node.node, at->second);
        for (uint64_t limits : at->second) {
          if ((refused_by & limits) == 0) refused_by |= uint64_t{1} << std::countr_zero(limits);
        }
      }
      if (refused_by == node.refused_by) continue;
      const std::string key = format::IdentifierKey(loaded_.KeyOf(id));
      std::string row;
      format::Encoder(row).Varint(refused_by);
      if (refused_by == 0)
        sink.Delete(Family::kHubs, key);
      else
        sink.Put(Family::kHubs, key, row);
    }
  }
}

}  // namespace kintsugi::graph
