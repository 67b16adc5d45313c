// A database made from another's evidence.

#pragma once

#include "absl/status/statusor.h"
#include "admin/database.h"
#include "kintsugi/difference.h"
#include "kintsugi/value.h"

namespace kintsugi::admin {

// Fills `next`, which is empty, and has its own schema and the names that `old` gave numbers: with the evidence of
// `old` as its schema reads it, what that comes to, and what a schema has no say in. What it refuses is in quarantine.
// Every id that `old` handed out leads to whoever has its anchor. `old` stays as it is. Memory: a part of the evidence
// at a time, and who is one person with whom in both. Not thread-safe. Errors: kDataLoss for damaged rows, and the
// stores'.
absl::StatusOr<MigrationReport> FillFrom(const Database& old, const Database& next, Time now);

}  // namespace kintsugi::admin
