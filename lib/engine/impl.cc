#include "engine/impl.h"

#include <fmt/format.h>

namespace kintsugi {
namespace {

constexpr uint32_t kFormat = 3;
// A group is cut here, so that one caller does not wait for the work of very many others.
constexpr size_t kMaxGroupItems = 1 << 16;

absl::StatusOr<stored::Meta> ReadMeta(const storage::Store& store) {
  auto row = store.Get(storage::Family::kMeta, "meta");
  if (!row.ok()) return row.status();
  stored::Meta meta;
  if (!*row) return meta;
  if (!meta.ParseFromString(**row)) return absl::DataLossError("the database's meta data is damaged");
  if (meta.format() != kFormat) {
    return absl::FailedPreconditionError(
        fmt::format("the database has format {}; this version reads format {}", meta.format(), kFormat));
  }
  return meta;
}

absl::StatusOr<Schema> ChooseSchema(const Options& options, const stored::Meta& meta, const std::string& path) {
  if (options.schema) {
    if (auto status = options.schema->Validate(); !status.ok()) return status;
  }
  if (meta.format() == 0) {
    if (options.schema) return *options.schema;
    return absl::InvalidArgumentError(fmt::format("{}: a new database needs a schema", path));
  }
  if (options.schema && options.schema->ToText() != meta.schema()) {
    return absl::FailedPreconditionError(
        fmt::format("{}: the schema means something else than the stored one; `kintsugi migrate` changes it", path));
  }
  return Schema::Parse(meta.schema(), path + " (stored schema)");
}

absl::Status WriteMeta(storage::Store& store, const engine::Context& context) {
  stored::Meta meta;
  meta.set_format(kFormat);
  meta.set_schema(context.schema.ToText());
  for (const std::string& name : context.catalog.names()) meta.add_names(name);
  storage::Batch batch = store.NewBatch();
  batch.Put(storage::Family::kMeta, "meta", meta.SerializeAsString());
  return store.Write(batch, Durability::kMachineCrash);
}

Time SystemTime() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

absl::StatusOr<stored::Counters> ReadCounters(const storage::Store& store) {
  auto row = store.Get(storage::Family::kMeta, "counters");
  if (!row.ok()) return row.status();
  stored::Counters counters;
  if (*row && !counters.ParseFromString(**row)) return absl::DataLossError("the database's counters are damaged");
  return counters;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Engine::Impl>> Engine::Impl::Open(const Options& options, const std::string& path,
                                                                 rocksdb::Env* env,
                                                                 std::vector<std::string> stored_names) {
  Options open = options;
  open.create_if_missing = options.create_if_missing && options.schema.has_value() && !options.read_only;
  auto store = storage::Store::Open(open, path, env);
  if (absl::IsNotFound(store.status()) && options.create_if_missing && !options.read_only) {
    return absl::InvalidArgumentError(fmt::format("{}: no database yet, and a new one needs a schema", path));
  }
  if (!store.ok()) return store.status();
  auto meta = ReadMeta(**store);
  if (!meta.ok()) return meta.status();
  auto schema = ChooseSchema(options, *meta, path);
  if (!schema.ok()) return schema.status();
  if (meta->format() != 0) stored_names = {meta->names().begin(), meta->names().end()};
  auto context = engine::Context::Create(*std::move(schema), std::move(stored_names));
  if (!context.ok()) return context.status();
  if (meta->format() == 0) {
    if (options.read_only) return absl::NotFoundError(fmt::format("{}: no database in this directory yet", path));
    if (auto status = WriteMeta(**store, **context); !status.ok()) return status;
  }
  auto counters = ReadCounters(**store);
  if (!counters.ok()) return counters.status();
  return std::unique_ptr<Impl>(new Impl(*std::move(context), *std::move(store), *std::move(counters), options));
}

Engine::Impl::Impl(std::unique_ptr<const engine::Context> context, std::unique_ptr<storage::Store> store,
                   stored::Counters counters, const Options& options)
    : context_(std::move(context)),
      store_(std::move(store)),
      preparer_(context_->schema, context_->catalog, context_->normalizers, context_->golden_rules,
                context_->identity_rules),
      cache_(std::make_unique<query::ProfileCache>(options.profile_cache_bytes)),
      reader_(*store_, context_->catalog, context_->names, *cache_),
      clock_(options.clock ? options.clock : SystemTime),
      counters_(std::move(counters)) {}

stored::Counters Engine::Impl::counters() const {
  std::lock_guard lock(mutex_);
  return counters_;
}

size_t Engine::Impl::profiles_loaded() const {
  std::lock_guard lock(mutex_);
  return profiles_loaded_;
}

absl::Status Engine::Impl::MayWrite() const {
  if (!store_->is_read_only()) return absl::OkStatus();
  return absl::FailedPreconditionError("the database was opened to be read only; open it without Options::read_only");
}

absl::Status Engine::Impl::TryCatchUp() {
  if (!store_->is_read_only())
    return absl::FailedPreconditionError("only an engine that was opened with Options::read_only catches up");
  if (auto status = store_->TryCatchUp([&] { cache_->Clear(); }); !status.ok()) return status;
  auto counters = ReadCounters(*store_);
  if (!counters.ok()) return counters.status();
  std::lock_guard lock(mutex_);
  counters_ = *std::move(counters);
  return absl::OkStatus();
}

absl::StatusOr<golden::SourceIndex> Engine::Impl::SourceOf(std::string_view name) const {
  golden::SourceIndex source = 0;
  if (engine::FindSource(context_->schema, name, source)) return source;
  std::string declared;
  for (const Source& known : context_->schema.sources) declared += (declared.empty() ? "" : ", ") + known.name;
  return absl::InvalidArgumentError(
      fmt::format("the source `{}` is not in the schema; it declares: {}", name, declared.empty() ? "none" : declared));
}

absl::StatusOr<golden::SourceIndex> Engine::Impl::EventSourceOf(std::string_view name) const {
  const auto source = SourceOf(name);
  if (source.ok() && context_->schema.sources[*source].has_table)
    return absl::InvalidArgumentError(fmt::format("the source `{}` has records, not events", name));
  return source;
}

absl::StatusOr<Engine::Impl::StoredKey> Engine::Impl::KeyOf(std::string_view ns, std::string_view value) const {
  auto node = context_->Normalize(ns, value);
  if (!node.ok()) return node.status();
  return StoredKey{context_->catalog.number(node->ns), std::move(node->value)};
}

absl::StatusOr<IngestReport> Engine::Impl::Write(std::span<const engine::Item> items, const WriteOptions& options,
                                                 bool alone) {
  if (auto status = MayWrite(); !status.ok()) return status;
  Waiting mine{.items = items, .durability = options.durability, .alone = alone};
  std::unique_lock lock(mutex_);
  queue_.push_back(&mine);
  turn_.wait(lock, [&] { return mine.done || queue_.front() == &mine; });
  if (!mine.done) {
    const std::vector<Waiting*> group = TakeGroup();
    lock.unlock();
    const absl::Status status = ApplyGroup(group);
    lock.lock();
    for (Waiting* waiting : group) {
      waiting->status = status;
      waiting->done = true;
      queue_.pop_front();
    }
    turn_.notify_all();
  }
  if (!mine.status.ok()) return mine.status;
  return mine.report;
}

// From the front, which is the caller's own; the others stay queued until they are done.
std::vector<Engine::Impl::Waiting*> Engine::Impl::TakeGroup() {
  std::vector<Waiting*> group;
  size_t items = 0;
  for (Waiting* waiting : queue_) {
    const bool fits = items + waiting->items.size() <= kMaxGroupItems && !waiting->alone && !queue_.front()->alone;
    if (!group.empty() && !fits) break;
    group.push_back(waiting);
    items += waiting->items.size();
  }
  return group;
}

absl::Status Engine::Impl::ApplyGroup(const std::vector<Waiting*>& group) {
  // Only the thread at the front of the queue gets here, so reading counters_ without the lock is safe.
  engine::Applier applier(*context_, *store_, counters_);
  Durability durability = group.front()->durability;
  for (Waiting* waiting : group) {
    std::vector<engine::Verdict> verdicts;
    if (auto status = applier.Apply(waiting->items, verdicts, waiting->report.reasons); !status.ok()) return status;
    for (const engine::Verdict verdict : verdicts) {
      ++waiting->report.read;
      if (verdict == engine::Verdict::kAccepted) ++waiting->report.accepted;
      if (verdict == engine::Verdict::kDuplicate) ++waiting->report.duplicates;
      if (verdict == engine::Verdict::kQuarantined) ++waiting->report.quarantined;
    }
    // The strongest that anybody asked for.
    if (waiting->durability == Durability::kMachineCrash) durability = Durability::kMachineCrash;
    if (waiting->durability == Durability::kProcessCrash && durability == Durability::kNone)
      durability = waiting->durability;
  }
  storage::Batch batch = store_->NewBatch();
  auto counters = applier.Finish(batch, clock_());
  if (!counters.ok()) return counters.status();
  if (auto status = WriteRows(batch, durability); !status.ok()) return status;
  std::lock_guard lock(mutex_);
  counters_ = *std::move(counters);
  profiles_loaded_ = applier.profiles_loaded();
  return absl::OkStatus();
}

// What the group changes is neither read from memory nor kept there until it is written.
absl::Status Engine::Impl::WriteRows(storage::Batch& batch, Durability durability) {
  // Collected first: what is called from inside RocksDB is hidden from the thread sanitizer.
  std::vector<std::string_view> identifiers;
  std::vector<ProfileId> profiles;
  const auto status = batch.ForEachKey([&](storage::Family family, std::string_view key) {
    ProfileId id;
    if (family == storage::Family::kIdentifiers) identifiers.push_back(key);
    if (family == storage::Family::kProfiles && storage::ParseProfileKey(key, id)) profiles.push_back(id);
  });
  if (!status.ok()) return status;
  query::ProfileCache::Write write(*cache_);
  for (const std::string_view key : identifiers) write.Change(storage::ParseIdentifierKey(key));
  for (const ProfileId& id : profiles) write.Change(id);
  return store_->Write(batch, durability);
}

}  // namespace kintsugi
