// The rows of `versions` against each other: what identifiers lead to is what the kept versions say.

#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "ingest/context.h"
#include "store/store.h"

namespace kintsugi::admin {

// Adds what is wrong to `differences`, a line each. (That what they say can be read is told by the replay of all
// evidence.)
absl::Status VerifyVersions(const ingest::Context& context, const store::Store& store,
                            std::vector<std::string>& differences);

}  // namespace kintsugi::admin
