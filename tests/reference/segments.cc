#include "reference/segments.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "base/json.h"
#include "reference/living.h"
#include "reference/living_decimal.h"
#include "reference/living_values.h"
#include "simdjson.h"

namespace kintsugi::testing {
namespace {

using What = SegmentCondition::What;

// Membership.

std::optional<std::string> Find(const std::map<std::string, std::string>& texts, const std::string& name) {
  const auto found = texts.find(name);
  return found == texts.end() ? std::nullopt : std::optional(found->second);
}

// As if an item held the value. A number that the parser refuses for its length is one nevertheless.
std::vector<ItemValue> ValuesIn(const std::optional<std::string>& json) {
  if (!json) return {};
  simdjson::dom::parser parser;
  if (parser.parse(*json).error() != simdjson::SUCCESS) return {{ItemValue::Type::kNumber, *json, ""}};
  living::Item item;
  item.properties = {{"value", Json{*json}}};
  return ValuesOf(Schema(), nullptr, "value", item);
}

bool Compares(const SegmentCondition& condition, const std::optional<std::string>& json) {
  const Condition where{.comparison = condition.comparison,
                        .values = condition.values,
                        .bound = condition.bound,
                        .exists = condition.exists,
                        .pattern = condition.pattern};
  return Holds(where, ValuesIn(json));
}

// Whether the trait tells a value as an item holds it; else it is made of them, and may go beyond their bounds.
bool IsHeld(const Schema& schema, const std::string& trait) {
  return std::any_of(schema.traits.begin(), schema.traits.end(), [&](const Trait& one) {
    const bool is_held =
        one.kind == TraitKind::kFirst || one.kind == TraitKind::kLast || one.kind == TraitKind::kMostFrequent;
    return one.name == trait && is_held;
  });
}

// Nothing if the comparison is not one with a bound.
std::optional<bool> Reaches(const SegmentCondition& condition, Millionths number) {
  const Millionths bound = MillionthsOf(ToJson(Value(condition.bound))).value_or(0);
  switch (condition.comparison) {
    case Comparison::kAtLeast:
      return number >= bound;
    case Comparison::kMoreThan:
      return number > bound;
    case Comparison::kAtMost:
      return number <= bound;
    case Comparison::kLessThan:
      return number < bound;
    default:
      return std::nullopt;
  }
}

bool TraitFulfils(const Schema& schema, const SegmentCondition& condition, const NaivePerson& person) {
  const auto json = Find(person.traits, condition.name);
  const auto number = json && !IsHeld(schema, condition.name) ? MillionthsOf(*json) : std::nullopt;
  const auto reaches = number ? Reaches(condition, *number) : std::nullopt;
  return reaches ? *reaches : Compares(condition, json);
}

// Whole days up to `now`.
std::optional<std::string> DaysSince(std::optional<Time> time, std::optional<Time> now) {
  if (!time || !now) return std::nullopt;
  return std::to_string(std::max(*now - *time, Time::duration(0)) / std::chrono::hours(24));
}

bool Fulfils(const Schema& schema, const SegmentCondition& condition, const NaivePerson& person);

bool GroupFulfils(const Schema& schema, const SegmentCondition& group, const NaivePerson& person) {
  const auto fulfils = [&](const SegmentCondition& one) { return Fulfils(schema, one, person); };
  return std::all_of(group.all.begin(), group.all.end(), fulfils) &&
         (group.any.empty() || std::any_of(group.any.begin(), group.any.end(), fulfils)) &&
         std::none_of(group.none.begin(), group.none.end(), fulfils);
}

bool IsMember(const Schema& schema, const std::string& segment, const NaivePerson& person) {
  return std::any_of(schema.segments.begin(), schema.segments.end(),
                     [&](const Segment& one) { return one.name == segment && Fulfils(schema, one.members, person); });
}

// Ends, as there is no circle.
bool Fulfils(const Schema& schema, const SegmentCondition& condition, const NaivePerson& person) {
  switch (condition.what) {
    case What::kGroup:
      return GroupFulfils(schema, condition, person);
    case What::kTrait:
      return TraitFulfils(schema, condition, person);
    case What::kAttribute:
      return Compares(condition, Find(person.attributes, condition.name));
    case What::kSegment:
      return IsMember(schema, condition.name, person);
    case What::kHas:
      return person.namespaces.contains(condition.name);
    case What::kFirstSeenDays:
      return Compares(condition, DaysSince(person.first_seen, person.now));
    case What::kLastSeenDays:
      return Compares(condition, DaysSince(person.last_seen, person.now));
  }
  return false;
}

// The feed's lines.

using Texts = std::map<std::string, std::string>;

struct Entry {
  uint64_t sequence = 0;
  std::string kind;
  std::string profile_id;
  std::string name;                 // of an attribute, trait or segment
  std::string value;                // JSON
  std::vector<std::string> others;  // ids: `from`, `into`
};

// What an entry of a kind has beside what all have.
struct Shape {
  std::string name;
  std::string value;
  std::string others;
  bool is_list = true;  // else `others` is one id
};

const std::map<std::string, Shape>& Shapes() {
  static const std::map<std::string, Shape> kShapes = {
      {"PROFILE_CREATED", {}},
      {"PROFILE_REMOVED", {}},
      {"PROFILES_MERGED", {.others = "from"}},
      {"PROFILE_SPLIT", {.others = "into"}},
      {"PROFILE_RENAMED", {.others = "from", .is_list = false}},
      {"ATTRIBUTE_CHANGED", {.name = "attribute", .value = "value"}},
      {"TRAIT_CHANGED", {.name = "trait", .value = "value"}},
      {"SEGMENT_ENTERED", {.name = "segment"}},
      {"SEGMENT_LEFT", {.name = "segment"}},
      {"TIER_CHANGED", {.value = "tier"}},
  };
  return kShapes;
}

absl::Status Impossible(const std::string& what) {
  return absl::InvalidArgumentError(what);
}

// JSON texts by name, as they stand: a parsed number might not be written as it was. Nothing if it is no object.
std::optional<Texts> MembersOf(const std::string& line) {
  const simdjson::padded_string padded(line);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser.iterate(padded).get(document) != simdjson::SUCCESS) return std::nullopt;
  if (document.get_object().get(object) != simdjson::SUCCESS) return std::nullopt;
  Texts out;
  for (auto field : object) {
    std::string_view text;
    if (field.unescaped_key().get(text) != simdjson::SUCCESS) return std::nullopt;
    const std::string name(text);
    if (simdjson::to_json_string(field.value()).get(text) != simdjson::SUCCESS) return std::nullopt;
    out[name] = text;
  }
  return out;
}

// A JSON text's characters; nothing if there is none, or it is empty.
std::optional<std::string> TextIn(const std::optional<std::string>& json) {
  simdjson::dom::parser parser;
  std::string_view text;
  if (!json || parser.parse(*json).get(text) != simdjson::SUCCESS || text.empty()) return std::nullopt;
  return std::string(text);
}

// Empty if it is no list of texts.
std::vector<std::string> TextsIn(const std::optional<std::string>& json) {
  simdjson::dom::parser parser;
  simdjson::dom::array array;
  if (!json || parser.parse(*json).get(array) != simdjson::SUCCESS) return {};
  std::vector<std::string> out;
  for (const simdjson::dom::element child : array) {
    std::string_view text;
    if (child.get(text) != simdjson::SUCCESS) return {};
    out.emplace_back(text);
  }
  return out;
}

// 0 if there is none: sequences begin after that.
uint64_t SequenceIn(const std::optional<std::string>& json) {
  simdjson::dom::parser parser;
  uint64_t sequence = 0;
  if (!json || parser.parse(*json).get(sequence) != simdjson::SUCCESS) return 0;
  return sequence;
}

absl::Status ReadMembers(const Texts& members, const Shape& shape, Entry& entry) {
  if (!shape.name.empty()) {
    entry.name = TextIn(Find(members, shape.name)).value_or("");
    if (entry.name.empty()) return Impossible("says no \"" + shape.name + "\"");
  }
  if (!shape.value.empty()) {
    entry.value = Find(members, shape.value).value_or("");
    if (entry.value.empty()) return Impossible("says no \"" + shape.value + "\"");
  }
  if (!shape.others.empty()) {
    const auto others = Find(members, shape.others);
    entry.others = shape.is_list ? TextsIn(others) : std::vector<std::string>{TextIn(others).value_or("")};
    if (entry.others.empty() || entry.others.front().empty()) return Impossible("says no \"" + shape.others + "\"");
  }
  return absl::OkStatus();
}

absl::StatusOr<Entry> ReadEntry(const std::string& line) {
  const auto members = MembersOf(line);
  if (!members) return Impossible("is no JSON object");
  Entry entry;
  entry.sequence = SequenceIn(Find(*members, "sequence"));
  entry.kind = TextIn(Find(*members, "kind")).value_or("");
  entry.profile_id = TextIn(Find(*members, "profile_id")).value_or("");
  const auto shape = Shapes().find(entry.kind);
  if (shape == Shapes().end()) return Impossible("is of no kind that there is");
  if (entry.profile_id.empty()) return Impossible("says no \"profile_id\"");
  if (!ParseTime(TextIn(Find(*members, "recorded_at")).value_or(""))) return Impossible("says no \"recorded_at\"");
  if (auto status = ReadMembers(*members, shape->second, entry); !status.ok()) return status;
  return entry;
}

// The subscriber.

class Replay {
 public:
  // `fed_traits` are those of a profile that nothing was told of.
  explicit Replay(Texts fed_traits) : fed_traits_(std::move(fed_traits)) {}

  absl::Status Apply(const Entry& entry) {
    if (entry.sequence <= last_sequence_) return Impossible("does not come after sequence " + Number(last_sequence_));
    last_sequence_ = entry.sequence;
    if (entry.kind == "PROFILE_CREATED") return Create(entry.profile_id);
    if (entry.kind == "PROFILE_RENAMED") return Rename(entry.others.front(), entry.profile_id);
    if (!profiles_.contains(entry.profile_id)) return IsUnknown(entry.profile_id);
    if (entry.kind == "PROFILE_REMOVED") return Remove(entry.profile_id);
    if (entry.kind == "PROFILES_MERGED") return Merge(entry);
    if (entry.kind == "PROFILE_SPLIT") return Split(entry);
    ReplayedProfile& profile = profiles_[entry.profile_id];
    if (entry.kind == "SEGMENT_ENTERED") return Enter(entry.name, profile);
    if (entry.kind == "SEGMENT_LEFT") return Leave(entry.name, profile);
    if (entry.kind == "ATTRIBUTE_CHANGED") return Change(entry.name, entry.value, profile.attributes);
    return Change(entry.kind == "TIER_CHANGED" ? "tier" : entry.name, entry.value, profile.traits);
  }

  std::map<std::string, ReplayedProfile> profiles() && { return std::move(profiles_); }

 private:
  static std::string Number(uint64_t number) { return std::to_string(number); }
  static absl::Status IsUnknown(const std::string& id) { return Impossible("is about " + id + ", which is not there"); }

  absl::Status Create(const std::string& id) {
    if (profiles_.contains(id)) return Impossible("brings " + id + ", which is there already");
    profiles_[id].traits = fed_traits_;
    return absl::OkStatus();
  }

  absl::Status Remove(const std::string& id) {
    profiles_.erase(id);
    return absl::OkStatus();
  }

  // All that is known moves along.
  absl::Status Rename(const std::string& from, const std::string& to) {
    if (!profiles_.contains(from)) return IsUnknown(from);
    if (profiles_.contains(to)) return Impossible("brings " + to + ", which is there already");
    profiles_[to] = profiles_.at(from);
    return Remove(from);
  }

  absl::Status Merge(const Entry& entry) {
    for (const std::string& id : entry.others) {
      if (id == entry.profile_id) return Impossible("merges " + id + " into itself");
      if (!profiles_.contains(id)) return IsUnknown(id);
      if (!profiles_.at(id).segments.empty())
        return Impossible("takes away " + id + ", which has not left \"" + *profiles_.at(id).segments.begin() + "\"");
      profiles_.erase(id);
    }
    return absl::OkStatus();
  }

  absl::Status Split(const Entry& entry) {
    for (const std::string& id : entry.others) {
      if (auto status = Create(id); !status.ok()) return status;
    }
    return absl::OkStatus();
  }

  static absl::Status Enter(const std::string& segment, ReplayedProfile& profile) {
    if (profile.segments.insert(segment).second) return absl::OkStatus();
    return Impossible("enters \"" + segment + "\" a second time");
  }

  static absl::Status Leave(const std::string& segment, ReplayedProfile& profile) {
    if (profile.segments.erase(segment) > 0) return absl::OkStatus();
    return Impossible("leaves \"" + segment + "\" without being in it");
  }

  // What does not change is not told.
  static absl::Status Change(const std::string& name, const std::string& value, Texts& texts) {
    if (Find(texts, name).value_or("null") == value) return Impossible("changes nothing of \"" + name + "\"");
    if (value == "null")
      texts.erase(name);
    else
      texts[name] = value;
    return absl::OkStatus();
  }

  const Texts fed_traits_;
  uint64_t last_sequence_ = 0;
  std::map<std::string, ReplayedProfile> profiles_;
};

Texts FedTraitsOverNoItem(const Schema& schema) {
  Texts traits = NaiveTraits(schema, {}, std::nullopt);
  std::erase_if(traits, [&](const auto& told) {
    return std::none_of(schema.traits.begin(), schema.traits.end(),
                        [&](const Trait& trait) { return trait.feed && trait.name == told.first; });
  });
  return traits;
}

}  // namespace

std::vector<std::string> NaiveSegments(const Schema& schema, const NaivePerson& person) {
  std::vector<std::string> names;
  for (const Segment& segment : schema.segments) {
    if (Fulfils(schema, segment.members, person)) names.push_back(segment.name);
  }
  return names;
}

absl::StatusOr<std::map<std::string, ReplayedProfile>> NaiveReplay(const Schema& schema,
                                                                   const std::vector<std::string>& lines) {
  Replay replay(FedTraitsOverNoItem(schema));
  for (size_t i = 0; i < lines.size(); ++i) {
    const auto entry = ReadEntry(lines[i]);
    const absl::Status status = entry.ok() ? replay.Apply(*entry) : entry.status();
    if (!status.ok())
      return Impossible("line " + std::to_string(i + 1) + " " + std::string(status.message()) + ": " + lines[i]);
  }
  return std::move(replay).profiles();
}

}  // namespace kintsugi::testing
