#include "engine/impl.h"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

#include "normalize/releases.h"

namespace kintsugi {
namespace {

using format::kFormat;

// A group is cut here, so that one caller does not wait for the work of very many others.
constexpr size_t kMaxGroupItems = 1 << 16;

absl::StatusOr<stored::Meta> ReadMeta(const store::Store& store) {
  auto row = store.Get(format::Family::kMeta, "meta");
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
  auto stored = Schema::Parse(meta.schema(), path + " (stored schema)");
  // Both are printed by today's printer, for another may have printed the one that is stored.
  if (stored.ok() && options.schema && options.schema->ToText() != stored->ToText()) {
    return absl::FailedPreconditionError(
        fmt::format("{}: the schema means something else than the stored one; `kintsugi migrate` changes it", path));
  }
  return stored;
}

absl::Status WriteMeta(store::Store& store, const ingest::Context& context) {
  stored::Meta meta;
  meta.set_format(kFormat);
  meta.set_schema(context.schema.ToText());
  for (const std::string& name : context.catalog.names()) meta.add_names(name);
  for (const auto& [library, release] : normalize::ReleasesFor(context.schema.namespaces))
    (*meta.mutable_releases())[library] = release;
  store::Batch batch = store.NewBatch();
  batch.Put(format::Family::kMeta, "meta", meta.SerializeAsString());
  batch.Delete(format::Family::kMeta, "counters");  // of attempts under another schema
  return store.Write(batch, Durability::kLosesNothing);
}

Time SystemTime() {
  return std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
}

absl::StatusOr<stored::Counters> ReadCounters(const store::Store& store) {
  auto row = store.Get(format::Family::kMeta, "counters");
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
  auto store = store::Store::Open(open, path, kFormat, env);
  if (absl::IsNotFound(store.status()) && options.create_if_missing && !options.read_only) {
    return absl::InvalidArgumentError(fmt::format("{}: no database yet, and a new one needs a schema", path));
  }
  if (!store.ok()) return store.status();
  auto meta = ReadMeta(**store);
  if (!meta.ok()) return meta.status();
  auto schema = ChooseSchema(options, *meta, path);
  if (absl::IsFailedPrecondition(schema.status()) && !options.read_only) {
    // A database that holds nothing has no schema to keep: it begins anew.
    const auto is_empty = (*store)->IsEmpty();
    if (!is_empty.ok()) return is_empty.status();
    if (*is_empty) {
      meta->Clear();
      schema = *options.schema;
    }
  }
  if (!schema.ok()) return schema.status();
  if (meta->format() != 0) stored_names = {meta->names().begin(), meta->names().end()};
  auto context = ingest::Context::Create(*std::move(schema), std::move(stored_names));
  if (!context.ok()) return context.status();
  if (meta->format() == 0) {
    if (options.read_only) return absl::NotFoundError(fmt::format("{}: no database in this directory yet", path));
    if (auto status = WriteMeta(**store, **context); !status.ok()) return status;
  }
  auto counters = ReadCounters(**store);
  if (!counters.ok()) return counters.status();
  std::unique_ptr<Impl> impl(new Impl(*std::move(context), *std::move(store), *std::move(counters), options));
  impl->releases_ = {meta->releases().begin(), meta->releases().end()};
  return impl;
}

Engine::Impl::Impl(std::unique_ptr<const ingest::Context> context, std::unique_ptr<store::Store> store,
                   stored::Counters counters, const Options& options)
    : context_(std::move(context)),
      store_(std::move(store)),
      preparer_(*context_),
      cache_(std::make_unique<read::ProfileCache>(options.profile_cache_bytes)),
      reader_(*store_, context_->catalog, context_->names, *cache_),
      clock_(options.clock ? options.clock : SystemTime),
      counters_(std::move(counters)),
      out_of_memory_(absl::ResourceExhaustedError(
          "there is not enough memory to apply this group, and nothing of it was applied; send less at a time")) {}

std::vector<std::string> Engine::Impl::Notices() const {
  std::vector<std::string> notices;
  if (releases_.empty()) return notices;  // it was made just now
  for (const auto& [library, release] : normalize::ReleasesFor(context_->schema.namespaces)) {
    const auto was = releases_.find(library);
    if (was == releases_.end() || was->second == release) continue;
    notices.push_back(fmt::format(
        "the database was made with {} {}, and this is {}: what is looked up or comes now may be normalised otherwise "
        "than what is stored; `kintsugi migrate` with the same schema normalises everything anew",
        library, was->second, release));
  }
  return notices;
}

stored::Counters Engine::Impl::counters() const {
  std::lock_guard lock(mutex_);
  return counters_;
}

size_t Engine::Impl::profiles_loaded() const {
  std::lock_guard lock(mutex_);
  return profiles_loaded_;
}

size_t Engine::Impl::waiting() const {
  std::lock_guard lock(mutex_);
  return waiting_;
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
  if (ingest::FindSource(context_->schema, name, source)) return source;
  std::string declared;
  for (const Source& known : context_->schema.sources) declared += (declared.empty() ? "" : ", ") + known.name;
  return absl::InvalidArgumentError(
      fmt::format("the source `{}` is not in the schema; it declares: {}", name, declared.empty() ? "none" : declared));
}

absl::StatusOr<golden::SourceIndex> Engine::Impl::EventSourceOf(std::string_view name) const {
  const auto source = SourceOf(name);
  if (source.ok() && context_->schema.sources[*source].table())
    return absl::InvalidArgumentError(fmt::format("the source `{}` has records, not events", name));
  return source;
}

absl::StatusOr<Engine::Impl::StoredKey> Engine::Impl::KeyOf(std::string_view ns, std::string_view value) const {
  auto node = context_->Normalize(ns, value);
  if (!node.ok()) return node.status();
  return StoredKey{context_->catalog.number(node->ns), std::move(node->value)};
}

absl::StatusOr<IngestReport> Engine::Impl::Write(std::span<const write::Item> items, const WriteOptions& options,
                                                 bool alone) {
  if (auto status = MayWrite(); !status.ok()) return status;
  Waiting mine{.items = items, .durability = options.durability, .alone = alone};
  if (auto status = TakeTurn(mine); !status.ok()) return status;
  return mine.report;
}

absl::Status Engine::Impl::Flush() {
  if (auto status = MayWrite(); !status.ok()) return status;
  Waiting mine{.alone = true, .is_flush = true};
  return TakeTurn(mine);
}

absl::Status Engine::Impl::TakeTurn(Waiting& mine) {
  std::unique_lock lock(mutex_);
  (first_ == nullptr ? first_ : last_->next) = &mine;
  last_ = &mine;
  ++waiting_;
  turn_.wait(lock, [&] { return mine.done || (first_ == &mine && !is_writing_); });
  if (mine.done) return mine.status;
  Waiting* const group = TakeGroup();
  is_writing_ = true;
  lock.unlock();
  const absl::Status status = TryToApply(*group);
  lock.lock();
  is_writing_ = false;
  for (Waiting* one = group; one != nullptr; one = one->next) {
    one->status = status;
    one->done = true;
    --waiting_;
  }
  turn_.notify_all();
  return status;
}

Engine::Impl::Waiting* Engine::Impl::TakeGroup() {
  Waiting* const group = first_;
  Waiting* last = group;
  size_t items = group->items.size();
  while (last->next != nullptr && !group->alone && !last->next->alone) {
    items += last->next->items.size();
    if (items > kMaxGroupItems) break;
    last = last->next;
  }
  first_ = std::exchange(last->next, nullptr);
  return group;
}

absl::Status Engine::Impl::TryToApply(Waiting& group) {
  try {
    try {
      return ApplyGroup(group);
    } catch (const std::bad_alloc&) {
      return out_of_memory_;
    } catch (const std::exception& thrown) {
      return absl::InternalError(
          fmt::format("writing broke off, and nothing of the group was applied: {}", thrown.what()));
    }
  } catch (const std::bad_alloc&) {
    return out_of_memory_;  // there was none for the message
  } catch (...) {
    return absl::InternalError("writing broke off, and nothing of the group was applied");
  }
}

// Only one thread at a time is in here, so it may read counters_ without the lock.
absl::Status Engine::Impl::ApplyGroup(Waiting& group) {
  if (group.is_flush) return store_->Flush();
  write::Applier applier(*context_, *store_, counters_);
  Durability durability = group.durability;
  for (Waiting* waiting = &group; waiting != nullptr; waiting = waiting->next) {
    std::vector<write::Verdict> verdicts;
    if (auto status = applier.Apply(waiting->items, verdicts, waiting->report.reasons); !status.ok()) return status;
    for (const write::Verdict verdict : verdicts) {
      ++waiting->report.read;
      if (verdict == write::Verdict::kAccepted) ++waiting->report.accepted;
      if (verdict == write::Verdict::kDuplicate) ++waiting->report.duplicates;
      if (verdict == write::Verdict::kSuperseded) ++waiting->report.superseded;
      if (verdict == write::Verdict::kQuarantined) ++waiting->report.quarantined;
    }
    durability = std::min(durability, waiting->durability);  // who wants to lose least decides
  }
  store::Batch batch = store_->NewBatch();
  auto counters = applier.Finish(batch, clock_());
  if (!counters.ok()) return counters.status();
  if (auto status = WriteRows(batch, durability); !status.ok()) return status;
  std::lock_guard lock(mutex_);
  counters_ = *std::move(counters);
  profiles_loaded_ = applier.profiles_loaded();
  return absl::OkStatus();
}

// What the group changes is neither read from memory nor kept there until it is written.
absl::Status Engine::Impl::WriteRows(store::Batch& batch, Durability durability) {
  // Collected first: what is called from inside RocksDB is hidden from the thread sanitizer.
  std::vector<std::string_view> identifiers;
  std::vector<ProfileId> profiles;
  const auto status = batch.ForEachKey([&](format::Family family, std::string_view key) {
    ProfileId id;
    if (family == format::Family::kIdentifiers) identifiers.push_back(key);
    if (family == format::Family::kProfiles && format::ParseProfileKey(key, id)) profiles.push_back(id);
  });
  if (!status.ok()) return status;
  read::ProfileCache::Write write(*cache_);
  for (const std::string_view key : identifiers) write.Change(format::ParseIdentifierKey(key));
  for (const ProfileId& id : profiles) write.Change(id);
  return store_->Write(batch, durability);
}

}  // namespace kintsugi
