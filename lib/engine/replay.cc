#include "engine/replay.h"

#include "engine/assertions.h"
#include "storage/stored_time.h"

namespace kintsugi::engine {
namespace {

using storage::Family;

// One pass over the families that hold evidence.
class Replay {
 public:
  Replay(const Context& context, Derive derive, EvidenceVisitor& visitor)
      : context_(context),
        derive_(derive),
        visitor_(visitor),
        preparer_(context.schema, context.catalog, context.normalizers, context.golden_rules, context.identity_rules,
                  context.contents) {}

  absl::Status Record(std::string_view key, std::string_view bytes) {
    storage::Decoder d(key);
    golden::SourceIndex source = 0;
    stored::Record row;
    if (!context_.catalog.FindSource(d.Big16(), source) ||
        !row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
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
    if (!row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
      return visitor_.OnRefused(Family::kAssertions, key, bytes, "cannot be read");
    if (row.has_retraction()) return absl::OkStatus();
    const auto assertion = PrepareStoredAssertion(context_, std::string(key), row, derive_);
    if (!assertion.ok())
      return visitor_.OnRefused(Family::kAssertions, key, bytes, std::string(assertion.status().message()));
    return visitor_.OnAssertion(*assertion);
  }

 private:
  const Context& context_;
  const Derive derive_;
  EvidenceVisitor& visitor_;
  const ingest::Preparer preparer_;
};

}  // namespace

absl::Status ReplayEvidence(const Context& context, Derive derive, const storage::Store& store,
                            const storage::Store::Snapshot& snapshot, EvidenceVisitor& visitor) {
  Replay replay(context, derive, visitor);
  const auto scan = [&](Family family, absl::Status (Replay::*take)(std::string_view, std::string_view)) {
    absl::Status status;
    const auto scanned = store.Scan(
        family, "",
        [&](std::string_view key, std::string_view row) {
          status = (replay.*take)(key, row);
          return status.ok();
        },
        &snapshot);
    return status.ok() ? scanned : status;
  };
  if (auto status = scan(Family::kRecords, &Replay::Record); !status.ok()) return status;
  if (auto status = scan(Family::kEvents, &Replay::Event); !status.ok()) return status;
  return scan(Family::kAssertions, &Replay::Assertion);
}

void SetIdentifiers(const Context& context, const ingest::PreparedRecord& record, stored::Record& row) {
  row.clear_identifiers();
  for (size_t i = 0; i + 1 < record.identifiers.size(); ++i) {  // the last is the record's own
    auto* identifier = row.add_identifiers();
    identifier->set_ns(context.catalog.number(record.identifiers[i].ns));
    identifier->set_value(record.identifiers[i].value);
  }
}

absl::Status Add(const stored::Record& row, ingest::PreparedRecord record, Graph& graph) {
  const Sighting sighting{record.source, storage::FirstVersionOf(row), record.version, 1};
  if (auto status = graph.AddSighting(record.identifiers, sighting); !status.ok()) return status;
  return graph.SetObservations(record.identifiers.back(), std::move(record.observations));
}

absl::Status Add(const ingest::PreparedEvent& event, Graph& graph) {
  const Sighting sighting{event.source, event.time, event.time, 1};
  if (auto status = graph.AddSighting(event.identifiers, sighting); !status.ok()) return status;
  return graph.AddObservations(event.identifiers.front(), event.observations);
}

absl::Status Add(const PreparedAssertion& assertion, Graph& graph) {
  return graph.AddAssertion(assertion.kind, assertion.a, assertion.b, assertion.id);
}

absl::Status GraphBuilder::OnRecord(std::string_view, const stored::Record& row, ingest::PreparedRecord record) {
  ++records_;
  return Add(row, std::move(record), graph_);
}

absl::Status GraphBuilder::OnEvent(std::string_view, ingest::PreparedEvent event) {
  ++events_;
  return Add(event, graph_);
}

absl::Status GraphBuilder::OnAssertion(const PreparedAssertion& assertion) {
  ++assertions_;
  return Add(assertion, graph_);
}

}  // namespace kintsugi::engine
