// Engine::Verify: the stored state against a full recomputation from the evidence.

#include <fmt/format.h>

#include <map>

#include "engine/assertions.h"
#include "engine/graph.h"
#include "engine/impl.h"
#include "storage/stored_time.h"

namespace kintsugi {
namespace {

using storage::Family;

// The families that are a function of the evidence, in the order in which differences are told.
constexpr std::pair<Family, const char*> kDerived[] = {{Family::kIdentifiers, "identifiers"},
                                                       {Family::kProfiles, "profiles"},
                                                       {Family::kEvidence, "evidence"},
                                                       {Family::kCrossings, "crossings"},
                                                       {Family::kAsserted, "asserted"}};
constexpr size_t kMaxDifferences = 1000;

class Collector : public engine::RowSink {
 public:
  void Put(Family family, std::string_view key, std::string_view value) override {
    rows_[family][std::string(key)] = value;
  }
  void Delete(Family, std::string_view) override {}  // nothing was there before
  const std::map<std::string, std::string>& rows(Family family) { return rows_[family]; }

 private:
  std::map<Family, std::map<std::string, std::string>> rows_;
};

std::string Printable(std::string_view key) {
  std::string out;
  for (const char c : key)
    out += c >= 0x20 && c < 0x7f ? std::string(1, c) : fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
  return out;
}

// Verifier recomputes everything from `records` and `events` in one go.
class Verifier {
 public:
  Verifier(const engine::Context& context, const storage::Store& store, const ingest::Preparer& preparer)
      : context_(context), store_(store), preparer_(preparer), snapshot_(store), graph_(context, {}) {}

  absl::StatusOr<std::vector<std::string>> Run() {
    if (auto status = AddRecords(); !status.ok()) return status;
    if (auto status = AddEvents(); !status.ok()) return status;
    if (auto status = AddAssertions(); !status.ok()) return status;
    Collector expected;
    engine::Outcome counts;
    if (auto status = graph_.Finish(expected, counts); !status.ok()) return status;
    for (const auto& [family, name] : kDerived) {
      if (auto status = Compare(family, name, expected.rows(family)); !status.ok()) return status;
    }
    // From the snapshot, too: a writer may go on meanwhile.
    const auto row = store_.Get(Family::kMeta, "counters", &snapshot_);
    if (!row.ok()) return row.status();
    if (*row && !counters_.ParseFromString(**row)) Report("counters: damaged");
    CompareCount("profiles", counters_.profiles(), counts.profiles);
    CompareCount("identifiers", counters_.identifiers(), counts.identifiers);
    CompareCount("associations", counters_.associations(), counts.associations);
    CompareCount("records", counters_.records(), records_);
    CompareCount("events", counters_.events(), events_);
    CompareCount("assertions", counters_.assertions(), assertions_);
    return std::move(differences_);
  }

 private:
  void Report(std::string difference) {
    if (differences_.size() < kMaxDifferences) differences_.push_back(std::move(difference));
  }

  void CompareCount(std::string_view what, uint64_t stored, uint64_t expected) {
    if (stored != expected) Report(fmt::format("counters: {} {} stored, {} expected", stored, what, expected));
  }

  absl::Status AddRecords() {
    absl::Status status;
    const auto scanned = store_.Scan(
        Family::kRecords, "",
        [&](std::string_view key, std::string_view bytes) {
          storage::Decoder d(key);
          golden::SourceIndex source = 0;
          stored::Record row;
          if (!context_.catalog.FindSource(d.Big16(), source) ||
              !row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
            Report(fmt::format("records: {} cannot be read", Printable(key)));
            return true;
          }
          if (row.gone()) return true;
          ++records_;
          const Time version = storage::VersionOf(row);
          const auto prepared = preparer_.PrepareStoredRecord(source, std::string(d.rest()), version, row.content());
          if (const auto* record = std::get_if<ingest::PreparedRecord>(&prepared)) {
            status = graph_.AddSighting(record->identifiers, {source, storage::FirstVersionOf(row), version, 1});
            if (status.ok()) status = graph_.SetObservations(record->identifiers.back(), record->observations);
          } else {
            Report(fmt::format("records: {}: {}", Printable(key), std::get<ingest::Refused>(prepared).reason));
          }
          return status.ok();
        },
        &snapshot_);
    return scanned.ok() ? status : scanned;
  }

  absl::Status AddEvents() {
    absl::Status status;
    const auto scanned = store_.Scan(
        Family::kEvents, "",
        [&](std::string_view key, std::string_view row) {
          ++events_;
          const auto prepared = preparer_.PrepareStoredEvent(key, row);
          if (const auto* event = std::get_if<ingest::PreparedEvent>(&prepared)) {
            status = graph_.AddSighting(event->identifiers, {event->source, event->time, event->time, 1});
            if (status.ok()) status = graph_.AddObservations(event->identifiers.front(), event->observations);
            if (status.ok()) status = CheckMessage(*event);
          } else {
            Report(fmt::format("events: {}: {}", Printable(key), std::get<ingest::Refused>(prepared).reason));
          }
          return status.ok();
        },
        &snapshot_);
    return scanned.ok() ? status : scanned;
  }

  absl::Status AddAssertions() {
    absl::Status status;
    const auto scanned = store_.Scan(
        Family::kAssertions, "",
        [&](std::string_view id, std::string_view bytes) {
          stored::Assertion row;
          if (!row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
            Report(fmt::format("assertions: {} cannot be read", Printable(id)));
            return true;
          }
          if (row.has_retraction()) return true;
          ++assertions_;
          const auto assertion = engine::PrepareStoredAssertion(context_, std::string(id), row);
          if (assertion.ok())
            status = graph_.AddAssertion(assertion->kind, assertion->a, assertion->b, assertion->id);
          else
            Report(fmt::format("assertions: {}: {}", Printable(id), std::string(assertion.status().message())));
          return status.ok();
        },
        &snapshot_);
    return scanned.ok() ? status : scanned;
  }

  // Without its message an event would be applied twice.
  absl::Status CheckMessage(const ingest::PreparedEvent& event) {
    const std::string key = storage::SourceKey(context_.catalog.source_number(event.source), event.id);
    const auto row = store_.Get(Family::kMessages, key, &snapshot_);
    if (!row.ok()) return row.status();
    stored::Message message;
    if (!*row || !message.ParseFromString(**row)) {
      Report(fmt::format("messages: {} is missing", Printable(key)));
    } else if (message.fingerprint() != event.fingerprint) {
      Report(fmt::format("messages: {} differs", Printable(key)));
    }
    return absl::OkStatus();
  }

  absl::Status Compare(Family family, std::string_view name, const std::map<std::string, std::string>& expected) {
    auto next = expected.begin();
    const auto missing_before = [&](std::string_view key) {
      for (; next != expected.end() && next->first < key; ++next)
        Report(fmt::format("{}: {} is missing", name, Printable(next->first)));
    };
    const auto status = store_.Scan(
        family, "",
        [&](std::string_view key, std::string_view value) {
          missing_before(key);
          if (next == expected.end() || next->first != key) {
            Report(fmt::format("{}: {} should not be there", name, Printable(key)));
            return true;
          }
          if (next->second != value) Report(fmt::format("{}: {} differs", name, Printable(key)));
          ++next;
          return true;
        },
        &snapshot_);
    for (; next != expected.end(); ++next) Report(fmt::format("{}: {} is missing", name, Printable(next->first)));
    return status;
  }

  const engine::Context& context_;
  const storage::Store& store_;
  const ingest::Preparer& preparer_;
  const storage::Store::Snapshot snapshot_;
  engine::Graph graph_;
  stored::Counters counters_;
  std::vector<std::string> differences_;
  uint64_t records_ = 0;
  uint64_t events_ = 0;
  uint64_t assertions_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<std::string>> Engine::Verify() const {
  return Verifier(impl_->context(), impl_->store(), impl_->preparer()).Run();
}

}  // namespace kintsugi
