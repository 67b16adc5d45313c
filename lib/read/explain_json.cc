// Explanations as JSON: the shapes that docs/cli.md promises.

#include <string>
#include <string_view>

#include "base/json.h"
#include "kintsugi/explain.h"

namespace kintsugi {
namespace {

std::string_view ToString(Link::Kind kind) {
  return kind == Link::Kind::kSame ? "SAME" : "SEEN_TOGETHER";
}

std::string_view ToString(Link::Outcome outcome) {
  switch (outcome) {
    case Link::Outcome::kAccepted:
      return "ACCEPTED";
    case Link::Outcome::kMaxPerProfile:
      return "MAX_PER_PROFILE";
    case Link::Outcome::kMaxIdentifiers:
      return "MAX_IDENTIFIERS";
    case Link::Outcome::kNever:
      return "NEVER";
    case Link::Outcome::kGeneric:
      return "GENERIC";
  }
  return "";
}

void WriteSeenBy(JsonWriter& json, const SeenBy& seen) {
  json.BeginObject();
  json.Member("source", seen.source);
  json.Member("first_seen", seen.first_seen);
  json.Member("last_seen", seen.last_seen);
  json.Member("count", seen.count);
  json.EndObject();
}

void WriteLink(JsonWriter& json, const Link& link) {
  json.BeginObject();
  json.Member("stronger", link.stronger);
  json.Member("weaker", link.weaker);
  json.Member("kind", ToString(link.kind));
  json.Member("outcome", ToString(link.outcome));
  json.Member("reason", link.reason);
  json.Array("seen_by", link.seen_by, WriteSeenBy);
  if (!link.assertion.empty()) {
    json.Member("assertion", link.assertion);
    json.Member("by", link.by);
    json.Member("because", link.because);
  }
  json.EndObject();
}

void WriteStep(JsonWriter& json, const How::Step& step) {
  json.BeginObject();
  json.Member("time", step.time);
  json.Array("joined", step.joined);
  json.Member("size", step.size);
  json.Name("link");
  WriteLink(json, step.link);
  json.EndObject();
}

}  // namespace

std::string Why::ToJson() const {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("a", a);
  json.Member("b", b);
  json.Member("together", together);
  json.Member("profile_a", profile_a);
  json.Member("profile_b", profile_b);
  json.Member("verdict", verdict);
  json.Array("path", path, WriteLink);
  json.EndObject();
  return out;
}

std::string How::ToJson() const {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  json.Member("profile_id", profile);
  json.Member("anchor", anchor);
  json.Member("anchor_seen", anchor_seen);
  json.Array("steps", steps, WriteStep);
  json.EndObject();
  return out;
}

}  // namespace kintsugi
