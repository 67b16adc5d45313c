// Engine: the public face. Writing is in impl.cc and ingest_file.cc; what has a story of its own is in a file of its
// own: quarantine.cc, withdrawals.cc, assertions.cc, explain.cc, history.cc, simulate.cc, migrate.cc, verify.cc.

#include "kintsugi/engine.h"

#include <fmt/format.h>

#include <map>

#include "engine/impl.h"
#include "read/evaluate.h"
#include "read/reader.h"

namespace kintsugi {

IngestReport& IngestReport::operator+=(const IngestReport& other) {
  read += other.read;
  accepted += other.accepted;
  duplicates += other.duplicates;
  superseded += other.superseded;
  quarantined += other.quarantined;
  for (const std::string& reason : other.reasons) {
    if (reasons.size() < write::kFirstReasons) reasons.push_back(reason);
  }
  warnings.insert(warnings.end(), other.warnings.begin(), other.warnings.end());
  stopped |= other.stopped;
  return *this;
}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(const Options& options, const std::string& path) {
  auto impl = Impl::Open(options, path, nullptr);
  if (!impl.ok()) return impl.status();
  return std::unique_ptr<Engine>(new Engine(*std::move(impl)));
}

const Schema& Engine::schema() const {
  return impl_->context().schema;
}

std::vector<std::string> Engine::notices() const {
  return impl_->Notices();
}

absl::StatusOr<IngestReport> Engine::Ingest(const Event& event, const WriteOptions& options) {
  return impl_->WriteAll<Event>({&event, 1}, options);
}

absl::StatusOr<IngestReport> Engine::Ingest(std::span<const Event> events, const WriteOptions& options) {
  return impl_->WriteAll(events, options);
}

absl::StatusOr<IngestReport> Engine::Ingest(const Record& record, const WriteOptions& options) {
  return impl_->WriteAll<Record>({&record, 1}, options);
}

absl::StatusOr<IngestReport> Engine::Ingest(std::span<const Record> records, const WriteOptions& options) {
  return impl_->WriteAll(records, options);
}

namespace {

// Made once: to say again that nobody is there allocates nothing.
const absl::Status& Nobody() {
  static const auto* const status = new absl::Status(absl::NotFoundError("nobody has this identifier"));
  return *status;
}

}  // namespace

absl::StatusOr<Profile> Engine::Lookup(std::string_view ns, std::string_view value) const {
  using Answer = read::ProfileCache::Answer;
  const Answer known = impl_->cache().Find(ns, value);
  if (known.kind == Answer::kProfile) return Profile(known.profile);
  if (known.kind == Answer::kNobody) return Nobody();
  const auto key = impl_->KeyOf(ns, value);
  if (!key.ok()) return key.status();
  auto profile = impl_->reader().Find(key->AsKey(), {ns, value, known.is_worth_keeping});
  if (!profile.ok()) return profile.status();
  if (!*profile) return Nobody();
  return **std::move(profile);
}

absl::StatusOr<std::vector<std::optional<Profile>>> Engine::LookupMany(std::span<const Identifier> identifiers) const {
  using Answer = read::ProfileCache::Answer;
  std::vector<std::optional<Profile>> out(identifiers.size());
  std::vector<size_t> places;  // of those that are not in memory
  std::vector<Impl::StoredKey> keys;
  std::vector<read::Asked> asked;
  for (size_t i = 0; i < identifiers.size(); ++i) {
    const Answer known = impl_->cache().Find(identifiers[i].ns, identifiers[i].value);
    if (known.kind == Answer::kProfile) out[i].emplace(known.profile);
    if (known.kind != Answer::kUnknown) continue;
    auto key = impl_->KeyOf(identifiers[i].ns, identifiers[i].value);
    if (!key.ok()) return key.status();
    places.push_back(i);
    keys.push_back(*std::move(key));
    asked.push_back({identifiers[i].ns, identifiers[i].value, known.is_worth_keeping});
  }
  if (places.empty()) return out;
  std::vector<format::NodeKey> nodes;
  for (const Impl::StoredKey& key : keys) nodes.push_back(key.AsKey());
  auto found = impl_->reader().FindMany(nodes, asked);
  if (!found.ok()) return found.status();
  for (size_t i = 0; i < places.size(); ++i) out[places[i]] = std::move((*found)[i]);
  return out;
}

absl::StatusOr<Profile> Engine::Lookup(const ProfileId& id) const {
  auto profile = impl_->reader().Find(id);
  if (!profile.ok()) return profile.status();
  if (!*profile) return absl::NotFoundError(fmt::format("no profile holds the anchor of the id {}", id.ToString()));
  return **std::move(profile);
}

absl::StatusOr<Identifier> Engine::Normalize(const IdentifierView& raw) const {
  auto node = impl_->context().Normalize(raw.ns, raw.value);
  if (!node.ok()) return node.status();
  if (!node->value.empty()) return Identifier{std::string(raw.ns), std::move(node->value)};
  const auto& normalizers = impl_->context().normalizers;
  const std::string_view why =
      node->ns < normalizers.size() ? normalize::ToString(normalizers[node->ns].Normalize(raw.value).refusal) : "empty";
  return absl::InvalidArgumentError(fmt::format("{} cannot be an identifier: its value is {}", raw.ToString(), why));
}

absl::Status Engine::ForEachProfile(const std::function<bool(const ProfileView&)>& visit) const {
  return impl_->reader().ForEachProfile(visit);
}

absl::Status Engine::ForEachIdentifier(
    const std::function<bool(const IdentifierView&, const ProfileId&)>& visit) const {
  return impl_->reader().ForEachIdentifier(visit);
}

absl::StatusOr<Evaluation> Engine::Evaluate(std::span<const TruthRow> truth) const {
  std::vector<read::Placed> placed;
  std::map<Identifier, std::string> entities;
  for (const TruthRow& row : truth) {
    auto key = impl_->KeyOf(row.identifier.ns, row.identifier.value);
    if (!key.ok()) return key.status();
    // What cannot be an identifier is nobody's, and known by its raw text.
    const bool refused = key->value.empty();
    const Identifier identifier{row.identifier.ns, refused ? row.identifier.value : key->value};
    const auto [known, fresh] = entities.emplace(identifier, row.entity);
    if (!fresh && known->second != row.entity) {
      return absl::InvalidArgumentError(fmt::format("the truth gives {} to both `{}` and `{}`",
                                                    row.identifier.ToString(), known->second, row.entity));
    }
    if (!fresh) continue;
    std::optional<ProfileId> holder;
    if (!refused) {
      auto found = impl_->reader().FindId(key->AsKey());
      if (!found.ok()) return found.status();
      holder = *found;
    }
    placed.push_back({row.entity, holder});
  }
  return read::Evaluate(placed);
}

Stats Engine::GetStats() const {
  const stored::Counters counters = impl_->counters();
  Stats stats{.profiles = counters.profiles(),
              .identifiers = counters.identifiers(),
              .associations = counters.associations(),
              .records = counters.records(),
              .events = counters.events(),
              .quarantined = counters.quarantined(),
              .disk_bytes = impl_->store().disk_bytes(),
              .memory_bytes = impl_->store().memory_bytes() + impl_->cache().memory_bytes()};
  for (golden::SourceIndex source = 0; source < schema().sources.size(); ++source) {
    SourceStats& out = stats.sources.emplace_back(SourceStats{.name = schema().sources[source].name});
    for (const auto& row : counters.sources()) {
      if (row.source() != impl_->context().catalog.source_number(source)) continue;
      out.accepted = row.accepted();
      out.duplicates = row.duplicates();
      out.quarantined = row.quarantined();
      out.superseded = row.superseded();
      for (const auto& [what, values] : row.refused_values())
        out.refused_values.emplace(what, SourceStats::RefusedValues{values.count(), values.example()});
      out.values_left_out = {row.values_left_out().begin(), row.values_left_out().end()};
      out.refused_identifiers = {row.refused_identifiers().begin(), row.refused_identifiers().end()};
    }
  }
  return stats;
}

absl::Status Engine::TryCatchUp() {
  return impl_->TryCatchUp();
}

absl::Status Engine::Flush() {
  return impl_->Flush();
}

}  // namespace kintsugi
