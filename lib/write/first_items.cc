#include "write/first_items.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"

namespace kintsugi::write {
namespace {

using format::Family;
using living::Place;

// So many rows are asked for at once.
constexpr size_t kChunk = 1000;

std::string KeyOf(std::string_view identifier, std::string_view once_key) {
  std::string key(identifier);
  key += once_key;
  return key;
}

std::string RowOf(const Place& first) {
  std::string row;
  format::Encoder e(row);
  living::EncodePlace(e, first);
  return row;
}

}  // namespace

absl::StatusOr<std::optional<Place>> FirstItems::Find(std::string_view identifier, std::string_view once_key) const {
  const auto row = rows_.Get(Family::kItemFirsts, KeyOf(identifier, once_key));
  if (!row.ok()) return row.status();
  if (!*row) return std::nullopt;
  format::Decoder d(**row);
  Place first = living::DecodePlace(d);
  if (!d.ok() || !d.done()) return format::DamagedRow(Family::kItemFirsts);
  return first;
}

void FirstItems::Put(std::string_view identifier, std::string_view once_key, const Place& first) {
  rows_.Put(Family::kItemFirsts, KeyOf(identifier, once_key), RowOf(first));
}

absl::Status FirstItems::Replace(std::string_view identifier, const living::Firsts& firsts) {
  graph::PendingRows::Suffixes rows;
  for (const auto& [once_key, first] : firsts) rows.emplace(once_key, RowOf(first));
  return rows_.Replace(Family::kItemFirsts, identifier, std::move(rows));
}

absl::StatusOr<bool> FirstItems::HasAny(std::string_view identifier, std::span<const std::string> once_keys) const {
  for (size_t begin = 0; begin < once_keys.size(); begin += kChunk) {
    std::vector<std::string> keys;
    for (const std::string& once_key : once_keys.subspan(begin, std::min(kChunk, once_keys.size() - begin)))
      keys.push_back(KeyOf(identifier, once_key));
    const auto rows = rows_.GetMany(Family::kItemFirsts, keys);
    if (!rows.ok()) return rows.status();
    if (std::any_of(rows->begin(), rows->end(), [](const auto& row) { return row.has_value(); })) return true;
  }
  return false;
}

// Among new ones no value comes twice, and nobody has one of somebody else's.
absl::StatusOr<bool> FirstItems::ShareNew(const std::vector<New>& values, std::span<const Having> having) const {
  for (size_t i = 1; i < values.size(); ++i) {
    if (values[i].first == values[i - 1].first) return true;
  }
  for (const Having& one : having) {
    std::vector<std::string> others;
    for (const auto& [value, identifier] : values) {
      if (identifier != one.identifier) others.push_back(value);
    }
    const auto has = HasAny(one.identifier, others);
    if (!has.ok() || *has) return has;
  }
  return false;
}

absl::StatusOr<bool> FirstItems::ShareAny(size_t activity, std::span<const Having> having, bool had_none) const {
  if (having.size() < 2) return false;
  uint64_t all = 0;
  std::vector<New> news;
  for (const Having& one : having) {
    all += one.values;
    for (const std::string& value : one.new_values) {
      if (living::ActivityOf(value) == activity) news.emplace_back(value, one.identifier);
    }
  }
  std::sort(news.begin(), news.end());
  if (had_none && news.size() * having.size() <= all) return ShareNew(news, having);
  const auto most = std::max_element(having.begin(), having.end(),
                                     [](const Having& a, const Having& b) { return a.values < b.values; });
  absl::flat_hash_set<std::string> values;  // asked only whether they are there
  bool is_shared = false;
  for (const Having& one : having) {
    if (&one == &*most) continue;
    const std::string prefix = KeyOf(one.identifier, living::OncePrefix(activity));
    const auto status = rows_.Scan(Family::kItemFirsts, prefix, [&](std::string_view key, std::string_view) {
      is_shared = !values.emplace(key.substr(one.identifier.size())).second;
      return VisitResult(!is_shared);
    });
    if (!status.ok()) return status;
    if (is_shared) return true;
  }
  return HasAny(most->identifier, std::vector<std::string>(values.begin(), values.end()));
}

}  // namespace kintsugi::write
