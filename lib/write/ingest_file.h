// Ingest of files, as the methods of Engine of these names say.

#pragma once

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kintsugi/engine.h"
#include "write/writer.h"

namespace kintsugi::write {

absl::Status IngestFile(Writer& writer, const FileInput& input, IngestReport& report, const WriteOptions& options);
absl::Status CheckFile(const Schema& schema, const FileInput& input);

}  // namespace kintsugi::write
