// Where changed rows go.

#pragma once

#include <string_view>

#include "format/family.h"

namespace kintsugi::graph {

// A batch of the store, or rows in memory.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual void Put(format::Family family, std::string_view key, std::string_view row) = 0;
  virtual void Delete(format::Family family, std::string_view key) = 0;
};

}  // namespace kintsugi::graph
