#include "ingest/json_value.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

#include "base/json.h"
#include "base/number.h"
#include "fmt/format.h"
#include "kintsugi/value.h"

namespace kintsugi::ingest {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// A parser keeps about ten times the longest text that it has seen; after a huge row it is given back.
constexpr size_t kKeptParserBytes = size_t{1} << 20;

simdjson::dom::parser& ThreadParser() {
  static thread_local simdjson::dom::parser parser;
  if (parser.capacity() > kKeptParserBytes) parser = simdjson::dom::parser();
  return parser;
}

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// The end of the string that begins at `quote`.
size_t SkipString(std::string_view text, size_t quote) {
  size_t at = quote + 1;
  while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
  return std::min(at + 1, text.size());
}

size_t SkipNumber(std::string_view text, size_t at) {
  return std::min(text.find_first_not_of("+-.eE0123456789", at), text.size());
}

// An integer that may not fit 64 bits. One with a leading zero is not JSON and is left for the parser to refuse.
bool IsLongInteger(std::string_view number) {
  if (number.starts_with('-')) number.remove_prefix(1);
  constexpr size_t kSafeDigits = std::numeric_limits<int64_t>::digits10;
  return number.size() > kSafeDigits && number[0] != '0' && std::all_of(number.begin(), number.end(), IsDigit);
}

// A number there is no value but a faulty key, which quotes must not mend.
bool IsKey(std::string_view text, size_t end) {
  const size_t next = text.find_first_not_of(" \t\r\n", end);
  return next != std::string_view::npos && text[next] == ':';
}

std::optional<Time> FromEpoch(double number) {
  constexpr double kMilliseconds = 1e11;
  constexpr double kLargest = 1e15;  // far beyond year 9999, and safe to convert
  if (!(std::abs(number) < kLargest)) return std::nullopt;
  const double us = number * (std::abs(number) < kMilliseconds ? 1e6 : 1e3);
  return InRange(Time(std::chrono::microseconds(std::llround(us))));
}

}  // namespace

bool IsBlankRow(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

std::string QuoteLongIntegers(std::string_view text) {
  std::string out;
  size_t copied = 0;  // up to here
  for (size_t at = 0; at < text.size();) {
    const bool number = IsDigit(text[at]) || text[at] == '-';
    const size_t end = text[at] == '"' ? SkipString(text, at) : number ? SkipNumber(text, at) : at + 1;
    if (number && IsLongInteger(text.substr(at, end - at)) && !IsKey(text, end)) {
      out.append(text, copied, at - copied).append("\"").append(text, at, end - at).append("\"");
      copied = end;
    }
    at = end;
  }
  if (copied > 0) out.append(text, copied);
  return out;
}

std::string ReadJsonObject(std::string_view text, element& root) {
  simdjson::dom::parser& parser = ThreadParser();
  auto parsed = parser.parse(text.data(), text.size());
  // Which error a long integer is depends on the parser's release (NUMBER_ERROR, or BIGINT_ERROR from 2024 on), so
  // after every error the text says whether there is one.
  if (parsed.error()) {
    const std::string quoted = QuoteLongIntegers(text);
    if (!quoted.empty()) parsed = parser.parse(quoted.data(), quoted.size());
  }
  if (parsed.error()) return fmt::format("not valid JSON: {}", simdjson::error_message(parsed.error()));
  root = parsed.value_unsafe();
  if (root.is_object()) return {};
  return fmt::format("not a JSON object but {}", TypeName(root.type()));
}

std::string_view TypeName(element_type type) {
  switch (type) {
    case element_type::ARRAY:
      return "an array";
    case element_type::OBJECT:
      return "an object";
    case element_type::STRING:
      return "a string";
    case element_type::BOOL:
      return "a boolean";
    case element_type::NULL_VALUE:
      return "null";
    default:
      return "a number";
  }
}

std::vector<Member> SortedMembers(simdjson::dom::object object) {
  std::vector<Member> members;
  members.reserve(object.size());
  for (const auto field : object) members.emplace_back(field.key, field.value);
  const auto by_name = [](const Member& a, const Member& b) { return a.first < b.first; };
  if (!std::is_sorted(members.begin(), members.end(), by_name))
    std::stable_sort(members.begin(), members.end(), by_name);
  return members;
}

void WriteCanonical(JsonWriter& json, element value) {
  switch (value.type()) {
    case element_type::NULL_VALUE:
      return json.Element(Null());
    case element_type::BOOL:
      return json.Element(value.get_bool().value_unsafe());
    case element_type::INT64:
      return json.Element(value.get_int64().value_unsafe());
    case element_type::UINT64:
      return json.Element(value.get_uint64().value_unsafe());
    case element_type::DOUBLE: {
      std::string text;
      AppendDouble(text, value.get_double().value_unsafe());
      if (text.find_first_of(".e") == std::string::npos) text.append(".0");
      return json.Element(JsonView{text});
    }
    case element_type::STRING:
      return json.Element(value.get_string().value_unsafe());
    case element_type::ARRAY:
      json.BeginArray();
      for (const element item : ArrayOf(value)) WriteCanonical(json, item);
      return json.EndArray();
    case element_type::OBJECT:
      json.BeginObject();
      for (const Member& member : SortedMembers(ObjectOf(value))) {
        json.Name(member.first);
        WriteCanonical(json, member.second);
      }
      return json.EndObject();
  }
}

std::string CanonicalOf(element value) {
  std::string out;
  JsonWriter json(out);
  WriteCanonical(json, value);
  return out;
}

Value ToValue(element value) {
  switch (value.type()) {
    case element_type::NULL_VALUE:
      return Null{};
    case element_type::BOOL:
      return value.get_bool().value_unsafe();
    case element_type::INT64:
      return value.get_int64().value_unsafe();
    case element_type::UINT64:
      return std::to_string(value.get_uint64().value_unsafe());
    case element_type::DOUBLE:
      return value.get_double().value_unsafe();
    case element_type::STRING:
      return std::string(value.get_string().value_unsafe());
    default:
      return Json{CanonicalOf(value)};
  }
}

void AppendValues(simdjson::dom::object object, std::vector<NamedValue>& out) {
  out.reserve(out.size() + object.size());
  for (const auto field : object) out.emplace_back(std::string(field.key), ToValue(field.value));
}

std::optional<std::string> ToText(element value) {
  std::optional<std::string> out;
  switch (value.type()) {
    case element_type::STRING:
      return std::string(value.get_string().value_unsafe());
    case element_type::INT64:
      return std::to_string(value.get_int64().value_unsafe());
    case element_type::UINT64:
      return std::to_string(value.get_uint64().value_unsafe());
    case element_type::DOUBLE:
      out.emplace();
      AppendDouble(*out, value.get_double().value_unsafe());
      return out;
    default:
      return std::nullopt;
  }
}

std::optional<element> AppendIdentifiers(element value, const std::string& ns, std::vector<Identifier>& out) {
  if (value.is_null()) return std::nullopt;
  if (value.is_array()) {
    std::optional<element> wrong;
    for (const element item : ArrayOf(value)) {
      if (auto found = AppendIdentifiers(item, ns, out); !wrong) wrong = found;
    }
    return wrong;
  }
  std::optional<std::string> text = ToText(value);
  if (!text) return value;
  if (!text->empty()) out.push_back({ns, *std::move(text)});
  return std::nullopt;
}

std::optional<Time> InRange(Time time) {
  using std::chrono::January;
  constexpr Time kFirst = std::chrono::sys_days(std::chrono::year(1) / January / 1);
  constexpr Time kEnd = std::chrono::sys_days(std::chrono::year(10000) / January / 1);
  if (time < kFirst || time >= kEnd) return std::nullopt;
  return time;
}

std::optional<Time> ReadTime(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return ParseTime(*text);
  if (const auto* integer = std::get_if<int64_t>(&value)) return FromEpoch(static_cast<double>(*integer));
  if (const auto* number = std::get_if<double>(&value)) return FromEpoch(*number);
  return std::nullopt;
}

}  // namespace kintsugi::ingest
