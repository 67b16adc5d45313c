#include "admin/closure.h"

#include <algorithm>
#include <utility>

#include "format/stored_rows.h"
#include "format/version_rows.h"

namespace kintsugi::admin {

using format::CrossingKind;
using format::Family;

Closure::Closure(const ingest::Context& context, const graph::EvidenceSource& rows, const Decisions& decisions,
                 Time earliest, Time latest)
    : context_(context),
      rows_(rows),
      decisions_(decisions),
      preparer_(context),
      earliest_(earliest),
      latest_(latest),
      loaded_(context),
      loader_(rows, false, loaded_) {
  for (const Source& source : context.schema.sources) {
    if (source.table() == nullptr) continue;
    has_tables_ = true;
    keeps_versions_ |= source.table()->keep_versions;
  }
}

absl::Status Closure::Reach(std::span<const identity::Node> from) {
  for (const identity::Node& node : from) Add(loaded_.Intern(node.ns, node.value));
  while (!waiting_.empty()) {
    const NodeId id = waiting_.front();
    waiting_.pop_front();
    if (auto status = GoOnFrom(id); !status.ok()) return status;
  }
  return absl::OkStatus();
}

void Closure::Add(NodeId id) {
  if (reached_.insert(id).second) waiting_.push_back(id);
}

absl::Status Closure::GoOnFrom(NodeId id) {
  if (auto status = FollowAssociations(id); !status.ok()) return status;
  if (keeps_versions_) {
    const bool is_record = context_.IsRecord(loaded_.nodes[id].node.ns);
    const auto status = is_record ? FollowVersions(id) : FollowVersionsThatSay(id);
    if (!status.ok()) return status;
  }
  FollowDecisions(id);
  return absl::OkStatus();
}

// ---- what connects

absl::Status Closure::FollowAssociations(NodeId id) {
  if (auto status = Load(id); !status.ok()) return status;
  if (auto status = LoadHomes(id); !status.ok()) return status;
  const std::vector<AssociationId> associations = associations_of_[id];
  if (auto status = loader_.LoadSightings(associations); !status.ok()) return status;
  for (AssociationId a : associations) {
    const auto seen = SeenBy(a, latest_);
    if (!seen.ok()) return seen.status();
    if (*seen == nullptr) continue;
    const std::vector<NodeId> members = loaded_.associations[a].members;
    if (auto status = Connect(id, members); !status.ok()) return status;
  }
  return absl::OkStatus();
}

// Those that are generic come last, and nothing connects them with the others; but an identifier that was reached is
// not asked what it is.
absl::Status Closure::Connect(NodeId id, const std::vector<NodeId>& members) {
  size_t size = members.size();
  while (size > 1 && members[size - 1] != id) {
    const auto is_generic = IsGenericThen(members[size - 1]);
    if (!is_generic.ok()) return is_generic.status();
    if (!*is_generic) break;
    beyond_.insert(members[--size]);
  }
  for (size_t i = 0; i < size; ++i) Add(members[i]);
  return absl::OkStatus();
}

absl::Status Closure::FollowVersions(NodeId record) {
  const auto versions = VersionsOf(record);
  if (!versions.ok()) return versions.status();
  if (*versions == nullptr) return absl::OkStatus();
  for (const stored::Record* version : (*versions)->Between(earliest_, latest_)) {
    const auto members = IdentifiersOf(record, *version);
    if (!members.ok()) return members.status();
    if (auto status = Connect(record, *members); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status Closure::FollowVersionsThatSay(NodeId id) {
  const std::string prefix = format::VersionsThatSayPrefix(loaded_.KeyOf(id));
  std::vector<NodeId> records;
  const auto status = rows_.Scan(Family::kVersions, prefix, [&](std::string_view key, std::string_view) {
    format::NodeKey record;
    Time time = kNeverLast;
    uint16_t position = 0;
    if (!format::ParseVersionKey(key.substr(prefix.size()), record, time) ||
        !context_.catalog.Find(record.number, position))
      return format::DamagedRow(Family::kVersions);
    const NodeId node = loaded_.Intern(position, record.value);
    const bool is_new = records.empty() || records.back() != node;
    if (time <= latest_ && is_new) records.push_back(node);
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  for (NodeId record : records) {
    if (reached_.contains(record)) continue;  // it leads here itself
    const auto versions = VersionsOf(record);
    if (!versions.ok()) return versions.status();
    if (*versions == nullptr) continue;
    for (const stored::Record* version : (*versions)->Between(earliest_, latest_)) {
      const auto members = IdentifiersOf(record, *version);
      if (!members.ok()) return members.status();
      const bool says = std::find(members->begin(), members->end(), id) != members->end();
      if (!says) continue;
      if (auto connected = Connect(id, *members); !connected.ok()) return connected;
    }
  }
  return absl::OkStatus();
}

// A `never` connects nobody; but who explains one looks at both ends.
void Closure::FollowDecisions(NodeId id) {
  const std::vector<uint32_t>* about = decisions_.About(loaded_.nodes[id].node);
  if (about == nullptr) return;
  for (const uint32_t i : *about) {
    const Decisions::Decision& decision = decisions_.all()[i];
    if (!decision.Stands(earliest_, latest_)) continue;
    for (const identity::Node* end : {&decision.a, &decision.b}) Add(loaded_.Intern(end->ns, end->value));
  }
}

// ---- generic identifiers

absl::StatusOr<bool> Closure::IsGenericThen(NodeId id) {
  if (reached_.contains(id) || !loaded_.CanBeGeneric(id)) return false;
  if (const auto known = links_.find(id); known != links_.end()) return known->second.is_generic;
  if (auto status = Load(id); !status.ok()) return status;
  LinksThen links;
  if (auto status = FindWitnesses(id, links); !status.ok()) return status;
  return links_.emplace(id, std::move(links)).first->second.is_generic;
}

// As many associations as show that it has links to more than its limit of distinct stronger identifiers of one
// namespace, as of the earliest time. One that is not generic today has no more links than that, unless its records say
// something else by now.
absl::Status Closure::FindWitnesses(NodeId id, LinksThen& links) {
  if (!loaded_.nodes[id].was_generic) return absl::OkStatus();
  if (auto status = CountLoaded(id, links); !status.ok()) return status;
  if (links.is_generic || !loaded_.nodes[id].crossed) return absl::OkStatus();
  return ScanHomes(id, [&](NodeId home, Time first_seen) -> VisitResult {
    if (first_seen > earliest_) return false;
    if (auto status = Load(home); !status.ok()) return status;
    if (auto status = CountLoaded(id, links); !status.ok()) return status;
    return !links.is_generic;
  });
}

// Those of the associations that were loaded since, until there are enough.
absl::Status Closure::CountLoaded(NodeId id, LinksThen& links) {
  const identity::NamespaceIndex own = loaded_.nodes[id].node.ns;
  const uint32_t limit = context_.identity_rules.namespaces[own].generic_above;
  for (; !links.is_generic && links.counted < associations_of_[id].size(); ++links.counted) {
    const AssociationId a = associations_of_[id][links.counted];
    const auto seen = SeenBy(a, earliest_);
    if (!seen.ok()) return seen.status();
    if (*seen == nullptr) continue;
    links.witnesses.emplace_back(a, **seen);
    for (NodeId member : loaded_.associations[a].members) {
      if (loaded_.nodes[member].node.ns == own) break;
      auto& stronger = links.stronger[loaded_.nodes[member].node.ns];
      stronger.insert(member);
      links.is_generic |= stronger.size() > limit;
    }
  }
  return absl::OkStatus();
}

std::vector<Closure::Witness> Closure::Witnesses() const {
  std::vector<Witness> out;
  for (NodeId id : beyond_) {
    if (reached_.contains(id)) continue;
    for (const auto& [a, sighting] : links_.at(id).witnesses) {
      const std::vector<NodeId>& members = loaded_.associations[a].members;
      // What is reached says so itself.
      if (std::any_of(members.begin(), members.end(), [&](NodeId one) { return reached_.contains(one); })) continue;
      Witness& witness = out.emplace_back(Witness{.sighting = sighting});
      for (NodeId member : members) witness.identifiers.push_back(loaded_.nodes[member].node);
    }
  }
  return out;
}

// ---- what is stored

absl::Status Closure::Load(NodeId id) {
  if (auto status = loader_.LoadNode(id); !status.ok()) return status;
  for (; indexed_ < loaded_.associations.size(); ++indexed_) {
    for (NodeId member : loaded_.associations[indexed_].members)
      associations_of_[member].push_back(static_cast<AssociationId>(indexed_));
  }
  return absl::OkStatus();
}

// Those of a generic identifier are in order of time; but where there are records, one without a time may hide behind a
// later event.
absl::Status Closure::LoadHomes(NodeId id) {
  if (!loaded_.nodes[id].crossed) return absl::OkStatus();
  const bool is_in_order = loaded_.nodes[id].was_generic && !has_tables_;
  std::vector<NodeId> homes;
  const auto status = ScanHomes(id, [&](NodeId home, Time first_seen) {
    const bool is_over = is_in_order && first_seen > latest_;
    if (!is_over) homes.push_back(home);
    return !is_over;
  });
  if (!status.ok()) return status;
  for (NodeId home : homes) {
    if (auto loaded = Load(home); !loaded.ok()) return loaded;
  }
  return absl::OkStatus();
}

absl::Status Closure::ScanHomes(NodeId id, const VisitHome& visit) {
  const CrossingKind kind = loaded_.nodes[id].was_generic ? CrossingKind::kByFirstSeen : CrossingKind::kByHome;
  const std::string prefix = format::CrossingPrefix(loaded_.KeyOf(id), kind);
  return rows_.Scan(Family::kCrossings, prefix, [&](std::string_view key, std::string_view) -> VisitResult {
    format::NodeKey home;
    Time first_seen = kNeverFirst;
    uint16_t position = 0;
    if (!format::ParseCrossing(key.substr(prefix.size()), kind, home, first_seen) ||
        !context_.catalog.Find(home.number, position))
      return format::DamagedRow(Family::kCrossings);
    return visit(loaded_.Intern(position, home.value), first_seen);
  });
}

// An event was there from its first sighting on; a record is from its newest version on, whatever is known of older
// ones.
absl::StatusOr<const graph::Sighting*> Closure::SeenBy(AssociationId id, Time time) {
  if (auto status = loader_.LoadSightings({id}); !status.ok()) return status;
  const graph::Association& association = loaded_.associations[id];
  const bool is_record = context_.IsRecord(loaded_.nodes[association.members.back()].node.ns);
  for (const graph::Sighting& sighting : association.sightings) {
    if ((is_record ? sighting.last_seen : sighting.first_seen) <= time) return &sighting;
  }
  return nullptr;
}

golden::SourceIndex Closure::SourceOf(NodeId record) const {
  return static_cast<golden::SourceIndex>(loaded_.nodes[record].node.ns - context_.schema.namespaces.size());
}

absl::StatusOr<const RecordVersions*> Closure::VersionsOf(NodeId record) {
  const auto [at, is_new] = versions_of_.try_emplace(record);
  if (!is_new) return at->second ? &*at->second : nullptr;
  const format::NodeKey key = loaded_.KeyOf(record);
  const auto bytes = rows_.Get(Family::kRecords, format::SourceKey(key.number, key.value));
  if (!bytes.ok()) return bytes.status();
  stored::Record row;
  if (!*bytes) return nullptr;
  if (!format::ParseRow(**bytes, row)) return format::DamagedRow(Family::kRecords);
  if (row.gone()) return nullptr;
  auto versions = RecordVersions::Read(context_, rows_, SourceOf(record), key.value, std::move(row));
  if (!versions.ok()) return versions.status();
  return &at->second.emplace(*std::move(versions));
}

absl::StatusOr<std::vector<Closure::NodeId>> Closure::IdentifiersOf(NodeId record, const stored::Record& version) {
  std::vector<identity::Node> nodes;
  if (!preparer_.StoredIdentifiers(SourceOf(record), loaded_.nodes[record].node.value, version, nodes))
    return format::DamagedRow(Family::kVersions);
  std::vector<NodeId> ids;
  for (const identity::Node& node : nodes) ids.push_back(loaded_.Intern(node.ns, node.value));
  return ids;
}

// ---- copying

absl::Status Closure::CopyEvidence(graph::RowSink& out) {
  for (NodeId id : reached_) {
    const bool is_record = context_.IsRecord(loaded_.nodes[id].node.ns);
    const auto status = is_record ? CopyRecord(id, out) : CopyEvents(id, out);
    if (!status.ok()) return status;
    CopyDecisions(id, out);
  }
  return absl::OkStatus();
}

// Those both of whose ends are reached: others are about somebody else, or wait for evidence.
void Closure::CopyDecisions(NodeId id, graph::RowSink& out) {
  const std::vector<uint32_t>* about = decisions_.About(loaded_.nodes[id].node);
  if (about == nullptr) return;
  for (const uint32_t i : *about) {
    const Decisions::Decision& decision = decisions_.all()[i];
    const bool is_whole = reached_.contains(loaded_.Intern(decision.a.ns, decision.a.value)) &&
                          reached_.contains(loaded_.Intern(decision.b.ns, decision.b.value));
    if (is_whole) out.Put(Family::kAssertions, decision.id, decision.row.SerializeAsString());
  }
}

absl::Status Closure::CopyEvents(NodeId id, graph::RowSink& out) const {
  const std::string prefix = format::EventPrefix(loaded_.KeyOf(id));
  return rows_.Scan(Family::kEvents, prefix, [&](std::string_view key, std::string_view row) {
    const bool is_later = format::Decoder(key.substr(prefix.size())).SortableTime() > latest_;
    if (!is_later) out.Put(Family::kEvents, key, row);
    return !is_later;
  });
}

absl::Status Closure::CopyRecord(NodeId record, graph::RowSink& out) const {
  const format::NodeKey key = loaded_.KeyOf(record);
  const std::string row_key = format::SourceKey(key.number, key.value);
  const auto row = rows_.Get(Family::kRecords, row_key);
  if (!row.ok() || !*row) return row.status();
  out.Put(Family::kRecords, row_key, **row);
  return rows_.Scan(Family::kVersions, format::VersionPrefix(key.number, key.value),
                    [&](std::string_view version, std::string_view bytes) {
                      out.Put(Family::kVersions, version, bytes);
                      return true;
                    });
}

}  // namespace kintsugi::admin
