#include "ingest/json_path.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "ingest/json_value.h"

namespace kintsugi::ingest {
namespace {

using simdjson::dom::element;

bool Walk(element at, std::string_view path, std::vector<element>& out);

std::optional<size_t> ReadIndex(std::string_view step) {
  size_t index = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), index);
  if (step.empty() || error != std::errc() || end != step.data() + step.size()) return std::nullopt;
  return index;
}

bool WalkObject(simdjson::dom::object object, std::string_view path, std::vector<element>& out) {
  for (size_t end = path.size(); end != std::string_view::npos && end > 0; end = path.rfind('.', end - 1)) {
    element child;
    if (object.at_key(path.substr(0, end)).get(child) != simdjson::SUCCESS) continue;
    if (Walk(child, end < path.size() ? path.substr(end + 1) : std::string_view(), out)) return true;
  }
  return false;
}

bool WalkArray(simdjson::dom::array array, std::string_view path, std::vector<element>& out) {
  const size_t dot = std::min(path.find('.'), path.size());
  if (const auto index = ReadIndex(path.substr(0, dot))) {
    element child;
    if (array.at(*index).get(child) != simdjson::SUCCESS) return false;
    return Walk(child, path.substr(std::min(dot + 1, path.size())), out);
  }
  bool found = false;
  for (const element child : array) found |= Walk(child, path, out);
  return found;
}

// A path that has been walked to its end is empty.
bool Walk(element at, std::string_view path, std::vector<element>& out) {
  if (path.empty()) {
    out.push_back(at);
    return true;
  }
  if (at.is_object()) return WalkObject(ObjectOf(at), path, out);
  if (at.is_array()) return WalkArray(ArrayOf(at), path, out);
  return false;
}

}  // namespace

bool JsonPath::Find(element root, std::vector<element>& out) const {
  return Walk(root, path_, out);
}

}  // namespace kintsugi::ingest
