// Engine: the public face. It puts the parts together and hands each call to the one whose it is.

#include "kintsugi/engine.h"

#include <fmt/format.h>

#include <utility>

#include "admin/as_of.h"
#include "admin/recount.h"
#include "admin/simulate.h"
#include "admin/statistics.h"
#include "admin/verify.h"
#include "admin/verify_feed.h"
#include "admin/verify_versions.h"
#include "engine/impl.h"
#include "format/stored_rows.h"
#include "read/evaluate_truth.h"
#include "read/explainer.h"
#include "read/feed.h"
#include "read/history.h"
#include "write/advance.h"
#include "write/assertions.h"
#include "write/ingest_file.h"
#include "write/quarantine.h"
#include "write/withdrawals.h"

namespace kintsugi {
namespace {

Time SystemTime() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

}  // namespace

// ---- opening

absl::StatusOr<std::unique_ptr<Engine::Impl>> Engine::Impl::Open(const Options& options, const std::string& path,
                                                                 rocksdb::Env* env) {
  auto database = admin::OpenDatabase(options, path, env);
  if (!database.ok()) return database.status();
  if (options.on_changes && !options.read_only && !database->rules->feed.is_on())
    return absl::FailedPreconditionError("Options::on_changes needs `feed {}` in the schema, which has none");
  const std::function<Time()> clock = options.clock ? options.clock : SystemTime;
  if (auto status = admin::RecountUnderOtherZones(*database, clock); !status.ok()) return status;
  auto impl = std::make_unique<Impl>(*std::move(database), options, path);
  if (auto status = impl->FinishAdvance(); !status.ok()) return status;
  if (options.advance_every > std::chrono::microseconds(0) && !options.read_only)
    impl->advancer.emplace(impl->writer, options.advance_every);
  return impl;
}

// What a crash left of one.
absl::Status Engine::Impl::FinishAdvance() {
  const Time now = format::NowOf(counters.Get());
  if (database.store->is_read_only() || !IsKnown(now)) return absl::OkStatus();
  const auto is_left = write::IsAnythingDue(*database.store, now);
  if (!is_left.ok()) return is_left.status();
  return *is_left ? writer.Advance(now, {}) : absl::OkStatus();
}

Engine::Impl::Impl(admin::Database opened, const Options& options, const std::string& path_of_it)
    : database(std::move(opened)),
      path(path_of_it),
      counters(database.counters),
      cache(std::make_unique<read::ProfileCache>(options.profile_cache_bytes)),
      reader(*database.context, *database.store, *cache),
      writer(*database.context, *database.rules, *database.store, *cache, counters,
             options.clock ? options.clock : SystemTime, options.on_changes) {}

Engine::Engine(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Engine::~Engine() = default;

absl::StatusOr<std::unique_ptr<Engine>> Engine::Open(const Options& options, const std::string& path) {
  auto impl = Impl::Open(options, path);
  if (!impl.ok()) return impl.status();
  return std::unique_ptr<Engine>(new Engine(*std::move(impl)));
}

const Schema& Engine::schema() const {
  return impl_->context().schema;
}

std::vector<std::string> Engine::notices() const {
  return admin::NoticesOf(impl_->database);
}

absl::Status Engine::TryCatchUp() {
  store::Store& store = impl_->store();
  if (!store.is_read_only())
    return absl::FailedPreconditionError("only an engine that was opened with Options::read_only catches up");
  if (auto status = store.TryCatchUp([&] { impl_->cache->Clear(); }); !status.ok()) return status;
  auto counters = admin::ReadCounters(store);
  if (!counters.ok()) return counters.status();
  impl_->counters.Set(*std::move(counters));
  return absl::OkStatus();
}

// ---- writing

absl::StatusOr<IngestReport> Engine::Ingest(const Event& event, const WriteOptions& options) {
  return impl_->writer.Ingest(std::span(&event, 1), options);
}

absl::StatusOr<IngestReport> Engine::Ingest(std::span<const Event> events, const WriteOptions& options) {
  return impl_->writer.Ingest(events, options);
}

absl::StatusOr<IngestReport> Engine::Ingest(const Record& record, const WriteOptions& options) {
  return impl_->writer.Ingest(std::span(&record, 1), options);
}

absl::StatusOr<IngestReport> Engine::Ingest(std::span<const Record> records, const WriteOptions& options) {
  return impl_->writer.Ingest(records, options);
}

absl::Status Engine::IngestFile(const FileInput& input, IngestReport& report, const WriteOptions& options) {
  return write::IngestFile(impl_->writer, input, report, options);
}

absl::Status Engine::CheckFile(const Schema& schema, const FileInput& input) {
  return write::CheckFile(schema, input);
}

absl::StatusOr<WithdrawReport> Engine::WithdrawRecords(std::string_view source, std::span<const std::string> keys,
                                                       std::optional<Time> version, const WriteOptions& options) {
  return write::WithdrawRecords(impl_->writer, source, keys, version, options);
}

absl::StatusOr<WithdrawReport> Engine::WithdrawEvents(std::string_view source, std::span<const std::string> ids,
                                                      const WriteOptions& options) {
  return write::WithdrawEvents(impl_->writer, source, ids, options);
}

absl::StatusOr<WithdrawReport> Engine::ReadmitEvents(std::string_view source, std::span<const std::string> ids,
                                                     const WriteOptions& options) {
  return write::ReadmitEvents(impl_->writer, source, ids, options);
}

absl::StatusOr<WithdrawReport> Engine::WithdrawSource(std::string_view source, const WriteOptions& options) {
  return write::WithdrawSource(impl_->writer, source, options);
}

absl::StatusOr<std::string> Engine::Assert(const Assertion& assertion, const WriteOptions& options) {
  return write::Assert(impl_->writer, assertion, options);
}

absl::Status Engine::Retract(const Retraction& retraction, const WriteOptions& options) {
  return write::Retract(impl_->writer, retraction, options);
}

absl::Status Engine::ForEachAssertion(const std::function<bool(const KeptAssertion&)>& visit) const {
  return write::ForEachAssertion(impl_->context(), impl_->store(), visit);
}

absl::Status Engine::ForEachQuarantined(const std::function<bool(const QuarantinedRow&)>& visit,
                                        const QuarantineSelection& of) const {
  return write::ForEachQuarantined(impl_->context(), impl_->store(), visit, of);
}

absl::Status Engine::ReplayQuarantine(IngestReport& report, const WriteOptions& options) {
  return write::ReplayQuarantine(impl_->writer, report, options);
}

absl::StatusOr<uint64_t> Engine::DiscardQuarantine(const QuarantineSelection& of, const WriteOptions& options) {
  return write::DiscardQuarantine(impl_->writer, of, options);
}

absl::Status Engine::Advance(Time now, const WriteOptions& options) {
  return impl_->writer.Advance(now, options);
}

std::optional<Time> Engine::now() const {
  return Known(format::NowOf(impl_->counters.Get()));
}

absl::Status Engine::Flush() {
  return impl_->writer.Flush();
}

// ---- reading

absl::StatusOr<Profile> Engine::Lookup(std::string_view ns, std::string_view value) const {
  return impl_->reader.Lookup(ns, value);
}

absl::StatusOr<std::vector<std::optional<Profile>>> Engine::LookupMany(std::span<const Identifier> identifiers) const {
  return impl_->reader.LookupMany(identifiers);
}

absl::StatusOr<Profile> Engine::Lookup(const ProfileId& id) const {
  auto profile = impl_->reader.Find(id);
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
  return impl_->reader.ForEachProfile(visit);
}

absl::Status Engine::ForEachMember(std::string_view segment,
                                   const std::function<bool(const ProfileView&)>& visit) const {
  return impl_->reader.ForEachMember(segment, visit);
}

absl::Status Engine::ForEachIdentifier(
    const std::function<bool(const IdentifierView&, const ProfileId&)>& visit) const {
  return impl_->reader.ForEachIdentifier(visit);
}

read::TimelineReader Engine::Impl::Timelines() const {
  return {*database.context, *database.rules, *database.store, reader, format::NowOf(counters.Get())};
}

admin::AsOf Engine::Impl::LookBack() const {
  return {*database.context, *database.rules, *database.store};
}

absl::StatusOr<Profile> Engine::LookupAsOf(const IdentifierView& identifier, Time as_of) const {
  return impl_->LookBack().Lookup(identifier, as_of);
}

absl::StatusOr<Profile> Engine::LookupAsOf(const ProfileId& id, Time as_of) const {
  return impl_->LookBack().Lookup(id, as_of);
}

absl::StatusOr<std::vector<std::optional<Profile>>> Engine::LookupManyAsOf(std::span<const IdentifierAt> asked) const {
  return impl_->LookBack().LookupMany(asked);
}

absl::Status Engine::ForEachProfileAsOf(Time as_of, const std::function<bool(const ProfileView&)>& visit) const {
  return admin::ForEachProfileAsOf(impl_->context(), *impl_->database.rules, impl_->store(), as_of, visit);
}

absl::StatusOr<TimelinePage> Engine::Timeline(const IdentifierView& identifier, const TimelineQuery& query) const {
  if (query.as_of) return impl_->LookBack().Timeline(identifier, query);
  return impl_->Timelines().Page(identifier, query);
}

absl::StatusOr<std::vector<Visit>> Engine::Visits(const IdentifierView& identifier, size_t limit) const {
  return impl_->Timelines().Visits(identifier, limit);
}

absl::StatusOr<std::optional<VisitWithItems>> Engine::CurrentVisit(const IdentifierView& identifier) const {
  return impl_->Timelines().Current(identifier);
}

absl::StatusOr<Overview> Engine::Show(const IdentifierView& identifier, size_t items) const {
  return impl_->Timelines().Show(identifier, items);
}

absl::StatusOr<Why> Engine::ExplainWhy(const IdentifierView& a, const IdentifierView& b,
                                       std::optional<Time> as_of) const {
  if (as_of) return impl_->LookBack().ExplainWhy(a, b, *as_of);
  return read::ExplainWhy(impl_->context(), impl_->store(), a, b);
}

absl::StatusOr<How> Engine::ExplainHow(const IdentifierView& identifier) const {
  return read::ExplainHow(impl_->context(), impl_->store(), identifier);
}

absl::Status Engine::ForEachChange(const ProfileId& id, const std::function<bool(const Change&)>& visit) const {
  return read::ForEachChange(impl_->reader, id, visit);
}

absl::Status Engine::ForEachChange(const IdentifierView& identifier,
                                   const std::function<bool(const Change&)>& visit) const {
  return read::ForEachChange(impl_->reader, identifier, visit);
}

absl::StatusOr<FeedPage> Engine::ReadFeed(const FeedQuery& query) const {
  return read::ReadFeed(impl_->database.rules->feed, impl_->store(), query);
}

absl::StatusOr<uint64_t> Engine::ForEachFeedSnapshotEntry(const std::function<bool(const FeedEntry&)>& visit) const {
  return read::ForEachFeedSnapshotEntry(impl_->database.rules->feed, impl_->store(), impl_->writer.Now(), visit);
}

absl::StatusOr<std::optional<uint64_t>> Engine::AcknowledgedBy(std::string_view consumer) const {
  return read::AcknowledgedBy(impl_->store(), impl_->path, consumer);
}

absl::Status Engine::Acknowledge(std::string_view consumer, uint64_t sequence) {
  return read::Acknowledge(impl_->store(), impl_->path, consumer, sequence);
}

absl::StatusOr<Evaluation> Engine::Evaluate(std::span<const TruthRow> truth) const {
  return read::EvaluateTruth(impl_->reader, truth);
}

// ---- looking after it

absl::StatusOr<Difference> Engine::Simulate(const Schema& schema) const {
  return admin::Simulate(impl_->context(), impl_->store(), schema);
}

absl::StatusOr<MigrationReport> Engine::Migrate(const Schema& schema, const std::string& path) {
  return admin::Migrate(schema, path, SystemTime());
}

Stats Engine::GetStats() const {
  Stats stats = admin::StatsOf(impl_->context(), impl_->counters.Get());
  stats.disk_bytes = impl_->store().disk_bytes();
  stats.memory_bytes = impl_->store().memory_bytes() + impl_->cache->memory_bytes();
  return stats;
}

absl::StatusOr<IdentityStats> Engine::GetIdentityStats(size_t most) const {
  return admin::IdentityStatsOf(impl_->context(), impl_->store(), impl_->counters.Get(), most);
}

absl::StatusOr<std::vector<std::string>> Engine::Verify() const {
  auto differences = admin::Verify(impl_->context(), *impl_->database.rules, impl_->store());
  if (!differences.ok()) return differences;
  if (auto status = admin::VerifyVersions(impl_->context(), impl_->store(), *differences); !status.ok()) return status;
  if (auto status = admin::VerifyFeed(impl_->database.rules->feed, impl_->store(), *differences); !status.ok())
    return status;
  return differences;
}

}  // namespace kintsugi
