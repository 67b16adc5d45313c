// Assertions, as they are given and as they are stored, made ready to be applied.

#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "format/stored.pb.h"
#include "ingest/context.h"
#include "kintsugi/assertion.h"
#include "store/store.h"
#include "write/apply.h"
#include "write/writer.h"

namespace kintsugi::write {

// kInvalidArgument if an identifier cannot be one or the two are the same, or nobody says why.
absl::StatusOr<PreparedAssertion> PrepareAssertion(const ingest::Context& context, const Assertion& assertion);
// As it was normalised when it was made, which nobody needs to read again to take it back; or anew, as
// PrepareAssertion.
absl::StatusOr<PreparedAssertion> PrepareStoredAssertion(const ingest::Context& context, std::string id,
                                                         const stored::Assertion& row, ingest::Preparer::Derive derive);

// False if a namespace is not declared any more.
bool ToAssertion(const ingest::Context& context, std::string id, const stored::Assertion& row, KeptAssertion& out);

// As the methods of Engine of these names say.
absl::StatusOr<std::string> Assert(Writer& writer, const Assertion& assertion, const WriteOptions& options);
absl::Status Retract(Writer& writer, const Retraction& retraction, const WriteOptions& options);
absl::Status ForEachAssertion(const ingest::Context& context, const store::Store& store,
                              const std::function<bool(const KeptAssertion&)>& visit);

}  // namespace kintsugi::write
