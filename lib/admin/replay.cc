#include "admin/replay.h"

#include <initializer_list>
#include <optional>
#include <utility>

#include "admin/record_versions.h"
#include "format/stored_rows.h"
#include "ingest/assertion.h"
#include "ingest/evidence_rows.h"
#include "store/stored_evidence.h"

namespace kintsugi::admin {
namespace {

using format::Family;

// A row of `records` of which no version counts, as one that did says it.
stored::Record Gone(stored::Record row) {
  row.clear_version();
  row.clear_extracted();
  row.clear_content();
  row.clear_identifiers();
  row.set_gone(true);
  return row;
}

// One pass over the families that hold evidence.
class Replay {
 public:
  Replay(const ingest::Context& context, Derive derive, const graph::EvidenceSource& rows, EvidenceVisitor& visitor)
      : context_(context), derive_(derive), rows_(rows), visitor_(visitor), preparer_(context) {}

  absl::Status Run() {
    using Take = absl::Status (Replay::*)(std::string_view, std::string_view);
    for (const auto& [family, take] :
         std::initializer_list<std::pair<Family, Take>>{{Family::kRecords, &Replay::Record},
                                                        {Family::kEvents, &Replay::Event},
                                                        {Family::kAssertions, &Replay::Assertion}}) {
      const auto status = rows_.Scan(
          family, "", [&, take = take](std::string_view key, std::string_view row) { return (this->*take)(key, row); });
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }

  void SetTime(Time as_of) { as_of_ = as_of; }

 private:
  absl::Status Record(std::string_view key, std::string_view bytes) {
    format::Decoder d(key);
    golden::SourceIndex source = 0;
    stored::Record row;
    if (!context_.catalog.FindSource(d.Big16(), source) || !format::ParseRow(bytes, row))
      return visitor_.OnRefused(Family::kRecords, key, bytes, "cannot be read");
    return as_of_ ? RecordAsOf(source, key, std::move(row)) : RecordNow(source, key, std::move(row));
  }

  // What becomes of a record whose versions are taken one by one, the newest first.
  struct Taken {
    stored::Record row;
    std::optional<ingest::PreparedRecord> record;
    bool is_told = false;      // whether there is one, and which version it is
    bool has_refused = false;  // a version is not taken
    Time first = kNeverFirst;  // of those that are
  };

  // Where the schema refuses the newest version, the newest of those before it that it takes is the record: as if the
  // others had never come.
  absl::Status RecordNow(golden::SourceIndex source, std::string_view key, stored::Record row) {
    const bool may_have_older = row.has_first() || context_.schema.sources[source].table()->keep_versions;
    Taken taken{.row = std::move(row)};
    if (auto status = TakeNewest(source, key, taken); !status.ok()) return status;
    if (may_have_older) {
      auto older = ReadOlderVersions(rows_, context_.catalog.source_number(source), key.substr(2));
      if (absl::IsDataLoss(older.status())) return visitor_.OnRefused(Family::kVersions, key, "", "cannot be read");
      if (!older.ok()) return older.status();
      for (auto version = older->rbegin(); version != older->rend(); ++version) {
        if (auto status = TakeOlder(source, key, *std::move(version), taken); !status.ok()) return status;
      }
    }
    if (taken.has_refused) {
      taken.row.clear_first();
      const bool is_earlier = IsKnown(taken.first) && taken.first != format::VersionOf(taken.row);
      if (is_earlier) taken.row.set_first(format::ToUs(taken.first));
    }
    return taken.record ? visitor_.OnRecord(key, taken.row, *std::move(taken.record)) : visitor_.OnGone(key, taken.row);
  }

  absl::Status TakeNewest(golden::SourceIndex source, std::string_view key, Taken& taken) {
    if (taken.row.gone()) return absl::OkStatus();
    if (auto status = Prepare(Family::kRecords, source, key, taken.row, taken.record); !status.ok()) return status;
    taken.is_told = taken.record.has_value();
    taken.has_refused = !taken.is_told;
    if (taken.is_told)
      taken.first = format::VersionOf(taken.row);
    else
      taken.row = Gone(std::move(taken.row));
    return absl::OkStatus();
  }

  // Of a version whose content nobody knows any more it cannot be told whether it is the record, so nobody takes its
  // place.
  absl::Status TakeOlder(golden::SourceIndex source, std::string_view key, stored::Record version, Taken& taken) {
    std::optional<ingest::PreparedRecord> prepared;
    if (!version.gone()) {
      if (auto status = Prepare(Family::kVersions, source, key, version, prepared); !status.ok()) return status;
      if (!prepared) {
        taken.has_refused = true;
        return absl::OkStatus();
      }
    }
    if (const Time time = format::VersionOf(version); IsKnown(time)) taken.first = time;
    const bool is_record = !std::exchange(taken.is_told, true) && prepared;
    if (!is_record) return prepared ? visitor_.OnVersion(version, *prepared) : absl::OkStatus();
    if (taken.row.has_withdrawn()) version.set_withdrawn(taken.row.withdrawn());
    taken.row = std::move(version);
    taken.record = std::move(prepared);
    return absl::OkStatus();
  }

  absl::Status RecordAsOf(golden::SourceIndex source, std::string_view key, stored::Record row) {
    if (row.gone()) return absl::OkStatus();
    const auto versions = RecordVersions::Read(context_, rows_, source, key.substr(2), std::move(row));
    if (!versions.ok()) return versions.status();
    const std::optional<stored::Record> then = versions->AsOf(*as_of_);
    if (!then) return absl::OkStatus();
    std::optional<ingest::PreparedRecord> record;
    if (auto status = Prepare(Family::kRecords, source, key, *then, record); !status.ok()) return status;
    return record ? visitor_.OnRecord(key, *then, *std::move(record)) : absl::OkStatus();
  }

  // Nothing if it is refused, which the visitor is told.
  absl::Status Prepare(Family family, golden::SourceIndex source, std::string_view key, const stored::Record& row,
                       std::optional<ingest::PreparedRecord>& record) {
    auto prepared = preparer_.PrepareStoredRecord(source, std::string(key.substr(2)), row, derive_);
    if (auto* refused = std::get_if<ingest::Refused>(&prepared))
      return visitor_.OnRefused(family, key, row.SerializeAsString(), refused->reason);
    record = std::get<ingest::PreparedRecord>(std::move(prepared));
    return absl::OkStatus();
  }

  absl::Status Event(std::string_view key, std::string_view bytes) {
    if (as_of_ && IsAfter(key, *as_of_)) return absl::OkStatus();
    auto prepared = preparer_.PrepareStoredEvent(key, bytes, derive_);
    if (auto* refused = std::get_if<ingest::Refused>(&prepared))
      return visitor_.OnRefused(Family::kEvents, key, bytes, refused->reason);
    return visitor_.OnEvent(key, std::get<ingest::PreparedEvent>(std::move(prepared)));
  }

  static bool IsAfter(std::string_view event_key, Time time) {
    format::Decoder d(event_key);
    format::DecodeNode(d);
    return d.SortableTime() > time;
  }

  absl::Status Assertion(std::string_view key, std::string_view bytes) {
    stored::Assertion row;
    if (!format::ParseRow(bytes, row)) return visitor_.OnRefused(Family::kAssertions, key, bytes, "cannot be read");
    if (as_of_ ? !StandsAsOf(row, *as_of_) : row.has_retraction()) return absl::OkStatus();
    const auto assertion = ingest::PrepareStoredAssertion(context_, std::string(key), row, derive_);
    if (!assertion.ok())
      return visitor_.OnRefused(Family::kAssertions, key, bytes, std::string(assertion.status().message()));
    return visitor_.OnAssertion(*assertion);
  }

  const ingest::Context& context_;
  const Derive derive_;
  const graph::EvidenceSource& rows_;
  EvidenceVisitor& visitor_;
  const ingest::Preparer preparer_;
  std::optional<Time> as_of_;
};

}  // namespace

absl::Status ReplayEvidence(const ingest::Context& context, Derive derive, const store::Store& store,
                            const store::Store::Snapshot& snapshot, EvidenceVisitor& visitor) {
  const store::StoredEvidence rows(store, &snapshot);
  return Replay(context, derive, rows, visitor).Run();
}

bool StandsAsOf(const stored::Assertion& assertion, Time time) {
  const auto is_by_then = [&](const auto& said) { return !said.has_time() || format::ToTime(said.time()) <= time; };
  return is_by_then(assertion) && !(assertion.has_retraction() && is_by_then(assertion.retraction()));
}

absl::Status ReplayEvidenceAsOf(const ingest::Context& context, const graph::EvidenceSource& rows, Time time,
                                EvidenceVisitor& visitor) {
  Replay replay(context, Derive::kAsStored, rows, visitor);
  replay.SetTime(time);
  return replay.Run();
}

absl::Status GraphBuilder::OnRecord(std::string_view, const stored::Record& row, ingest::PreparedRecord record) {
  ++records_;
  if (record.item) items_.Put(Family::kItems, ingest::ItemKeyOf(context_, record), record.item->row);
  return graph::AddEvidence(row, std::move(record), graph_);
}

absl::Status GraphBuilder::OnEvent(std::string_view, ingest::PreparedEvent event) {
  ++events_;
  if (keeps_events_) {
    const format::NodeKey strongest = context_.KeyOf(event.identifiers.front());
    items_.Put(Family::kEvents,
               format::EventKey(strongest, event.time, context_.catalog.source_number(event.source), event.id),
               event.row);
  }
  return graph::AddEvidence(event, graph_);
}

absl::Status GraphBuilder::OnAssertion(const ingest::PreparedAssertion& assertion) {
  ++assertions_;
  return graph::AddEvidence(assertion, graph_);
}

}  // namespace kintsugi::admin
