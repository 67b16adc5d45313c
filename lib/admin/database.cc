#include "admin/database.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "format/family.h"
#include "format/stored_rows.h"
#include "living/periods.h"
#include "normalize/releases.h"

namespace kintsugi::admin {
namespace {

using format::kFormat;

absl::StatusOr<stored::Meta> ReadMeta(const store::Store& store) {
  auto row = store.Get(format::Family::kMeta, "meta");
  if (!row.ok()) return row.status();
  stored::Meta meta;
  if (!*row) return meta;
  if (!format::ParseRow(**row, meta)) return absl::DataLossError("the database's meta data is damaged");
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

// Of the libraries that what is stored depends on.
std::map<std::string, std::string> ReleasesFor(const Schema& schema) {
  std::map<std::string, std::string> releases;
  for (const auto& [library, release] : normalize::ReleasesFor(schema.namespaces)) releases[library] = release;
  const auto has_calendar = [](const Trait& trait) { return trait.calendar.has_value(); };
  if (std::any_of(schema.traits.begin(), schema.traits.end(), has_calendar))
    releases[std::string(kTimeZones)] = living::ZoneRelease();
  return releases;
}

absl::Status WriteMeta(store::Store& store, const ingest::Context& context) {
  stored::Meta meta;
  meta.set_format(kFormat);
  meta.set_schema(context.schema.ToText());
  for (const std::string& name : context.catalog.names()) meta.add_names(name);
  for (const auto& [library, release] : ReleasesFor(context.schema)) (*meta.mutable_releases())[library] = release;
  store::Batch batch = store.NewBatch();
  batch.Put(format::Family::kMeta, "meta", meta.SerializeAsString());
  batch.Delete(format::Family::kMeta, "counters");  // of attempts under another schema
  return store.Write(batch, Durability::kLosesNothing);
}

}  // namespace

absl::StatusOr<stored::Counters> ReadCounters(const store::Store& store) {
  auto row = store.Get(format::Family::kMeta, "counters");
  if (!row.ok()) return row.status();
  stored::Counters counters;
  if (*row && !format::ParseRow(**row, counters)) return absl::DataLossError("the database's counters are damaged");
  return counters;
}

absl::StatusOr<Database> OpenDatabase(const Options& options, const std::string& path, rocksdb::Env* env,
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
  auto rules = std::make_unique<const living::Rules>(**context);
  return Database{*std::move(context),
                  std::move(rules),
                  *std::move(store),
                  *std::move(counters),
                  {meta->releases().begin(), meta->releases().end()}};
}

std::vector<std::string> NoticesOf(const Database& database) {
  std::vector<std::string> notices;
  if (database.releases.empty()) return notices;  // it was made just now
  const std::string_view of_time_zones =
      database.store->is_read_only()
          ? "calendar windows may begin and end otherwise than those that are stored; who opens the database to write "
            "tells all traits anew"
          : "calendar windows may begin and end otherwise, and all traits were told anew";
  for (const auto& [library, release] : ReleasesFor(database.context->schema)) {
    const auto was = database.releases.find(library);
    if (was == database.releases.end() || was->second == release) continue;
    const std::string_view what =
        library == kTimeZones
            ? of_time_zones
            : "what is looked up or comes now may be normalised otherwise than what is stored; `kintsugi migrate` with "
              "the same schema normalises everything anew";
    notices.push_back(
        fmt::format("the database was made with {} {}, and this is {}: {}", library, was->second, release, what));
  }
  return notices;
}

}  // namespace kintsugi::admin
