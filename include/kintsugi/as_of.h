// Looking back: identifiers at times, and files of them, for tables to train models with.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "kintsugi/export.h"
#include "kintsugi/ids.h"
#include "kintsugi/value.h"

namespace kintsugi {

// An identifier, and the time as of which it is asked about.
struct IdentifierAt {
  Identifier identifier;  // the value may be raw
  Time time;
};

// A file of labels: what became of somebody after a time, beside the identifier and the time.
struct Labels {
  struct Row {
    IdentifierAt at;
    std::vector<std::optional<std::string>> fields;  // all of them, as they came; nothing: empty, and not quoted
    uint64_t line = 0;
  };
  std::vector<std::string> columns;
  std::vector<Row> rows;
};

// Reads a CSV with the columns `identifier` ("ns:value") and `time`, in any order and with others beside them.
// kNotFound if it cannot be read, kInvalidArgument (with the line) if it is not such a file. The rows are in memory.
KINTSUGI_EXPORT absl::StatusOr<Labels> LoadLabels(const std::string& path);

}  // namespace kintsugi
