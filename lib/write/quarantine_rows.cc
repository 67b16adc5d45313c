#include "write/quarantine_rows.h"

#include <algorithm>
#include <utility>

#include "base/hash.h"
#include "format/codec.h"
#include "format/keys.h"
#include "format/stored_rows.h"
#include "ingest/evidence_rows.h"
#include "write/apply.h"

namespace kintsugi::write {
namespace {

using format::Encoder;
using format::Family;
using format::ToUs;

// The item as it came, without a reason.
stored::Quarantined QuarantinedOf(const Origin& origin) {
  stored::Quarantined out;
  if (origin.event != nullptr) {
    ingest::SetEvent(*origin.event, out);
  } else if (origin.record != nullptr) {
    ingest::SetRecord(*origin.record, out);
  } else {
    out.mutable_row()->set_raw(origin.row->raw);
    if (origin.row->header) out.mutable_row()->set_header(*origin.row->header);
  }
  return out;
}

// What a fingerprint is made of is laid out here and nowhere else: another release of Protobuf may write a message
// differently, and a row that is read again must be known again.
enum class Form : uint8_t { kRow = 0, kEvent = 1, kRecord = 2 };

template <typename Rows>
void AppendValues(Encoder& e, const Rows& values) {
  e.Varint(static_cast<uint64_t>(values.size()));
  for (const auto& value : values) {
    e.String(value.name());
    e.String(value.value());
  }
}

uint64_t FingerprintOfRow(std::string_view header, std::string_view raw) {
  std::string bytes;
  Encoder e(bytes);
  e.Byte(static_cast<uint8_t>(Form::kRow));
  e.String(header);
  e.String(raw);
  return Fingerprint(bytes);
}

uint64_t FingerprintOf(const FileRow& row) {
  return FingerprintOfRow(row.header ? std::string_view(*row.header) : std::string_view(), row.raw);
}

uint64_t FingerprintOf(const stored::Quarantined& evidence) {
  if (evidence.has_row()) return FingerprintOfRow(evidence.row().header(), evidence.row().raw());
  std::string bytes;
  Encoder e(bytes);
  if (evidence.has_event()) {
    const auto& event = evidence.event();
    e.Byte(static_cast<uint8_t>(Form::kEvent));
    e.String(event.id());
    e.Big64(static_cast<uint64_t>(event.time()));
    e.String(event.name());
    AppendValues(e, event.identifiers());
    AppendValues(e, event.traits());
    AppendValues(e, event.properties());
  } else {
    const auto& record = evidence.record();
    e.Byte(static_cast<uint8_t>(Form::kRecord));
    e.String(record.key());
    e.Big64(static_cast<uint64_t>(record.version()));
    AppendValues(e, record.identifiers());
    AppendValues(e, record.attributes());
  }
  return Fingerprint(bytes);
}

}  // namespace

std::string QuarantineKeyOf(uint16_t source_number, const stored::Quarantined& evidence) {
  return format::QuarantineKey(source_number, "", 0, FingerprintOf(evidence));
}

const std::string& QuarantineRows::KeyOf(const Item& item) {
  if (item.replayed != nullptr) return *item.replayed;
  const uint16_t source = context_.catalog.source_number(item.source);
  if (item.origin.row == nullptr) {
    last_row_ = nullptr;
    last_key_ = QuarantineKeyOf(source, QuarantinedOf(item.origin));
  } else if (item.origin.row != last_row_) {
    last_row_ = item.origin.row;
    last_key_ = format::QuarantineKey(source, last_row_->file, last_row_->line, FingerprintOf(*last_row_));
  }
  return last_key_;
}

absl::StatusOr<QuarantineRows::Kept*> QuarantineRows::Find(const std::string& key) {
  if (const auto at = rows_.find(key); at != rows_.end()) return &at->second;
  const auto bytes = store_.Get(Family::kQuarantine, key);
  if (!bytes.ok()) return bytes.status();
  stored::Quarantined row;
  if (*bytes && !format::ParseRow(**bytes, row)) return format::DamagedRow(Family::kQuarantine);
  Kept& kept = rows_[key];
  kept.was_stored = bytes->has_value();
  if (row.has_extracted()) kept.extracted = row.extracted();
  for (const auto& refusal : row.refusals()) kept.reasons.emplace(refusal.item(), refusal.reason());
  return &kept;
}

void QuarantineRows::Set(Kept& kept, const Item& item, std::string reason) {
  growth_ += kept.reasons.insert_or_assign(item.origin.item, std::move(reason)).second ? 1 : 0;
  kept.origin = &item;
  if (item.origin.row != nullptr) kept.extracted = std::max(kept.extracted, ToUs(item.origin.row->extracted_at));
  if (item.origin.record != nullptr)
    kept.extracted = std::max(kept.extracted, ToUs(OrNeverLast(item.origin.record->extracted_at)));
  kept.changed = true;
}

void QuarantineRows::Erase(Kept& kept, uint32_t item) {
  if (kept.reasons.erase(item) == 0) return;
  --growth_;
  kept.changed = true;
}

absl::Status QuarantineRows::Refuse(const Item& item, std::string_view reason) {
  const auto kept = Find(KeyOf(item));
  if (!kept.ok()) return kept.status();
  if (item.replayed != nullptr && !(*kept)->was_stored) return absl::OkStatus();
  Set(**kept, item, std::string(reason));
  // A row that was refused as a whole and now can be read is in quarantine by those of its items that are refused.
  if (item.replayed != nullptr && item.origin.item != 0) Erase(**kept, 0);
  return absl::OkStatus();
}

absl::Status QuarantineRows::Leave(const Item& item) {
  const auto kept = Find(*item.replayed);
  if (!kept.ok()) return kept.status();
  (*kept)->origin = &item;
  Erase(**kept, item.origin.item);
  if (item.origin.item != 0) Erase(**kept, 0);
  return absl::OkStatus();
}

absl::StatusOr<bool> QuarantineRows::IsThere(const std::string& key) {
  const auto kept = Find(key);
  if (!kept.ok()) return kept.status();
  return (*kept)->was_stored;
}

absl::StatusOr<bool> QuarantineRows::Remove(const std::string& key) {
  const auto kept = Find(key);
  if (!kept.ok()) return kept.status();
  if ((*kept)->reasons.empty()) return false;
  growth_ -= static_cast<int64_t>((*kept)->reasons.size());
  (*kept)->reasons.clear();
  (*kept)->changed = true;
  return true;
}

void QuarantineRows::Finish(graph::RowSink& sink) const {
  for (const auto& [key, kept] : rows_) {
    if (!kept.changed) continue;
    if (kept.reasons.empty()) {
      sink.Delete(Family::kQuarantine, key);
      continue;
    }
    stored::Quarantined row = QuarantinedOf(kept.origin->origin);
    if (kept.extracted != INT64_MIN) row.set_extracted(kept.extracted);
    for (const auto& [item, reason] : kept.reasons) {
      auto* refusal = row.add_refusals();
      refusal->set_item(item);
      refusal->set_reason(reason);
    }
    sink.Put(Family::kQuarantine, key, row.SerializeAsString());
  }
}

}  // namespace kintsugi::write
