// Cutting a stream of bytes into rows: lines, and CSV rows whose quoted fields may hold line ends.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "ingest/rows.h"

namespace kintsugi::ingest {

// Sizes at which a splitter gives a row up. Only tests change them.
struct RowLimits {
  size_t row_bytes = kMaxRowBytes;         // a longer row is delivered whole, and rejected
  size_t kept_bytes = size_t{1} << 28;     // of a row that is longer still, only this much is delivered
  size_t chunk_bytes = size_t{256} << 10;  // how much is read at a time
};

// Window is the part of a stream that has been read and not been consumed, in one piece.
// It grows with what is left unconsumed and never shrinks. Not thread-safe.
class Window {
 public:
  Window(std::unique_ptr<ByteSource> bytes, size_t chunk_bytes)
      : source_(std::move(bytes)), chunk_bytes_(chunk_bytes) {}

  // Valid until the next Extend().
  std::string_view view() const { return {buffer_.get() + begin_, end_ - begin_}; }
  // Reads another chunk; false at the end of the stream, for ever after.
  absl::StatusOr<bool> Extend();
  // Drops the first `count` bytes of view().
  void Consume(size_t count) { begin_ += count; }
  bool at_end() const { return at_end_; }
  std::string name() const { return source_->name(); }

 private:
  void MakeRoom();

  std::unique_ptr<ByteSource> source_;
  size_t chunk_bytes_;
  std::unique_ptr<char[]> buffer_;
  size_t capacity_ = 0;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool at_end_ = false;
};

// Lines that end in LF or CRLF; the last one may end with the stream. A byte order mark at the start is
// skipped; blank lines are skipped and counted. Memory: two times the longest row up to RowLimits::row_bytes,
// and the text of a longer one. Linear.
class LineSplitter : public RowSplitter {
 public:
  explicit LineSplitter(std::unique_ptr<ByteSource> bytes, const RowLimits& limits = {});

  // The first bytes of the text, some few at least if there are any, without consuming them. kInvalidArgument if the
  // text is UTF-16. Call it before Next(), which otherwise finds that out.
  absl::StatusOr<std::string_view> Begin();
  absl::StatusOr<bool> Next(RawRow& row) override;

 private:
  RowLimits limits_;
  Window window_;
  uint64_t line_ = 1;  // of the first byte of the window
  bool started_ = false;
};

// Rows of RFC 4180: a quoted field may hold delimiters, line ends and doubled quotes. A quote opens a field
// only at its beginning (spaces before it are allowed); elsewhere it is a character like any other.
//
// A stray quote must not swallow the rows that follow it. A row that runs over several lines is put in doubt by
//   its quote is never closed, or not within RowLimits::row_bytes;
//   a closing quote is followed by something else than a delimiter or a line end;
//   it does not have as many fields as the header (set_columns);
// and then only its first line is rejected and splitting goes on after that line. The price: of an honest row
// over several lines that is wrong in one of these ways, the other lines come as rows of their own (and mostly
// fail on their number of fields). The cost: the lines after a stray quote are scanned twice, but no more than
// that, for the next opening quote ends the doubtful row; and a quote that is followed by none costs one scan
// of at most row_bytes. So splitting is linear, whatever comes in.
class CsvSplitter : public RowSplitter {
 public:
  explicit CsvSplitter(std::unique_ptr<ByteSource> bytes, const RowLimits& limits = {});

  // The text of the row that Next() would give under the delimiter that is set, for finding out which one is
  // right. Empty if there is no row or it would be rejected. Consumes blank lines only.
  absl::StatusOr<std::string> Peek();
  void set_delimiter(char delimiter) { delimiter_ = delimiter; }
  char delimiter() const { return delimiter_; }
  // How many fields a row should have; 0: any number.
  void set_columns(size_t columns) { columns_ = columns; }

  absl::StatusOr<bool> Next(RawRow& row) override;

 private:
  struct Extent;

  absl::StatusOr<Extent> ScanRow();
  absl::StatusOr<Extent> FindRow();
  bool Fits(const Extent& extent) const;
  void Deliver(const Extent& extent, RawRow& row);

  RowLimits limits_;
  Window window_;
  char delimiter_ = ',';
  size_t columns_ = 0;
  uint64_t line_ = 1;
  bool started_ = false;
};

}  // namespace kintsugi::ingest
