// The rows of `item_firsts`.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "graph/evidence_source.h"
#include "graph/pending_rows.h"
#include "graph/row_sink.h"
#include "living/firsts.h"

namespace kintsugi::write {

// FirstItems knows, for each identifier and value of `once_per`, which of the identifier's items with that value is the
// earliest. So an item tells at the cost of a row whether it counts, and identifiers of one profile whether they share
// a value.
//
// Not thread-safe; used for one group. Errors are the source's, and kDataLoss for damaged rows. The source outlives it.
class FirstItems {
 public:
  explicit FirstItems(const graph::EvidenceSource& rows) : rows_(rows) {}

  // Of an identifier, by the key of its row of `item_tallies`; nothing: it has no item with that value.
  absl::StatusOr<std::optional<living::Place>> Find(std::string_view identifier, std::string_view once_key) const;
  void Put(std::string_view identifier, std::string_view once_key, const living::Place& first);
  // These and no others.
  absl::Status Replace(std::string_view identifier, const living::Firsts& firsts);

  // Of an identifier, and how many values it has in one activity.
  struct Having {
    std::string_view identifier;
    uint64_t values = 0;
    std::span<const std::string> new_values;  // of any activity, that it had not before: OnceValue::key
  };
  // Whether any two have the same value in the activity. `had_none`: no two had before. Cost: then at most a row
  // of each for each new value; at most, and else, the rows of all but the one that has most.
  absl::StatusOr<bool> ShareAny(size_t activity, std::span<const Having> having, bool had_none) const;

  void WriteTo(graph::RowSink& sink) const { rows_.WriteTo(sink); }

 private:
  absl::StatusOr<bool> HasAny(std::string_view identifier, std::span<const std::string> once_keys) const;
  using New = std::pair<std::string, std::string_view>;  // a value and whose it is, in order
  absl::StatusOr<bool> ShareNew(const std::vector<New>& values, std::span<const Having> having) const;

  graph::PendingRows rows_;
};

}  // namespace kintsugi::write
