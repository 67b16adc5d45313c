#include "admin/statistics.h"

#include <algorithm>
#include <bit>

#include "absl/container/flat_hash_set.h"
#include "golden/record_codec.h"
#include "graph/graph.h"
#include "store/stored_evidence.h"

namespace kintsugi::admin {
namespace {

using format::Family;

// The best so many of what is offered, in order.
template <typename T, typename Better>
void InsertBest(std::vector<T>& best, T one, size_t most, Better better) {
  best.insert(std::upper_bound(best.begin(), best.end(), one, better), std::move(one));
  if (best.size() > most) best.pop_back();
}

class IdentityWalk {
 public:
  IdentityWalk(const ingest::Context& context, const store::Store& store, size_t most)
      : context_(context), store_(store), snapshot_(store), most_(most) {}

  absl::StatusOr<IdentityStats> Run() {
    const auto scanned = store_.Scan(
        Family::kProfiles, "",
        [&](std::string_view key, std::string_view row) {
          ProfileId id;
          if (!format::ParseProfileKey(key, id)) return format::DamagedRow(Family::kProfiles);
          Count(id, golden::RecordView(row));
          return seen_.contains(id) ? absl::OkStatus() : WalkComponent(id);
        },
        &snapshot_);
    if (!scanned.ok()) return scanned;
    return std::move(out_);
  }

 private:
  Identifier NameOf(const identity::Node& node) const { return {context_.catalog.name(node.ns), node.value}; }

  void Count(const ProfileId& id, const golden::RecordView& record) {
    const uint64_t size = record.identifier_count();
    ++out_.profile_sizes[std::bit_ceil(size)];
    const auto& largest = out_.largest_profiles;
    if (largest.size() == most_ && (largest.empty() || size <= largest.back().identifiers)) return;
    IdentityStats::LargeProfile large{.id = id, .identifiers = size};
    for (const auto& [number, value] : record.identifiers()) {
      large.example = {context_.catalog.names()[number], std::string(value)};
      break;  // they are in order of strength
    }
    InsertBest(out_.largest_profiles, std::move(large), most_,
               [](const auto& a, const auto& b) { return a.identifiers > b.identifiers; });
  }

  absl::Status WalkComponent(const ProfileId& id) {
    const store::StoredEvidence evidence(store_, &snapshot_);
    graph::Graph graph(context_, evidence, true);
    if (auto status = graph.LoadComponent(id); !status.ok()) return status;
    const graph::Part part = graph.GetPart();
    IdentityStats::Conflict conflict{.refused_links = part.resolution.refused.size()};
    std::map<ProfileId, uint64_t> profiles;
    for (const auto& profile : part.profiles) {
      if (!profile) continue;
      ++conflict.identifiers;
      ++profiles[*profile];
    }
    conflict.profiles = profiles.size();
    if (profiles.size() > 1) {
      for (const auto& [profile, size] : profiles) seen_.insert(profile);
    }
    for (const identity::RefusedLink& refused : part.resolution.refused) ++out_.refused_links[ReasonOf(refused)];
    if (conflict.refused_links > 0) {
      ++out_.conflict_count;
      conflict.example = NameOf(part.component.identifiers[MostRefused(part)]);
      InsertBest(out_.conflicts, std::move(conflict), most_,
                 [](const auto& a, const auto& b) { return a.refused_links > b.refused_links; });
    }
    for (uint32_t i : part.component.generic) {
      if (!part.profiles[i]) continue;  // told with its own component
      if (auto status = CountGeneric(graph, part.component.identifiers[i]); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  std::string ReasonOf(const identity::RefusedLink& refused) const {
    if (refused.reason == identity::Refused::kNever) return "never";
    if (refused.reason == identity::Refused::kMaxIdentifiers) return "max_identifiers";
    return "max_per_profile: " + context_.catalog.name(refused.ns);
  }

  // The identifier that most refused links have as an end; of several the strongest.
  static uint32_t MostRefused(const graph::Part& part) {
    std::map<uint32_t, uint64_t> counts;
    for (const identity::RefusedLink& refused : part.resolution.refused) {
      ++counts[refused.link.stronger];
      ++counts[refused.link.weaker];
    }
    return std::max_element(counts.begin(), counts.end(),
                            [](const auto& a, const auto& b) { return a.second < b.second; })
        ->first;
  }

  absl::Status CountGeneric(graph::Graph& graph, const identity::Node& node) {
    const auto counts = graph.CountStronger(node);
    if (!counts.ok()) return counts.status();
    IdentityStats::Generic generic{.identifier = NameOf(node)};
    for (const auto& [ns, count] : *counts) {
      if (count <= generic.links) continue;
      generic.links = count;
      generic.ns = context_.catalog.name(ns);
    }
    ++out_.generic_count;
    InsertBest(out_.generic, std::move(generic), most_, [](const auto& a, const auto& b) { return a.links > b.links; });
    return absl::OkStatus();
  }

  const ingest::Context& context_;
  const store::Store& store_;
  const store::Store::Snapshot snapshot_;
  const size_t most_;
  IdentityStats out_;
  absl::flat_hash_set<ProfileId, graph::ProfileIdHash> seen_;  // of components of several profiles
};

}  // namespace

absl::StatusOr<IdentityStats> IdentityStatsOf(const ingest::Context& context, const store::Store& store,
                                              const stored::Counters& counters, size_t most) {
  auto stats = IdentityWalk(context, store, most).Run();
  if (!stats.ok()) return stats;
  for (const auto& source : counters.sources()) {
    for (const auto& [what, count] : source.refused_identifiers()) stats->refused_identifiers[what] += count;
  }
  return stats;
}

}  // namespace kintsugi::admin
