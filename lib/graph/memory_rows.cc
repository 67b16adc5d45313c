#include "graph/memory_rows.h"

namespace kintsugi::graph {

void MemoryRows::Put(format::Family family, std::string_view key, std::string_view row) {
  rows_[static_cast<size_t>(family)].insert_or_assign(std::string(key), std::string(row));
}

void MemoryRows::Delete(format::Family family, std::string_view key) {
  Rows& rows = rows_[static_cast<size_t>(family)];
  if (const auto at = rows.find(key); at != rows.end()) rows.erase(at);
}

absl::StatusOr<std::optional<std::string>> MemoryRows::Get(format::Family family, std::string_view key) const {
  const auto at = of(family).find(key);
  return at == of(family).end() ? std::nullopt : std::optional(at->second);
}

absl::StatusOr<std::vector<std::optional<std::string>>> MemoryRows::GetMany(
    format::Family family, const std::vector<std::string>& keys) const {
  std::vector<std::optional<std::string>> out;
  for (const std::string& key : keys) out.push_back(*Get(family, key));
  return out;
}

absl::Status MemoryRows::ScanFrom(format::Family family, std::string_view prefix, std::string_view begin,
                                  const Visit& visit) const {
  const Rows& rows = of(family);
  for (auto at = rows.lower_bound(begin); at != rows.end() && at->first.starts_with(prefix); ++at) {
    if (const VisitResult result = visit(at->first, at->second); !result.goes_on()) return result.status();
  }
  return absl::OkStatus();
}

absl::Status MemoryRows::ScanBack(format::Family family, std::string_view prefix, std::string_view end,
                                  const Visit& visit) const {
  const Rows& rows = of(family);
  for (auto at = rows.lower_bound(end); at != rows.begin() && (--at)->first >= prefix;) {
    if (const VisitResult result = visit(at->first, at->second); !result.goes_on()) return result.status();
  }
  return absl::OkStatus();
}

}  // namespace kintsugi::graph
