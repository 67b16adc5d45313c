// What simulating and migrating share.

#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/context.h"
#include "query/difference.h"
#include "storage/store.h"

namespace kintsugi::engine {

// kInvalidArgument if evidence of this database would have no place under the other schema.
absl::Status CheckSuccessor(const Context& context, const storage::Store& store, const Schema& next);

// All rows of `identifiers`.
absl::StatusOr<query::Partition> ReadPartition(const Context& context, const storage::Store& store,
                                               const storage::Store::Snapshot& snapshot);

}  // namespace kintsugi::engine
