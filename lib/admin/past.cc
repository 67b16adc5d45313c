#include "admin/past.h"

#include <utility>

#include "format/keys.h"
#include "graph/golden_rows.h"
#include "write/trait_reader.h"

namespace kintsugi::admin {

using format::Family;

Past::Past(const ingest::Context& context, const living::Rules& rules, const Moment& moment, bool keeps_events)
    : GraphBuilder(context, keeps_events || !rules.traits.empty(), graph_),
      context_(context),
      rules_(rules),
      preparer_(context),
      moment_(moment),
      graph_(context, nothing_, false) {}

absl::Status Past::Resolve(const graph::EvidenceSource& evidence, std::span<const Closure::Witness> witnesses) {
  if (auto status = ReplayEvidenceAsOf(context_, evidence, moment_.as_of, *this); !status.ok()) return status;
  for (const Closure::Witness& witness : witnesses) {
    if (auto status = graph_.AddSighting(witness.identifiers, witness.sighting); !status.ok()) return status;
  }
  write::TraitReader traits(context_, rules_, items(), moment_.as_of);
  graph::GoldenRows golden(
      context_, nothing_,
      {.traits = rules_.traits.empty() ? nullptr : &traits, .segments = &rules_.segments, .now = moment_.as_of});
  graph::DeltaListener* const listeners[] = {&golden};
  graph::Outcome outcome;
  return graph_.Finish(rows_, listeners, outcome);
}

absl::StatusOr<std::optional<ProfileId>> Past::HolderOf(const identity::Node& node) const {
  const auto holder = rows_.Get(Family::kIdentifiers, format::IdentifierKey(context_.KeyOf(node)));
  if (!holder.ok()) return holder.status();
  if (!*holder) return std::nullopt;
  ProfileId id;
  if (!format::ParseProfileKey(**holder, id)) return format::DamagedRow(Family::kIdentifiers);
  return id;
}

absl::StatusOr<std::optional<std::string>> Past::FindRow(const identity::Node& node) const {
  const auto id = HolderOf(node);
  if (!id.ok()) return id.status();
  if (!*id) return std::nullopt;
  return rows_.Get(Family::kProfiles, format::ProfileKey(**id));
}

absl::StatusOr<std::optional<Profile>> Past::Find(const identity::Node& node) const {
  const auto id = HolderOf(node);
  if (!id.ok()) return id.status();
  const auto row = FindRow(node);
  if (!row.ok()) return row.status();
  if (!*row) return std::nullopt;
  return Profile(ProfileView(**id, **row, *context_.names));
}

// What it says of who somebody is stays.
absl::Status Past::OnEvent(std::string_view key, ingest::PreparedEvent event) {
  const auto is_taken = IsTaken(key, event);
  if (!is_taken.ok()) return is_taken.status();
  return *is_taken ? graph::AddEvidence(event, graph_) : GraphBuilder::OnEvent(key, std::move(event));
}

absl::StatusOr<bool> Past::IsTaken(std::string_view key, const ingest::PreparedEvent& event) const {
  if (rules_.retention.empty() || moment_.now <= moment_.as_of) return false;
  golden::SourceIndex source = 0;
  Event read;
  if (!preparer_.ReadStoredEvent(key, event.row, source, read).empty()) return format::DamagedRow(Family::kEvents);
  const auto end = rules_.retention.EndOf(read.name, event.time);
  return end && *end <= moment_.now;
}

// An assertion about a namespace that the schema does not declare any more was taken back before that.
absl::Status Past::OnRefused(Family family, std::string_view, std::string_view, const std::string&) {
  return family == Family::kAssertions ? absl::OkStatus() : format::DamagedRow(family);
}

}  // namespace kintsugi::admin
