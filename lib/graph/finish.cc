// Graph: resolving what was loaded, and writing what differs.

#include <algorithm>
#include <bit>
#include <numeric>

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

absl::Status Graph::LoadAndSee() {
  if (auto status = loader_.LoadConnected(); !status.ok()) return status;
  if (auto status = loader_.LoadRefusals(); !status.ok()) return status;
  return SeeEvidence(loaded_, loader_);
}

// Everything without which the components cannot be resolved.
absl::Status Graph::LoadWhatDecides() {
  for (NodeId id = 0; id < loaded_.nodes.size(); ++id) {
    if (auto status = loader_.FindOutGeneric(id); !status.ok()) return status;
  }
  MakeChangedWhole();
  if (auto status = LoadAndSee(); !status.ok()) return status;
  const std::vector<NodeId> ends = EndsOfOpenEdges(loaded_);
  if (ends.empty()) return absl::OkStatus();
  for (NodeId end : ends) loader_.MakeWhole(loaded_.nodes[end].slot);
  return LoadAndSee();
}

absl::Status Graph::Finish(RowSink& sink, std::span<DeltaListener* const> listeners, Outcome& outcome) {
  if (auto status = LoadWhatDecides(); !status.ok()) return status;
  if (auto status = observations_.Settle(); !status.ok()) return status;
  const std::vector<std::vector<ProfileSlot>> components = ComponentsOf(loaded_);
  BrokenAtHubs broken;
  std::vector<Resolved> resolved;
  std::vector<size_t> ends;  // of each component's profiles
  for (const std::vector<ProfileSlot>& slots : components) {
    for (Resolved& profile : ResolveComponent(loaded_, slots, broken)) resolved.push_back(std::move(profile));
    ends.push_back(resolved.size());
  }
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
  observations_.Write(sink);
  for (const Association& association : loaded_.associations) {
    outcome.associations += int{!association.sightings.empty()} - int{association.stored};
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
    profile.is_changed = is_other_row || IsObservedOtherwise(profile);
    for (NodeId id : profile.members) {
      const StoredProfile& holder = loaded_.profiles[loaded_.nodes[id].slot];
      if (holder.stored && holder.id == profile.id) continue;
      sink.Put(Family::kIdentifiers, format::IdentifierKey(loaded_.KeyOf(id)), key);
      outcome.identifiers += int{!holder.stored};
    }
  }
}

bool Graph::IsObservedOtherwise(const Resolved& profile) const {
  return std::any_of(profile.members.begin(), profile.members.end(),
                     [&](NodeId id) { return observations_.FindChanged(id) != nullptr; });
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
