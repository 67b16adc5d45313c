// Applier: versions of records that are not the newest.

#include <algorithm>
#include <utility>

#include "format/stored_rows.h"
#include "format/version_rows.h"
#include "write/apply.h"
#include "write/newer_version.h"

namespace kintsugi::write {

using format::ExtractedOf;
using format::Family;
using format::VersionOf;

namespace {

// Of a row of `versions`; gone if nothing but its time is known.
absl::StatusOr<stored::Record> ReadVersion(const std::optional<std::string>& row, Time time) {
  stored::Record version;
  version.set_gone(true);
  if (!row || row->empty()) return version;
  version.Clear();
  if (!format::DecodeVersion(*row, time, version)) return format::DamagedRow(Family::kVersions);
  return version;
}

}  // namespace

// Of a table that keeps versions the content stays, too; and then also of one without a time, which counts as of any
// time before the first that has one.
absl::StatusOr<bool> Applier::NoteVersion(golden::SourceIndex source, const std::string& key,
                                          const stored::Record& version) {
  const bool is_kept = context_.schema.sources[source].table()->keep_versions;
  const Time time = VersionOf(version);
  if (!is_kept && !IsKnown(time)) return false;
  const std::string row_key = format::VersionKey(context_.catalog.source_number(source), key, time);
  auto row = Known(Family::kVersions, row_key);
  if (!row.ok()) return row.status();
  const bool is_new = !(*row)->bytes;
  noted_versions_ = true;
  if (is_new) (*row)->Set("");
  if (is_kept) {
    if (auto status = KeepVersion(source, key, version, row_key); !status.ok()) return status;
  }
  return is_new;
}

// Of several of one time the one that counts is kept.
absl::Status Applier::KeepVersion(golden::SourceIndex source, const std::string& key, const stored::Record& version,
                                  const std::string& row_key) {
  Row& row = RowsOf(Family::kVersions)[row_key];
  auto known = ReadVersion(row.bytes, VersionOf(version));
  if (!known.ok()) return known.status();
  if (!known->gone() && version.content() == known->content()) {
    if (ExtractedOf(version) <= ExtractedOf(*known)) return absl::OkStatus();
    known->set_extracted(version.extracted());  // it was still so then
    row.Set(format::EncodeVersion(*std::move(known)));
    return absl::OkStatus();
  }
  if (!known->gone() && !IsNewer(ViewOf(version), ViewOf(*known))) return absl::OkStatus();
  row.Set(format::EncodeVersion(version));
  NoteIdentifiers(source, key, *known, false);
  NoteIdentifiers(source, key, version, true);
  return absl::OkStatus();
}

void Applier::NoteIdentifiers(golden::SourceIndex source, const std::string& key, const stored::Record& version,
                              bool is_there) {
  format::ForEachVersionThatSays(
      version, context_.catalog.source_number(source), key, VersionOf(version), [&](const std::string& row) {
        RowsOf(Family::kVersions)[row].Set(is_there ? std::optional<std::string>("") : std::nullopt);
      });
}

absl::StatusOr<std::optional<Time>> Applier::DropVersions(golden::SourceIndex source, const std::string& key,
                                                          Time up_to) {
  const std::string prefix = format::VersionPrefix(context_.catalog.source_number(source), key);
  Rows& rows = RowsOf(Family::kVersions);
  std::vector<std::pair<std::string, std::string>> dropped;
  std::optional<Time> first;
  const auto time_of = [&](std::string_view row) { return format::Decoder(row.substr(prefix.size())).SortableTime(); };
  const auto visit = [&](std::string_view row, std::string_view bytes) {
    const Time time = time_of(row);
    if (time <= up_to)
      dropped.emplace_back(row, bytes);
    else if (!first || time < *first)
      first = time;
    return time <= up_to;
  };
  const auto status = store_.Scan(Family::kVersions, prefix, [&](std::string_view row, std::string_view bytes) {
    const auto changed = rows.find(std::string(row));
    return changed != rows.end() ? true : visit(row, bytes);
  });
  if (!status.ok()) return status;
  // A group that withdraws rarely also brings versions.
  for (auto row = rows.begin(); noted_versions_ && row != rows.end(); ++row) {
    if (row->second.bytes && std::string_view(row->first).starts_with(prefix)) visit(row->first, *row->second.bytes);
  }
  for (const auto& [row, bytes] : dropped) {
    const auto version = ReadVersion(bytes, time_of(row));
    if (!version.ok()) return version.status();
    NoteIdentifiers(source, key, *version, false);
    rows[row].Set(std::nullopt);
  }
  return first;
}

absl::StatusOr<std::optional<Time>> Applier::NewestVersion(golden::SourceIndex source, const std::string& key) const {
  const std::string prefix = format::VersionPrefix(context_.catalog.source_number(source), key);
  std::optional<Time> newest;
  const auto status = store_.Scan(Family::kVersions, prefix, [&](std::string_view row, std::string_view) {
    newest = format::Decoder(row.substr(prefix.size())).SortableTime();
    return true;
  });
  if (!status.ok()) return status;
  return newest;
}

}  // namespace kintsugi::write
