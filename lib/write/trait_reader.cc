#include "write/trait_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "golden/value_codec.h"
#include "living/item_rows.h"

namespace kintsugi::write {

using format::Family;
using living::Tallies;

// Those of one identifier that count now; its tallies are added to `sum`.
absl::Status TraitReader::ReadItems(const format::NodeKey& identifier, std::vector<living::Item>& items,
                                    Tallies& sum) const {
  Tallies tallies = rules_.traits.Nothing();
  for (const Family family : living::kItemFamilies) {
    const auto visit = [&](std::string_view key, std::string_view row) {
      living::Item item;
      if (auto read = living::ReadItem(preparer_, family, key, row, item); !read.ok()) return read;
      const std::optional<Time> end =
          item.is_event ? rules_.retention.EndOf(item.name, item.time) : std::optional<Time>();
      if (end && *end <= moment_.now) return absl::OkStatus();
      if (end) tallies.kept_until = std::min(tallies.kept_until, *end);
      rules_.traits.Add(item, moment_, living::TraitRules::Which::kAll, tallies);
      items.push_back(std::move(item));
      return absl::OkStatus();
    };
    if (auto status = rows_.Scan(family, format::EventPrefix(identifier), visit); !status.ok()) return status;
  }
  rules_.traits.Settle(tallies);
  rules_.traits.Add(tallies, sum);
  return absl::OkStatus();
}

golden::StoredTraits ToStored(const living::TraitValues& traits) {
  golden::StoredTraits out{.due = traits.due, .items_due = traits.items_due, .values = {}, .approximate = {}};
  for (const std::optional<Value>& value : traits.values)
    out.values.push_back(value ? golden::EncodeValue(*value) : std::string());
  for (uint32_t i = 0; i < traits.is_approximate.size(); ++i) {
    if (traits.is_approximate[i]) out.approximate.push_back(i);
  }
  return out;
}

absl::StatusOr<golden::StoredTraits> TraitReader::TraitsOf(std::span<const format::NodeKey> identifiers,
                                                           const golden::RecordView*) {
  std::vector<living::Item> items;
  Tallies sum = rules_.traits.Nothing();
  for (const format::NodeKey& identifier : identifiers) {
    if (auto status = ReadItems(identifier, items, sum); !status.ok()) return status;
  }
  std::sort(items.begin(), items.end(), living::IsEarlier);
  return ToStored(rules_.traits.Read(sum, items, moment_));
}

}  // namespace kintsugi::write
