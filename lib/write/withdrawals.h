// Taking evidence back, as the methods of Engine of these names say.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "kintsugi/engine.h"
#include "write/writer.h"

namespace kintsugi::write {

absl::StatusOr<WithdrawReport> WithdrawRecords(Writer& writer, std::string_view source,
                                               std::span<const std::string> keys, std::optional<Time> version,
                                               const WriteOptions& options);
absl::StatusOr<WithdrawReport> WithdrawEvents(Writer& writer, std::string_view source, std::span<const std::string> ids,
                                              const WriteOptions& options);
absl::StatusOr<WithdrawReport> ReadmitEvents(Writer& writer, std::string_view source, std::span<const std::string> ids,
                                             const WriteOptions& options);
absl::StatusOr<WithdrawReport> WithdrawSource(Writer& writer, std::string_view source, const WriteOptions& options);

}  // namespace kintsugi::write
