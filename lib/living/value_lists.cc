#include "living/value_lists.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "golden/value_codec.h"

namespace kintsugi::living {
namespace {

// A value with what it is compared by.
struct Listed {
  ValueView value;
  std::string json;  // of what is no text
  const Tally::Seen* seen = nullptr;

  bool is_text() const { return std::holds_alternative<std::string_view>(value); }
  std::string_view bytes() const { return is_text() ? std::get<std::string_view>(value) : std::string_view(json); }
};

Listed ListedOf(const Tally::Seen& seen) {
  Listed listed{.value = golden::ReadValue(seen.value), .json = {}, .seen = &seen};
  if (!listed.is_text()) listed.json = ViewToJson(listed.value);
  return listed;
}

bool IsBefore(const Listed& a, const Listed& b) {
  const int order = a.bytes().compare(b.bytes());
  return order != 0 ? order < 0 : a.is_text() < b.is_text();
}
// The later last item first, then bytes.
bool IsMoreRecent(const Listed& a, const Listed& b) {
  return a.seen->last != b.seen->last ? a.seen->last > b.seen->last : IsBefore(a, b);
}
// More items first, then the later last one.
bool IsMoreFrequent(const Listed& a, const Listed& b) {
  return a.seen->count != b.seen->count ? a.seen->count > b.seen->count : IsMoreRecent(a, b);
}

}  // namespace

std::optional<Value> ListOf(const Tally& tally, TraitKind kind, uint32_t limit) {
  std::vector<Listed> list;
  list.reserve(tally.values.size());
  for (const Tally::Seen& seen : tally.values) list.push_back(ListedOf(seen));
  const size_t most = kind == TraitKind::kMostFrequent ? 1 : limit;
  const auto end = list.begin() + static_cast<std::ptrdiff_t>(std::min(most, list.size()));
  std::partial_sort(list.begin(), end, list.end(), kind == TraitKind::kValues ? IsMoreRecent : IsMoreFrequent);
  list.erase(end, list.end());
  if (kind == TraitKind::kMostFrequent) return list.empty() ? std::nullopt : std::optional(ToValue(list.front().value));
  if (kind == TraitKind::kValues) std::sort(list.begin(), list.end(), IsBefore);
  std::string text;
  JsonWriter json(text);
  json.BeginArray();
  for (const Listed& one : list) {
    if (kind == TraitKind::kValues) {
      json.Element(one.value);
      continue;
    }
    json.BeginObject();
    json.Member("value", one.value);
    json.Member("count", one.seen->count);
    json.EndObject();
  }
  json.EndArray();
  return Json{std::move(text)};
}

}  // namespace kintsugi::living
