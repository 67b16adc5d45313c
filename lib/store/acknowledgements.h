// How far each consumer of the feed has come: files of their own beside the database's, so that whoever only reads the
// database can write them.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace kintsugi::store {

struct Acknowledgement {
  uint64_t sequence = 0;     // all up to this was taken
  uint64_t fingerprint = 0;  // of that entry's row, to know it again; 0: it was not there
};

// kInvalidArgument, if it cannot be a consumer's name: up to 64 letters, digits and any of `._-`, and no dot first.
absl::Status CheckConsumer(std::string_view name);

// Nothing if the consumer has acknowledged nothing yet. `path`: the database's directory. kDataLoss if the file is
// damaged.
absl::StatusOr<std::optional<Acknowledgement>> ReadAcknowledgement(const std::string& path, std::string_view consumer);

// Takes the place of the one before in one step, and survives a crash of the machine when this returns. Of several that
// do this at a time the last one's stays.
absl::Status WriteAcknowledgement(const std::string& path, std::string_view consumer, const Acknowledgement& now);

// All consumers' from one database's directory to another's, which has none.
absl::Status CopyAcknowledgements(const std::string& from, const std::string& to);

}  // namespace kintsugi::store
