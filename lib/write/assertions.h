// People's decisions, as the methods of Engine of these names say.

#pragma once

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ingest/context.h"
#include "kintsugi/assertion.h"
#include "store/store.h"
#include "write/writer.h"

namespace kintsugi::write {

absl::StatusOr<std::string> Assert(Writer& writer, const Assertion& assertion, const WriteOptions& options);
absl::Status Retract(Writer& writer, const Retraction& retraction, const WriteOptions& options);
absl::Status ForEachAssertion(const ingest::Context& context, const store::Store& store,
                              const std::function<bool(const KeptAssertion&)>& visit);

}  // namespace kintsugi::write
