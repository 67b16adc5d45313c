#include "ingest/context.h"

#include <fmt/format.h>

namespace kintsugi::ingest {
namespace {

// Used when the schema gives no key of its own. Changing it would change every profile id.
constexpr HashKey kDefaultProfileIdKey = {'k', 'i', 'n', 't', 's', 'u', 'g', 'i',
                                          ' ', 'p', 'r', 'o', 'f', 'i', 'l', 'e'};

identity::Rules IdentityRulesOf(const Schema& schema) {
  identity::Rules rules;
  for (const Namespace& ns : schema.namespaces) rules.namespaces.push_back({ns.max_per_profile, ns.generic_above});
  for (const Source& source : schema.sources) rules.namespaces.push_back({source.duplicate_free ? 1u : 0u, 0});
  rules.max_identifiers = schema.identity.max_identifiers;
  rules.keep_oldest = schema.identity.on_conflict == OnConflict::kKeepOldest;
  return rules;
}

HashKey ProfileIdKeyOf(const Schema& schema) {
  const auto id = ProfileId::Parse(schema.identity.profile_id_key);
  return id ? HashKey(id->bytes) : kDefaultProfileIdKey;
}

}  // namespace

absl::StatusOr<std::unique_ptr<const Context>> Context::Create(Schema schema, std::vector<std::string> stored_names) {
  auto catalog = format::Catalog::Create(schema, std::move(stored_names));
  if (!catalog.ok()) return catalog.status();
  std::vector<normalize::Normalizer> normalizers;
  for (const Namespace& ns : schema.namespaces) {
    auto normalizer = normalize::Normalizer::Create(ns);
    if (!normalizer.ok()) return normalizer.status();
    normalizers.push_back(*std::move(normalizer));
  }
  std::vector<ContentParser> contents;
  for (const Source& source : schema.sources) contents.emplace_back(schema, source);
  identity::Rules identity_rules = IdentityRulesOf(schema);
  golden::Rules golden_rules(schema);
  const HashKey key = ProfileIdKeyOf(schema);
  std::vector<std::string> segments;
  for (const Segment& segment : schema.segments) segments.push_back(segment.name);
  auto names = std::make_shared<const golden::Names>(catalog->names(), schema.TraitNames(), std::move(segments));
  return std::unique_ptr<const Context>(new Context{std::move(schema), *std::move(catalog), std::move(identity_rules),
                                                    std::move(golden_rules), std::move(normalizers),
                                                    std::move(contents), key, std::move(names)});
}

absl::StatusOr<identity::Node> Context::Normalize(std::string_view ns, std::string_view value) const {
  uint16_t position = 0;
  if (catalog.FindName(ns, position)) {
    if (IsRecord(position)) return identity::Node{position, std::string(value)};
    return identity::Node{position, normalizers[position].Normalize(value).value};
  }
  std::string declared;
  for (position = 0; position < catalog.position_count(); ++position) {
    declared += (position == 0 ? "" : ", ") + catalog.name(position);
  }
  return absl::InvalidArgumentError(
      fmt::format("the namespace `{}` is not in the schema; it declares: {}", ns, declared));
}

absl::StatusOr<golden::SourceIndex> Context::SourceOf(std::string_view name) const {
  golden::SourceIndex source = 0;
  if (FindSource(schema, name, source)) return source;
  std::string declared;
  for (const Source& known : schema.sources) declared += (declared.empty() ? "" : ", ") + known.name;
  return absl::InvalidArgumentError(
      fmt::format("the source `{}` is not in the schema; it declares: {}", name, declared.empty() ? "none" : declared));
}

absl::StatusOr<golden::SourceIndex> Context::EventSourceOf(std::string_view name) const {
  const auto source = SourceOf(name);
  if (source.ok() && schema.sources[*source].table())
    return absl::InvalidArgumentError(fmt::format("the source `{}` has records, not events", name));
  return source;
}

absl::StatusOr<golden::SourceIndex> Context::RecordSourceOf(std::string_view name) const {
  const auto source = SourceOf(name);
  if (source.ok() && !schema.sources[*source].table())
    return absl::InvalidArgumentError(fmt::format("the source `{}` has events, not records", name));
  return source;
}

ProfileId Context::IdOf(const identity::Node& anchor) const {
  std::string text = catalog.name(anchor.ns);
  text += ':';
  text += anchor.value;
  return {SipHash128(profile_id_key, text)};
}

bool FindSource(const Schema& schema, std::string_view name, golden::SourceIndex& source) {
  for (source = 0; source < schema.sources.size(); ++source) {
    if (schema.sources[source].name == name) return true;
  }
  return false;
}

}  // namespace kintsugi::ingest
