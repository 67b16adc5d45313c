#include "read/explainer.h"

#include <fmt/format.h>

#include "format/stored.pb.h"
#include "format/stored_rows.h"
#include "graph/graph.h"
#include "read/explain.h"
#include "store/stored_evidence.h"

namespace kintsugi::read {
namespace {

using format::Family;

class Explainer {
 public:
  Explainer(const ingest::Context& context, const Explained& rows) : context_(context), rows_(rows) {}

  // kNotFound if nobody has it.
  absl::StatusOr<identity::Node> Find(const IdentifierView& identifier) const {
    auto node = context_.Normalize(identifier.ns, identifier.value);
    if (!node.ok()) return node;
    const auto holder = HolderOf(*node);
    if (!holder.ok()) return holder.status();
    if (!*holder) return absl::NotFoundError(fmt::format("nobody has {}", identifier.ToString()));
    return node;
  }

  absl::StatusOr<Explainable> Load(const std::vector<identity::Node>& nodes) {
    graph::Graph graph(context_, rows_.graph, true);
    if (auto status = graph.LoadComponents(nodes); !status.ok()) return status;
    graph::Part part = graph.GetPart();
    Explainable out{.rules = context_.identity_rules, .first_seen = std::move(part.first_seen)};
    for (uint16_t ns = 0; ns < context_.catalog.position_count(); ++ns)
      out.namespaces.push_back(context_.catalog.name(ns));
    for (size_t i = 0; i < part.component.identifiers.size(); ++i) {
      const identity::Node& node = part.component.identifiers[i];
      out.names.push_back({context_.catalog.name(node.ns), node.value});
      if (!part.profiles[i]) {
        const auto holder = HolderOf(node);
        if (!holder.ok()) return holder.status();
        part.profiles[i] = *holder;
      }
      out.profiles.push_back(part.profiles[i].value_or(ProfileId()));
    }
    for (const std::vector<graph::Sighting>& sightings : part.sightings) {
      std::vector<SeenBy>& seen_by = out.seen_by.emplace_back();
      for (const graph::Sighting& s : sightings)
        seen_by.push_back({context_.schema.sources[s.source].name, Known(s.first_seen), Known(s.last_seen), s.count});
    }
    for (const std::string& id : part.assertion_ids) {
      auto decision = DecisionOf(id);
      if (!decision.ok()) return decision.status();
      out.decisions.push_back(*std::move(decision));
    }
    out.component = std::move(part.component);
    out.resolution = std::move(part.resolution);
    return out;
  }

 private:
  absl::StatusOr<std::optional<ProfileId>> HolderOf(const identity::Node& node) const {
    const auto row = rows_.graph.Get(Family::kIdentifiers, format::IdentifierKey(context_.KeyOf(node)));
    if (!row.ok()) return row.status();
    ProfileId id;
    if (!*row) return std::nullopt;
    if (!format::ParseProfileKey(**row, id)) return format::DamagedRow(Family::kIdentifiers);
    return id;
  }

  absl::StatusOr<Explainable::Decision> DecisionOf(const std::string& id) const {
    const auto row = rows_.assertions.Get(Family::kAssertions, id);
    if (!row.ok()) return row.status();
    stored::Assertion assertion;
    if (!*row || !format::ParseRow(**row, assertion)) return format::DamagedRow(Family::kAssertions);
    return Explainable::Decision{id, assertion.by(), assertion.because()};
  }

  const ingest::Context& context_;
  const Explained& rows_;
};

uint32_t IndexOf(const Explainable& part, const identity::Node& node) {
  const auto& all = part.component.identifiers;
  return static_cast<uint32_t>(std::lower_bound(all.begin(), all.end(), node) - all.begin());
}

}  // namespace

absl::StatusOr<Why> ExplainWhy(const ingest::Context& context, const Explained& rows, const IdentifierView& a,
                               const IdentifierView& b) {
  Explainer explainer(context, rows);
  const auto node_a = explainer.Find(a);
  if (!node_a.ok()) return node_a.status();
  const auto node_b = explainer.Find(b);
  if (!node_b.ok()) return node_b.status();
  const auto part = explainer.Load({*node_a, *node_b});
  if (!part.ok()) return part.status();
  return ExplainWhy(*part, IndexOf(*part, *node_a), IndexOf(*part, *node_b));
}

// One snapshot, so that it is one moment while writers go on.
absl::StatusOr<Why> ExplainWhy(const ingest::Context& context, const store::Store& store, const IdentifierView& a,
                               const IdentifierView& b) {
  const store::Store::Snapshot snapshot(store);
  const store::StoredEvidence rows(store, &snapshot);
  return ExplainWhy(context, Explained{rows, rows}, a, b);
}

absl::StatusOr<How> ExplainHow(const ingest::Context& context, const store::Store& store,
                               const IdentifierView& identifier) {
  const store::Store::Snapshot snapshot(store);
  const store::StoredEvidence rows(store, &snapshot);
  const Explained explained{rows, rows};
  Explainer explainer(context, explained);
  const auto node = explainer.Find(identifier);
  if (!node.ok()) return node.status();
  const auto part = explainer.Load({*node});
  if (!part.ok()) return part.status();
  return ExplainHow(*part, IndexOf(*part, *node));
}

}  // namespace kintsugi::read
