#include "write/asked_items.h"

#include <algorithm>
#include <utility>

#include "format/evidence_codec.h"
#include "living/item_rows.h"

namespace kintsugi::write {

using format::Family;

bool AskedItems::IsAsked(const living::Item& item) const {
  const living::TraitRules& traits = rules_.traits;
  for (size_t group = 0; group < traits.groups(); ++group) {
    for (const bool shares_values : {false, true}) {
      const Needs& needs = traits.needs(group, shares_values);
      if (!needs.any_name && needs.Holds(item)) return true;
    }
  }
  return false;
}

std::string AskedItems::KeyOf(Family family, std::string_view identifier, std::string_view key) {
  std::string suffix(1, family == Family::kEvents ? '\0' : '\1');
  suffix += key.substr(identifier.size());
  return suffix;
}

void AskedItems::Put(std::string_view identifier, const Rows& rows) {
  for (const auto& [suffix, row] : rows) rows_.Put(Family::kAskedItems, std::string(identifier) + suffix, row);
}

absl::Status AskedItems::Replace(std::string_view identifier, Rows rows) {
  return rows_.Replace(Family::kAskedItems, identifier, std::move(rows));
}

absl::Status AskedItems::ForEach(const std::string& key, const std::vector<uint32_t>& marks,
                                 const ItemScan::Visit& visit) const {
  return rows_.Scan(Family::kAskedItems, key, [&](std::string_view at, std::string_view row) {
    if (std::find(marks.begin(), marks.end(), format::NameMarkOf(row)) == marks.end()) return absl::OkStatus();
    if (at.size() == key.size()) return format::DamagedRow(Family::kAskedItems);
    const Family family = at[key.size()] == '\0' ? Family::kEvents : Family::kItems;
    return scan_.Read(family, key + std::string(at.substr(key.size() + 1)), row, visit);
  });
}

absl::StatusOr<std::vector<living::Item>> AskedItems::Needed(std::span<const std::string> keys,
                                                             std::span<const Needs* const> needs) const {
  std::vector<uint32_t> marks;
  for (const Needs* one : needs) {
    for (const std::string& name : one->names) marks.push_back(format::NameMark(name));
  }
  const bool is_any = std::any_of(needs.begin(), needs.end(), [](const Needs* one) { return one->any_name; });
  const auto is_asked = [&](const living::Item& item) {
    return std::any_of(needs.begin(), needs.end(), [&](const Needs* one) { return one->Holds(item); });
  };
  std::vector<living::Item> items;
  for (uint32_t i = 0; i < keys.size(); ++i) {
    const ItemScan::Visit add = [&](living::Item item, Time) {
      item.identifier = i;
      if (is_asked(item)) items.push_back(std::move(item));
      return absl::OkStatus();
    };
    const absl::Status status = is_any ? scan_.ForEach(keys[i], kNeverLast, add) : ForEach(keys[i], marks, add);
    if (!status.ok()) return status;
  }
  std::sort(items.begin(), items.end(), living::IsEarlier);
  return items;
}

}  // namespace kintsugi::write
