// The versions of one record, as they are kept.

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/time.h"
#include "format/stored.pb.h"
#include "golden/observation.h"
#include "graph/evidence_source.h"
#include "ingest/context.h"

namespace kintsugi::admin {

// Those that are not the newest, in order of time, one without a time first. Each is as a row of `records` would say
// it; of one that nothing but its time is known of, gone.
absl::StatusOr<std::vector<stored::Record>> ReadOlderVersions(const graph::EvidenceSource& rows, uint16_t source_number,
                                                              std::string_view key);

// Those whose content is known, in order of time; at least one.
class RecordVersions {
 public:
  // `newest`: the record's row, which is not gone. Of a table that does not keep versions it is the only one. Errors
  // are the source's, and kDataLoss for damaged rows.
  static absl::StatusOr<RecordVersions> Read(const ingest::Context& context, const graph::EvidenceSource& rows,
                                             golden::SourceIndex source, std::string_view key, stored::Record newest);

  // What `records` would say of it if nothing later had come. Nothing if no version is so old; one without a time
  // counts always.
  std::optional<stored::Record> AsOf(Time time) const;
  // The versions of which each counts as of some time from `earliest` to `latest`.
  std::vector<const stored::Record*> Between(Time earliest, Time latest) const;

 private:
  std::vector<stored::Record> all_;
};

}  // namespace kintsugi::admin
