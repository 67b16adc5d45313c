// Rows that were refused, and their second chance, as the methods of Engine of these names say.

#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ingest/context.h"
#include "kintsugi/engine.h"
#include "store/store.h"
#include "write/writer.h"

namespace kintsugi::write {

absl::Status ForEachQuarantined(const ingest::Context& context, const store::Store& store,
                                const std::function<bool(const QuarantinedRow&)>& visit, const QuarantineSelection& of);
absl::Status ReplayQuarantine(Writer& writer, IngestReport& report, const WriteOptions& options);
absl::StatusOr<uint64_t> DiscardQuarantine(Writer& writer, const QuarantineSelection& of, const WriteOptions& options);

}  // namespace kintsugi::write
