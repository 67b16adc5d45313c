#include "admin/replay.h"

#include "format/stored_rows.h"
#include "ingest/assertion.h"

namespace kintsugi::admin {
namespace {

using format::Family;

// One pass over the families that hold evidence.
class Replay {
 public:
  Replay(const ingest::Context& context, Derive derive, EvidenceVisitor& visitor)
      : context_(context), derive_(derive), visitor_(visitor), preparer_(context) {}

  absl::Status Record(std::string_view key, std::string_view bytes) {
    format::Decoder d(key);
    golden::SourceIndex source = 0;
    stored::Record row;
    if (!context_.catalog.FindSource(d.Big16(), source) || !format::ParseRow(bytes, row))
      return visitor_.OnRefused(Family::kRecords, key, bytes, "cannot be read");
    if (row.gone()) return absl::OkStatus();
    auto prepared = preparer_.PrepareStoredRecord(source, std::string(d.rest()), row, derive_);
    if (auto* refused = std::get_if<ingest::Refused>(&prepared))
      return visitor_.OnRefused(Family::kRecords, key, bytes, refused->reason);
    return visitor_.OnRecord(key, row, std::get<ingest::PreparedRecord>(std::move(prepared)));
  }

  absl::Status Event(std::string_view key, std::string_view bytes) {
    auto prepared = preparer_.PrepareStoredEvent(key, bytes, derive_);
    if (auto* refused = std::get_if<ingest::Refused>(&prepared))
      return visitor_.OnRefused(Family::kEvents, key, bytes, refused->reason);
    return visitor_.OnEvent(key, std::get<ingest::PreparedEvent>(std::move(prepared)));
  }

  absl::Status Assertion(std::string_view key, std::string_view bytes) {
    stored::Assertion row;
    if (!format::ParseRow(bytes, row)) return visitor_.OnRefused(Family::kAssertions, key, bytes, "cannot be read");
    if (row.has_retraction()) return absl::OkStatus();
    const auto assertion = ingest::PrepareStoredAssertion(context_, std::string(key), row, derive_);
    if (!assertion.ok())
      return visitor_.OnRefused(Family::kAssertions, key, bytes, std::string(assertion.status().message()));
    return visitor_.OnAssertion(*assertion);
  }

 private:
  const ingest::Context& context_;
  const Derive derive_;
  EvidenceVisitor& visitor_;
  const ingest::Preparer preparer_;
};

}  // namespace

absl::Status ReplayEvidence(const ingest::Context& context, Derive derive, const store::Store& store,
                            const store::Store::Snapshot& snapshot, EvidenceVisitor& visitor) {
  Replay replay(context, derive, visitor);
  const auto scan = [&](Family family, absl::Status (Replay::*take)(std::string_view, std::string_view)) {
    return store.Scan(
        family, "", [&](std::string_view key, std::string_view row) { return (replay.*take)(key, row); }, &snapshot);
  };
  if (auto status = scan(Family::kRecords, &Replay::Record); !status.ok()) return status;
  if (auto status = scan(Family::kEvents, &Replay::Event); !status.ok()) return status;
  return scan(Family::kAssertions, &Replay::Assertion);
}

absl::Status GraphBuilder::OnRecord(std::string_view, const stored::Record& row, ingest::PreparedRecord record) {
  ++records_;
  return graph::AddEvidence(row, std::move(record), graph_);
}

absl::Status GraphBuilder::OnEvent(std::string_view, ingest::PreparedEvent event) {
  ++events_;
  return graph::AddEvidence(event, graph_);
}

absl::Status GraphBuilder::OnAssertion(const ingest::PreparedAssertion& assertion) {
  ++assertions_;
  return graph::AddEvidence(assertion, graph_);
}

}  // namespace kintsugi::admin
