#include "living/item_rows.h"

#include <algorithm>
#include <utility>

namespace kintsugi::living {

absl::Status ReadItem(const ingest::Preparer& preparer, format::Family family, std::string_view key,
                      std::string_view row, Item& item) {
  Event event;
  if (!preparer.ReadStoredEvent(key, row, item.source, event).empty()) return format::DamagedRow(family);
  item.time = *event.time;
  item.is_event = family == format::Family::kEvents;
  item.id = family == format::Family::kItems ? event.source + ':' + event.id : std::move(event.id);
  item.name = std::move(event.name);
  item.properties = std::move(event.properties);
  // The last of equal names counts.
  const auto by_name = [](const NamedValue& a, const NamedValue& b) { return a.first < b.first; };
  if (!std::is_sorted(item.properties.begin(), item.properties.end(), by_name))
    std::stable_sort(item.properties.begin(), item.properties.end(), by_name);
  auto kept = item.properties.begin();
  for (auto next = kept; next != item.properties.end(); ++next) {
    const bool is_last = next + 1 == item.properties.end() || (next + 1)->first != next->first;
    if (!is_last) continue;
    if (kept != next) *kept = std::move(*next);
    ++kept;
  }
  item.properties.erase(kept, item.properties.end());
  return absl::OkStatus();
}

}  // namespace kintsugi::living
