// A difference between two partitions as JSON: the shape that docs/cli.md promises.

#include <string>

#include "base/json.h"
#include "kintsugi/difference.h"

namespace kintsugi {
namespace {

void WriteExample(JsonWriter& json, const Difference::Example& example) {
  json.BeginObject();
  json.Array("before", example.before);
  json.Array("after", example.after);
  json.Member("identifiers", example.identifiers);
  json.Array("shown", example.shown);
  json.EndObject();
}

}  // namespace

std::string Difference::ToJson() const {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.BeginObject("profiles");
  json.Member("before", profiles_before);
  json.Member("after", profiles_after);
  json.Member("merged", merged);
  json.Member("split", split);
  json.EndObject();
  json.BeginObject("identifiers");
  json.Member("before", identifiers_before);
  json.Member("after", identifiers_after);
  json.Member("added", added);
  json.Member("gone", gone);
  json.Member("moved", moved);
  json.EndObject();
  json.Member("refused_rows", refused_rows);
  json.Member("changed_attributes", changed_attributes);
  if (!changed_traits.empty()) {
    json.BeginObject("changed_traits");
    for (const auto& [trait, profiles] : changed_traits) json.Member(trait, profiles);
    json.EndObject();
  }
  if (!segments.empty()) {
    json.BeginObject("segments");
    for (const auto& [segment, change] : segments) {
      json.BeginObject(segment);
      json.Member("entered", change.entered);
      json.Member("left", change.left);
      json.Array("entering", change.entering);
      json.Array("leaving", change.leaving);
      json.EndObject();
    }
    json.EndObject();
  }
  json.Array("merges", merges, WriteExample);
  json.Array("splits", splits, WriteExample);
  json.EndObject();
  return out;
}

}  // namespace kintsugi
