// Changes of profiles as JSON: the shape that docs/cli.md promises.

#include <string>
#include <string_view>

#include "base/json.h"
#include "kintsugi/history.h"

namespace kintsugi {
namespace {

std::string_view ToString(Change::Kind kind) {
  switch (kind) {
    case Change::Kind::kMerge:
      return "MERGE";
    case Change::Kind::kSplit:
      return "SPLIT";
    case Change::Kind::kMove:
      return "MOVE";
  }
  return "";
}

void WriteMoved(JsonWriter& json, const Change::Moved& moved) {
  json.BeginObject();
  json.Member("identifier", moved.identifier);
  json.Member("from", moved.from);
  json.Member("to", moved.to);
  json.EndObject();
}

void WriteCause(JsonWriter& json, const Cause& cause) {
  json.BeginObject();
  json.Member("kind", ToString(cause.kind));
  if (!cause.source.empty()) json.Member("source", cause.source);
  json.Member("id", cause.id);
  json.EndObject();
}

}  // namespace

std::string_view ToString(Cause::Kind kind) {
  switch (kind) {
    case Cause::Kind::kEvent:
      return "EVENT";
    case Cause::Kind::kRecord:
      return "RECORD";
    case Cause::Kind::kWithdrawnEvent:
      return "WITHDRAWN_EVENT";
    case Cause::Kind::kWithdrawnRecord:
      return "WITHDRAWN_RECORD";
    case Cause::Kind::kWithdrawnSource:
      return "WITHDRAWN_SOURCE";
    case Cause::Kind::kSame:
      return "SAME";
    case Cause::Kind::kNever:
      return "NEVER";
    case Cause::Kind::kRetraction:
      return "RETRACTION";
    case Cause::Kind::kSchema:
      return "SCHEMA";
  }
  return "";
}

std::string Change::ToJson() const {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("sequence", sequence);
  json.Member("recorded_at", recorded_at);
  json.Member("kind", ToString(kind));
  json.Array("before", before);
  json.Array("after", after);
  json.Array("moved", moved, WriteMoved);
  json.Array("causes", causes, WriteCause);
  json.Member("more_causes", more_causes);
  json.EndObject();
  return out;
}

}  // namespace kintsugi
