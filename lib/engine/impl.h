// Engine::Impl: the parts of an open database, put together.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "admin/as_of.h"
#include "admin/database.h"
#include "admin/migrate.h"
#include "engine/advancer.h"
#include "kintsugi/engine.h"
#include "read/profile_cache.h"
#include "read/reader.h"
#include "read/timeline.h"
#include "write/counters.h"
#include "write/writer.h"

namespace kintsugi {

class Engine::Impl {
 public:
  static absl::StatusOr<std::unique_ptr<Impl>> Open(const Options& options, const std::string& path,
                                                    rocksdb::Env* env = nullptr);

  Impl(admin::Database database, const Options& options, const std::string& path);
  absl::Status FinishAdvance();
  read::TimelineReader Timelines() const;
  admin::AsOf LookBack() const;

  const ingest::Context& context() const { return *database.context; }
  store::Store& store() { return *database.store; }

  const admin::Database database;
  const std::string path;
  write::Counters counters;
  const std::unique_ptr<read::ProfileCache> cache;
  const read::Reader reader;
  write::Writer writer;
  std::optional<Advancer> advancer;  // the first to go
};

// Opens an engine on a file system of the test's making, and looks into one.
class EngineForTesting {
 public:
  static size_t ProfilesLoaded(const Engine& engine) { return engine.impl_->writer.profiles_loaded(); }
  static size_t Waiting(const Engine& engine) { return engine.impl_->writer.waiting(); }
  static bool IsCatchUpAwaited(const Engine& engine) { return engine.impl_->store().is_awaited(); }
  static const read::Reader& Reader(const Engine& engine) { return engine.impl_->reader; }
  static absl::StatusOr<MigrationReport> Migrate(const Schema& schema, const std::string& path,
                                                 const std::function<void()>& before_exchange) {
    return admin::Migrate(schema, path, std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now()),
                          before_exchange);
  }

  static absl::StatusOr<std::unique_ptr<Engine>> Open(const Options& options, const std::string& path,
                                                      rocksdb::Env* env) {
    auto impl = Engine::Impl::Open(options, path, env);
    if (!impl.ok()) return impl.status();
    return std::unique_ptr<Engine>(new Engine(*std::move(impl)));
  }
};

}  // namespace kintsugi
