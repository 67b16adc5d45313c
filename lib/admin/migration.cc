#include "admin/migration.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "admin/partition_changes.h"
#include "admin/replay.h"
#include "admin/segment_changes.h"
#include "admin/simulate.h"
#include "format/stored_rows.h"
#include "format/version_rows.h"
#include "graph/pending_rows.h"
#include "ingest/assertion.h"
#include "ingest/evidence_rows.h"
#include "kintsugi/history.h"
#include "store/stored_evidence.h"
#include "write/batch_rows.h"
#include "write/change_rows.h"
#include "write/counters.h"
#include "write/feed_rows.h"
#include "write/member_rows.h"
#include "write/refuse.h"
#include "write/trait_rows.h"

namespace kintsugi::admin {
namespace {

using format::Family;

// So much evidence is in memory at a time.
constexpr size_t kMigratedItems = 20'000;

// Migration fills a new database from an old one.
class Migration : private EvidenceVisitor {
 public:
  Migration(const ingest::Context& old, const store::Store& from, const Database& next, Time now)
      : old_(old),
        from_(from),
        snapshot_(from),
        next_(*next.context),
        rules_(*next.rules),
        to_(*next.store),
        now_(now) {}

  absl::StatusOr<MigrationReport> Run(const stored::Counters& counters) {
    counters_.set_changes(counters.changes());
    write::BeginFeedAfter(counters, counters_);
    if (counters.has_now()) counters_.set_now(counters.now());
    *counters_.mutable_sources() = counters.sources();
    for (auto& source : *counters_.mutable_sources()) source.clear_records_without_time();
    if (auto status = ReplayEvidence(next_, Derive::kAnew, from_, snapshot_, *this); !status.ok()) return status;
    if (auto status = Write(); !status.ok()) return status;
    if (auto status = CopyTheRest(); !status.ok()) return status;
    if (auto status = KeepIds(); !status.ok()) return status;
    if (auto status = Compare(); !status.ok()) return status;
    if (auto status = BeginFeed(); !status.ok()) return status;
    if (auto status = Write(); !status.ok()) return status;
    if (auto status = to_.Flush(); !status.ok()) return status;
    return report_;
  }

 private:
  graph::Graph& graph() {
    if (!graph_) graph_.emplace(next_, evidence_, true);
    return *graph_;
  }

  write::TraitRows& traits() {
    if (!traits_) traits_.emplace(next_, rules_, item_rows_, format::NowOf(counters_));
    return *traits_;
  }

  absl::Status PutItem(Family family, const std::string& key, const std::string& row) {
    item_rows_.Put(family, key, row);
    return rules_.traits.empty() ? absl::OkStatus() : traits().Add(family, key, row);
  }

  // Of one whose rows are in the batch.
  absl::Status FinishItem() { return ++items_ < kMigratedItems ? absl::OkStatus() : Write(); }

  absl::Status Write() {
    graph::Outcome outcome;
    const bool has_traits = !rules_.traits.empty();
    write::TraitRows& traits = this->traits();
    write::MemberRows members(rules_.segments);
    graph::GoldenRows golden(next_, evidence_,
                             {.traits = has_traits ? &traits : nullptr,
                              .segments = &rules_.segments,
                              .now = format::NowOf(counters_),
                              .listeners = {&members}});
    graph::DeltaListener* const listeners[] = {&golden};
    if (auto status = graph().Finish(rows_, listeners, outcome); !status.ok()) return status;
    item_rows_.WriteTo(rows_);
    if (has_traits) {
      if (auto status = traits.Write(rows_); !status.ok()) return status;
    }
    item_rows_.Clear();
    traits_.reset();
    graph_.reset();
    items_ = 0;
    counters_.set_profiles(counters_.profiles() + outcome.profiles);
    counters_.set_identifiers(counters_.identifiers() + outcome.identifiers);
    counters_.set_associations(counters_.associations() + outcome.associations);
    rows_.Finish();
    counters_.set_approximate(counters_.approximate() + golden.approximate());
    counters_.set_overdrawn(counters_.overdrawn() + golden.overdrawn());
    members.AddTo(counters_);
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
    if (next_.schema.sources[record.source].table()->event && !record.item) CountWithoutTime(record.source);
    if (record.item) {
      if (auto status = PutItem(Family::kItems, ingest::ItemKeyOf(next_, record), record.item->row); !status.ok())
        return status;
    }
    if (auto status = graph::AddEvidence(row, std::move(record), graph()); !status.ok()) return status;
    return FinishItem();
  }

  absl::Status OnVersion(const stored::Record& row, const ingest::PreparedRecord& version) override {
    const bool is_kept = next_.schema.sources[version.source].table()->keep_versions;
    if (!is_kept && !IsKnown(version.version)) return absl::OkStatus();
    const uint16_t source = next_.catalog.source_number(version.source);
    stored::Record now = row;
    ingest::SetIdentifiers(next_, version, now);
    const auto say = [&](const std::string& key) { rows_.Put(Family::kVersions, key, ""); };
    if (is_kept) format::ForEachVersionThatSays(now, source, version.key, version.version, say);
    rows_.Put(Family::kVersions, format::VersionKey(source, version.key, version.version),
              is_kept ? format::EncodeVersion(std::move(now)) : std::string());
    return FinishItem();
  }

  // A tombstone, or what is known of versions that wait for one that was refused.
  absl::Status OnGone(std::string_view key, const stored::Record& row) override {
    if (row.has_first() || row.has_withdrawn())
      rows_.Put(Family::kRecords, key, row.SerializeAsString());
    else
      rows_.Delete(Family::kRecords, key);
    return FinishItem();
  }

  void CountWithoutTime(golden::SourceIndex source) {
    auto& counters = write::CountersOf(counters_, next_.catalog.source_number(source));
    counters.set_records_without_time(counters.records_without_time() + 1);
  }

  absl::Status OnEvent(std::string_view, ingest::PreparedEvent event) override {
    ++report_.events;
    counters_.set_events(counters_.events() + 1);
    const uint16_t source = next_.catalog.source_number(event.source);
    const format::NodeKey strongest = next_.KeyOf(event.identifiers.front());
    rows_.Put(Family::kMessages, format::SourceKey(source, event.id),
              ingest::MessageOf(next_, event).SerializeAsString());
    const std::string key = format::EventKey(strongest, event.time, source, event.id);
    if (auto status = PutItem(Family::kEvents, key, event.row); !status.ok()) return status;
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
    const bool ok = family == Family::kEvents ? write::RefuseEvent(old_, key, bytes, row)
                                              : write::RefuseRecord(old_, key, bytes, row, rows_);
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
    if (family != Family::kEvents) return d.Big16();
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
            if (!is_wanted(key, row)) return absl::OkStatus();
            rows_.Put(family, key, row);
            return FinishItem();
          },
          &snapshot_);
    };
    const auto all = [](std::string_view, std::string_view) { return true; };
    if (auto status = CopyRetracted(); !status.ok()) return status;
    if (auto status = copy(Family::kChanges, all); !status.ok()) return status;
    // Those whose content is kept were written as they are read now.
    const auto is_time_only = [&](std::string_view key, std::string_view row) {
      golden::SourceIndex source = 0;
      return row.empty() && next_.catalog.FindSource(format::Decoder(key).Big16(), source);
    };
    if (auto status = copy(Family::kVersions, is_time_only); !status.ok()) return status;
    auto status = copy(Family::kQuarantine, [&](std::string_view, std::string_view row) {
      stored::Quarantined refused;
      if (format::ParseRow(row, refused))
        counters_.set_quarantined(counters_.quarantined() + static_cast<uint64_t>(refused.refusals_size()));
      return true;
    });
    if (!status.ok()) return status;
    return copy(Family::kMessages, [](std::string_view, std::string_view row) {
      stored::Message message;
      return format::ParseRow(row, message) && message.withdrawn();
    });
  }

  // As they are normalised now, for they stand as of a time before that. One that has no place under the schema stays
  // as it was. (Those that stand were written.)
  absl::Status CopyRetracted() {
    return from_.Scan(
        Family::kAssertions, "",
        [&](std::string_view id, std::string_view bytes) {
          stored::Assertion row;
          if (!format::ParseRow(bytes, row) || !row.has_retraction()) return absl::OkStatus();
          stored::Assertion now;
          const auto anew = ingest::PrepareStoredAssertion(next_, std::string(id), row, Derive::kAnew);
          if (anew.ok() && format::ParseRow(anew->row, now))
            *now.mutable_retraction() = row.retraction();
          else
            now = row;
          rows_.Put(Family::kAssertions, id, now.SerializeAsString());
          return FinishItem();
        },
        &snapshot_);
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
    const auto was = ReadMemberships(old_, from_, snapshot_);
    if (!was.ok()) return was.status();
    const auto is = ReadMemberships(next_, to_, written);
    if (!is.ok()) return is.status();
    CompareMembers(*before, *was, *after, *is, report_.difference);
    NoteChanges(*before, *after);
    return CountChanges(written);
  }

  absl::Status CountChanges(const store::Store::Snapshot& written) {
    return to_.Scan(
        Family::kProfiles, "",
        [&](std::string_view, std::string_view record) {
          return admin::CountChanges(old_, from_, snapshot_, next_, record, report_.difference);
        },
        &written);
  }

  // What an entry means depends on the schema, so the feed begins anew, with all profiles. (Who told while the evidence
  // comes would tell what is true of a part of it.)
  absl::Status BeginFeed() {
    if (!rules_.feed.is_on()) return absl::OkStatus();
    if (auto status = Write(); !status.ok()) return status;
    const store::Store::Snapshot written(to_);
    const auto tell = [&](std::string_view key, std::string_view record) -> absl::Status {
      ProfileId id;
      if (!format::ParseProfileKey(key, id)) return format::DamagedRow(Family::kProfiles);
      write::FeedRows feed(next_, rules_.feed);
      if (auto status = feed.OnRecord(id, {}, record, rows_); !status.ok()) return status;
      if (auto status = feed.Finish(to_, now_, counters_, rows_); !status.ok()) return status;
      return FinishItem();
    };
    return to_.Scan(Family::kProfiles, "", tell, &written);
  }

  // History: what the schema merged, split and moved, as evidence would have.
  void NoteChanges(const Partition& before, const Partition& after) {
    const auto schema_cause = [](uint32_t) {
      stored::Change::Cause cause;
      cause.set_kind(static_cast<uint32_t>(Cause::Kind::kSchema));
      return cause;
    };
    counters_.set_changes(write::ChangeRows::Write(next_, RegroupingsOf(next_, before, after), now_,
                                                   counters_.changes(), schema_cause, rows_));
  }

  const ingest::Context& old_;
  const store::Store& from_;
  const store::Store::Snapshot snapshot_;
  const ingest::Context& next_;
  const living::Rules& rules_;
  store::Store& to_;
  const Time now_;

  const store::StoredEvidence evidence_{to_};
  graph::PendingRows item_rows_{evidence_};
  std::optional<write::TraitRows> traits_;
  std::optional<graph::Graph> graph_;
  store::Batch batch_ = to_.NewBatch();
  write::BatchRows rows_{batch_};
  size_t items_ = 0;
  stored::Counters counters_;
  MigrationReport report_;
};

}  // namespace

absl::StatusOr<MigrationReport> FillFrom(const Database& old, const Database& next, Time now) {
  Migration migration(*old.context, *old.store, next, now);
  return migration.Run(old.counters);
}

}  // namespace kintsugi::admin
