// From bytes to evidence, in two halves: splitting (in order, one thread) and parsing (pure, any thread).

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "kintsugi/event.h"
#include "kintsugi/schema.h"

namespace kintsugi::ingest {

// Longer rows are refused unparsed; they go to quarantine whole.
inline constexpr size_t kMaxRowBytes = size_t{16} << 20;
// A row of more items (the messages of a batch object) is refused whole. It is applied as a whole, so its items are all
// in memory at once, and two bytes are enough for one. Segment's own limit, 500 KB, is some thousand messages.
inline constexpr size_t kMaxRowItems = 10'000;
// What the items of one row inherit from it is counted once for each of them: so much may they inherit in all.
// (A trait of seven bytes takes some hundred in memory.)
inline constexpr size_t kMaxInheritedBytes = size_t{8} << 20;

// A row's text, without the line end, and where it begins.
struct RawRow {
  uint64_t line = 0;  // from 1
  std::string text;
  std::string rejected;  // why the row cannot be parsed (too long, an unclosed quote); else empty
};

// What one row holds, or why it is refused.
struct Rejection {
  std::string reason;
};

// A value that is not of the type that the schema declares; it is left out, and the rest of the row is kept.
struct RefusedValue {
  std::string what;     // "birth_date: not a DATE"
  std::string example;  // the value, shortened
};

struct Parsed : std::variant<Event, Record, Rejection> {
  using variant::variant;

  // The row or message as evidence, whole (format/evidence_codec.h), so that another schema finds in it what this one
  // does not ask for. Empty: what was understood is kept.
  std::string content;
  std::vector<RefusedValue> refused_values;
  // Bit i: the declared field i of RowFormat::declared is in the row; of the first 64.
  uint64_t found = 0;
};

// A stream of plain bytes.
class ByteSource {
 public:
  virtual ~ByteSource() = default;
  // Reads up to `size` bytes; 0 at the end. kDataLoss if a compressed stream is damaged or breaks off.
  virtual absl::StatusOr<size_t> Read(char* buffer, size_t size) = 0;
  // How many bytes of the file itself (compressed, if it is) have been read: for progress.
  virtual uint64_t position() const = 0;
  // What messages call it.
  virtual std::string name() const { return "the input"; }
};

class InputWait;

// A file, or standard input for "-". Gzip and zstd (several members or frames in a row too) are
// recognised by their first bytes, whatever the file is called. kNotFound, kPermissionDenied.
// `wait`, if it is given, outlives the source; reading fails with kCancelled once it is stopped.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenByteSource(const std::string& path, InputWait* wait = nullptr);
// Bytes in memory, which must outlive the source. Not decompressed.
std::unique_ptr<ByteSource> MemoryByteSource(std::string_view bytes);

// Cuts a stream into rows. Not thread-safe.
class RowSplitter {
 public:
  virtual ~RowSplitter() = default;
  // The next row; false at the end. An error ends the stream, and the rows before it are whole.
  virtual absl::StatusOr<bool> Next(RawRow& row) = 0;
};

// Turns a row's text into evidence. Immutable after it is made, safe from many threads, pure.
class RowParser {
 public:
  virtual ~RowParser() = default;
  // Appends what the row holds: one item, more for a batch object (up to kMaxRowItems), none for a blank line.
  virtual void Parse(std::string_view text, std::vector<Parsed>& out) const = 0;
  // The texts of these items, in their order; views into `text`.
  virtual std::vector<std::string_view> ItemTexts(std::string_view text) const { return {text}; }
};

// The two halves for one input of one source. `header` is how a CSV's rows are to be read; it is kept
// with quarantined rows, so that they can be parsed again on their own.
struct RowFormat {
  std::unique_ptr<RowSplitter> splitter;
  std::unique_ptr<RowParser> parser;
  std::string header;                        // CSV: the header row; else empty
  std::vector<std::string> missing_columns;  // declared columns that the file does not have
  std::vector<std::string> doubled_columns;  // declared columns that stand twice in its header
  std::vector<std::string> declared;         // JSON: the paths that Parsed::found tells of
  std::string hint;                          // what the file seems to be, if it does not seem to be of this format
};

// Opens the source's declared format on a stream. Reads a CSV's header: kInvalidArgument if there is none
// or the key column is missing from it, and if the text is UTF-16.
absl::StatusOr<RowFormat> OpenRows(const Schema& schema, const Source& source, std::unique_ptr<ByteSource> bytes);

// Only the parser, for a row whose CSV header is known.
absl::StatusOr<std::unique_ptr<RowParser>> OpenParser(const Schema& schema, const Source& source,
                                                      std::string_view csv_header);

// Reads what was kept of rows and messages again, under another schema perhaps than the one that they came under.
// Immutable, safe from many threads, pure.
class ContentParser {
 public:
  ContentParser(const Schema& schema, const Source& source);
  ContentParser(ContentParser&&) noexcept;
  ~ContentParser();

  // `content` is whole: not of kFields. An Event comes with its id and time, and a Record with its key, as the schema
  // reads them, and without a version, which a kept row keeps.
  Parsed Parse(std::string_view content) const;

 private:
  struct Parts;
  std::unique_ptr<const Parts> parts_;
};

}  // namespace kintsugi::ingest
