// Applier: evidence that is taken back, people's decisions, and the history of what they did.

#include <algorithm>

#include "format/stored_rows.h"
#include "graph/add_evidence.h"
#include "ingest/assertion.h"
#include "kintsugi/history.h"
#include "write/apply.h"

namespace kintsugi::write {

using format::Family;
using format::ToTime;
using format::ToUs;
using format::VersionOf;

absl::StatusOr<Verdict> Applier::Decide(const Item& item, const Withdrawal& withdrawal) {
  switch (withdrawal.kind) {
    case Withdrawal::Kind::kEvent:
      return WithdrawEvent(item, withdrawal);
    case Withdrawal::Kind::kReadmittedEvent:
      return ReadmitEvent(item, withdrawal);
    case Withdrawal::Kind::kRecord:
      return WithdrawRecord(item, withdrawal);
    case Withdrawal::Kind::kQuarantined:
      break;
  }
  const auto removed = quarantine_.Remove(withdrawal.name);
  if (!removed.ok()) return removed.status();
  return *removed ? Verdict::kAccepted : Verdict::kDuplicate;
}

// ---- events

absl::StatusOr<Verdict> Applier::WithdrawEvent(const Item& item, const Withdrawal& withdrawal) {
  const uint16_t source = context_.catalog.source_number(item.source);
  auto known = Known(Family::kMessages, format::SourceKey(source, withdrawal.name));
  if (!known.ok()) return known.status();
  if (!(*known)->bytes) return Verdict::kDuplicate;
  stored::Message message;
  if (!format::ParseRow(*(*known)->bytes, message)) return format::DamagedRow(Family::kMessages);
  const bool is_there = !message.withdrawn();
  if (is_there) {
    uint16_t position = 0;
    if (!context_.catalog.Find(static_cast<uint16_t>(message.strongest().ns()), position))
      return format::DamagedRow(Family::kMessages);
    const identity::Node strongest{position, message.strongest().value()};
    withdrawn_[strongest].emplace(
        format::EventKey(context_.KeyOf(strongest), ToTime(message.time()), source, withdrawal.name),
        static_cast<uint32_t>(causes_.size() - 1));
    counters_.set_events(counters_.events() - 1);
  }
  if (withdrawal.forget) {
    (*known)->Set(std::nullopt);
  } else {
    message.Clear();
    message.set_withdrawn(true);
    (*known)->Set(message.SerializeAsString());
  }
  return is_there ? Verdict::kAccepted : Verdict::kDuplicate;
}

absl::StatusOr<Verdict> Applier::ReadmitEvent(const Item& item, const Withdrawal& withdrawal) {
  const uint16_t source = context_.catalog.source_number(item.source);
  auto known = Known(Family::kMessages, format::SourceKey(source, withdrawal.name));
  if (!known.ok()) return known.status();
  stored::Message message;
  if (!(*known)->bytes) return Verdict::kDuplicate;
  if (!format::ParseRow(*(*known)->bytes, message)) return format::DamagedRow(Family::kMessages);
  if (!message.withdrawn()) return Verdict::kDuplicate;
  (*known)->Set(std::nullopt);
  return Verdict::kAccepted;
}

// Times are minima and maxima, and those of what is left cannot be told from those of all: so the events that the
// identifier still has say everything again.
absl::Status Applier::RereadEvents() {
  for (const auto& [strongest, keys] : withdrawn_) {
    absl::btree_map<std::vector<identity::Node>, std::vector<graph::Sighting>> seen;
    std::vector<golden::Observation> observations;
    absl::btree_map<uint32_t, std::vector<identity::Node>> gone;  // by cause
    const auto scanned = store_.Scan(
        Family::kEvents, format::EventPrefix(context_.KeyOf(strongest)),
        [&](std::string_view key, std::string_view row) {
          const auto withdrawn = keys.find(std::string(key));
          // A source that goes is the cause of all; which of its events did what nobody asks.
          if (withdrawn != keys.end() && std::get<Withdrawal>(causes_[withdrawn->second]->evidence).forget) {
            graph_.BeginCause(withdrawn->second);
            return absl::OkStatus();
          }
          auto event = preparer_.PrepareStoredEvent(key, row, ingest::Preparer::Derive::kAsStored);
          auto* ok = std::get_if<ingest::PreparedEvent>(&event);
          if (ok == nullptr) return format::DamagedRow(Family::kEvents);
          if (withdrawn != keys.end()) {
            gone.emplace(withdrawn->second, std::move(ok->identifiers));
            return absl::OkStatus();
          }
          Add(seen[std::move(ok->identifiers)], {ok->source, ok->time, ok->time, 1});
          context_.golden_rules.AddObservations(observations, ok->observations, [](const golden::Observation&) {});
          return absl::OkStatus();
        });
    if (!scanned.ok()) return scanned;
    for (const auto& [cause, identifiers] : gone) {
      graph_.BeginCause(cause);
      if (auto status = graph_.NoteWithdrawn(identifiers); !status.ok()) return status;
    }
    std::vector<graph::Seen> said;
    for (auto& [identifiers, sightings] : seen) said.push_back({identifiers, std::move(sightings)});
    if (auto status = graph_.ReplaceEvents(strongest, said, std::move(observations)); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// ---- records

absl::StatusOr<Verdict> Applier::WithdrawRecord(const Item& item, const Withdrawal& withdrawal) {
  const uint16_t source = context_.catalog.source_number(item.source);
  auto known = Known(Family::kRecords, format::SourceKey(source, withdrawal.name));
  if (!known.ok()) return known.status();
  stored::Record before;
  before.set_gone(true);
  const bool is_known = (*known)->bytes.has_value();
  if (is_known && !format::ParseRow(*(*known)->bytes, before)) return format::DamagedRow(Family::kRecords);

  stored::Record now = before;
  Time up_to = IsKnown(withdrawal.version) ? withdrawal.version : VersionOf(before);
  if (before.gone() && before.has_first() && !IsKnown(withdrawal.version)) {
    // Another schema refused its newest version, and the others wait for it.
    const auto newest = NewestVersion(item.source, withdrawal.name);
    if (!newest.ok()) return newest.status();
    up_to = newest->value_or(up_to);
  }
  if (IsKnown(up_to) && (!before.has_withdrawn() || up_to > ToTime(before.withdrawn()))) now.set_withdrawn(ToUs(up_to));
  const auto first = DropVersions(item.source, withdrawal.name, withdrawal.forget ? kNeverFirst : up_to);
  if (!first.ok()) return first.status();
  now.clear_first();
  if (VersionOf(before) <= up_to) {
    now.clear_version();
    now.clear_extracted();
    now.clear_content();
    now.clear_identifiers();
    now.set_gone(true);
  }
  // (A record that is gone may have versions all the same: those of one that another schema refused.)
  if (*first && (now.gone() || **first < VersionOf(now))) now.set_first(ToUs(**first));
  if (withdrawal.forget)
    (*known)->Set(std::nullopt);
  else if (is_known || now.has_withdrawn())
    (*known)->Set(now.SerializeAsString());
  if (now.gone() && !before.gone()) counters_.set_records(counters_.records() - 1);
  if (auto status = UpdateGraph(item.source, withdrawal.name, before, now, nullptr); !status.ok()) return status;
  return before.gone() || !now.gone() ? Verdict::kDuplicate : Verdict::kAccepted;
}

// ---- assertions

absl::StatusOr<Verdict> Applier::Decide(const Item&, const ingest::PreparedAssertion& assertion) {
  auto known = Known(Family::kAssertions, assertion.id);
  if (!known.ok()) return known.status();
  if ((*known)->bytes) return Verdict::kDuplicate;
  (*known)->Set(assertion.row);
  counters_.set_assertions(counters_.assertions() + 1);
  if (auto status = graph::AddEvidence(assertion, graph_); !status.ok()) return status;
  return Verdict::kAccepted;
}

absl::StatusOr<Verdict> Applier::Decide(const Item&, const ingest::PreparedRetraction& retraction) {
  auto known = Known(Family::kAssertions, retraction.id);
  if (!known.ok()) return known.status();
  stored::Assertion row;
  if (!(*known)->bytes) return Verdict::kDuplicate;
  if (!format::ParseRow(*(*known)->bytes, row)) return format::DamagedRow(Family::kAssertions);
  if (row.has_retraction()) return Verdict::kDuplicate;
  *row.mutable_retraction() = retraction.row;
  (*known)->Set(row.SerializeAsString());
  counters_.set_assertions(counters_.assertions() - 1);
  const auto assertion =
      ingest::PrepareStoredAssertion(context_, retraction.id, row, ingest::Preparer::Derive::kAsStored);
  if (!assertion.ok()) return absl::DataLossError("a stored assertion cannot be read");
  if (auto status = graph_.RemoveAssertion(assertion->a, assertion->b, retraction.id); !status.ok()) return status;
  return Verdict::kAccepted;
}

// ---- history

namespace {

struct ToCause {
  const ingest::Context& context;
  const Item& item;

  stored::Change::Cause Of(Cause::Kind kind, const std::string& id, bool has_source) const {
    stored::Change::Cause cause;
    cause.set_kind(static_cast<uint32_t>(kind));
    if (has_source) cause.set_source(context.catalog.source_number(item.source) + 1u);
    cause.set_id(id);
    return cause;
  }
  stored::Change::Cause operator()(const ingest::PreparedEvent& e) const { return Of(Cause::Kind::kEvent, e.id, true); }
  stored::Change::Cause operator()(const ingest::PreparedRecord& r) const {
    return Of(Cause::Kind::kRecord, r.key, true);
  }
  stored::Change::Cause operator()(const ingest::Refused&) const { return {}; }  // touches nothing
  stored::Change::Cause operator()(const Withdrawal& w) const {
    if (w.forget) return Of(Cause::Kind::kWithdrawnSource, "", true);
    const bool is_record = w.kind == Withdrawal::Kind::kRecord;
    return Of(is_record ? Cause::Kind::kWithdrawnRecord : Cause::Kind::kWithdrawnEvent, w.name, true);
  }
  stored::Change::Cause operator()(const ingest::PreparedAssertion& a) const {
    const bool never = a.kind == identity::Assertion::Kind::kNever;
    return Of(never ? Cause::Kind::kNever : Cause::Kind::kSame, a.id, false);
  }
  stored::Change::Cause operator()(const ingest::PreparedRetraction& r) const {
    return Of(Cause::Kind::kRetraction, r.id, false);
  }
};

}  // namespace

stored::Change::Cause Applier::CauseOf(uint32_t cause) const {
  return std::visit(ToCause{context_, *causes_[cause]}, causes_[cause]->evidence);
}

}  // namespace kintsugi::write
