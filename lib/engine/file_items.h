// FileItems reads a file of a source as items that can be applied.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/apply.h"
#include "engine/context.h"
#include "ingest/prepare.h"
#include "ingest/rows.h"

namespace kintsugi::engine {

// Parses one row and prepares what it holds: one item each, which share the row.
void AppendItems(const ingest::Preparer& preparer, golden::SourceIndex source, const ingest::RowParser& parser,
                 std::shared_ptr<const FileRow> row, const std::string& rejected, std::vector<Item>& out);

// Not thread-safe. `context` and `preparer` outlive it.
class FileItems {
 public:
  // `wait` outlives it. kCancelled if it is stopped.
  static absl::StatusOr<std::unique_ptr<FileItems>> Open(const Context& context, const ingest::Preparer& preparer,
                                                         golden::SourceIndex source, const std::string& path,
                                                         ingest::InputWait& wait);

  // Appends the items of further rows, until `most` rows are read or `items` has that many or they are long (a row is
  // taken whole, and holds at most ingest::kMaxRowItems). Adds about how many bytes they hold. False at the end.
  absl::StatusOr<bool> Next(size_t most, std::vector<Item>& items, size_t& bytes);

  // What is strange about the file, and no reason to stop.
  std::vector<std::string> Warnings() const;

  // Bytes of the file read so far.
  uint64_t position() const { return bytes_->position(); }

 private:
  FileItems(const ingest::Preparer& preparer, golden::SourceIndex source, std::string path)
      : preparer_(preparer), source_(source), path_(std::move(path)) {}

  const ingest::Preparer& preparer_;
  const golden::SourceIndex source_;
  const std::string path_;
  ingest::ByteSource* bytes_ = nullptr;  // owned by the splitter
  ingest::RowFormat format_;
  std::shared_ptr<const std::string> header_;
};

}  // namespace kintsugi::engine
