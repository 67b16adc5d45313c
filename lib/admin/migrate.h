// The evidence of a database, resolved under another schema into a new database that takes its place.

#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "kintsugi/difference.h"
#include "kintsugi/schema.h"
#include "kintsugi/value.h"

namespace kintsugi::admin {

// As Engine::Migrate says. `now` is noted with the changes of profiles. `before_exchange` is called between the last
// look at the old database and the exchange.
absl::StatusOr<MigrationReport> Migrate(
    const Schema& schema, const std::string& path, Time now, const std::function<void()>& before_exchange = [] {});

}  // namespace kintsugi::admin
