#include "engine/apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "engine/batch_rows.h"
#include "engine/replay.h"
#include "golden/value_codec.h"
#include "storage/stored_time.h"

namespace kintsugi::engine {
namespace {

using identity::Node;
using storage::Family;
using storage::FirstVersionOf;
using storage::ToTime;
using storage::ToUs;
using storage::VersionOf;

// Where an item came from, for people.
std::string PlaceOf(const Context& context, const Item& item) {
  const std::string& source = context.schema.sources[item.source].name;
  if (item.origin.row != nullptr && !item.origin.row->file.empty())
    return fmt::format("{}, {}:{}", source, item.origin.row->file, item.origin.row->line);
  if (item.origin.event != nullptr) return fmt::format("{}, event `{}`", source, item.origin.event->id);
  if (item.origin.record != nullptr) return fmt::format("{}, record `{}`", source, item.origin.record->key);
  return source;
}

// Notes the time of a version that is not the newest; false if it is known.
bool AddEarlier(Time version, stored::Record& record) {
  auto* earlier = record.mutable_earlier();
  const auto at = std::lower_bound(earlier->begin(), earlier->end(), ToUs(version));
  if (at != earlier->end() && *at == ToUs(version)) return false;
  const int index = static_cast<int>(at - earlier->begin());
  earlier->Add(ToUs(version));
  std::rotate(earlier->begin() + index, earlier->end() - 1, earlier->end());
  return true;
}

}  // namespace

Applier::Applier(const Context& context, const storage::Store& store, const stored::Counters& counters)
    : context_(context),
      store_(store),
      preparer_(context.schema, context.catalog, context.normalizers, context.golden_rules, context.identity_rules),
      graph_(context, {.store = &store, .has_assertions = counters.assertions() > 0}),
      quarantine_(context, store),
      counters_(counters) {}

absl::Status Applier::Prefetch(std::span<const Item> items) {
  if (items.size() < 2) return absl::OkStatus();
  std::vector<std::string> messages;
  std::vector<std::string> records;
  for (const Item& item : items) {
    const uint16_t source = context_.catalog.source_number(item.source);
    if (const auto* event = std::get_if<ingest::PreparedEvent>(&item.evidence)) {
      messages.push_back(storage::SourceKey(source, event->id));
    } else if (const auto* record = std::get_if<ingest::PreparedRecord>(&item.evidence)) {
      records.push_back(storage::SourceKey(source, record->key));
    }
  }
  for (auto* keys : {&messages, &records}) {
    const Family family = keys == &messages ? Family::kMessages : Family::kRecords;
    auto rows = store_.GetMany(family, *keys);
    if (!rows.ok()) return rows.status();
    for (size_t i = 0; i < keys->size(); ++i) {
      RowsOf(family).try_emplace(std::move((*keys)[i]), Row{std::move((*rows)[i])});
    }
  }
  return absl::OkStatus();
}

Applier::Rows& Applier::RowsOf(Family family) {
  return rows_[static_cast<size_t>(family)];
}

absl::StatusOr<Applier::Row*> Applier::Known(Family family, const std::string& key) {
  Rows& rows = RowsOf(family);
  if (const auto at = rows.find(key); at != rows.end()) return &at->second;
  auto row = store_.Get(family, key);
  if (!row.ok()) return row.status();
  return &rows.emplace(key, Row{*std::move(row)}).first->second;
}

absl::Status Applier::Apply(std::span<const Item> items, std::vector<Verdict>& verdicts,
                            std::vector<std::string>& reasons) {
  reasons_ = &reasons;
  if (auto status = Prefetch(items); !status.ok()) return status;
  for (const Item& item : items) {
    graph_.BeginCause(static_cast<uint32_t>(causes_.size()));
    causes_.push_back(&item);
    const absl::StatusOr<Verdict> verdict =
        std::visit([&](const auto& evidence) { return Decide(item, evidence); }, item.evidence);
    if (!verdict.ok()) return verdict.status();
    if (item.replayed != nullptr && *verdict != Verdict::kQuarantined) {
      if (auto status = quarantine_.Leave(item); !status.ok()) return status;
    }
    Count(item, *verdict);
    verdicts.push_back(*verdict);
  }
  return absl::OkStatus();
}

absl::StatusOr<Verdict> Applier::Decide(const Item& item, const ingest::PreparedEvent& event) {
  const uint16_t source = context_.catalog.source_number(event.source);
  auto known = Known(Family::kMessages, storage::SourceKey(source, event.id));
  if (!known.ok()) return known.status();
  stored::Message message;
  if ((*known)->bytes) {
    if (!message.ParseFromString(*(*known)->bytes)) return absl::DataLossError("a damaged row in `messages`");
    if (message.withdrawn() || message.fingerprint() == event.fingerprint) return Verdict::kDuplicate;
    return Quarantine(
        item, fmt::format("the message id `{}` is taken by an event with other content; the first stays", event.id));
  }
  const Node& strongest = event.identifiers.front();
  message.set_fingerprint(event.fingerprint);
  message.set_time(ToUs(event.time));
  message.mutable_strongest()->set_ns(context_.catalog.number(strongest.ns));
  message.mutable_strongest()->set_value(strongest.value);
  (*known)->Set(message.SerializeAsString());
  events_.emplace_back(storage::EventKey(context_.KeyOf(strongest), event.time, source, event.id), event.row);
  counters_.set_events(counters_.events() + 1);

  if (auto status = Add(event, graph_); !status.ok()) return status;
  return Verdict::kAccepted;
}

// The newest version counts; of two with one time, the one with the larger bytes. Without times the last to
// arrive is the newest. Versions that were withdrawn do not come back.
absl::StatusOr<Verdict> Applier::Decide(const Item&, const ingest::PreparedRecord& record) {
  const uint16_t source = context_.catalog.source_number(record.source);
  auto known = Known(Family::kRecords, storage::SourceKey(source, record.key));
  if (!known.ok()) return known.status();
  stored::Record before;
  before.set_gone(true);
  if ((*known)->bytes && !before.ParseFromString(*(*known)->bytes))
    return absl::DataLossError("a damaged row in `records`");

  const bool is_timed = IsKnown(record.version);
  if (is_timed && before.has_withdrawn() && record.version <= ToTime(before.withdrawn())) return Verdict::kDuplicate;
  const Time version = VersionOf(before);
  stored::Record now = before;
  if (before.gone() || record.version > version ||
      (record.version == version &&
       (is_timed ? record.content > before.content() : record.content != before.content()))) {
    if (IsKnown(version) && record.version != version) AddEarlier(version, now);
    if (is_timed) now.set_version(ToUs(record.version));
    now.set_content(record.content);
    now.clear_gone();
  } else if (!is_timed || record.version == version || !AddEarlier(record.version, now)) {
    return Verdict::kDuplicate;
  }
  if (before.gone()) counters_.set_records(counters_.records() + 1);
  (*known)->Set(now.SerializeAsString());
  const bool is_newest = now.content() == record.content && VersionOf(now) == record.version;
  if (auto status = Resay(record.source, record.key, before, now, is_newest ? &record : nullptr); !status.ok())
    return status;
  return Verdict::kAccepted;
}

absl::StatusOr<ingest::PreparedRecord> Applier::Current(golden::SourceIndex source, const std::string& key,
                                                        const stored::Record& stored) const {
  auto prepared = preparer_.PrepareStoredRecord(source, key, VersionOf(stored), stored.content());
  if (auto* record = std::get_if<ingest::PreparedRecord>(&prepared)) return std::move(*record);
  return absl::DataLossError("a stored record cannot be read");
}

absl::Status Applier::Resay(golden::SourceIndex source, const std::string& key, const stored::Record& before,
                            const stored::Record& now, const ingest::PreparedRecord* given) {
  const bool same_content = !before.gone() && !now.gone() && before.content() == now.content();
  const Time first = FirstVersionOf(now);
  if (same_content && VersionOf(before) == VersionOf(now)) {
    if (FirstVersionOf(before) == first) return absl::OkStatus();
    const auto record = Current(source, key, now);
    if (!record.ok()) return record.status();
    if (first < FirstVersionOf(before)) return graph_.AddSighting(record->identifiers, {source, first, kNeverLast, 0});
  }
  if (!before.gone()) {
    const auto old = Current(source, key, before);
    if (!old.ok()) return old.status();
    if (auto status = graph_.WithdrawSightings(old->identifiers, source); !status.ok()) return status;
    if (auto status = graph_.SetObservations(old->identifiers.back(), {}); !status.ok()) return status;
  }
  if (now.gone()) return absl::OkStatus();
  if (given != nullptr) return Add(now, *given, graph_);
  auto record = Current(source, key, now);
  if (!record.ok()) return record.status();
  return Add(now, *std::move(record), graph_);
}

absl::StatusOr<Verdict> Applier::Decide(const Item& item, const ingest::Refused& refused) {
  return Quarantine(item, refused.reason);
}

absl::StatusOr<Verdict> Applier::Quarantine(const Item& item, std::string_view reason) {
  if (auto status = quarantine_.Refuse(item, reason); !status.ok()) return status;
  if (reasons_->size() < kFirstReasons) reasons_->push_back(fmt::format("{}: {}", PlaceOf(context_, item), reason));
  return Verdict::kQuarantined;
}

void Applier::Count(const Item& item, Verdict verdict) {
  const bool is_row = std::holds_alternative<ingest::PreparedEvent>(item.evidence) ||
                      std::holds_alternative<ingest::PreparedRecord>(item.evidence) ||
                      std::holds_alternative<ingest::Refused>(item.evidence);
  if (!is_row) return;  // a person's decision
  const uint32_t number = context_.catalog.source_number(item.source);
  stored::Counters::Source* source = nullptr;
  for (auto& known : *counters_.mutable_sources()) {
    if (known.source() == number) source = &known;
  }
  if (source == nullptr) {
    source = counters_.add_sources();
    source->set_source(number);
  }
  if (verdict == Verdict::kDuplicate) source->set_duplicates(source->duplicates() + 1);
  if (verdict == Verdict::kQuarantined) source->set_quarantined(source->quarantined() + 1);
  if (verdict != Verdict::kAccepted) return;
  source->set_accepted(source->accepted() + 1);
  const auto count = [&](const std::vector<ingest::LeftOut>& left_out) {
    for (const ingest::LeftOut& one : left_out) {
      const std::string what =
          fmt::format("{}: {}", context_.schema.namespaces[one.ns].name, normalize::ToString(one.refusal));
      ++(*source->mutable_refused_identifiers())[what];
    }
  };
  if (const auto* event = std::get_if<ingest::PreparedEvent>(&item.evidence)) count(event->left_out);
  if (const auto* record = std::get_if<ingest::PreparedRecord>(&item.evidence)) count(record->left_out);
}

absl::StatusOr<stored::Counters> Applier::Finish(storage::Batch& batch, Time now) {
  if (auto status = RereadEvents(); !status.ok()) return status;
  BatchRows sink(batch);
  Outcome outcome;
  if (auto status = graph_.Finish(sink, outcome); !status.ok()) return status;
  std::sort(events_.begin(), events_.end());  // neighbours are written faster than keys here and there
  for (const auto& [key, row] : events_) sink.Put(Family::kEvents, key, row);
  for (const auto& [strongest, keys] : withdrawn_) {
    for (const auto& [key, cause] : keys) sink.Delete(Family::kEvents, key);
  }
  for (size_t family = 0; family < rows_.size(); ++family) {
    for (const auto& [key, row] : rows_[family]) {
      if (!row.changed) continue;
      if (row.bytes)
        sink.Put(static_cast<Family>(family), key, *row.bytes);
      else
        sink.Delete(static_cast<Family>(family), key);
    }
  }
  quarantine_.Finish(sink);
  if (IsKnown(now)) NoteChanges(outcome, now, sink);
  counters_.set_quarantined(counters_.quarantined() + quarantine_.growth());
  counters_.set_profiles(counters_.profiles() + outcome.profiles);
  counters_.set_identifiers(counters_.identifiers() + outcome.identifiers);
  counters_.set_associations(counters_.associations() + outcome.associations);
  batch.Put(Family::kMeta, "counters", counters_.SerializeAsString());
  return counters_;
}

}  // namespace kintsugi::engine
