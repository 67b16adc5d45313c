// FileItems reads a file of a source as items that can be applied.

#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "ingest/context.h"
#include "ingest/prepare.h"
#include "ingest/rows.h"
#include "write/apply.h"

namespace kintsugi::write {

// What the rows of a file had.
struct FileFindings {
  struct Values {
    uint64_t count = 0;
    std::string example;
  };
  bool any_row = false;
  uint64_t found = 0;                         // as Parsed::found
  std::map<std::string, Values> values;       // RefusedValue::what → how many, and one of them
  std::map<std::string, Values> identifiers;  // "email: malformed" → the same
};

// Parses one row and prepares what it holds: one item each, which share the row. Adds to `findings`, if there are any.
void AppendItems(const ingest::Preparer& preparer, golden::SourceIndex source, const ingest::RowParser& parser,
                 std::shared_ptr<const FileRow> row, const std::string& rejected, std::vector<Item>& out,
                 FileFindings* findings = nullptr);

// Not thread-safe. `context` and `preparer` outlive it.
class FileItems {
 public:
  // `wait` outlives it. kCancelled if it is stopped.
  static absl::StatusOr<std::unique_ptr<FileItems>> Open(const ingest::Context& context,
                                                         const ingest::Preparer& preparer, golden::SourceIndex source,
                                                         const std::string& path, ingest::InputWait& wait,
                                                         Time extracted_at);

  // Appends the items of further rows, until `most` rows are read or `items` has that many or they are long (a row is
  // taken whole, and holds at most ingest::kMaxRowItems). Adds about how many bytes they hold. False at the end.
  absl::StatusOr<bool> Next(size_t most, std::vector<Item>& items, size_t& bytes);

  // What is worth a warning, and no reason to stop: declared fields that the file lacks or names twice, what it seems
  // to be instead, and values that were not of their type. Complete when the file has been read; not beside Next().
  std::vector<std::string> Warnings() const;

  // Bytes of the file read so far.
  uint64_t position() const { return bytes_->position(); }

 private:
  FileItems(const ingest::Preparer& preparer, golden::SourceIndex source, std::string path, Time extracted_at)
      : preparer_(preparer), source_(source), path_(std::move(path)), extracted_at_(extracted_at) {}

  const ingest::Preparer& preparer_;
  const golden::SourceIndex source_;
  const std::string path_;
  const Time extracted_at_;
  FileFindings findings_;
  ingest::ByteSource* bytes_ = nullptr;  // owned by the splitter
  ingest::RowFormat format_;
  std::shared_ptr<const std::string> header_;
};

}  // namespace kintsugi::write
