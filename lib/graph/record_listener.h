// Who is told of each golden record that changes.

#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "graph/row_sink.h"
#include "kintsugi/ids.h"

namespace kintsugi::graph {

// Turns what became of a golden record into rows of the same batch. One for each thing that is told by comparing a
// record with what it was. Errors are the implementation's.
class RecordListener {
 public:
  virtual ~RecordListener() = default;

  // `before`, `now`: golden records' bytes (golden::RecordView); empty: there was none, or is none any more. Both live
  // during the call only. An id comes once in a batch at most.
  virtual absl::Status OnRecord(const ProfileId& id, std::string_view before, std::string_view now, RowSink& sink) = 0;
};

}  // namespace kintsugi::graph
