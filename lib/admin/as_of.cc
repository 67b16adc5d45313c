#include "admin/as_of.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "format/keys.h"
#include "format/stored_rows.h"
#include "golden/record_codec.h"
#include "graph/loader.h"
#include "ingest/json_value.h"
#include "read/explainer.h"
#include "read/item_reader.h"
#include "read/timeline.h"

namespace kintsugi::admin {
namespace {

using format::Family;

absl::Status CheckTime(Time time) {
  if (ingest::InRange(time)) return absl::OkStatus();
  return absl::InvalidArgumentError("the time to look back to is not in the years 1 to 9999");
}

absl::Status NobodyHad(const std::string& name, Time as_of) {
  return absl::NotFoundError(fmt::format("nobody had {} as of {}", name, FormatTime(as_of)));
}

// Items that are in memory.
class PastItems : public read::ItemSource {
 public:
  explicit PastItems(const graph::MemoryRows& rows) : rows_(rows) {}

  absl::Status ScanBetween(Family family, std::string_view begin, std::string_view end, Direction direction,
                           const Visit& visit) const override {
    const graph::MemoryRows::Rows& rows = rows_.of(family);
    if (begin >= end) return absl::OkStatus();
    const auto first = rows.lower_bound(begin);
    const auto last = rows.lower_bound(end);
    if (direction == Direction::kForwards) return Scan(first, last, visit);
    return Scan(std::make_reverse_iterator(last), std::make_reverse_iterator(first), visit);
  }

 private:
  template <typename At>
  static absl::Status Scan(At at, At end, const Visit& visit) {
    for (; at != end; ++at) {
      if (const VisitResult result = visit(at->first, at->second); !result.goes_on()) return result.status();
    }
    return absl::OkStatus();
  }

  const graph::MemoryRows& rows_;
};

}  // namespace

// ---- reading and resolving

absl::StatusOr<AsOf::Evidence> AsOf::Read(std::span<const identity::Node> nodes, Time earliest, Time latest) {
  if (!decisions_) {
    auto decisions = Decisions::Read(context_, rows_);
    if (!decisions.ok()) return decisions.status();
    decisions_ = *std::move(decisions);
  }
  Closure closure(context_, rows_, *decisions_, earliest, latest);
  if (auto status = closure.Reach(nodes); !status.ok()) return status;
  Evidence evidence;
  if (auto status = closure.CopyEvidence(evidence.rows); !status.ok()) return status;
  evidence.witnesses = closure.Witnesses();
  return evidence;
}

absl::StatusOr<std::unique_ptr<Past>> AsOf::Resolve(const Evidence& evidence, Time as_of, bool keeps_events) const {
  const auto now = Now();
  if (!now.ok()) return now.status();
  auto past = std::make_unique<Past>(context_, rules_, Past::Moment{as_of, *now}, keeps_events);
  if (auto status = past->Resolve(evidence.rows, evidence.witnesses); !status.ok()) return status;
  return past;
}

absl::StatusOr<std::unique_ptr<Past>> AsOf::PastOf(std::span<const identity::Node> nodes, Time as_of,
                                                   bool keeps_events) {
  const auto evidence = Read(nodes, as_of, as_of);
  if (!evidence.ok()) return evidence.status();
  return Resolve(*evidence, as_of, keeps_events);
}

absl::StatusOr<std::unique_ptr<Past>> AsOf::All(Time as_of) {
  if (auto status = CheckTime(as_of); !status.ok()) return status;
  const auto now = Now();
  if (!now.ok()) return now.status();
  auto past = std::make_unique<Past>(context_, rules_, Past::Moment{as_of, *now}, false);
  if (auto status = past->Resolve(rows_, {}); !status.ok()) return status;
  return past;
}

// The database's clock at the moment that is read.
absl::StatusOr<Time> AsOf::Now() const {
  const auto row = rows_.Get(Family::kMeta, "counters");
  if (!row.ok()) return row.status();
  stored::Counters counters;
  if (*row && !format::ParseRow(**row, counters)) return absl::DataLossError("the database's counters are damaged");
  return format::NowOf(counters);
}

// ---- looking up

absl::StatusOr<Profile> AsOf::Find(const identity::Node& node, Time as_of, const std::string& name) {
  if (node.value.empty()) return NobodyHad(name, as_of);
  const auto past = PastOf({&node, 1}, as_of, false);
  if (!past.ok()) return past.status();
  auto profile = (*past)->Find(node);
  if (!profile.ok()) return profile.status();
  if (!*profile) return NobodyHad(name, as_of);
  return **std::move(profile);
}

absl::StatusOr<Profile> AsOf::Lookup(const IdentifierView& identifier, Time as_of) {
  if (auto status = CheckTime(as_of); !status.ok()) return status;
  const auto node = context_.Normalize(identifier.ns, identifier.value);
  if (!node.ok()) return node.status();
  return Find(*node, as_of, identifier.ToString());
}

absl::StatusOr<Profile> AsOf::Lookup(const ProfileId& id, Time as_of) {
  if (auto status = CheckTime(as_of); !status.ok()) return status;
  const auto anchor = AnchorOf(id);
  if (!anchor.ok()) return anchor.status();
  return Find(*anchor, as_of, "the anchor of " + id.ToString());
}

// Of a profile of today its evidence says it; of an id that was handed out some time, a row of its own.
absl::StatusOr<identity::Node> AsOf::AnchorOf(const ProfileId& id) const {
  const auto evidence = rows_.Get(Family::kEvidence, format::ProfileKey(id));
  if (!evidence.ok()) return evidence.status();
  if (*evidence) {
    graph::Loaded loaded(context_);
    graph::Loader loader(rows_, false, loaded);
    if (auto status = loader.LoadProfile(id); !status.ok()) return status;
    return loaded.nodes[loaded.profiles.front().anchor].node;
  }
  const auto former = rows_.Get(Family::kFormerIds, format::ProfileKey(id));
  if (!former.ok()) return former.status();
  identity::Node anchor;
  const format::NodeKey key = format::ParseIdentifierKey(*former ? std::string_view(**former) : std::string_view());
  if (!*former || !context_.catalog.Find(key.number, anchor.ns))
    return absl::NotFoundError(fmt::format("{} is no profile's id and never was", id.ToString()));
  anchor.value = key.value;
  return anchor;
}

absl::StatusOr<std::vector<AsOf::Group>> AsOf::GroupByHolder(std::span<const IdentifierAt> asked) const {
  std::map<std::string, Group> groups;  // by profile, or by identifier
  for (size_t i = 0; i < asked.size(); ++i) {
    if (auto status = CheckTime(asked[i].time); !status.ok()) return status;
    auto node = context_.Normalize(asked[i].identifier.ns, asked[i].identifier.value);
    if (!node.ok()) return node.status();
    if (node->value.empty()) continue;
    std::string key = format::IdentifierKey(context_.KeyOf(*node));
    const auto holder = rows_.Get(Family::kIdentifiers, key);
    if (!holder.ok()) return holder.status();
    Group& group = groups[*holder ? "p" + **holder : "i" + key];
    group.places.push_back(i);
    group.nodes.push_back(*std::move(node));
  }
  std::vector<Group> out;
  for (auto& [key, group] : groups) out.push_back(std::move(group));
  return out;
}

// Its evidence is read once, up to the latest time, and resolved as of each.
absl::Status AsOf::LookUp(std::span<const IdentifierAt> asked, const Group& group,
                          std::vector<std::optional<Profile>>& out) {
  std::map<Time, std::vector<size_t>> by_time;  // indices into the group
  for (size_t i = 0; i < group.places.size(); ++i) by_time[asked[group.places[i]].time].push_back(i);
  const auto evidence = Read(group.nodes, by_time.begin()->first, by_time.rbegin()->first);
  if (!evidence.ok()) return evidence.status();
  for (const auto& [time, indices] : by_time) {
    const auto past = Resolve(*evidence, time, false);
    if (!past.ok()) return past.status();
    for (const size_t i : indices) {
      auto profile = (*past)->Find(group.nodes[i]);
      if (!profile.ok()) return profile.status();
      out[group.places[i]] = *std::move(profile);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<std::optional<Profile>>> AsOf::LookupMany(std::span<const IdentifierAt> asked) {
  const auto groups = GroupByHolder(asked);
  if (!groups.ok()) return groups.status();
  std::vector<std::optional<Profile>> out(asked.size());
  for (const Group& group : *groups) {
    if (auto status = LookUp(asked, group, out); !status.ok()) return status;
  }
  return out;
}

// ---- timelines and explanations

absl::StatusOr<TimelinePage> AsOf::Timeline(const IdentifierView& identifier, const TimelineQuery& query) {
  if (auto status = CheckTime(*query.as_of); !status.ok()) return status;
  const auto node = context_.Normalize(identifier.ns, identifier.value);
  if (!node.ok()) return node.status();
  const auto past = PastOf({&*node, 1}, *query.as_of, true);
  if (!past.ok()) return past.status();
  const PastItems items((*past)->items());
  const read::ItemReader reader(context_, rules_, items, *query.as_of);
  if (const auto range = reader.RangeOf(query); !range.ok()) return range.status();
  const auto row = (*past)->FindRow(*node);
  if (!row.ok()) return row.status();
  if (!*row) return NobodyHad(identifier.ToString(), *query.as_of);
  return reader.Page(read::ItemPrefixesOf(golden::RecordView(**row)), query);
}

absl::StatusOr<Why> AsOf::ExplainWhy(const IdentifierView& a, const IdentifierView& b, Time as_of) {
  if (auto status = CheckTime(as_of); !status.ok()) return status;
  std::vector<identity::Node> nodes;
  for (const IdentifierView* end : {&a, &b}) {
    auto node = context_.Normalize(end->ns, end->value);
    if (!node.ok()) return node.status();
    if (node->value.empty()) return NobodyHad(end->ToString(), as_of);
    nodes.push_back(*std::move(node));
  }
  const auto past = PastOf(nodes, as_of, false);
  if (!past.ok()) return past.status();
  for (size_t i = 0; i < nodes.size(); ++i) {
    const auto row = (*past)->FindRow(nodes[i]);
    if (!row.ok()) return row.status();
    if (!*row) return NobodyHad((i == 0 ? a : b).ToString(), as_of);
  }
  return read::ExplainWhy(context_, {(*past)->rows(), rows_}, a, b);
}

absl::Status ForEachProfileAsOf(const ingest::Context& context, const living::Rules& rules, const store::Store& store,
                                Time as_of, const std::function<bool(const ProfileView&)>& visit) {
  const auto past = AsOf(context, rules, store).All(as_of);
  if (!past.ok()) return past.status();
  for (const auto& [key, row] : (*past)->rows().of(Family::kProfiles)) {
    ProfileId id;
    if (!format::ParseProfileKey(key, id)) return format::DamagedRow(Family::kProfiles);
    if (!visit(ProfileView(id, row, *context.names))) break;
  }
  return absl::OkStatus();
}

}  // namespace kintsugi::admin
