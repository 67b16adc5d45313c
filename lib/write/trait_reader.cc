#include "write/trait_reader.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "golden/value_codec.h"
#include "living/item_rows.h"

namespace kintsugi::write {

using format::Family;
using living::Tallies;

// Those that count now, in order.
absl::StatusOr<std::vector<living::Item>> TraitReader::ItemsOf(const format::NodeKey& identifier) const {
  std::vector<living::Item> items;
  for (const Family family : living::kItemFamilies) {
    const auto visit = [&](std::string_view key, std::string_view row) {
      living::Item item;
      if (auto read = living::ReadItem(preparer_, family, key, row, item); !read.ok()) return read;
      const auto end = item.is_event ? rules_.retention.EndOf(item.name, item.time) : std::nullopt;
      if (!end || *end > moment_.now) items.push_back(std::move(item));
      return absl::OkStatus();
    };
    if (auto status = rows_.Scan(family, format::EventPrefix(identifier), visit); !status.ok()) return status;
  }
  std::sort(items.begin(), items.end(), living::IsEarlier);
  return items;
}

golden::StoredTraits ToStored(const living::TraitValues& traits, bool shares_values) {
  golden::StoredTraits out{.due = traits.due, .dues = traits.dues, .shares_values = shares_values};
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
  out.overdrawn = static_cast<uint32_t>(std::min(traits.overdrawn, kMost));
  for (const std::optional<Value>& value : traits.values)
    out.values.push_back(value ? golden::EncodeValue(*value) : std::string());
  for (uint32_t i = 0; i < traits.is_approximate.size(); ++i) {
    if (traits.is_approximate[i]) out.approximate.push_back(i);
  }
  return out;
}

absl::StatusOr<golden::StoredTraits> TraitReader::TraitsOf(std::span<const format::NodeKey> identifiers,
                                                           const golden::RecordView*) {
  std::vector<living::Item> all;
  living::Firsts values;  // of all identifiers
  bool shares_values = false;
  uint32_t number = 0;  // of identifiers
  Tallies sum = rules_.traits.Nothing();
  for (const format::NodeKey& identifier : identifiers) {
    auto items = ItemsOf(identifier);
    if (!items.ok()) return items.status();
    Tallies tallies = rules_.traits.Nothing();
    living::Firsts firsts;
    for (const living::Item& item : *items) living::AddFirsts(item, rules_.traits.OnceValuesOf(item), firsts);
    for (living::Item& item : *items) {
      const auto repeated = living::RepeatedBy(item, rules_.traits.OnceValuesOf(item), firsts);
      rules_.traits.Add(item, moment_, living::TraitRules::Which::kAll, repeated, tallies);
      if (const auto end = item.is_event ? rules_.retention.EndOf(item.name, item.time) : std::nullopt)
        tallies.kept_until = std::min(tallies.kept_until, *end);
      item.identifier = number;
      all.push_back(std::move(item));
    }
    ++number;
    for (const auto& [once_key, first] : firsts) shares_values |= !values.emplace(once_key, first).second;
    rules_.traits.Settle(tallies);
    rules_.traits.Add(tallies, sum);
  }
  std::sort(all.begin(), all.end(), living::IsEarlier);
  living::TraitValues traits = rules_.traits.Untold();
  for (size_t group = 0; group < rules_.traits.groups(); ++group)
    rules_.traits.Tell(group, shares_values, all, moment_, traits);
  rules_.traits.Finish(sum, shares_values, moment_, traits);
  return ToStored(traits, shares_values);
}

}  // namespace kintsugi::write
