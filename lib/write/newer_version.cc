#include "write/newer_version.h"

#include "format/evidence_codec.h"
#include "format/stored_rows.h"

namespace kintsugi::write {

VersionView ViewOf(const ingest::PreparedRecord& record) {
  return {record.version, record.extracted, record.content};
}

VersionView ViewOf(const stored::Record& record) {
  return {format::VersionOf(record), format::ExtractedOf(record), record.content()};
}

bool IsNewer(const VersionView& one, const VersionView& known) {
  if (one.time != known.time) return one.time > known.time;
  const bool is_told = IsKnown(one.time) || (IsKnown(one.extracted) && IsKnown(known.extracted));
  if (!is_told) return one.content != known.content;
  if (one.extracted != known.extracted) return one.extracted > known.extracted;
  // What was kept whole says more than what another schema mapped of it.
  const auto is_whole = [](std::string_view content) {
    return format::KindOf(content) != format::ContentKind::kFields;
  };
  if (is_whole(one.content) != is_whole(known.content)) return is_whole(one.content);
  return one.content > known.content;
}

}  // namespace kintsugi::write
