#include "admin/simulate.h"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "admin/database.h"
#include "admin/difference.h"
#include "admin/replay.h"
#include "admin/segment_changes.h"
#include "format/stored_rows.h"
#include "golden/record_codec.h"
#include "graph/golden_rows.h"
#include "graph/memory_rows.h"
#include "write/member_rows.h"
#include "write/trait_reader.h"

namespace kintsugi::admin {
namespace {

using format::Family;

absl::StatusOr<bool> HasRows(const store::Store& store, std::initializer_list<Family> families,
                             uint16_t source_number) {
  bool found = false;
  for (const Family family : families) {
    const auto status = store.Scan(family, format::SourceKey(source_number, ""), [&](auto, auto) {
      found = true;
      return false;
    });
    if (!status.ok()) return status;
    if (found) break;
  }
  return found;
}

}  // namespace

absl::Status CheckSuccessor(const ingest::Context& context, const store::Store& store, const Schema& next) {
  for (golden::SourceIndex i = 0; i < context.schema.sources.size(); ++i) {
    const Source& source = context.schema.sources[i];
    golden::SourceIndex at = 0;
    const bool is_there =
        ingest::FindSource(next, source.name, at) && next.sources[at].rows.index() == source.rows.index();
    const bool has_its_key = is_there && (source.events() || next.sources[at].table()->key == source.table()->key);
    if (has_its_key) continue;
    // Rows in quarantine count: without the source nobody could read them any more. By another key they can be.
    const uint16_t number = context.catalog.source_number(i);
    const auto has_evidence = is_there
                                  ? HasRows(store, {Family::kRecords}, number)
                                  : HasRows(store, {Family::kRecords, Family::kMessages, Family::kQuarantine}, number);
    if (!has_evidence.ok()) return has_evidence.status();
    if (!*has_evidence) continue;
    if (is_there) {
      return absl::InvalidArgumentError(
          fmt::format("the new schema gives the source `{}` another key, and there are records of it by the old one; "
                      "withdraw the source first (`kintsugi delete --source {} --all`) and load it again",
                      source.name, source.name));
    }
    return absl::InvalidArgumentError(
        fmt::format("the new schema has no source `{}` with {}, and there is evidence of it, or a row in quarantine; "
                    "withdraw the source first (`kintsugi delete --source {} --all`)",
                    source.name, source.table() ? "records" : "events", source.name));
  }
  for (const Namespace& ns : context.schema.namespaces) {
    golden::SourceIndex at = 0;
    if (ingest::FindSource(next, ns.name, at))
      return absl::InvalidArgumentError(fmt::format("`{}` was a namespace and cannot be a source", ns.name));
  }
  for (const Source& source : context.schema.sources) {
    for (const Namespace& ns : next.namespaces) {
      if (ns.name == source.name)
        return absl::InvalidArgumentError(fmt::format("`{}` was a source and cannot be a namespace", ns.name));
    }
  }
  return absl::OkStatus();
}

absl::Status AddToPartition(const ingest::Context& context, std::string_view key, std::string_view holder,
                            Partition& out) {
  const format::NodeKey node = format::ParseIdentifierKey(key);
  ProfileId id;
  if (!format::ParseProfileKey(holder, id) || node.number >= context.catalog.names().size())
    return format::DamagedRow(Family::kIdentifiers);
  out.emplace(Identifier{context.catalog.names()[node.number], std::string(node.value)}, id);
  return absl::OkStatus();
}

absl::StatusOr<Partition> ReadPartition(const ingest::Context& context, const store::Store& store,
                                        const store::Store::Snapshot& snapshot) {
  Partition out;
  const auto scanned = store.Scan(
      Family::kIdentifiers, "",
      [&](std::string_view key, std::string_view holder) { return AddToPartition(context, key, holder, out); },
      &snapshot);
  if (!scanned.ok()) return scanned;
  return out;
}

namespace {

std::vector<std::pair<uint16_t, std::string_view>> IdentifiersOf(const golden::RecordView& record) {
  std::vector<std::pair<uint16_t, std::string_view>> out;
  for (const auto& [number, value] : record.identifiers()) out.emplace_back(number, value);
  std::sort(out.begin(), out.end());
  return out;
}

bool HasSameAttributes(const golden::RecordView& a, const golden::RecordView& b) {
  if (a.attribute_count() != b.attribute_count()) return false;
  for (uint32_t i = 0; i < a.attribute_count(); ++i) {
    const golden::StoredAttribute x = a.attribute(i);
    const golden::StoredAttribute y = b.attribute(i);
    if (x.name != y.name || x.value != y.value || x.source_number != y.source_number || x.observed_at != y.observed_at)
      return false;
  }
  return true;
}

// Traits are known by their names: their places may be other ones.
void CountChangedTraits(const golden::Names& now, const golden::RecordView& before, const golden::Names& next,
                        const golden::RecordView& after, std::map<std::string, uint64_t>& changed) {
  const auto said = [](const golden::Names& names, const golden::RecordView& record, const std::string& name) {
    const auto place = names.FindTrait(name);
    return place ? record.trait(*place) : std::string_view();
  };
  std::set<std::string> names(now.traits.begin(), now.traits.end());
  names.insert(next.traits.begin(), next.traits.end());
  for (const std::string& name : names) {
    if (said(now, before, name) != said(next, after, name)) ++changed[name];
  }
}

}  // namespace

// By an identifier, and not by the profile's id, which depends on the schema.
absl::Status CountChanges(const ingest::Context& now, const store::Store& store, const store::Store::Snapshot& snapshot,
                          const ingest::Context& next, std::string_view record, Difference& difference) {
  const golden::RecordView after(record);
  const auto identifiers = IdentifiersOf(after);
  if (identifiers.empty()) return absl::OkStatus();
  const auto& [number, value] = identifiers.front();
  const auto holder = store.Get(Family::kIdentifiers, format::IdentifierKey({number, value}), &snapshot);
  if (!holder.ok()) return holder.status();
  if (!*holder) return absl::OkStatus();
  const auto row = store.Get(Family::kProfiles, **holder, &snapshot);
  if (!row.ok()) return row.status();
  if (!*row) return format::DamagedRow(Family::kIdentifiers);
  const golden::RecordView before(**row);
  if (IdentifiersOf(before) != identifiers) return absl::OkStatus();
  if (!HasSameAttributes(before, after)) ++difference.changed_attributes;
  CountChangedTraits(*now.names, before, *next.names, after, difference.changed_traits);
  return absl::OkStatus();
}

absl::Status HasNoPlace(std::string_view assertion, const std::string& reason) {
  return absl::InvalidArgumentError(
      fmt::format("the assertion {} has no place under the new schema ({}); retract it first", assertion, reason));
}

namespace {

class Simulation : private GraphBuilder {
 public:
  Simulation(const ingest::Context& now, const ingest::Context& next, const store::Store& store)
      : GraphBuilder(next, !next.names->traits.empty(), graph_),
        now_(now),
        next_(next),
        rules_(next),
        store_(store),
        snapshot_(store),
        graph_(next, nothing_, false) {}

  absl::StatusOr<Difference> Run() {
    if (auto status = ReplayEvidence(next_, Derive::kAnew, store_, snapshot_, *this); !status.ok()) return status;
    graph::MemoryRows rows;
    const auto counters = ReadCounters(store_);
    if (!counters.ok()) return counters.status();
    write::TraitReader traits(next_, rules_, items(), format::NowOf(*counters));
    write::MemberRows members(rules_.segments);
    graph::GoldenRows golden(next_, nothing_,
                             {.traits = rules_.traits.empty() ? nullptr : &traits,
                              .segments = &rules_.segments,
                              .now = format::NowOf(*counters),
                              .listeners = {&members}});
    graph::DeltaListener* const listeners[] = {&golden};
    graph::Outcome outcome;
    if (auto status = graph_.Finish(rows, listeners, outcome); !status.ok()) return status;
    const auto before = ReadPartition(now_, store_, snapshot_);
    if (!before.ok()) return before.status();
    Partition after;
    for (const auto& [key, holder] : rows.of(Family::kIdentifiers)) {
      if (auto status = AddToPartition(next_, key, holder, after); !status.ok()) return status;
    }
    Difference difference = Compare(*before, after);
    difference.refused_rows = refused_;
    const auto was = ReadMemberships(now_, store_, snapshot_);
    if (!was.ok()) return was.status();
    Memberships is = NoMembers(next_);
    for (const auto& [key, row] : rows.of(Family::kMembers)) {
      if (auto status = AddMember(next_, key, is); !status.ok()) return status;
    }
    CompareMembers(*before, *was, after, is, difference);
    for (const auto& [key, record] : rows.of(Family::kProfiles)) {
      if (auto status = CountChanges(now_, store_, snapshot_, next_, record, difference); !status.ok()) return status;
    }
    return difference;
  }

 private:
  absl::Status OnRefused(Family family, std::string_view key, std::string_view, const std::string& reason) override {
    if (family == Family::kAssertions) return HasNoPlace(key, reason);
    ++refused_;
    return absl::OkStatus();
  }

  const ingest::Context& now_;
  const ingest::Context& next_;
  const living::Rules rules_;
  const store::Store& store_;
  const store::Store::Snapshot snapshot_;
  const graph::MemoryRows nothing_;  // the graph begins empty
  graph::Graph graph_;
  uint64_t refused_ = 0;
};

}  // namespace

absl::StatusOr<Difference> Simulate(const ingest::Context& now, const store::Store& store, const Schema& schema) {
  if (auto status = schema.Validate(); !status.ok()) return status;
  if (auto status = CheckSuccessor(now, store, schema); !status.ok()) return status;
  const auto next = ingest::Context::Create(schema, now.catalog.names());
  if (!next.ok()) return next.status();
  return Simulation(now, **next, store).Run();
}

}  // namespace kintsugi::admin
