// What simulating and migrating share.

#pragma once

#include <string>
#include <string_view>

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

// Whether the profile of the same identifiers that is stored has other attribute values; false if there is none.
// `record` is as in `profiles`.
absl::StatusOr<bool> HasOtherAttributes(const storage::Store& store, const storage::Store::Snapshot& snapshot,
                                        std::string_view record);

// The error for an assertion that stands and has no place under the other schema.
absl::Status HasNoPlace(std::string_view assertion, const std::string& reason);

}  // namespace kintsugi::engine
