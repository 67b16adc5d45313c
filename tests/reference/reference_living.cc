// What the naive engine says of items, and of segments.

#include "living/trait_names.h"
#include "reference/living.h"
#include "reference/reference.h"
#include "reference/segments.h"

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

std::map<std::string, std::string> Reference::TraitsOf(const Profile& profile) const {
  const Schema& schema = context_->schema;
  if (living::TraitNamesOf(schema).empty()) return {};
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
  return NaiveTraits(schema, items, now_);
}

std::string Reference::TraitsMember(const std::map<std::string, std::string>& traits) const {
  const Schema& schema = context_->schema;
  if (living::TraitNamesOf(schema).empty()) return "";
  std::string text;
  for (const std::string& name : living::TraitNamesOf(schema)) {
    const auto value = traits.find(name);
    if (value != traits.end()) text += (text.empty() ? "\"" : ",\"") + name + "\":" + value->second;
  }
  return "\"traits\":{" + text + "},";
}

std::string Reference::SegmentsMember(const Profile& profile, const Times& span,
                                      const std::map<std::string, Survived>& golden,
                                      const std::map<std::string, std::string>& traits) const {
  if (context_->schema.segments.empty()) return "";
  NaivePerson person{.traits = traits, .attributes = {}, .namespaces = {}, .now = now_};
  for (const auto& [name, survived] : golden) person.attributes[name] = survived.value;
  for (const Id& id : profile) {
    if (!context_->IsRecord(id.ns)) person.namespaces.insert(context_->catalog.name(id.ns));
  }
  if (span.first != kNeverFirst) person.first_seen = span.first;
  if (span.last != kNeverLast) person.last_seen = span.last;
  std::string text;
  for (const std::string& name : NaiveSegments(context_->schema, person))
    text += (text.empty() ? "\"" : ",\"") + name + "\"";
  return "\"segments\":[" + text + "],";
}

}  // namespace kintsugi::testing
