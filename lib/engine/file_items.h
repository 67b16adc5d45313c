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

// Parses one row and prepares what it holds: one item each. `raw` is kept with the items that may need it.
void AppendItems(const ingest::Preparer& preparer, golden::SourceIndex source, const ingest::RowParser& parser,
                 const Origin& origin, const std::string& rejected, std::vector<Item>& out);

// Not thread-safe. `context` and `preparer` outlive it.
class FileItems {
 public:
  static absl::StatusOr<std::unique_ptr<FileItems>> Open(const Context& context, const ingest::Preparer& preparer,
                                                         golden::SourceIndex source, const std::string& path);

  // Appends the items of up to `rows` further rows, fewer if they are long, and adds the bytes of their text; false at
  // the end.
  absl::StatusOr<bool> Next(size_t rows, std::vector<Item>& items, size_t& raw_bytes);

  // What the file lacks of what the schema declares.
  const std::vector<std::string>& missing_columns() const { return format_.missing_columns; }

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
