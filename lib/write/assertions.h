// Assertions, as they are given and as they are stored, made ready to be applied.

#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "format/stored.pb.h"
#include "ingest/context.h"
#include "kintsugi/assertion.h"
#include "write/apply.h"

namespace kintsugi::write {

// kInvalidArgument if an identifier cannot be one or the two are the same, or nobody says why.
absl::StatusOr<PreparedAssertion> PrepareAssertion(const ingest::Context& context, const Assertion& assertion);
// As it was normalised when it was made, which nobody needs to read again to take it back; or anew, as
// PrepareAssertion.
absl::StatusOr<PreparedAssertion> PrepareStoredAssertion(const ingest::Context& context, std::string id,
                                                         const stored::Assertion& row, ingest::Preparer::Derive derive);

// False if a namespace is not declared any more.
bool ToAssertion(const ingest::Context& context, std::string id, const stored::Assertion& row, KeptAssertion& out);

}  // namespace kintsugi::write
