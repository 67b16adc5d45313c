#include "reference/reference.h"

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/hash.h"
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
  bool is_same = false;  // an assertion
};

std::string Quoted(const std::string& text) {
  return ToJson(Value(text));
}
std::string TimeJson(Time t) {
  return IsKnown(t) ? Quoted(FormatTime(t)) : "null";
}

}  // namespace

Reference::Reference(const Schema& schema, Broken broken)
    : context_(*ingest::Context::Create(schema, {})), preparer_(*context_), broken_(broken) {}

void Reference::Add(const Event& event) {
  golden::SourceIndex source = 0;
  if (!ingest::FindSource(context_->schema, event.source, source)) return;
  auto prepared = preparer_.Prepare(source, event);
  const auto* ok = std::get_if<ingest::PreparedEvent>(&prepared);
  if (ok == nullptr) return;
  const Name name = {source, ok->id};
  if (withdrawn_events_.contains(name) && !IsBroken(Broken::kReplayComesBack)) return;
  if (events_.emplace(name, *ok).second) said_[name] = event;  // the first stays
}

void Reference::Add(const Record& record) {
  golden::SourceIndex source = 0;
  if (!ingest::FindSource(context_->schema, record.source, source)) return;
  auto prepared = preparer_.Prepare(source, record);
  if (auto* ok = std::get_if<ingest::PreparedRecord>(&prepared))
    records_[{source, ok->key}].push_back({*ok, record, ++arrivals_});
}

void Reference::Withdraw(const std::string& source, const std::string& key, std::optional<Time> version) {
  golden::SourceIndex index = 0;
  if (!ingest::FindSource(context_->schema, source, index) || IsBroken(Broken::kWithdrawsNothing)) return;
  const Name name = {index, key};
  if (!version) {
    const Version* newest = Newest(name);
    if (newest == nullptr) return;
    version = newest->prepared.version;
  }
  tombstones_[name].push_back({*version, ++arrivals_});
}

void Reference::WithdrawEvent(const std::string& source, const std::string& id) {
  golden::SourceIndex index = 0;
  if (!ingest::FindSource(context_->schema, source, index)) return;
  const auto event = events_.find({index, id});
  if (event == events_.end()) return;
  withdrawn_events_.insert(*event);
  events_.erase(event);
}

void Reference::Readmit(const std::string& source, const std::string& id) {
  golden::SourceIndex index = 0;
  if (!ingest::FindSource(context_->schema, source, index) || IsBroken(Broken::kReadmitsNothing)) return;
  const auto event = withdrawn_events_.find({index, id});
  if (event == withdrawn_events_.end()) return;
  if (IsBroken(Broken::kReadmitBringsBack)) events_.insert(*event);
  withdrawn_events_.erase(event);
}

void Reference::WithdrawSource(const std::string& source) {
  golden::SourceIndex index = 0;
  if (!ingest::FindSource(context_->schema, source, index)) return;
  const auto is_of_source = [&](const auto& entry) { return entry.first.first == index; };
  std::erase_if(events_, is_of_source);
  std::erase_if(records_, is_of_source);
  if (!IsBroken(Broken::kSourceLeavesMessages)) std::erase_if(withdrawn_events_, is_of_source);
  if (!IsBroken(Broken::kSourceLeavesTombstones)) std::erase_if(tombstones_, is_of_source);
}

void Reference::Assert(const Assertion& assertion) {
  const auto a = Normalize(assertion.a);
  const auto b = Normalize(assertion.b);
  if (!a || !b || *a == *b || assertion.by.empty() || assertion.because.empty()) return;
  if (IsBroken(Broken::kLastAssertionWins)) decisions_.erase(assertion.id);
  if (IsBroken(Broken::kReassertedCounts)) retracted_.erase(assertion.id);
  decisions_.emplace(assertion.id, Decision{assertion.kind, *a, *b});  // the first stays
}

void Reference::Retract(const std::string& id) {
  if (decisions_.contains(id)) retracted_.insert(id);
}

std::optional<Reference::Id> Reference::Normalize(const Identifier& raw) const {
  uint16_t ns = 0;
  if (!context_->catalog.FindName(raw.ns, ns)) return std::nullopt;
  if (context_->IsRecord(ns)) return Id{ns, raw.value};  // a key is taken as it is
  const auto normalized = context_->normalizers[ns].Normalize(raw.value);
  if (normalized.refusal != normalize::Refusal::kNone) return std::nullopt;
  return Id{ns, normalized.value};
}

std::string Reference::Text(const Id& id) const {
  return context_->catalog.name(id.ns) + ":" + id.value;
}

// A version of known time counts if it is newer than every withdrawal of its record, whenever either arrived. One of
// unknown time counts if it arrived after them.
bool Reference::Counts(const Name& name, const Version& version) const {
  const auto at = tombstones_.find(name);
  if (at == tombstones_.end()) return true;
  const bool only_last = IsBroken(Broken::kLastTombstoneCounts);
  for (const Tombstone& withdrawn : at->second) {
    if (only_last && &withdrawn != &at->second.back()) continue;
    const Time time = version.prepared.version;
    if (!IsKnown(time)) {
      if (version.arrived < withdrawn.arrived || IsBroken(Broken::kUnknownTimesStayGone)) return false;
    } else if (IsBroken(Broken::kNoTombstone) && version.arrived > withdrawn.arrived) {
      continue;
    } else if (IsBroken(Broken::kWithdrawsOlderOnly) ? time < withdrawn.version : time <= withdrawn.version) {
      return false;
    }
  }
  return true;
}

// Whether a version that arrived later takes the place of another.
bool Reference::Wins(const ingest::PreparedRecord& one, const ingest::PreparedRecord& other) const {
  if (one.version != other.version) return one.version > other.version;
  const bool by_extraction = !IsBroken(Broken::kExtractionIgnored);
  if (one.content == other.content) return one.extracted > other.extracted;
  const bool told = IsKnown(one.extracted) && IsKnown(other.extracted) && by_extraction;
  if (!IsKnown(one.version) && !told) return true;  // the last to arrive
  if (one.extracted != other.extracted && by_extraction) return one.extracted > other.extracted;
  return (one.content > other.content) != IsBroken(Broken::kSmallerContentWins);
}

const Reference::Version* Reference::Newest(const Name& name) const {
  const auto at = records_.find(name);
  if (at == records_.end()) return nullptr;
  const Version* newest = nullptr;
  for (const Version& version : at->second) {
    if (!Counts(name, version)) continue;
    if (newest == nullptr || IsBroken(Broken::kLastToArriveWins) || Wins(version.prepared, newest->prepared))
      newest = &version;
  }
  return newest;
}

std::vector<Record> Reference::Survivors() const {
  std::vector<Record> out;
  for (const auto& [name, versions] : records_) {
    if (const Version* newest = Newest(name)) out.push_back(newest->record);
  }
  return out;
}

void Reference::Collect(std::vector<Seen>& seen, Said& said) const {
  for (const auto& [name, event] : events_) {
    seen.push_back({event.identifiers, {event.time, event.time}});
    for (const auto& o : event.observations) said[event.identifiers.front()].push_back(o);
  }
  for (const auto& [name, versions] : records_) {
    const Version* newest = Newest(name);
    if (newest == nullptr) continue;
    Time first = kNeverFirst;
    for (const Version& version : versions) {
      if (!Counts(name, version) && !IsBroken(Broken::kFirstSeenOfWithdrawn)) continue;
      if (IsBroken(Broken::kFirstSeenOfNewest) && &version != newest) continue;
      if (IsKnown(version.prepared.version)) first = std::min(first, version.prepared.version);
    }
    seen.push_back({newest->prepared.identifiers, {first, newest->prepared.version}});
    for (const auto& o : newest->prepared.observations) said[newest->prepared.identifiers.back()].push_back(o);
  }
}

std::vector<Reference::Decision> Reference::Decisions(const std::map<Id, Profile>& evidence) const {
  std::vector<Decision> out;
  for (const auto& [id, decision] : decisions_) {
    if (retracted_.contains(id) && !IsBroken(Broken::kRetractedCounts)) continue;
    const bool in_evidence = evidence.contains(decision.a) && evidence.contains(decision.b);
    if (in_evidence || IsBroken(Broken::kAssertedIsEvidence)) out.push_back(decision);
  }
  return out;
}

bool Reference::AreNever(const Profile& a, const Profile& b, const std::vector<Decision>& decisions) const {
  for (const Decision& never : decisions) {
    if (never.kind != Assertion::Kind::kNever || IsBroken(Broken::kNeverIgnored)) continue;
    if (IsBroken(Broken::kNeverOnlyDirect) && a.size() + b.size() > 2) continue;
    if ((a.contains(never.a) && b.contains(never.b)) || (a.contains(never.b) && b.contains(never.a))) return true;
  }
  return false;
}

bool Reference::FitTogether(const Profile& a, const Profile& b) const {
  std::map<int, uint32_t> counts;
  for (const Profile* profile : {&a, &b}) {
    for (const Id& id : *profile) ++counts[id.ns];
  }
  for (const auto& [ns, count] : counts) {
    const uint32_t limit = context_->identity_rules.namespaces[ns].max_per_profile;
    if (limit == 0 || IsBroken(Broken::kNoLimit)) continue;
    if (context_->IsRecord(static_cast<uint16_t>(ns)) && IsBroken(Broken::kRecordsUnlimited)) continue;
    if (count > limit + (IsBroken(Broken::kLimitOffByOne) ? 1 : 0)) return false;
  }
  const uint32_t all = context_->schema.identity.max_identifiers;
  if (all == 0 || IsBroken(Broken::kNoMaxIdentifiers)) return true;
  return a.size() + b.size() <= all + (IsBroken(Broken::kMaxIdentifiersOffByOne) ? 1 : 0);
}

std::vector<Reference::Profile> Reference::Resolve(const std::vector<Seen>& seen) const {
  std::map<std::pair<Id, Id>, Times> pairs;  // stronger, weaker
  std::map<Id, Profile> profile_of;
  for (const Seen& one : seen) {
    for (const Id& a : one.ids) {
      profile_of[a] = {a};
      for (const Id& b : one.ids) {
        if (!(a < b)) continue;
        Times& times = pairs[IsBroken(Broken::kWeakerIsStronger) ? std::pair(b, a) : std::pair(a, b)];
        times.first = std::min(times.first, one.times.first);
        times.last = std::max(times.last, one.times.last);
      }
    }
  }
  const std::vector<Decision> decisions = Decisions(profile_of);
  if (IsBroken(Broken::kAssertedIsEvidence)) {
    for (const Decision& decision : decisions) {
      profile_of[decision.a] = {decision.a};
      profile_of[decision.b] = {decision.b};
    }
  }

  const bool oldest = context_->schema.identity.on_conflict == OnConflict::kKeepOldest;
  const auto wins_by_time = [&](const Link& a, const Link& b) { return oldest ? a.first < b.first : a.last > b.last; };
  const auto by_time_and_bytes = [&](const Link& a, const Link& b) {
    const bool mirrored = IsBroken(Broken::kRankByOldest);
    const auto time_of = [&](const Link& link) { return oldest != mirrored ? link.first : link.last; };
    if (!IsBroken(Broken::kRankByBytes) && time_of(a) != time_of(b))
      return oldest != mirrored ? time_of(a) < time_of(b) : time_of(a) > time_of(b);
    return a.stronger < b.stronger;
  };
  std::map<Id, std::vector<Link>> links_of;  // by weaker end
  for (const auto& [pair, times] : pairs)
    links_of[pair.second].push_back({pair.first, pair.second, times.first, times.last});
  std::set<Id> generic;
  std::vector<Link> links;
  for (auto& [weaker, own] : links_of) {
    std::map<int, uint32_t> stronger_of;  // namespace → distinct identifiers
    for (const Link& link : own) {
      const int ns = IsBroken(Broken::kGenericAllNamespaces) ? 0 : link.stronger.ns;
      if (link.stronger.ns != weaker.ns || IsBroken(Broken::kGenericOwnNamespace)) ++stronger_of[ns];
    }
    uint32_t limit = context_->identity_rules.namespaces[weaker.ns].generic_above;
    if (IsBroken(Broken::kGenericNever)) limit = 0;
    if (limit != 0 && IsBroken(Broken::kGenericOffByOne)) ++limit;
    if (limit != 0 &&
        std::any_of(stronger_of.begin(), stronger_of.end(), [&](auto& entry) { return entry.second > limit; })) {
      generic.insert(weaker);
      continue;
    }
    std::sort(own.begin(), own.end(), by_time_and_bytes);
    for (size_t i = 0; i < own.size(); ++i) own[i].rank = static_cast<int>(i);
    links.insert(links.end(), own.begin(), own.end());
  }
  if (IsBroken(Broken::kGenericBothWays))
    std::erase_if(links, [&](const Link& link) { return generic.contains(link.stronger); });
  std::sort(links.begin(), links.end(), [&](const Link& a, const Link& b) {
    const int x = a.stronger.ns + a.weaker.ns;
    const int y = b.stronger.ns + b.weaker.ns;
    if (a.rank != b.rank && !IsBroken(Broken::kNoRank)) return a.rank < b.rank;
    if (x != y && !IsBroken(Broken::kNoPositions)) return x < y;
    if (wins_by_time(a, b) != wins_by_time(b, a) && !IsBroken(Broken::kNoTime)) return wins_by_time(a, b);
    return std::tie(a.stronger, a.weaker) < std::tie(b.stronger, b.weaker);
  });

  std::vector<Link> same;
  for (const Decision& decision : decisions) {
    if (decision.kind != Assertion::Kind::kSame || IsBroken(Broken::kSameIgnored)) continue;
    same.push_back(
        {.stronger = std::min(decision.a, decision.b), .weaker = std::max(decision.a, decision.b), .is_same = true});
  }
  std::sort(same.begin(), same.end(), [](const Link& a, const Link& b) {
    return std::make_tuple(a.stronger.ns + a.weaker.ns, a.stronger, a.weaker) <
           std::make_tuple(b.stronger.ns + b.weaker.ns, b.stronger, b.weaker);
  });
  if (IsBroken(Broken::kSameReversed)) std::reverse(same.begin(), same.end());
  links.insert(IsBroken(Broken::kSameLast) ? links.end() : links.begin(), same.begin(), same.end());

  for (const Link& link : links) {
    const Profile a = profile_of[link.stronger];
    const Profile b = profile_of[link.weaker];
    if (a == b) continue;
    if (AreNever(a, b, decisions) && !(link.is_same && IsBroken(Broken::kSameOverNever))) continue;
    if (!FitTogether(a, b) && !(link.is_same && IsBroken(Broken::kSameOverLimits))) continue;
    Profile joined = a;
    joined.insert(b.begin(), b.end());
    for (const Id& id : joined) profile_of[id] = joined;
  }
  std::set<Profile> distinct;
  for (const auto& [id, profile] : profile_of) distinct.insert(profile);
  return {distinct.begin(), distinct.end()};
}

Survivorship Reference::RuleOf(const std::string& attribute) const {
  Survivorship rule{.keep = context_->schema.golden.others};
  for (const auto& r : context_->schema.golden.attributes) rule = r.name == attribute ? r : rule;
  for (const auto& r : context_->schema.golden.groups) rule = r.members.front() == attribute ? r : rule;
  return rule;
}

std::vector<golden::Observation> Reference::Bounded(const std::vector<golden::Observation>& said) const {
  using golden::Observation;
  std::map<std::pair<std::string, int>, std::map<std::string, std::vector<Observation>>> by_value;
  for (const Observation& o : said) by_value[{o.attribute, o.source}][o.value].push_back(o);
  std::vector<Observation> kept;
  for (const auto& [of, values] : by_value) {
    const Survivorship rule = RuleOf(of.first);
    std::set<std::pair<uint64_t, std::string>> hashed;  // those of which only some are kept
    std::vector<std::string> full;
    for (const auto& [value, sayings] : values) {
      const bool is_empty = golden::IsEmpty(value);
      if (golden::IsNull(value) || (is_empty && !golden::IsGroup(value))) continue;
      hashed.emplace(Fingerprint(value), value);
      if (!is_empty) full.push_back(value);
    }
    const size_t most = rule.max_values + (IsBroken(Broken::kMaxValuesOffByOne) ? 1 : 0);
    std::set<std::string> whole;
    for (const auto& [value, sayings] : values) whole.insert(value);
    if (!IsBroken(Broken::kNoMaxValues)) {
      for (auto at = hashed.begin(); at != hashed.end(); ++at) {
        if (static_cast<size_t>(std::distance(hashed.begin(), at)) >= most) whole.erase(at->second);
      }
    }
    const auto best = [&](auto is_better) { return *std::min_element(full.begin(), full.end(), is_better); };
    const auto longer = [](const std::string& a, const std::string& b) {
      return golden::LengthOf(a) != golden::LengthOf(b) ? golden::LengthOf(a) > golden::LengthOf(b) : a < b;
    };
    const auto larger = [](const std::string& a, const std::string& b) { return golden::LessThan(b, a); };
    if (!full.empty() && rule.keep == Keep::kMin) whole.insert(best(golden::LessThan));
    if (!full.empty() && rule.keep == Keep::kMax) whole.insert(best(larger));
    if (!full.empty() && rule.keep == Keep::kLongest) whole.insert(best(longer));
    std::optional<std::pair<Time, std::string>> last, first;
    for (const std::string& value : full) {
      for (const Observation& o : values.at(value)) {
        if (!last || o.last_observed > last->first) last = {o.last_observed, value};
        if (!first || o.first_observed < first->first) first = {o.first_observed, value};
      }
    }
    if (rule.keep != Keep::kOldest) first.reset();
    if (IsBroken(Broken::kLastSaidNotKept)) last.reset();
    for (const auto& [value, sayings] : values) {
      if (whole.contains(value)) {
        kept.insert(kept.end(), sayings.begin(), sayings.end());
        continue;
      }
      const bool is_last = last && last->second == value;
      const bool is_first = first && first->second == value;
      if (!is_last && !is_first) continue;
      Observation o = sayings.front();
      o.count = 1;
      o.first_observed = is_first ? first->first : last->first;
      o.last_observed = is_last ? last->first : first->first;
      kept.push_back(o);
    }
  }
  return kept;
}

// Attribute → its JSON.
std::map<std::string, Reference::Survived> Reference::Golden(const Profile& profile, const Said& said) const {
  using golden::Observation;
  std::map<std::tuple<std::string, int, std::string>, Observation> merged;
  for (const Id& id : profile) {
    const auto of_id = said.find(id);
    if (of_id == said.end()) continue;
    for (const Observation& o : Bounded(of_id->second)) {
      const auto [at, fresh] = merged.try_emplace({o.attribute, o.source, o.value}, o);
      if (fresh) continue;
      at->second.first_observed = std::min(at->second.first_observed, o.first_observed);
      at->second.last_observed = std::max(at->second.last_observed, o.last_observed);
      at->second.count += o.count;
    }
  }
  std::map<std::string, std::vector<Observation>> by_attribute;
  for (const auto& [key, o] : merged) by_attribute[o.attribute].push_back(o);

  std::map<std::string, Survived> out;
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

    const Survivorship rule = RuleOf(attribute);
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
      out[name] = {json, "{\"value\":" + json + ",\"source\":" + Quoted(context_->schema.sources[best.source].name) +
                             ",\"observed_at\":" + TimeJson(at) +
                             ",\"rule\":" + Quoted(std::string(ToString(rule.keep))) + "}"};
    };
    if (const auto group = golden::DecodeGroup(best.value)) {
      for (const auto& [name, value] : *group) put(name, ViewToJson(*golden::DecodeValue(value)));
    } else if (rule.keep == Keep::kAll) {
      std::set<std::string, decltype(&golden::LessThan)> values(&golden::LessThan);
      for (const Observation& o : left) values.insert(o.value);
      std::string list;
      for (const std::string& value : values)
        list += (list.empty() ? "" : ",") + ViewToJson(*golden::DecodeValue(value));
      put(attribute, "[" + list + "]");
    } else {
      put(attribute, ViewToJson(*golden::DecodeValue(best.value)));
    }
  }
  return out;
}

Reference::Answers Reference::Ask() const {
  std::vector<Seen> seen;
  Said said;
  Collect(seen, said);
  std::map<Id, Times> times;
  for (const Seen& one : seen) {
    for (const Id& id : one.ids) {
      times[id].first = std::min(times[id].first, one.times.first);
      times[id].last = std::max(times[id].last, one.times.last);
    }
  }
  Answers out;
  std::map<std::string, std::string> clusters;  // by identifier
  for (const Profile& profile : Resolve(seen)) {
    Id anchor = *profile.begin();
    Times span;
    std::map<int, std::string> lists;  // by namespace: its values as a JSON list
    for (const Id& id : profile) {
      const bool earlier = IsBroken(Broken::kAnchorLastSeen)    ? times[id].last < times[anchor].last
                           : IsBroken(Broken::kAnchorStrongest) ? false
                                                                : times[id].first < times[anchor].first;
      if (earlier) anchor = id;
      span.first = std::min(span.first, times[id].first);
      span.last = std::max(span.last, times[id].last);
      lists[id.ns] += (lists[id.ns].empty() ? "" : ",") + Quoted(id.value);
    }
    const std::string profile_id = context_->IdOf(anchor).ToString();
    for (const Id& id : profile) clusters[Text(id)] = profile_id + "\t" + Text(id);
    std::string identifiers;
    for (const auto& [ns, list] : lists) {
      identifiers += (identifiers.empty() ? "" : ",") + Quoted(context_->catalog.name(static_cast<uint16_t>(ns))) +
                     ":[" + list + "]";
    }
    std::string attributes;
    const auto golden = Golden(profile, said);
    for (const auto& [name, survived] : golden) {
      attributes += (attributes.empty() ? "" : ",") + Quoted(name) + ":" + survived.json;
    }
    const auto traits = TraitsOf(profile);
    out.profiles.push_back("{\"profile_id\":\"" + profile_id + "\",\"identifiers\":{" + identifiers +
                           "},\"attributes\":{" + attributes + "}," + TraitsMember(traits) +
                           SegmentsMember(profile, span, golden, traits) + "\"first_seen\":" + TimeJson(span.first) +
                           ",\"last_seen\":" + TimeJson(span.last) + "}");
  }
  std::sort(out.profiles.begin(), out.profiles.end());
  for (const auto& [key, line] : clusters) out.clusters.push_back(line);
  return out;
}

}  // namespace kintsugi::testing
