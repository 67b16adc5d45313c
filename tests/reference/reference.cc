#include "reference/reference.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "golden/value_codec.h"

namespace kintsugi::testing {
namespace {

// A link of step 2, with what step 4 orders it by.
struct Link {
  identity::Node stronger;
  identity::Node weaker;
  Time first = kNeverFirst;
  Time last = kNeverLast;
  int rank = 0;
};

std::string Quoted(const std::string& text) {
  return ToJson(Value(text));
}
std::string TimeJson(Time t) {
  return IsKnown(t) ? Quoted(FormatTime(t)) : "null";
}

}  // namespace

Reference::Reference(const Schema& schema)
    : context_(*engine::Context::Create(schema, {})),
      preparer_(context_->schema, context_->catalog, context_->normalizers, context_->golden_rules,
                context_->identity_rules) {}

void Reference::Add(const Event& event) {
  golden::SourceIndex source = 0;
  if (!engine::FindSource(context_->schema, event.source, source)) return;
  auto prepared = preparer_.Prepare(source, event);
  auto* ok = std::get_if<ingest::PreparedEvent>(&prepared);
  if (ok != nullptr && messages_.insert({source, ok->id}).second) events_.push_back(*ok);
}

void Reference::Add(const Record& record) {
  golden::SourceIndex source = 0;
  if (!engine::FindSource(context_->schema, record.source, source)) return;
  auto prepared = preparer_.Prepare(source, record);
  if (auto* ok = std::get_if<ingest::PreparedRecord>(&prepared)) records_[{source, ok->key}].push_back(*ok);
}

std::string Reference::Text(const Id& id) const {
  return context_->catalog.name(id.ns) + ":" + id.value;
}

void Reference::Collect(std::vector<Seen>& seen, std::vector<Said>& said) const {
  for (const auto& event : events_) {
    seen.push_back({event.identifiers, {event.time, event.time}});
    for (const auto& o : event.observations) said.push_back({event.identifiers.front(), o});
  }
  for (const auto& [name, versions] : records_) {
    const ingest::PreparedRecord* newest = &versions.front();
    Time first = kNeverFirst;
    for (const auto& version : versions) {
      if (IsKnown(version.version)) first = std::min(first, version.version);
      const bool wins = version.version != newest->version ? version.version > newest->version
                        : IsKnown(version.version)         ? version.content > newest->content
                                                           : true;  // no times: the last to arrive
      if (wins) newest = &version;
    }
    seen.push_back({newest->identifiers, {first, newest->version}});
    for (const auto& o : newest->observations) said.push_back({newest->identifiers.back(), o});
  }
}

bool Reference::MayJoin(const Profile& a, const Profile& b) const {
  std::map<int, uint32_t> counts;
  for (const Profile* profile : {&a, &b}) {
    for (const Id& id : *profile) ++counts[id.ns];
  }
  for (const auto& [ns, count] : counts) {
    const uint32_t limit = context_->identity_rules.namespaces[ns].max_per_profile;
    if (limit != 0 && count > limit) return false;
  }
  const uint32_t all = context_->schema.identity.max_identifiers;
  return all == 0 || a.size() + b.size() <= all;
}

std::vector<Reference::Profile> Reference::Resolve(const std::vector<Seen>& seen) const {
  std::map<std::pair<Id, Id>, Times> pairs;  // stronger, weaker
  std::map<Id, Profile> profile_of;
  for (const Seen& one : seen) {
    for (const Id& a : one.ids) {
      profile_of[a] = {a};
      for (const Id& b : one.ids) {
        if (!(a < b)) continue;
        Times& times = pairs[{a, b}];
        times.first = std::min(times.first, one.times.first);
        times.last = std::max(times.last, one.times.last);
      }
    }
  }
  const bool oldest = context_->schema.identity.on_conflict == OnConflict::kKeepOldest;
  const auto wins_by_time = [&](const Link& a, const Link& b) { return oldest ? a.first < b.first : a.last > b.last; };
  std::map<Id, std::vector<Link>> links_of;  // by weaker end
  for (const auto& [pair, times] : pairs)
    links_of[pair.second].push_back({pair.first, pair.second, times.first, times.last});
  std::vector<Link> links;
  for (auto& [weaker, own] : links_of) {
    std::map<int, uint32_t> stronger_of;  // namespace → distinct identifiers
    for (const Link& link : own) {
      if (link.stronger.ns != weaker.ns) ++stronger_of[link.stronger.ns];
    }
    const uint32_t generic_above = context_->identity_rules.namespaces[weaker.ns].generic_above;
    const bool generic = generic_above != 0 && std::any_of(stronger_of.begin(), stronger_of.end(),
                                                           [&](auto& entry) { return entry.second > generic_above; });
    if (generic) continue;
    std::sort(own.begin(), own.end(), [&](const Link& a, const Link& b) {
      if (wins_by_time(a, b) != wins_by_time(b, a)) return wins_by_time(a, b);
      return a.stronger < b.stronger;
    });
    for (size_t i = 0; i < own.size(); ++i) own[i].rank = static_cast<int>(i);
    links.insert(links.end(), own.begin(), own.end());
  }
  std::sort(links.begin(), links.end(), [&](const Link& a, const Link& b) {
    const int x = a.stronger.ns + a.weaker.ns;
    const int y = b.stronger.ns + b.weaker.ns;
    if (a.rank != b.rank) return a.rank < b.rank;
    if (x != y) return x < y;
    if (wins_by_time(a, b) != wins_by_time(b, a)) return wins_by_time(a, b);
    return std::tie(a.stronger, a.weaker) < std::tie(b.stronger, b.weaker);
  });
  for (const Link& link : links) {
    const Profile a = profile_of[link.stronger];
    const Profile b = profile_of[link.weaker];
    if (a == b || !MayJoin(a, b)) continue;
    Profile joined = a;
    joined.insert(b.begin(), b.end());
    for (const Id& id : joined) profile_of[id] = joined;
  }
  std::set<Profile> distinct;
  for (const auto& [id, profile] : profile_of) distinct.insert(profile);
  return {distinct.begin(), distinct.end()};
}

// Attribute → its JSON.
std::map<std::string, std::string> Reference::Golden(const Profile& profile, const std::vector<Said>& said) const {
  using golden::Observation;
  std::map<std::tuple<std::string, int, std::string>, Observation> merged;
  for (const Said& one : said) {
    if (!profile.contains(one.of)) continue;
    const Observation& o = one.what;
    const auto [at, fresh] = merged.try_emplace({o.attribute, o.source, o.value}, o);
    if (fresh) continue;
    at->second.first_observed = std::min(at->second.first_observed, o.first_observed);
    at->second.last_observed = std::max(at->second.last_observed, o.last_observed);
    at->second.count += o.count;
  }
  std::map<std::string, std::vector<Observation>> by_attribute;
  for (const auto& [key, o] : merged) by_attribute[o.attribute].push_back(o);

  std::map<std::string, std::string> out;
  for (auto& [attribute, all] : by_attribute) {
    std::vector<Observation> left;
    for (const Observation& o : all) {
      const bool deleted =
          golden::IsNull(o.value) || std::any_of(all.begin(), all.end(), [&](const Observation& null) {
            return golden::IsNull(null.value) && null.source == o.source && o.last_observed <= null.last_observed;
          });
      if (!deleted) left.push_back(o);
    }
    const bool any_full = std::any_of(left.begin(), left.end(), [](auto& o) { return !golden::IsEmpty(o.value); });
    if (any_full) std::erase_if(left, [](auto& o) { return golden::IsEmpty(o.value); });
    if (left.empty()) continue;

    Survivorship rule{.keep = context_->schema.golden.others};
    for (const auto& r : context_->schema.golden.attributes) rule = r.name == attribute ? r : rule;
    for (const auto& r : context_->schema.golden.groups) rule = r.members.front() == attribute ? r : rule;
    const auto source_rank = [&](const Observation& o) {
      const auto& order = rule.source_order;
      return std::find(order.begin(), order.end(), context_->schema.sources[o.source].name) - order.begin();
    };
    const auto votes = [&](const Observation& o) {
      uint64_t sum = 0;
      for (const Observation& other : left) sum += other.value == o.value ? other.count : 0;
      return sum;
    };
    const auto trust = [&](const Observation& o) { return context_->schema.sources[o.source].trust; };
    const auto better = [&](const Observation& a, const Observation& b) {
      if (rule.keep == Keep::kOldest && a.first_observed != b.first_observed)
        return a.first_observed < b.first_observed;
      if (rule.keep == Keep::kOldest) return std::tie(a.value, a.source) < std::tie(b.value, b.source);
      if (rule.keep == Keep::kSourceOrder && source_rank(a) != source_rank(b)) return source_rank(a) < source_rank(b);
      if (rule.keep == Keep::kMostFrequent && votes(a) != votes(b)) return votes(a) > votes(b);
      if (rule.keep == Keep::kLongest && golden::LengthOf(a.value) != golden::LengthOf(b.value)) {
        return golden::LengthOf(a.value) > golden::LengthOf(b.value);
      }
      if (rule.keep == Keep::kHighestTrust && trust(a) != trust(b)) return trust(a) > trust(b);
      if (rule.keep == Keep::kMin && a.value != b.value) return golden::LessThan(a.value, b.value);
      if (rule.keep == Keep::kMax && a.value != b.value) return golden::LessThan(b.value, a.value);
      if (a.last_observed != b.last_observed) return a.last_observed > b.last_observed;
      return std::tie(a.value, a.source) < std::tie(b.value, b.source);
    };
    const Observation best = *std::min_element(left.begin(), left.end(), better);
    const auto put = [&](const std::string& name, const std::string& json) {
      const Time at = rule.keep == Keep::kOldest ? best.first_observed : best.last_observed;
      out[name] = "{\"value\":" + json + ",\"source\":" + Quoted(context_->schema.sources[best.source].name) +
                  ",\"observed_at\":" + TimeJson(at) + ",\"rule\":" + Quoted(std::string(ToString(rule.keep))) + "}";
    };
    if (const auto group = golden::DecodeGroup(best.value)) {
      for (const auto& [name, value] : *group) put(name, ToJson(*golden::DecodeValue(value)));
    } else if (rule.keep == Keep::kAll) {
      std::set<std::string, decltype(&golden::LessThan)> values(&golden::LessThan);
      for (const Observation& o : left) values.insert(o.value);
      std::string list;
      for (const std::string& value : values) list += (list.empty() ? "" : ",") + ToJson(*golden::DecodeValue(value));
      put(attribute, "[" + list + "]");
    } else {
      put(attribute, ToJson(*golden::DecodeValue(best.value)));
    }
  }
  return out;
}

std::vector<std::string> Reference::Clusters() const {
  std::vector<Seen> seen;
  std::vector<Said> said;
  Collect(seen, said);
  std::map<Id, Time> first;
  for (const Seen& one : seen) {
    for (const Id& id : one.ids) {
      const auto [at, fresh] = first.emplace(id, one.times.first);
      if (!fresh) at->second = std::min(at->second, one.times.first);
    }
  }
  std::map<std::string, std::string> lines;  // by identifier
  for (const Profile& profile : Resolve(seen)) {
    const Id anchor = *std::min_element(profile.begin(), profile.end(), [&](const Id& a, const Id& b) {
      return std::make_tuple(first[a], a) < std::make_tuple(first[b], b);
    });
    for (const Id& id : profile) lines[Text(id)] = context_->IdOf(anchor).ToString() + "\t" + Text(id);
  }
  std::vector<std::string> out;
  for (const auto& [key, line] : lines) out.push_back(line);
  return out;
}

std::vector<std::string> Reference::Profiles() const {
  std::vector<Seen> seen;
  std::vector<Said> said;
  Collect(seen, said);
  std::map<Id, Times> times;
  for (const Seen& one : seen) {
    for (const Id& id : one.ids) {
      times[id].first = std::min(times[id].first, one.times.first);
      times[id].last = std::max(times[id].last, one.times.last);
    }
  }
  std::vector<std::string> out;
  for (const Profile& profile : Resolve(seen)) {
    Id anchor = *profile.begin();
    Times span;
    std::map<int, std::string> lists;  // by namespace: its values as a JSON list
    for (const Id& id : profile) {
      if (times[id].first < times[anchor].first) anchor = id;
      span.first = std::min(span.first, times[id].first);
      span.last = std::max(span.last, times[id].last);
      lists[id.ns] += (lists[id.ns].empty() ? "" : ",") + Quoted(id.value);
    }
    std::string identifiers;
    for (const auto& [ns, list] : lists) {
      identifiers += (identifiers.empty() ? "" : ",") + Quoted(context_->catalog.name(static_cast<uint16_t>(ns))) +
                     ":[" + list + "]";
    }
    std::string attributes;
    for (const auto& [name, json] : Golden(profile, said)) {
      attributes += (attributes.empty() ? "" : ",") + Quoted(name) + ":" + json;
    }
    out.push_back("{\"profile_id\":\"" + context_->IdOf(anchor).ToString() + "\",\"identifiers\":{" + identifiers +
                  "},\"attributes\":{" + attributes + "},\"first_seen\":" + TimeJson(span.first) +
                  ",\"last_seen\":" + TimeJson(span.last) + "}");
  }
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace kintsugi::testing
