#include "graph/pending_rows.h"

#include <iterator>
#include <utility>

namespace kintsugi::graph {

using format::Family;

void PendingRows::Put(Family family, std::string_view key, std::string_view row) {
  rows_[static_cast<size_t>(family)].insert_or_assign(std::string(key), std::string(row));
}

void PendingRows::Delete(Family family, std::string_view key) {
  rows_[static_cast<size_t>(family)].insert_or_assign(std::string(key), std::nullopt);
}

absl::StatusOr<std::optional<std::string>> PendingRows::Get(Family family, std::string_view key) const {
  const Rows& rows = rows_[static_cast<size_t>(family)];
  const auto at = rows.find(key);
  return at != rows.end() ? at->second : source_.Get(family, key);
}

absl::StatusOr<std::vector<std::optional<std::string>>> PendingRows::GetMany(
    Family family, const std::vector<std::string>& keys) const {
  auto out = source_.GetMany(family, keys);
  if (!out.ok()) return out;
  const Rows& rows = rows_[static_cast<size_t>(family)];
  for (size_t i = 0; i < keys.size(); ++i) {
    if (const auto at = rows.find(keys[i]); at != rows.end()) (*out)[i] = at->second;
  }
  return out;
}

absl::Status PendingRows::ScanFrom(Family family, std::string_view prefix, std::string_view begin,
                                   const Visit& visit) const {
  const Rows& rows = rows_[static_cast<size_t>(family)];
  auto next = rows.lower_bound(begin);
  VisitResult result = true;
  const auto visit_before = [&](const std::string_view* end) {
    for (; result.goes_on() && next != rows.end() && next->first.starts_with(prefix); ++next) {
      if (end != nullptr && next->first >= *end) break;
      if (next->second) result = visit(next->first, *next->second);
    }
  };
  const auto status = source_.ScanFrom(family, prefix, begin, [&](std::string_view key, std::string_view row) {
    visit_before(&key);
    if (!result.goes_on()) return result;
    if (next != rows.end() && next->first == key) {  // written over
      const auto pending = next++;
      return pending->second ? result = visit(key, *pending->second) : result;
    }
    return result = visit(key, row);
  });
  if (!status.ok() || !result.goes_on()) return status.ok() ? result.status() : status;
  visit_before(nullptr);
  return result.status();
}

absl::Status PendingRows::ScanBack(Family family, std::string_view prefix, std::string_view end,
                                   const Visit& visit) const {
  const Rows& rows = rows_[static_cast<size_t>(family)];
  const auto first = rows.lower_bound(prefix);
  auto next = rows.lower_bound(end);  // one behind
  VisitResult result = true;
  // Those after a key of the source's, which may be written over.
  const auto visit_after = [&](std::string_view key) {
    for (; result.goes_on() && next != first && std::prev(next)->first > key; --next) {
      const auto& [at, row] = *std::prev(next);
      if (row) result = visit(at, *row);
    }
  };
  const auto status = source_.ScanBack(family, prefix, end, [&](std::string_view key, std::string_view row) {
    visit_after(key);
    if (!result.goes_on()) return result;
    if (next != first && std::prev(next)->first == key) {
      const auto pending = --next;
      return pending->second ? result = visit(key, *pending->second) : result;
    }
    return result = visit(key, row);
  });
  if (!status.ok() || !result.goes_on()) return status.ok() ? result.status() : status;
  for (; result.goes_on() && next != first; --next) {
    const auto& [at, row] = *std::prev(next);
    if (row) result = visit(at, *row);
  }
  return result.status();
}

absl::Status PendingRows::Replace(format::Family family, std::string_view prefix, Suffixes rows) {
  std::vector<std::string> gone;
  const auto status = Scan(family, prefix, [&](std::string_view key, std::string_view row) {
    const auto at = rows.find(key.substr(prefix.size()));
    if (at == rows.end())
      gone.emplace_back(key);
    else if (row == at->second)
      rows.erase(at);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  for (const std::string& key : gone) Delete(family, key);
  for (const auto& [suffix, row] : rows) Put(family, std::string(prefix) + suffix, row);
  return absl::OkStatus();
}

void PendingRows::WriteTo(RowSink& sink) const {
  for (size_t family = 0; family < rows_.size(); ++family) {
    for (const auto& [key, row] : rows_[family]) {
      if (row)
        sink.Put(static_cast<Family>(family), key, *row);
      else
        sink.Delete(static_cast<Family>(family), key);
    }
  }
}

void PendingRows::Clear() {
  for (Rows& rows : rows_) rows.clear();
}

}  // namespace kintsugi::graph
