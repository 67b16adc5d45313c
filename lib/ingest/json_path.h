// Dotted paths into JSON objects, as a schema names its fields.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "simdjson.h"

namespace kintsugi::ingest {

// "loyalty.card", "lines.0.sku". At an object, a key that spells several steps out ("loyalty.card") is
// tried before shorter ones. At an array, a step that is a number picks an element, and any other visits
// all of them. Of equal keys in one object the first counts. Immutable; a look-up costs a scan of the keys.
class JsonPath {
 public:
  explicit JsonPath(std::string path) : path_(std::move(path)) {}

  // Appends what the path leads to, arrays as they stand. False if it leads nowhere.
  bool Find(simdjson::dom::element root, std::vector<simdjson::dom::element>& out) const;

  const std::string& text() const { return path_; }

 private:
  std::string path_;
};

}  // namespace kintsugi::ingest
