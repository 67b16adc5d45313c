#include "living/feed.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

#include "golden/value_codec.h"
#include "identity/union_find.h"
#include "living/trait_names.h"

namespace kintsugi::living {
namespace {

using Kind = FeedEntry::Kind;
using golden::RecordView;

// The feed is read as JSON, where a whole number is one whatever it was stored as.
std::string JsonOf(std::string_view value) {
  return value.empty() ? "null" : ViewToJson(golden::ReadValue(value));
}

bool IsSame(std::string_view a, std::string_view b) {
  return a == b || JsonOf(a) == JsonOf(b);
}

// So many identifiers of a profile before are a profile's now. Both are places in `changes`.
struct Flow {
  uint32_t from = 0;
  uint32_t to = 0;
  uint64_t identifiers = 0;
};

// Where the identifiers of each profile before are now.
class Flows {
 public:
  explicit Flows(std::span<const RecordChange> changes) {
    std::vector<Held> before;
    for (uint32_t i = 0; i < changes.size(); ++i) {
      const RecordView was(changes[i].before);
      // Nearly always: nobody came and nobody left.
      if (was.identifier_bytes() == RecordView(changes[i].now).identifier_bytes()) continue;
      for (const auto& [number, value] : was.identifiers()) before.emplace_back(number, value, i);
    }
    std::sort(before.begin(), before.end());
    std::vector<std::pair<uint32_t, uint32_t>> moves;
    for (uint32_t i = 0; i < changes.size(); ++i) AddMoves(changes[i], i, before, moves);
    std::sort(held_.begin(), held_.end());
    std::sort(moves.begin(), moves.end());
    for (const auto& [from, to] : moves) {
      if (by_from_.empty() || by_from_.back().from != from || by_from_.back().to != to)
        by_from_.push_back({from, to, 0});
      ++by_from_.back().identifiers;
    }
    by_to_ = by_from_;
    std::stable_sort(by_to_.begin(), by_to_.end(), [](const Flow& a, const Flow& b) { return a.to < b.to; });
  }

  const std::vector<Flow>& all() const { return by_from_; }
  std::span<const Flow> From(uint32_t place) const { return Range(by_from_, &Flow::from, place); }
  std::span<const Flow> To(uint32_t place) const { return Range(by_to_, &Flow::to, place); }
  // Whose it is now, of an identifier that a profile had.
  std::optional<uint32_t> HolderOf(const golden::StoredIdentifier& identifier) const {
    const auto at = Find(held_, identifier.number, identifier.value);
    return at == held_.end() ? std::nullopt : std::optional(std::get<2>(*at));
  }

 private:
  // An identifier, and the place of a change.
  using Held = std::tuple<uint16_t, std::string_view, uint32_t>;

  static std::vector<Held>::const_iterator Find(const std::vector<Held>& sorted, uint16_t number,
                                                std::string_view value) {
    const auto at = std::lower_bound(sorted.begin(), sorted.end(), Held(number, value, 0));
    const bool is_it = at != sorted.end() && std::get<0>(*at) == number && std::get<1>(*at) == value;
    return is_it ? at : sorted.end();
  }

  void AddMoves(const RecordChange& change, uint32_t place, const std::vector<Held>& before,
                std::vector<std::pair<uint32_t, uint32_t>>& moves) {
    if (before.empty() || change.now.empty()) return;
    const RecordView now(change.now);
    if (RecordView(change.before).identifier_bytes() == now.identifier_bytes()) return;
    for (const auto& [number, value] : now.identifiers()) {
      const auto at = Find(before, number, value);
      if (at == before.end()) continue;
      moves.emplace_back(std::get<2>(*at), place);
      held_.emplace_back(number, value, place);
    }
  }

  static std::span<const Flow> Range(const std::vector<Flow>& flows, uint32_t Flow::*end, uint32_t place) {
    const auto first = std::partition_point(flows.begin(), flows.end(), [&](const Flow& f) { return f.*end < place; });
    const auto last = std::partition_point(first, flows.end(), [&](const Flow& f) { return f.*end == place; });
    return {first, last};
  }

  std::vector<Flow> by_from_;  // then by `to`
  std::vector<Flow> by_to_;    // then by `from`
  std::vector<Held> held_;     // of identifiers that somebody had, whose they are now
};

class Teller {
 public:
  Teller(const FeedRules& rules, std::span<const RecordChange> changes, const IdOf& id_of)
      : rules_(rules), changes_(changes), id_of_(id_of), flows_(changes) {}

  std::vector<Told> Tell() && {
    for (const std::vector<uint32_t>& part : Parts()) TellPart(part);
    return std::move(told_);
  }

 private:
  using Places = std::vector<uint32_t>;

  bool Was(uint32_t place) const { return !changes_[place].before.empty(); }
  bool Is(uint32_t place) const { return !changes_[place].now.empty(); }
  const ProfileId& Id(uint32_t place) const { return changes_[place].id; }

  // Changes that identifiers connect, in order of their first ids.
  std::vector<Places> Parts() const {
    identity::UnionFind sets(changes_.size());
    for (const Flow& flow : flows_.all()) sets.Join(flow.from, flow.to);
    std::vector<uint32_t> part_of(changes_.size(), UINT32_MAX);  // by root
    std::vector<Places> parts;
    for (uint32_t i = 0; i < changes_.size(); ++i) {
      uint32_t& part = part_of[sets.Find(i)];
      if (part == UINT32_MAX) {
        part = static_cast<uint32_t>(parts.size());
        parts.emplace_back();
      }
      parts[part].push_back(i);
    }
    return parts;
  }

  void TellPart(const Places& part) {
    const bool is_renamed = part.size() == 2 && TellRenamed(part[0], part[1]);
    if (is_renamed) return;
    std::map<uint32_t, Places> splits;
    for (const uint32_t place : part) {
      if (Was(place) || !Is(place)) continue;
      if (const Flow* from = SplitFrom(place))
        splits[from->from].push_back(place);
      else
        Add(Kind::kProfileCreated, place);
    }
    for (const auto& [from, into] : splits) Add(Kind::kProfileSplit, from, into);
    TellGone(part, splits);
    for (const uint32_t place : part) {
      if (Is(place)) TellDifference(Id(place), changes_[place].before, changes_[place].now);
    }
  }

  // One from one under another id.
  bool TellRenamed(uint32_t a, uint32_t b) {
    const uint32_t from = Was(a) ? a : b;
    const uint32_t to = from == a ? b : a;
    if (!Was(from) || Is(from) || Was(to) || !Is(to)) return false;
    Add(Kind::kProfileRenamed, to, {from});
    TellDifference(Id(to), changes_[from].before, changes_[to].now);
    return true;
  }

  // Of the profiles that came apart and gave the new one identifiers, the one that gave the most, and of these the
  // first; null if none came apart.
  const Flow* SplitFrom(uint32_t place) const {
    const Flow* most = nullptr;
    for (const Flow& flow : flows_.To(place)) {
      if (flows_.From(flow.from).size() < 2) continue;
      if (most == nullptr || flow.identifiers > most->identifiers) most = &flow;
    }
    return most;
  }

  void TellGone(const Places& part, const std::map<uint32_t, Places>& splits) {
    std::map<uint32_t, Places> merged;
    Places removed;
    for (const uint32_t place : part) {
      if (!Was(place) || Is(place)) continue;
      const std::span<const Flow> flows = flows_.From(place);
      if (flows.empty() || splits.contains(place))
        removed.push_back(place);
      else
        merged[Heir(place, flows)].push_back(place);
      LeaveAll(place);
    }
    for (const auto& [into, from] : merged) Add(Kind::kProfilesMerged, into, from);
    for (const uint32_t place : removed) Add(Kind::kProfileRemoved, place);
  }

  // Whoever has the anchor, for it is found by the id from then on; if that is gone, whoever has most.
  uint32_t Heir(uint32_t place, std::span<const Flow> flows) const {
    if (flows.size() == 1) return flows.front().to;
    for (const golden::StoredIdentifier& one : RecordView(changes_[place].before).identifiers()) {
      if (id_of_(one) != Id(place)) continue;
      if (const auto holder = flows_.HolderOf(one)) return *holder;
    }
    const auto has_less = [](const Flow& a, const Flow& b) { return a.identifiers < b.identifiers; };
    return std::max_element(flows.begin(), flows.end(), has_less)->to;
  }

  void LeaveAll(uint32_t place) {
    for (const uint32_t segment : RecordView(changes_[place].before).segments())
      AddNamed(Kind::kSegmentLeft, Id(place), SegmentName(segment), {});
  }

  // Of an id of which is known what `before` says; empty: nothing was told of it.
  void TellDifference(const ProfileId& id, std::string_view before, std::string_view now) {
    if (before == now) return;
    const RecordView was(before);
    const RecordView is(now);
    const std::vector<uint32_t> old_segments = was.segments();
    const std::vector<uint32_t> new_segments = is.segments();
    TellMissing(Kind::kSegmentLeft, id, old_segments, new_segments);
    if (rules_.tells_attributes()) TellAttributes(id, was, is);
    for (const FeedRules::Fed& fed : rules_.traits()) {
      const std::string_view known = before.empty() ? std::string_view(fed.over_no_item) : was.trait(fed.position);
      const std::string_view value = is.trait(fed.position);
      if (!IsSame(known, value)) AddNamed(fed.kind, id, fed.kind == Kind::kTierChanged ? "" : fed.name, value);
    }
    TellMissing(Kind::kSegmentEntered, id, new_segments, old_segments);
  }

  // Those of `of` that are not in `others`; both ascend.
  void TellMissing(Kind kind, const ProfileId& id, const std::vector<uint32_t>& of,
                   const std::vector<uint32_t>& others) {
    std::vector<uint32_t> missing;
    std::set_difference(of.begin(), of.end(), others.begin(), others.end(), std::back_inserter(missing));
    for (const uint32_t segment : missing) AddNamed(kind, id, SegmentName(segment), {});
  }

  // Both are by name.
  void TellAttributes(const ProfileId& id, const RecordView& was, const RecordView& is) {
    uint32_t i = 0;
    uint32_t j = 0;
    while (i < was.attribute_count() || j < is.attribute_count()) {
      const bool has_old = i < was.attribute_count();
      const bool has_new = j < is.attribute_count();
      const golden::StoredAttribute before = has_old ? was.attribute(i) : golden::StoredAttribute();
      const golden::StoredAttribute now = has_new ? is.attribute(j) : golden::StoredAttribute();
      const bool takes_old = has_old && (!has_new || before.name <= now.name);
      const bool takes_new = has_new && (!has_old || now.name <= before.name);
      const std::string_view old_value = takes_old ? before.value : std::string_view();
      const std::string_view new_value = takes_new ? now.value : std::string_view();
      if (!IsSame(old_value, new_value))
        AddNamed(Kind::kAttributeChanged, id, takes_old ? before.name : now.name, new_value);
      i += takes_old ? 1 : 0;
      j += takes_new ? 1 : 0;
    }
  }

  std::string_view SegmentName(uint32_t segment) const {
    return segment < rules_.segments().size() ? std::string_view(rules_.segments()[segment]) : std::string_view();
  }

  void Add(Kind kind, uint32_t place, const Places& others = {}) {
    Told& told = told_.emplace_back(Told{.kind = kind, .id = Id(place)});
    for (const uint32_t other : others) told.others.push_back(Id(other));
  }

  void AddNamed(Kind kind, const ProfileId& id, std::string_view name, std::string_view value) {
    told_.push_back({.kind = kind, .id = id, .name = std::string(name), .value = std::string(value)});
  }

  const FeedRules& rules_;
  const std::span<const RecordChange> changes_;
  const IdOf& id_of_;
  const Flows flows_;
  std::vector<Told> told_;
};

}  // namespace

FeedRules::FeedRules(const Schema& schema, const TraitRules& traits) {
  if (!schema.feed) return;
  is_on_ = true;
  tells_attributes_ = schema.feed->attributes;
  keep_days_ = schema.feed->keep_days;
  for (const Segment& segment : schema.segments) segments_.push_back(segment.name);
  const std::vector<std::string> names = TraitNamesOf(schema);
  const TraitValues over_no_item = traits.Evaluate({}, kNeverLast);
  for (uint32_t i = 0; i < names.size(); ++i) {
    const bool is_tier = schema.loyalty && i + 1 == names.size();  // the last of loyalty's
    if (!is_tier && !(i < schema.traits.size() && schema.traits[i].feed)) continue;
    Fed fed{.position = i, .name = names[i], .kind = is_tier ? Kind::kTierChanged : Kind::kTraitChanged};
    if (i < over_no_item.values.size() && over_no_item.values[i])
      fed.over_no_item = golden::EncodeValue(*over_no_item.values[i]);
    traits_.push_back(std::move(fed));
  }
}

std::vector<Told> TellChanges(const FeedRules& rules, std::span<const RecordChange> changes, const IdOf& id_of) {
  if (!rules.is_on()) return {};
  return Teller(rules, changes, id_of).Tell();
}

}  // namespace kintsugi::living
