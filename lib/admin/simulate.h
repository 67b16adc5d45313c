// The stored evidence under another schema; and what simulating and migrating share.

#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "admin/difference.h"
#include "ingest/context.h"
#include "store/store.h"

namespace kintsugi::admin {

// kInvalidArgument if evidence of this database would have no place under the other schema.
absl::Status CheckSuccessor(const ingest::Context& context, const store::Store& store, const Schema& next);

// All rows of `identifiers`.
absl::StatusOr<admin::Partition> ReadPartition(const ingest::Context& context, const store::Store& store,
                                               const store::Store::Snapshot& snapshot);

// Counts what the profile of the same identifiers that is stored has otherwise: attribute values, traits. Nothing if
// there is none. `record` is as in `profiles`, of the other schema.
absl::Status CountChanges(const ingest::Context& now, const store::Store& store, const store::Store::Snapshot& snapshot,
                          const ingest::Context& next, std::string_view record, Difference& difference);

// The error for an assertion that stands and has no place under the other schema.
absl::Status HasNoPlace(std::string_view assertion, const std::string& reason);

// As Engine::Simulate says.
absl::StatusOr<Difference> Simulate(const ingest::Context& now, const store::Store& store, const Schema& schema);

}  // namespace kintsugi::admin
