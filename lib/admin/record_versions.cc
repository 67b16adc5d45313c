#include "admin/record_versions.h"

#include <algorithm>
#include <utility>

#include "format/version_rows.h"

namespace kintsugi::admin {

using format::Family;
using format::VersionOf;

absl::StatusOr<std::vector<stored::Record>> ReadOlderVersions(const graph::EvidenceSource& rows, uint16_t source_number,
                                                              std::string_view key) {
  std::vector<stored::Record> versions;
  const auto status = rows.Scan(
      Family::kVersions, format::VersionPrefix(source_number, key),
      [&](std::string_view row_key, std::string_view bytes) {
        format::NodeKey record;
        Time time = kNeverLast;
        stored::Record& version = versions.emplace_back();
        if (!format::ParseVersionKey(row_key, record, time)) return format::DamagedRow(Family::kVersions);
        if (bytes.empty()) {
          version.set_version(format::ToUs(time));
          version.set_gone(true);
          return absl::OkStatus();
        }
        return format::DecodeVersion(bytes, time, version) ? absl::OkStatus() : format::DamagedRow(Family::kVersions);
      });
  if (!status.ok()) return status;
  return versions;
}

absl::StatusOr<RecordVersions> RecordVersions::Read(const ingest::Context& context, const graph::EvidenceSource& rows,
                                                    golden::SourceIndex source, std::string_view key,
                                                    stored::Record newest) {
  RecordVersions out;
  if (context.schema.sources[source].table()->keep_versions) {
    auto older = ReadOlderVersions(rows, context.catalog.source_number(source), key);
    if (!older.ok()) return older.status();
    for (stored::Record& version : *older) {
      if (!version.gone() && VersionOf(version) < VersionOf(newest)) out.all_.push_back(std::move(version));
    }
  }
  out.all_.push_back(std::move(newest));
  return out;
}

std::optional<stored::Record> RecordVersions::AsOf(Time time) const {
  const stored::Record* newest = nullptr;
  Time first = kNeverFirst;
  for (const stored::Record& version : all_) {
    const Time of_version = VersionOf(version);
    if (of_version > time) break;
    if (IsKnown(of_version)) first = std::min(first, of_version);
    newest = &version;
  }
  if (newest == nullptr) return std::nullopt;
  stored::Record out = *newest;
  out.clear_first();
  out.clear_withdrawn();
  if (IsKnown(first) && first != VersionOf(out)) out.set_first(format::ToUs(first));
  return out;
}

std::vector<const stored::Record*> RecordVersions::Between(Time earliest, Time latest) const {
  std::vector<const stored::Record*> out;
  for (size_t i = 0; i < all_.size() && VersionOf(all_[i]) <= latest; ++i) {
    const bool is_over = i + 1 < all_.size() && VersionOf(all_[i + 1]) <= earliest;
    if (!is_over) out.push_back(&all_[i]);
  }
  return out;
}

}  // namespace kintsugi::admin
