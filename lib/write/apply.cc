#include "write/apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "format/evidence_codec.h"
#include "format/stored_rows.h"
#include "graph/add_evidence.h"
#include "ingest/evidence_rows.h"
#include "write/batch_rows.h"
#include "write/counters.h"
#include "write/newer_version.h"

namespace kintsugi::write {
namespace {

using format::ExtractedOf;
using format::Family;
using format::FirstVersionOf;
using format::ToTime;
using format::ToUs;
using format::VersionOf;
using identity::Node;

// Where an item came from, for people.
std::string PlaceOf(const ingest::Context& context, const Item& item) {
  const std::string& source = context.schema.sources[item.source].name;
  if (item.origin.row != nullptr && !item.origin.row->file.empty())
    return fmt::format("{}, {}:{}", source, item.origin.row->file, item.origin.row->line);
  if (item.origin.event != nullptr) return fmt::format("{}, event `{}`", source, item.origin.event->id);
  if (item.origin.record != nullptr) return fmt::format("{}, record `{}`", source, item.origin.record->key);
  return source;
}

}  // namespace

Applier::Applier(const ingest::Context& context, const living::Rules& rules, const store::Store& store,
                 stored::Counters counters)
    : context_(context),
      store_(store),
      preparer_(context),
      evidence_(store),
      items_(evidence_),
      traits_(context, rules, items_, format::NowOf(counters)),
      graph_(context, evidence_, counters.assertions() > 0),
      member_rows_(rules.segments),
      feed_rows_(context, rules.feed),
      golden_rows_(context, evidence_,
                   {.traits = rules.traits.empty() ? nullptr : &traits_,
                    .segments = &rules.segments,
                    .now = format::NowOf(counters),
                    .listeners = ListenersOf(member_rows_, feed_rows_)}),
      has_traits_(!rules.traits.empty()),
      change_rows_(context),
      quarantine_(context, store),
      counters_(std::move(counters)) {}

absl::Status Applier::Prefetch(std::span<const Item> items) {
  if (items.size() < 2) return absl::OkStatus();
  std::vector<std::string> messages;
  std::vector<std::string> records;
  for (const Item& item : items) {
    const uint16_t source = context_.catalog.source_number(item.source);
    if (const auto* event = std::get_if<ingest::PreparedEvent>(&item.evidence)) {
      messages.push_back(format::SourceKey(source, event->id));
    } else if (const auto* record = std::get_if<ingest::PreparedRecord>(&item.evidence)) {
      records.push_back(format::SourceKey(source, record->key));
    }
  }
  for (auto* keys : {&messages, &records}) {
    const Family family = keys == &messages ? Family::kMessages : Family::kRecords;
    // A group may bring many versions of one record: it is read once.
    std::sort(keys->begin(), keys->end());
    keys->erase(std::unique(keys->begin(), keys->end()), keys->end());
    std::erase_if(*keys, [&](const std::string& key) { return RowsOf(family).contains(key); });
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
    if (item.replayed != nullptr) {
      const auto is_there = quarantine_.IsThere(*item.replayed);
      if (!is_there.ok()) return is_there.status();
      if (!*is_there) {  // thrown away, or withdrawn with its source, after the replay began
        verdicts.push_back(Verdict::kDuplicate);
        continue;
      }
    }
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
  auto known = Known(Family::kMessages, format::SourceKey(source, event.id));
  if (!known.ok()) return known.status();
  if ((*known)->bytes) {
    stored::Message message;
    if (!format::ParseRow(*(*known)->bytes, message)) return format::DamagedRow(Family::kMessages);
    if (message.withdrawn() || message.fingerprint() == event.fingerprint) return Verdict::kDuplicate;
    return Quarantine(
        item, fmt::format("the message id `{}` is taken by an event with other content; the first stays", event.id));
  }
  (*known)->Set(ingest::MessageOf(context_, event).SerializeAsString());
  const format::NodeKey strongest = context_.KeyOf(event.identifiers.front());
  const std::string key = format::EventKey(strongest, event.time, source, event.id);
  items_.Put(Family::kEvents, key, event.row);
  if (has_traits_) {
    if (auto status = traits_.Add(Family::kEvents, key, event.row); !status.ok()) return status;
  }
  counters_.set_events(counters_.events() + 1);

  if (auto status = graph::AddEvidence(event, graph_); !status.ok()) return status;
  return Verdict::kAccepted;
}

// Versions that were withdrawn do not come back.
absl::StatusOr<Verdict> Applier::Decide(const Item&, const ingest::PreparedRecord& record) {
  const uint16_t source = context_.catalog.source_number(record.source);
  auto known = Known(Family::kRecords, format::SourceKey(source, record.key));
  if (!known.ok()) return known.status();
  stored::Record before;
  before.set_gone(true);
  if ((*known)->bytes && !format::ParseRow(*(*known)->bytes, before)) return format::DamagedRow(Family::kRecords);

  const bool is_timed = IsKnown(record.version);
  if (is_timed && before.has_withdrawn() && record.version <= ToTime(before.withdrawn())) return Verdict::kDuplicate;
  const Time version = VersionOf(before);
  const bool is_same = !before.gone() && record.content == before.content();
  stored::Record now = before;
  if (is_same && record.version == version) {
    if (record.extracted <= ExtractedOf(before)) return Verdict::kDuplicate;
    now.set_extracted(ToUs(record.extracted));  // nothing new, but it was still so then
    (*known)->Set(now.SerializeAsString());
    return Verdict::kDuplicate;
  }
  const bool is_newer = before.gone() || IsNewer(ViewOf(record), ViewOf(before));
  Verdict verdict = Verdict::kAccepted;
  if (is_newer) {
    if (!before.gone() && record.version != version) {
      if (auto noted = NoteVersion(record.source, record.key, before); !noted.ok()) return noted.status();
    }
    SetNewest(record, now);
  } else {
    verdict = is_same ? Verdict::kDuplicate : Verdict::kSuperseded;
    if (record.version == version) return verdict;
    stored::Record older;
    SetNewest(record, older);
    const auto is_new = NoteVersion(record.source, record.key, older);
    if (!is_new.ok()) return is_new.status();
    if (!*is_new || !is_timed) return verdict;
    if (is_same) verdict = Verdict::kAccepted;  // it was like that earlier, too
  }
  const Time first = std::min(FirstVersionOf(before), is_timed ? record.version : kNeverFirst);
  now.clear_first();
  if (IsKnown(first) && first != VersionOf(now)) now.set_first(ToUs(first));
  if (before.gone()) counters_.set_records(counters_.records() + 1);
  (*known)->Set(now.SerializeAsString());
  if (auto status = UpdateGraph(record.source, record.key, before, now, is_newer ? &record : nullptr); !status.ok())
    return status;
  return verdict;
}

void Applier::SetNewest(const ingest::PreparedRecord& record, stored::Record& row) const {
  row.clear_gone();
  row.clear_version();
  row.clear_extracted();
  if (IsKnown(record.version)) row.set_version(ToUs(record.version));
  if (IsKnown(record.extracted)) row.set_extracted(ToUs(record.extracted));
  row.set_content(record.content);
  ingest::SetIdentifiers(context_, record, row);
}

absl::Status Applier::UpdateGraph(golden::SourceIndex source, const std::string& key, const stored::Record& before,
                                  const stored::Record& now, const ingest::PreparedRecord* given) {
  std::vector<Node> old;
  if (!before.gone() && !preparer_.StoredIdentifiers(source, key, before, old))
    return format::DamagedRow(Family::kRecords);
  if (auto status = MoveItem(source, key, before, now); !status.ok()) return status;
  const bool is_same =
      !before.gone() && !now.gone() && before.content() == now.content() && VersionOf(before) == VersionOf(now);
  const Time first = FirstVersionOf(now);
  if (is_same) {
    if (first == FirstVersionOf(before)) return absl::OkStatus();
    if (first < FirstVersionOf(before)) return graph_.AddSighting(old, {source, first, kNeverLast, 0});
  }
  if (!before.gone()) {
    if (auto status = graph_.WithdrawSightings(old, source); !status.ok()) return status;
    if (is_same) return graph_.AddSighting(old, {source, first, VersionOf(now), 1});
    if (auto status = graph_.SetObservations(old.back(), {}); !status.ok()) return status;
  }
  return now.gone() ? absl::OkStatus() : graph::AddEvidence(now, *given, graph_);
}

absl::StatusOr<std::optional<Applier::RecordItem>> Applier::ItemOf(golden::SourceIndex source, const std::string& key,
                                                                   const stored::Record& row) const {
  const auto prepared = preparer_.PrepareStoredRecord(source, key, row, ingest::Preparer::Derive::kAsStored);
  const auto* record = std::get_if<ingest::PreparedRecord>(&prepared);
  if (record == nullptr) return format::DamagedRow(Family::kRecords);
  if (!record->item) return std::nullopt;
  return RecordItem{ingest::ItemKeyOf(context_, *record), record->item->row, record->identifiers.front()};
}

// One that stays what it was is not touched: a table that comes again every night would else have all items of each of
// its people counted anew.
absl::Status Applier::MoveItem(golden::SourceIndex source, const std::string& key, const stored::Record& before,
                               const stored::Record& now) {
  if (!context_.schema.sources[source].table()->event) return absl::OkStatus();
  std::optional<RecordItem> was;
  std::optional<RecordItem> is;
  for (const stored::Record* row : {&before, &now}) {
    if (row->gone()) continue;
    auto item = ItemOf(source, key, *row);
    if (!item.ok()) return item.status();
    const bool is_now = row == &now;
    if (!*item) {
      const uint64_t untimed = CountersOf(source).records_without_time();
      CountersOf(source).set_records_without_time(is_now ? untimed + 1 : untimed - 1);
    }
    (is_now ? is : was) = *std::move(item);
  }
  if (was && is && was->key == is->key && was->row == is->row) return absl::OkStatus();
  if (was) {
    items_.Delete(Family::kItems, was->key);
    if (has_traits_) traits_.Remove(context_.KeyOf(was->strongest));
  }
  if (!is) return absl::OkStatus();
  items_.Put(Family::kItems, is->key, is->row);
  return has_traits_ ? traits_.Add(Family::kItems, is->key, is->row) : absl::OkStatus();
}

absl::StatusOr<Verdict> Applier::Decide(const Item& item, const ingest::Refused& refused) {
  return Quarantine(item, refused.reason);
}

absl::StatusOr<Verdict> Applier::Quarantine(const Item& item, std::string_view reason) {
  if (auto status = quarantine_.Refuse(item, reason); !status.ok()) return status;
  if (reasons_->size() < kFirstReasons) reasons_->push_back(fmt::format("{}: {}", PlaceOf(context_, item), reason));
  return Verdict::kQuarantined;
}

stored::Counters::Source& Applier::CountersOf(golden::SourceIndex source) {
  return write::CountersOf(counters_, context_.catalog.source_number(source));
}

void Applier::Count(const Item& item, Verdict verdict) {
  const bool is_row = std::holds_alternative<ingest::PreparedEvent>(item.evidence) ||
                      std::holds_alternative<ingest::PreparedRecord>(item.evidence) ||
                      std::holds_alternative<ingest::Refused>(item.evidence);
  if (!is_row) return;  // a person's decision
  stored::Counters::Source* const source = &CountersOf(item.source);
  if (verdict == Verdict::kDuplicate) source->set_duplicates(source->duplicates() + 1);
  if (verdict == Verdict::kSuperseded) source->set_superseded(source->superseded() + 1);
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
  const auto count_values = [&](const std::vector<ingest::RefusedValue>& refused) {
    for (const ingest::RefusedValue& one : refused) {
      auto& values = (*source->mutable_refused_values())[one.what];
      if (values.count() == 0) values.set_example(one.example);
      values.set_count(values.count() + 1);
    }
  };
  if (const auto* event = std::get_if<ingest::PreparedEvent>(&item.evidence)) {
    count(event->left_out);
    count_values(event->refused_values);
  }
  if (const auto* record = std::get_if<ingest::PreparedRecord>(&item.evidence)) {
    count(record->left_out);
    count_values(record->refused_values);
  }
}

absl::StatusOr<stored::Counters> Applier::Finish(store::Batch& batch, Time now) {
  if (auto status = RereadEvents(); !status.ok()) return status;
  for (const auto& [strongest, keys] : withdrawn_) {
    for (const auto& [key, cause] : keys) items_.Delete(Family::kEvents, key);
    if (has_traits_) traits_.Remove(context_.KeyOf(strongest));
  }
  BatchRows sink(batch, &cache_marks_);
  graph::Outcome outcome;
  graph::DeltaListener* const listeners[] = {&golden_rows_, &change_rows_};
  if (auto status = graph_.Finish(sink, listeners, outcome); !status.ok()) return status;
  items_.WriteTo(sink);
  if (has_traits_) {
    if (auto status = traits_.Write(sink); !status.ok()) return status;
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
  if (IsKnown(now)) {
    const auto cause_of = [&](uint32_t cause) { return CauseOf(cause); };
    counters_.set_changes(change_rows_.Finish(now, counters_.changes(), cause_of, sink));
  }
  sink.Finish();
  counters_.set_quarantined(counters_.quarantined() + quarantine_.growth());
  counters_.set_profiles(counters_.profiles() + outcome.profiles);
  counters_.set_identifiers(counters_.identifiers() + outcome.identifiers);
  counters_.set_associations(counters_.associations() + outcome.associations);
  counters_.set_approximate(counters_.approximate() + golden_rows_.approximate());
  counters_.set_overdrawn(counters_.overdrawn() + golden_rows_.overdrawn());
  member_rows_.AddTo(counters_);
  if (auto status = feed_rows_.Finish(store_, now, counters_, sink); !status.ok()) return status;
  for (const auto& [of, count] : outcome.values_left_out)
    (*CountersOf(of.first).mutable_values_left_out())[of.second] += count;
  batch.Put(Family::kMeta, "counters", counters_.SerializeAsString());
  return counters_;
}

}  // namespace kintsugi::write
