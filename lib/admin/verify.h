// The stored state against a full recomputation from the evidence, as Engine::Verify says.

#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ingest/context.h"
#include "living/rules.h"
#include "store/store.h"

namespace kintsugi::admin {

absl::StatusOr<std::vector<std::string>> Verify(const ingest::Context& context, const living::Rules& rules,
                                                const store::Store& store);

}  // namespace kintsugi::admin
