// Where stored rows are read from.

#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/visit_result.h"
#include "format/family.h"

namespace kintsugi::graph {

// EvidenceSource gives the rows of one moment: of a store, of memory, or of whatever part of the evidence a process of
// a cluster has. Errors are the implementation's.
class EvidenceSource {
 public:
  virtual ~EvidenceSource() = default;

  // The row, or nothing if the key is not there.
  virtual absl::StatusOr<std::optional<std::string>> Get(format::Family family, std::string_view key) const = 0;
  // One answer per key, in their order.
  virtual absl::StatusOr<std::vector<std::optional<std::string>>> GetMany(
      format::Family family, const std::vector<std::string>& keys) const = 0;

  // The views are valid during the call.
  using Visit = std::function<VisitResult(std::string_view key, std::string_view row)>;
  // Visits the rows whose key begins with `prefix`, in order of key; of those, the ones from `begin` on. What the
  // visitor finds wrong is returned.
  virtual absl::Status ScanFrom(format::Family family, std::string_view prefix, std::string_view begin,
                                const Visit& visit) const = 0;
  // Visits the rows whose key begins with `prefix` and comes before `end`, from the last one back. `end` begins with
  // the prefix.
  virtual absl::Status ScanBack(format::Family family, std::string_view prefix, std::string_view end,
                                const Visit& visit) const = 0;
  absl::Status Scan(format::Family family, std::string_view prefix, const Visit& visit) const {
    return ScanFrom(family, prefix, prefix, visit);
  }
};

}  // namespace kintsugi::graph
