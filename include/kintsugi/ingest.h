// What goes in, and what became of it: reports of ingesting and withdrawing, files, and the quarantine.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "kintsugi/export.h"
#include "kintsugi/value.h"

namespace kintsugi {

// What became of the rows of one call: read = accepted + duplicates + superseded + quarantined.
struct KINTSUGI_EXPORT IngestReport {
  uint64_t read = 0;
  uint64_t accepted = 0;              // new evidence
  uint64_t duplicates = 0;            // known already: changed nothing
  uint64_t superseded = 0;            // a record's version that an equal or newer one with other content keeps out
  uint64_t quarantined = 0;           // refused and kept, with the reason
  std::vector<std::string> reasons;   // why the first five of them were refused: "source, file:line: reason"
  std::vector<std::string> warnings;  // of a file: declared columns that it does not have, and what it may be instead
  bool stopped = false;               // FileInput::stop came before the end of the file

  IngestReport& operator+=(const IngestReport& other);
};

// Where a file's rows come from and how to read them.
struct FileInput {
  std::string source;
  std::string path;  // "-" is standard input; gzip and zstd are recognised by their first bytes
  // When its rows were read out of their source (Record::extracted_at). Nothing: when the file was last modified; of
  // standard input, when it was opened.
  std::optional<Time> extracted_at;
  // Called after each group with the compressed bytes read so far and the rows so far, on the caller's thread; may be
  // empty. An exception of it ends the call and reaches the caller; what was reported is applied.
  std::function<void(uint64_t bytes, const IngestReport&)> progress;
  // Once it is requested, the group that is being applied is the last: the call returns at once, also from waiting for
  // a pipe, with what was applied. Request it from any thread (not from a signal handler, which may not).
  std::stop_token stop;
};

// One row that was refused.
struct QuarantinedRow {
  std::string source;
  std::string file;   // empty if it came through the API
  uint64_t line = 0;  // where the row begins, from 1
  std::string reason;
  std::string raw;  // the row as it came, or the event or record as JSON
};

// Which refused rows are meant: all that fit. An empty field fits every row.
struct QuarantineSelection {
  std::string source;
  std::string file;
};

// What a withdrawal found.
struct WithdrawReport {
  uint64_t withdrawn = 0;
  uint64_t unknown = 0;  // not there, or withdrawn already
};

}  // namespace kintsugi
