// What the naive engine says of items.

#include "reference/living.h"
#include "reference/reference.h"

namespace kintsugi::testing {

namespace {

// The last of equal names counts.
std::vector<NamedValue> Distinct(const std::vector<NamedValue>& values) {
  std::map<std::string, Value> by_name;
  for (const auto& [name, value] : values) by_name[name] = value;
  return {by_name.begin(), by_name.end()};
}

}  // namespace

void Reference::Advance(Time now) {
  if (!now_ || now > *now_) now_ = now;
}

std::string Reference::TraitsMember(const Profile& profile) const {
  const Schema& schema = context_->schema;
  if (schema.traits.empty()) return "";
  std::vector<living::Item> items;
  for (const auto& [name, prepared] : events_) {
    if (!profile.contains(prepared.identifiers.front())) continue;
    const Event& event = said_.at(name);
    const living::Item item{prepared.time, prepared.source, prepared.id, event.name, Distinct(event.properties)};
    if (NaiveIsKept(schema, item, false, now_)) items.push_back(item);
  }
  for (const auto& [name, versions] : records_) {
    const Version* newest = Newest(name);
    if (newest == nullptr || !profile.contains(newest->prepared.identifiers.front())) continue;
    const Record& record = newest->record;
    const auto source = static_cast<golden::SourceIndex>(name.first);
    const auto& event = schema.sources[source].table()->event;
    const std::optional<Time> time = record.happened_at ? record.happened_at : record.version;
    if (event && time)
      items.push_back({*time, source, record.source + ":" + record.key, event->name, Distinct(record.properties)});
  }
  std::string text;
  const auto traits = NaiveTraits(schema, items, now_);
  for (const Trait& trait : schema.traits) {
    const auto value = traits.find(trait.name);
    if (value != traits.end()) text += (text.empty() ? "\"" : ",\"") + trait.name + "\":" + value->second;
  }
  return "\"traits\":{" + text + "},";
}

}  // namespace kintsugi::testing
