#include "reference/living_values.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>

#include "base/json.h"
#include "ingest/json_path.h"
#include "simdjson.h"

namespace kintsugi::testing {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

std::string Quoted(std::string_view text) {
  return ViewToJson(ValueView(text));
}

// A whole number is one text, whether it came with a point or without.
std::string NumberText(double number) {
  constexpr double kTwoToThe63rd = 9223372036854775808.0;
  const bool is_whole = std::trunc(number) == number && std::abs(number) < kTwoToThe63rd;
  return is_whole ? std::to_string(static_cast<int64_t>(number)) : ToJson(Value(number));
}

std::string JsonOf(element value);

std::string ArrayJson(simdjson::dom::array array) {
  std::string out;
  for (const element child : array) out += (out.empty() ? "" : ",") + JsonOf(child);
  return "[" + out + "]";
}

std::string ObjectJson(simdjson::dom::object object) {
  std::map<std::string, std::string> members;
  for (const auto field : object) members.emplace(field.key, JsonOf(field.value));
  std::string out;
  for (const auto& [name, json] : members) out += (out.empty() ? "" : ",") + Quoted(name) + ":" + json;
  return "{" + out + "}";
}

std::string JsonOf(element value) {
  switch (value.type()) {
    case element_type::NULL_VALUE:
      return "null";
    case element_type::BOOL:
      return value.get_bool().value() ? "true" : "false";
    case element_type::INT64:
      return std::to_string(value.get_int64().value());
    case element_type::UINT64:
      return std::to_string(value.get_uint64().value());
    case element_type::DOUBLE:
      return NumberText(value.get_double().value());
    case element_type::STRING:
      return Quoted(value.get_string().value());
    case element_type::ARRAY:
      return ArrayJson(value.get_array().value());
    case element_type::OBJECT:
      return ObjectJson(value.get_object().value());
  }
  return "";
}

ItemValue TextValue(std::string_view characters) {
  return {ItemValue::Type::kText, Quoted(characters), std::string(characters)};
}

// A null says that nothing is there.
void AppendValues(element value, std::vector<ItemValue>& out) {
  if (value.is_null()) return;
  if (value.is_array()) {
    const simdjson::dom::array array = value.get_array();  // which a loop over the result would outlive
    for (const element child : array) AppendValues(child, out);
  } else if (value.is_string()) {
    out.push_back(TextValue(value.get_string().value()));
  } else {
    out.push_back({value.is_number() ? ItemValue::Type::kNumber : ItemValue::Type::kOther, JsonOf(value), ""});
  }
}

std::string PropertiesJson(const living::Item& item) {
  std::string out;
  JsonWriter json(out);
  json.BeginObject();
  for (const auto& [name, value] : item.properties) json.Member(name, value);
  json.EndObject();
  return out;
}

std::vector<ItemValue> ValuesAt(const std::string& path, const living::Item& item) {
  simdjson::dom::parser parser;
  std::vector<element> elements;
  ingest::JsonPath(path).Find(parser.parse(PropertiesJson(item)).value(), elements);
  std::vector<ItemValue> out;
  for (const element found : elements) AppendValues(found, out);
  return out;
}

// Of the first path that leads to a value of the type, those of it.
std::vector<ItemValue> OwnValues(const ActivityField& field, ItemValue::Type type, const living::Item& item) {
  for (const std::string& path : field.fields) {
    std::vector<ItemValue> values = ValuesAt(path, item);
    std::erase_if(values, [&](const ItemValue& value) { return value.type != type; });
    if (!values.empty()) return values;
  }
  return {};
}

// "true" is JSON true, "5" the number 5 as well as a text.
bool Is(const ItemValue& value, const std::string& said) {
  if (value.type == ItemValue::Type::kText) return value.characters == said;
  simdjson::dom::parser parser;
  element parsed;
  return parser.parse(said).get(parsed) == simdjson::SUCCESS && JsonOf(parsed) == value.json;
}

bool IsAnyOf(const std::vector<ItemValue>& values, const std::vector<std::string>& said) {
  for (const ItemValue& value : values) {
    for (const std::string& one : said) {
      if (Is(value, one)) return true;
    }
  }
  return false;
}

template <typename Compare>
bool AnyNumber(const std::vector<ItemValue>& values, double bound, Compare compare) {
  const auto limit = MillionthsOf(ToJson(Value(bound)));
  for (const ItemValue& value : values) {
    if (value.type != ItemValue::Type::kNumber) continue;
    const auto number = MillionthsOf(value.json);
    if (number && IsInBounds(*number) && limit && compare(*number, *limit)) return true;
  }
  return false;
}

bool AnyTextMatches(const std::vector<ItemValue>& values, const std::string& pattern) {
  return std::any_of(values.begin(), values.end(), [&](const ItemValue& value) {
    return value.type == ItemValue::Type::kText && re2::RE2::FullMatch(value.characters, pattern);
  });
}

}  // namespace

bool operator<(const ItemValue& a, const ItemValue& b) {
  const auto key = [](const ItemValue& value) {
    const bool is_text = value.type == ItemValue::Type::kText;
    return std::tuple(is_text ? value.characters : value.json, is_text);
  };
  return key(a) < key(b);
}

std::vector<ItemValue> ValuesOf(const Schema& schema, const Activity* activity, const std::string& of,
                                const living::Item& item) {
  if (of == "$name") return {TextValue(item.name)};
  if (of == "$source") return {TextValue(schema.sources[item.source].name)};
  if (of == "$time") return {TextValue(FormatTime(item.time))};
  if (activity == nullptr) return ValuesAt(of, item);
  for (const ActivityField& number : activity->numbers) {
    if (number.name == of) return OwnValues(number, ItemValue::Type::kNumber, item);
  }
  for (const ActivityField& text : activity->texts) {
    if (text.name == of) return OwnValues(text, ItemValue::Type::kText, item);
  }
  return ValuesAt(of, item);
}

bool Holds(const Condition& condition, const std::vector<ItemValue>& values) {
  switch (condition.comparison) {
    case Comparison::kIs:
      return IsAnyOf(values, condition.values);
    case Comparison::kIsNot:
      return !IsAnyOf(values, condition.values);
    case Comparison::kAtLeast:
      return AnyNumber(values, condition.bound, [](Millionths a, Millionths b) { return a >= b; });
    case Comparison::kMoreThan:
      return AnyNumber(values, condition.bound, [](Millionths a, Millionths b) { return a > b; });
    case Comparison::kAtMost:
      return AnyNumber(values, condition.bound, [](Millionths a, Millionths b) { return a <= b; });
    case Comparison::kLessThan:
      return AnyNumber(values, condition.bound, [](Millionths a, Millionths b) { return a < b; });
    case Comparison::kExists:
      return !values.empty() == condition.exists;
    case Comparison::kMatches:
      return AnyTextMatches(values, condition.pattern);
  }
  return false;
}

}  // namespace kintsugi::testing
