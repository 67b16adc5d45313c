// Rows in memory, by family and key.

#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "graph/evidence_source.h"
#include "graph/row_sink.h"

namespace kintsugi::graph {

// MemoryRows takes rows and gives them back: an empty database, to resolve all evidence in; what a recomputation is
// compared with; and a partition's part of the evidence where there is no store. Not thread-safe. Never fails.
class MemoryRows : public EvidenceSource, public RowSink {
 public:
  using Rows = std::map<std::string, std::string, std::less<>>;

  void Put(format::Family family, std::string_view key, std::string_view row) override;
  void Delete(format::Family family, std::string_view key) override;

  absl::StatusOr<std::optional<std::string>> Get(format::Family family, std::string_view key) const override;
  absl::StatusOr<std::vector<std::optional<std::string>>> GetMany(format::Family family,
                                                                  const std::vector<std::string>& keys) const override;
  absl::Status ScanFrom(format::Family family, std::string_view prefix, std::string_view begin,
                        const Visit& visit) const override;
  absl::Status ScanBack(format::Family family, std::string_view prefix, std::string_view end,
                        const Visit& visit) const override;

  const Rows& of(format::Family family) const { return rows_[static_cast<size_t>(family)]; }

 private:
  std::array<Rows, format::kFamilyCount> rows_;
};

}  // namespace kintsugi::graph
