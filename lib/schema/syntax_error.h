// What is wrong with the text of a schema, and where.

#pragma once

#include <google/protobuf/io/tokenizer.h>

#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace kintsugi::schema {

// SyntaxError keeps the first error of Protobuf's parser, which stops soon after it anyway, and tells it in the words
// of a schema: with what there could be instead, at the place where it has to be mended.
class SyntaxError : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, google::protobuf::io::ColumnNumber column, const std::string& message) override;

  // kInvalidArgument, "file:line:column: what". `text` is what was parsed.
  absl::Status ToStatus(std::string_view file, std::string_view text) const;

 private:
  int line_ = 0;
  google::protobuf::io::ColumnNumber column_ = 0;
  std::string message_;
};

}  // namespace kintsugi::schema
