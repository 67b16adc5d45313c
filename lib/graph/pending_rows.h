// Rows that a group is going to write.

#pragma once

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/status/status.h"
#include "graph/evidence_source.h"
#include "graph/row_sink.h"

namespace kintsugi::graph {

// PendingRows takes rows, and gives the rows of a source as they will be when those are written. Not thread-safe. The
// source outlives it, and does not change meanwhile. A scan costs what the source's does, and a step for each pending
// row.
class PendingRows : public EvidenceSource, public RowSink {
 public:
  explicit PendingRows(const EvidenceSource& source) : source_(source) {}

  void Put(format::Family family, std::string_view key, std::string_view row) override;
  void Delete(format::Family family, std::string_view key) override;

  absl::StatusOr<std::optional<std::string>> Get(format::Family family, std::string_view key) const override;
  absl::StatusOr<std::vector<std::optional<std::string>>> GetMany(format::Family family,
                                                                  const std::vector<std::string>& keys) const override;
  absl::Status ScanFrom(format::Family family, std::string_view prefix, std::string_view begin,
                        const Visit& visit) const override;
  absl::Status ScanBack(format::Family family, std::string_view prefix, std::string_view end,
                        const Visit& visit) const override;

  // Of the rows whose keys begin with `prefix` there will be these and no others; by the rest of the key. Those that
  // are as they were are not written.
  using Suffixes = std::map<std::string, std::string, std::less<>>;
  absl::Status Replace(format::Family family, std::string_view prefix, Suffixes rows);

  // In order of key.
  void WriteTo(RowSink& sink) const;
  void Clear();

 private:
  using Rows = absl::btree_map<std::string, std::optional<std::string>, std::less<>>;  // nothing: deleted

  const EvidenceSource& source_;
  std::array<Rows, format::kFamilyCount> rows_;
};

}  // namespace kintsugi::graph
