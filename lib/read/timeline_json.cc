// Timelines as JSON lines.

#include <algorithm>
#include <chrono>

#include "base/json.h"
#include "kintsugi/timeline.h"

namespace kintsugi {
namespace {

void WriteValues(JsonWriter& json, std::string_view name, const std::vector<NamedValue>& values) {
  json.BeginObject(name);
  for (size_t i = 0; i < values.size(); ++i) {
    const auto is_same = [&](const NamedValue& later) { return later.first == values[i].first; };
    // The last of equal names counts.
    if (std::any_of(values.begin() + static_cast<std::ptrdiff_t>(i) + 1, values.end(), is_same)) continue;
    json.Member(values[i].first, ToView(values[i].second));
  }
  json.EndObject();
}

// By namespace, in order of strength, as they stand.
void WriteIdentifiers(JsonWriter& json, const std::vector<Identifier>& identifiers) {
  json.BeginObject("identifiers");
  for (auto first = identifiers.begin(); first != identifiers.end();) {
    const auto end = std::find_if(first, identifiers.end(), [&](const Identifier& one) { return one.ns != first->ns; });
    json.BeginArray(first->ns);
    for (; first != end; ++first) json.Element(first->value);
    json.EndArray();
  }
  json.EndObject();
}

void WriteEnd(JsonWriter& json, std::string_view which, const TimelineItem& item) {
  json.BeginObject(which);
  json.Member("name", item.name);
  WriteValues(json, "properties", item.properties);
  json.EndObject();
}

}  // namespace

std::string TimelineItem::ToJson() const {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("id", id);
  json.Member("time", std::optional(time));
  json.Member("name", name);
  json.Member("source", source);
  if (!identifiers.empty()) WriteIdentifiers(json, identifiers);
  if (!traits.empty()) WriteValues(json, "traits", traits);
  if (!properties.empty()) WriteValues(json, "properties", properties);
  json.EndObject();
  return out;
}

std::string Visit::ToJson() const {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("start", std::optional(start));
  json.Member("end", std::optional(end));
  json.Member("seconds", int64_t{std::chrono::floor<std::chrono::seconds>(end - start).count()});
  json.Member("items", items);
  json.Array("sources", sources);
  WriteEnd(json, "first", first);
  WriteEnd(json, "last", last);
  if (campaign) json.Member("campaign", ValueView(JsonView{campaign->text}));
  json.Member("current", is_current);
  json.EndObject();
  return out;
}

}  // namespace kintsugi
