#include "admin/migrate.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "admin/database.h"
#include "admin/replay.h"
#include "admin/simulate.h"
#include "format/stored_rows.h"
#include "identity/union_find.h"
#include "ingest/evidence_rows.h"
#include "kintsugi/history.h"
#include "store/directory.h"
#include "store/exchange.h"
#include "store/stored_evidence.h"
#include "write/batch_rows.h"
#include "write/change_rows.h"
#include "write/refuse.h"

namespace kintsugi::admin {
namespace {

using format::Family;

// So much evidence is in memory at a time.
constexpr size_t kMigratedItems = 20'000;

// Migration fills a new database from an old one.
class Migration : private EvidenceVisitor {
 public:
  Migration(const ingest::Context& old, const store::Store& from, const ingest::Context& next, store::Store& to,
            Time now)
      : old_(old), from_(from), snapshot_(from), next_(next), to_(to), now_(now) {}

  absl::StatusOr<MigrationReport> Run(const stored::Counters& counters) {
    counters_.set_changes(counters.changes());
    *counters_.mutable_sources() = counters.sources();
    if (auto status = ReplayEvidence(next_, Derive::kAnew, from_, snapshot_, *this); !status.ok()) return status;
    if (auto status = Write(); !status.ok()) return status;
    if (auto status = CopyTheRest(); !status.ok()) return status;
    if (auto status = KeepIds(); !status.ok()) return status;
    if (auto status = Compare(); !status.ok()) return status;
    if (auto status = Write(); !status.ok()) return status;
    if (auto status = to_.Flush(); !status.ok()) return status;
    return report_;
  }

 private:
  graph::Graph& graph() {
    if (!graph_) graph_.emplace(next_, evidence_, true);
    return *graph_;
  }

  // Of one whose rows are in the batch.
  absl::Status FinishItem() { return ++items_ < kMigratedItems ? absl::OkStatus() : Write(); }

  absl::Status Write() {
    graph::Outcome outcome;
    graph::GoldenRows golden(next_, evidence_);
    graph::DeltaListener* const listeners[] = {&golden};
    if (auto status = graph().Finish(rows_, listeners, outcome); !status.ok()) return status;
    graph_.reset();
    items_ = 0;
    counters_.set_profiles(counters_.profiles() + outcome.profiles);
    counters_.set_identifiers(counters_.identifiers() + outcome.identifiers);
    counters_.set_associations(counters_.associations() + outcome.associations);
    batch_.Put(Family::kMeta, "counters", counters_.SerializeAsString());
    const absl::Status status = to_.Write(batch_, Durability::kLosesOnAnyCrash);
    batch_.Clear();
    return status;
  }

  absl::Status OnRecord(std::string_view key, const stored::Record& row, ingest::PreparedRecord record) override {
    ++report_.records;
    counters_.set_records(counters_.records() + 1);
    stored::Record now = row;
    ingest::SetIdentifiers(next_, record, now);
    rows_.Put(Family::kRecords, key, now.SerializeAsString());
    if (auto status = graph::AddEvidence(row, std::move(record), graph()); !status.ok()) return status;
    return FinishItem();
  }

  absl::Status OnEvent(std::string_view, ingest::PreparedEvent event) override {
    ++report_.events;
    counters_.set_events(counters_.events() + 1);
    const uint16_t source = next_.catalog.source_number(event.source);
    const format::NodeKey strongest = next_.KeyOf(event.identifiers.front());
    rows_.Put(Family::kMessages, format::SourceKey(source, event.id),
              ingest::MessageOf(next_, event).SerializeAsString());
    rows_.Put(Family::kEvents, format::EventKey(strongest, event.time, source, event.id), event.row);
    if (auto status = graph::AddEvidence(event, graph()); !status.ok()) return status;
    return FinishItem();
  }

  absl::Status OnAssertion(const ingest::PreparedAssertion& assertion) override {
    counters_.set_assertions(counters_.assertions() + 1);
    rows_.Put(Family::kAssertions, assertion.id, assertion.row);
    if (auto status = graph::AddEvidence(assertion, graph()); !status.ok()) return status;
    return FinishItem();
  }

  absl::Status OnRefused(Family family, std::string_view key, std::string_view bytes,
                         const std::string& reason) override {
    if (family == Family::kAssertions) return HasNoPlace(key, reason);
    stored::Quarantined row;
    const bool ok = family == Family::kRecords ? write::RefuseRecord(old_, key, bytes, row, rows_)
                                               : write::RefuseEvent(old_, key, bytes, row);
    if (!ok) return absl::DataLossError("a damaged row of evidence; run `kintsugi verify`");
    const std::string place = write::QuarantineKeyOf(SourceOf(family, key), row);
    row.add_refusals()->set_reason(reason);
    ++report_.quarantined;
    const auto known = from_.Get(Family::kQuarantine, place, &snapshot_);
    if (!known.ok()) return known.status();
    if (*known) return absl::OkStatus();  // refused before; it is copied with the others
    counters_.set_quarantined(counters_.quarantined() + 1);
    rows_.Put(Family::kQuarantine, place, row.SerializeAsString());
    return FinishItem();
  }

  static uint16_t SourceOf(Family family, std::string_view key) {
    format::Decoder d(key);
    if (family == Family::kRecords) return d.Big16();
    format::DecodeNode(d);
    d.SortableTime();
    return d.Big16();
  }

  // What the schema has no say in: decisions, tombstones, what is in quarantine, and history.
  absl::Status CopyTheRest() {
    const auto copy = [&](Family family, auto is_wanted) {
      return from_.Scan(
          family, "",
          [&](std::string_view key, std::string_view row) {
            if (!is_wanted(row)) return absl::OkStatus();
            rows_.Put(family, key, row);
            return FinishItem();
          },
          &snapshot_);
    };
    const auto all = [](std::string_view) { return true; };
    // Those that stand were written as they are normalised now.
    const auto is_retracted = [](std::string_view row) {
      stored::Assertion assertion;
      return format::ParseRow(row, assertion) && assertion.has_retraction();
    };
    if (auto status = copy(Family::kAssertions, is_retracted); !status.ok()) return status;
    if (auto status = copy(Family::kChanges, all); !status.ok()) return status;
    if (auto status = copy(Family::kVersions, all); !status.ok()) return status;
    auto status = copy(Family::kQuarantine, [&](std::string_view row) {
      stored::Quarantined refused;
      if (format::ParseRow(row, refused))
        counters_.set_quarantined(counters_.quarantined() + static_cast<uint64_t>(refused.refusals_size()));
      return true;
    });
    if (!status.ok()) return status;
    status = copy(Family::kMessages, [](std::string_view row) {
      stored::Message message;
      return format::ParseRow(row, message) && message.withdrawn();
    });
    if (!status.ok()) return status;
    return copy(Family::kRecords, [](std::string_view row) {
      stored::Record record;
      return format::ParseRow(row, record) && record.gone();
    });
  }

  // Every id that was handed out goes on leading to whoever holds its anchor.
  absl::Status KeepIds() {
    const auto keep = [&](const ProfileId& id, format::NodeKey anchor) {
      const auto current = to_.Get(Family::kProfiles, format::ProfileKey(id));
      if (!current.ok() || *current) return current.status();
      rows_.Put(Family::kFormerIds, format::ProfileKey(id), AnchorKey(anchor));
      return FinishItem();
    };
    const auto status = from_.Scan(
        Family::kFormerIds, "",
        [&](std::string_view key, std::string_view anchor) {
          ProfileId id;
          return format::ParseProfileKey(key, id) ? keep(id, format::ParseIdentifierKey(anchor)) : absl::OkStatus();
        },
        &snapshot_);
    if (!status.ok()) return status;
    return from_.Scan(
        Family::kIdentifiers, "",
        [&](std::string_view key, std::string_view holder) {
          const format::NodeKey node = format::ParseIdentifierKey(key);
          uint16_t position = 0;
          ProfileId id;
          if (!old_.catalog.Find(node.number, position) || !format::ParseProfileKey(holder, id))
            return absl::OkStatus();
          const bool is_anchor = old_.IdOf({position, std::string(node.value)}) == id;
          return is_anchor ? keep(id, node) : absl::OkStatus();
        },
        &snapshot_);
  }

  // As the new schema writes the identifier, if it has it.
  std::string AnchorKey(format::NodeKey anchor) const {
    uint16_t position = 0;
    if (next_.catalog.Find(anchor.number, position) && !next_.IsRecord(position)) {
      const std::string value = next_.normalizers[position].Normalize(anchor.value).value;
      if (!value.empty()) return format::IdentifierKey({anchor.number, value});
    }
    return format::IdentifierKey(anchor);
  }

  absl::Status Compare() {
    const auto before = ReadPartition(old_, from_, snapshot_);
    if (!before.ok()) return before.status();
    const store::Store::Snapshot written(to_);
    const auto after = ReadPartition(next_, to_, written);
    if (!after.ok()) return after.status();
    report_.difference = admin::Compare(*before, *after);
    report_.difference.refused_rows = report_.quarantined;
    NoteChanges(*before, *after);
    return CountChangedAttributes(written);
  }

  absl::Status CountChangedAttributes(const store::Store::Snapshot& written) {
    return to_.Scan(
        Family::kProfiles, "",
        [&](std::string_view, std::string_view record) {
          const auto changed = HasOtherAttributes(from_, snapshot_, record);
          if (changed.ok() && *changed) ++report_.difference.changed_attributes;
          return changed.status();
        },
        &written);
  }

  // History: what the schema merged, split and moved, as evidence would have.
  void NoteChanges(const Partition& before, const Partition& after) {
    std::map<std::pair<bool, ProfileId>, uint32_t> numbers;  // of both sides
    const auto number_of = [&](bool is_after, const ProfileId& id) {
      return numbers.try_emplace({is_after, id}, static_cast<uint32_t>(numbers.size())).first->second;
    };
    std::vector<std::pair<uint32_t, uint32_t>> edges;
    for (const auto& [identifier, id] : before) {
      const auto now = after.find(identifier);
      if (now != after.end()) edges.emplace_back(number_of(false, id), number_of(true, now->second));
    }
    identity::UnionFind sets(numbers.size());
    for (const auto& [a, b] : edges) {
      const uint32_t x = sets.Find(a);
      const uint32_t y = sets.Find(b);
      if (x != y) sets.Union(x, y);
    }
    std::map<uint32_t, graph::Regrouping> groups;
    for (const auto& [side, number] : numbers) {
      auto& group = groups[sets.Find(number)];
      (side.first ? group.after : group.before).push_back(side.second);
    }
    for (const auto& [identifier, id] : before) {
      const auto now = after.find(identifier);
      uint16_t position = 0;
      if (now == after.end() || now->second == id || !next_.catalog.FindName(identifier.ns, position)) continue;
      groups[sets.Find(numbers[{false, id}])].moved.push_back({{position, identifier.value}, id, now->second});
    }
    graph::Regroupings regroupings;
    for (auto& [root, group] : groups) {
      if (group.before.size() + group.after.size() > 2)
        regroupings.groups.push_back(std::move(group));
      else if (group.before != group.after)
        regroupings.renamed.emplace_back(group.before.front(), group.after.front());
    }
    const auto schema_cause = [](uint32_t) {
      stored::Change::Cause cause;
      cause.set_kind(static_cast<uint32_t>(Cause::Kind::kSchema));
      return cause;
    };
    for (graph::Regrouping& group : regroupings.groups) group.causes = {0};
    counters_.set_changes(
        write::ChangeRows::Write(next_, std::move(regroupings), now_, counters_.changes(), schema_cause, rows_));
  }

  const ingest::Context& old_;
  const store::Store& from_;
  const store::Store::Snapshot snapshot_;
  const ingest::Context& next_;
  store::Store& to_;
  const Time now_;

  const store::StoredEvidence evidence_{to_};
  std::optional<graph::Graph> graph_;
  store::Batch batch_ = to_.NewBatch();
  write::BatchRows rows_{batch_};
  size_t items_ = 0;
  stored::Counters counters_;
  MigrationReport report_;
};

}  // namespace

absl::StatusOr<MigrationReport> Migrate(const Schema& schema, const std::string& path, Time now,
                                        const std::function<void()>& before_exchange) {
  namespace fs = std::filesystem;
  if (auto status = schema.Validate(); !status.ok()) return status;
  // Of a symbolic link the directory that it leads to changes places, and not the link; and `.` cannot be renamed.
  std::error_code error;
  const fs::path resolved = fs::canonical(path, error);
  const std::string place = error ? path : resolved.string();
  const std::string fresh = place + ".migrating";
  absl::StatusOr<MigrationReport> report = MigrationReport();
  // Closed, both stay locked until they have changed places, and the old one until it is gone: nothing that somebody
  // wrote in between can be lost.
  std::vector<store::DirectoryLock> locks;
  {
    auto old = OpenDatabase({.create_if_missing = false}, place);
    if (!old.ok()) return old.status();
    if (auto status = CheckSuccessor(*old->context, *old->store, schema); !status.ok()) return status;
    if (fs::exists(fs::symlink_status(fresh, error))) {
      return absl::AlreadyExistsError(
          fmt::format("{} is in the way: left by a migration that was interrupted; remove it and run again", fresh));
    }
    auto next = OpenDatabase({.schema = schema}, fresh, nullptr, old->context->catalog.names());
    if (next.ok()) {
      Migration migration(*old->context, *old->store, *next->context, *next->store, now);
      report = migration.Run(old->counters);
    } else {
      report = next.status();
    }
    locks.push_back(old->store->TakeLock());
    if (next.ok()) locks.push_back(next->store->TakeLock());
  }
  absl::Status status = report.status();
  if (status.ok()) {
    before_exchange();
    status = store::TakePlace(fresh, place);
  }
  if (status.ok()) {
    if (auto synced = store::SyncParent(place); !synced.ok()) {
      return absl::UnavailableError(
          fmt::format("the database was migrated, but a crash of the machine may undo that ({}); the old one is in {}",
                      std::string(synced.message()), fresh));
    }
  }
  fs::remove_all(fresh, error);
  return status.ok() ? std::move(report) : status;
}

}  // namespace kintsugi::admin
