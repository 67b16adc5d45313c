// Which of two versions of a record counts.

#pragma once

#include <string_view>

#include "base/time.h"
#include "format/stored.pb.h"
#include "ingest/prepare.h"

namespace kintsugi::write {

// What decides between versions.
struct VersionView {
  Time time = kNeverLast;
  Time extracted = kNeverLast;
  std::string_view content;
};
// Valid as long as what they are of.
VersionView ViewOf(const ingest::PreparedRecord& record);
VersionView ViewOf(const stored::Record& record);

// Whether a version takes the place of the one that is known. The newer time counts; of one time the one that was
// extracted later, then the larger bytes. Without times that of the source is told by the extraction; if it is not told
// of both, the last to arrive is the newest.
bool IsNewer(const VersionView& one, const VersionView& known);

}  // namespace kintsugi::write
