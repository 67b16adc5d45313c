// Who is in which segment, as rows.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "format/stored.pb.h"
#include "graph/record_listener.h"
#include "graph/row_sink.h"
#include "kintsugi/ids.h"
#include "living/segment_rules.h"

namespace kintsugi::write {

// Keeps `members` from what golden records say of segments, and counts. Not thread-safe; used for one group.
class MemberRows : public graph::RecordListener {
 public:
  explicit MemberRows(const living::SegmentRules& segments) : is_on_(!segments.empty()) {}

  // Whether there are segments; else nobody has to tell it of anything.
  bool is_on() const { return is_on_; }

  absl::Status OnRecord(const ProfileId& id, std::string_view before, std::string_view now,
                        graph::RowSink& sink) override;

  // How many more or fewer are in each segment, by what was told.
  void AddTo(stored::Counters& counters) const;

 private:
  const bool is_on_;
  std::vector<int64_t> growth_;  // by position
};

}  // namespace kintsugi::write
