// Explanations, history and differences as JSON: the shapes that docs/cli.md promises.

#include <fmt/format.h>

#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "kintsugi/difference.h"
#include "kintsugi/explain.h"
#include "kintsugi/history.h"

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

// Each appends `before`, which is JSON as it stands, and then a value.
void Append(std::string& out, std::string_view before, std::string_view text) {
  out += before;
  AppendJsonString(out, text);
}

void Append(std::string& out, std::string_view before, bool value) {
  out += before;
  out += value ? "true" : "false";
}

void Append(std::string& out, std::string_view before, uint64_t value) {
  out += before;
  fmt::format_to(std::back_inserter(out), "{}", value);
}

void Append(std::string& out, std::string_view before, std::optional<Time> time) {
  out += before;
  AppendJsonTime(out, time);
}

void Append(std::string& out, std::string_view before, const Identifier& identifier) {
  Append(out, before, identifier.ToString());
}

void Append(std::string& out, std::string_view before, const ProfileId& id) {
  Append(out, before, id.ToString());
}

void Append(std::string& out, std::string_view before, const SeenBy& seen);
void Append(std::string& out, std::string_view before, const Link& link);
void Append(std::string& out, std::string_view before, const How::Step& step);
void Append(std::string& out, std::string_view before, const Change::Moved& moved);
void Append(std::string& out, std::string_view before, const Cause& cause);
void Append(std::string& out, std::string_view before, const Difference::Example& example);

template <typename T>
void Append(std::string& out, std::string_view before, const std::vector<T>& items) {
  out += before;
  out += '[';
  for (size_t i = 0; i < items.size(); ++i) Append(out, i == 0 ? "" : ",", items[i]);
  out += ']';
}

void Append(std::string& out, std::string_view before, const SeenBy& seen) {
  out += before;
  Append(out, R"({"source":)", seen.source);
  Append(out, R"(,"first_seen":)", seen.first_seen);
  Append(out, R"(,"last_seen":)", seen.last_seen);
  Append(out, R"(,"count":)", seen.count);
  out += '}';
}

void Append(std::string& out, std::string_view before, const Link& link) {
  out += before;
  Append(out, R"({"stronger":)", link.stronger);
  Append(out, R"(,"weaker":)", link.weaker);
  Append(out, R"(,"kind":)", ToString(link.kind));
  Append(out, R"(,"outcome":)", ToString(link.outcome));
  Append(out, R"(,"reason":)", link.reason);
  Append(out, R"(,"seen_by":)", link.seen_by);
  if (!link.assertion.empty()) {
    Append(out, R"(,"assertion":)", link.assertion);
    Append(out, R"(,"by":)", link.by);
    Append(out, R"(,"because":)", link.because);
  }
  out += '}';
}

void Append(std::string& out, std::string_view before, const How::Step& step) {
  out += before;
  Append(out, R"({"time":)", step.time);
  Append(out, R"(,"joined":)", step.joined);
  Append(out, R"(,"size":)", step.size);
  Append(out, R"(,"link":)", step.link);
  out += '}';
}

void Append(std::string& out, std::string_view before, const Change::Moved& moved) {
  out += before;
  Append(out, R"({"identifier":)", moved.identifier);
  Append(out, R"(,"from":)", moved.from);
  Append(out, R"(,"to":)", moved.to);
  out += '}';
}

void Append(std::string& out, std::string_view before, const Cause& cause) {
  out += before;
  Append(out, R"({"kind":)", ToString(cause.kind));
  if (!cause.source.empty()) Append(out, R"(,"source":)", cause.source);
  Append(out, R"(,"id":)", cause.id);
  out += '}';
}

void Append(std::string& out, std::string_view before, const Difference::Example& example) {
  out += before;
  Append(out, R"({"before":)", example.before);
  Append(out, R"(,"after":)", example.after);
  Append(out, R"(,"identifiers":)", example.identifiers);
  Append(out, R"(,"shown":)", example.shown);
  out += '}';
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

std::string Why::ToJson() const {
  std::string out;
  Append(out, R"({"a":)", a);
  Append(out, R"(,"b":)", b);
  Append(out, R"(,"together":)", together);
  Append(out, R"(,"profile_a":)", profile_a);
  Append(out, R"(,"profile_b":)", profile_b);
  Append(out, R"(,"verdict":)", verdict);
  Append(out, R"(,"path":)", path);
  out += '}';
  return out;
}

std::string How::ToJson() const {
  std::string out;
  Append(out, R"({"profile_id":)", profile);
  Append(out, R"(,"anchor":)", anchor);
  Append(out, R"(,"anchor_seen":)", anchor_seen);
  Append(out, R"(,"steps":)", steps);
  out += '}';
  return out;
}

std::string Change::ToJson() const {
  std::string out;
  Append(out, R"({"sequence":)", sequence);
  Append(out, R"(,"recorded_at":)", recorded_at);
  Append(out, R"(,"kind":)", ToString(kind));
  Append(out, R"(,"before":)", before);
  Append(out, R"(,"after":)", after);
  Append(out, R"(,"moved":)", moved);
  Append(out, R"(,"causes":)", causes);
  Append(out, R"(,"more_causes":)", more_causes);
  out += '}';
  return out;
}

std::string Difference::ToJson() const {
  std::string out;
  Append(out, R"({"profiles":{"before":)", profiles_before);
  Append(out, R"(,"after":)", profiles_after);
  Append(out, R"(,"merged":)", merged);
  Append(out, R"(,"split":)", split);
  Append(out, R"(},"identifiers":{"before":)", identifiers_before);
  Append(out, R"(,"after":)", identifiers_after);
  Append(out, R"(,"added":)", added);
  Append(out, R"(,"gone":)", gone);
  Append(out, R"(,"moved":)", moved);
  Append(out, R"(},"refused_rows":)", refused_rows);
  Append(out, R"(,"changed_attributes":)", changed_attributes);
  Append(out, R"(,"merges":)", merges);
  Append(out, R"(,"splits":)", splits);
  out += '}';
  return out;
}

}  // namespace kintsugi
