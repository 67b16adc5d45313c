#include "living/fields.h"

#include <re2/re2.h>
#include <re2/stringpiece.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <system_error>
#include <utility>

#include "base/json.h"
#include "ingest/json_path.h"
#include "ingest/json_value.h"
#include "simdjson.h"

namespace kintsugi::living {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

// The element lives until the thread's next call. Nothing if the text is no JSON. Not ingest::ReadJsonObject(): an
// array is read as well, and what a reader holds of the row at hand stays as it is.
std::optional<element> ReadJson(std::string_view text) {
  // A parser keeps about ten times the longest text that it has seen; after a huge one it is given back.
  constexpr size_t kKeptBytes = size_t{1} << 20;
  static thread_local simdjson::dom::parser parser;
  if (parser.capacity() > kKeptBytes) parser = simdjson::dom::parser();
  element root;
  if (parser.parse(text.data(), text.size()).get(root) != simdjson::SUCCESS) return std::nullopt;
  return root;
}

// Doubles below this hold whole numbers exactly, and are what their text says.
constexpr double kExactBelow = 9'007'199'254'740'992.0;  // 2^53

bool FitsNumber(double number, Fits fits) {
  if (!std::isfinite(number)) return false;  // JSON has no word for these
  if (std::abs(number) < kExactBelow) {
    const auto whole = static_cast<int64_t>(number);
    return static_cast<double>(whole) == number ? fits(whole) : fits(number);
  }
  const auto decimal = Decimal::Of(number);
  const Value value = decimal ? decimal->ToValue() : Value();
  const auto* whole = std::get_if<int64_t>(&value);
  return whole != nullptr ? fits(*whole) : fits(number);
}

// As JSON in which equal values have equal text: members by name, and whole numbers without a point.
void WriteNormal(JsonWriter& json, element at) {
  if (at.is_object()) {
    json.BeginObject();
    for (const auto& [name, member] : ingest::SortedMembers(ingest::ObjectOf(at))) {
      json.Name(name);
      WriteNormal(json, member);
    }
    json.EndObject();
  } else if (at.is_array()) {
    json.BeginArray();
    for (const element child : ingest::ArrayOf(at)) WriteNormal(json, child);
    json.EndArray();
  } else if (at.type() == element_type::DOUBLE) {
    FitsNumber(at.get_double().value_unsafe(), [&](const ValueView& number) {
      json.Element(number);
      return true;
    });
  } else {
    ingest::WriteCanonical(json, at);
  }
}

// The parser bounds the depth.
bool AnyInJson(element at, Fits fits) {
  switch (at.type()) {
    case element_type::NULL_VALUE:
      return false;
    case element_type::OBJECT: {
      std::string text;
      JsonWriter json(text);
      WriteNormal(json, at);
      return fits(JsonView{text});
    }
    case element_type::ARRAY:
      for (const element child : ingest::ArrayOf(at)) {
        if (AnyInJson(child, fits)) return true;
      }
      return false;
    case element_type::BOOL:
      return fits(at.get_bool().value_unsafe());
    case element_type::INT64:
      return fits(at.get_int64().value_unsafe());
    case element_type::DOUBLE:
      return FitsNumber(at.get_double().value_unsafe(), fits);
    case element_type::STRING:
      return fits(at.get_string().value_unsafe());
    case element_type::UINT64:
      break;
  }
  // Beyond int64_t it is the text of its digits, as it would be at the top.
  return fits(ToView(ingest::ToValue(at)));
}

}  // namespace

bool AnyIn(const ValueView& value, Fits fits) {
  if (std::holds_alternative<Null>(value)) return false;
  if (const auto* number = std::get_if<double>(&value)) return FitsNumber(*number, fits);
  const auto* json = std::get_if<JsonView>(&value);
  if (json == nullptr) return fits(value);
  const auto root = ReadJson(json->text);
  return root && AnyInJson(*root, fits);
}

namespace {

const Value* PropertyOf(const Item& item, std::string_view name) {
  for (const auto& [key, value] : item.properties) {
    if (key == name) return &value;
  }
  return nullptr;
}

// What the rest of a path leads to inside a property; empty if nowhere.
std::vector<element> Inside(const Value& property, std::string_view rest) {
  std::vector<element> found;
  const auto* json = std::get_if<Json>(&property);
  const auto root = json != nullptr ? ReadJson(json->text) : std::nullopt;
  if (root) ingest::JsonPath(std::string(rest)).Find(*root, found);
  return found;
}

// An item's properties are to the path what an object's members are to a JsonPath: the first key that leads anywhere
// counts, and those that spell more of the path out are tried before shorter ones.
bool AnyAtPath(const Item& item, std::string_view path, Fits fits) {
  for (size_t end = path.size(); end != std::string_view::npos && end > 0; end = path.rfind('.', end - 1)) {
    const Value* property = PropertyOf(item, path.substr(0, end));
    if (property == nullptr) continue;
    const std::string_view rest = path.substr(std::min(end + 1, path.size()));
    if (rest.empty()) return AnyIn(ToView(*property), fits);
    const std::vector<element> found = Inside(*property, rest);
    if (found.empty()) continue;
    return std::any_of(found.begin(), found.end(), [&](element at) { return AnyInJson(at, fits); });
  }
  return false;
}

bool IsOfKind(Field::Kind kind, const ValueView& value) {
  switch (kind) {
    case Field::Kind::kAny:
      return true;
    case Field::Kind::kNumber:
      return std::holds_alternative<int64_t>(value) || std::holds_alternative<double>(value);
    case Field::Kind::kText:
      return std::holds_alternative<std::string_view>(value);
  }
  return false;
}

const ActivityField* FieldNamed(std::string_view name, const std::vector<ActivityField>& fields) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.name == name; });
  return found != fields.end() ? &*found : nullptr;
}

std::vector<std::string> SourceNames(const Schema& schema) {
  std::vector<std::string> names;
  for (const Source& source : schema.sources) names.push_back(source.name);
  return names;
}

}  // namespace

struct Field::Compiled {
  Kind kind = Kind::kAny;
  std::vector<std::string> places;   // dotted paths, $name, $source, $time
  std::vector<std::string> sources;  // their names

  bool AnyAt(const Item& item, std::string_view place, Fits fits) const {
    if (place == "$name") return fits(std::string_view(item.name));
    if (place == "$source") return item.source < sources.size() && fits(std::string_view(sources[item.source]));
    if (place == "$time") return fits(std::string_view(FormatTime(item.time)));
    return AnyAtPath(item, place, fits);
  }
};

Field::Field(std::string_view name, const Activity* activity, const Schema& schema) {
  Compiled compiled;
  const auto* number = activity != nullptr ? FieldNamed(name, activity->numbers) : nullptr;
  const auto* text = activity != nullptr ? FieldNamed(name, activity->texts) : nullptr;
  if (number != nullptr) {
    compiled.kind = Kind::kNumber;
    compiled.places = number->fields;
  } else if (text != nullptr) {
    compiled.kind = Kind::kText;
    compiled.places = text->fields;
  } else {
    compiled.places.emplace_back(name);
  }
  const auto& places = compiled.places;
  if (std::find(places.begin(), places.end(), "$source") != places.end()) compiled.sources = SourceNames(schema);
  compiled_ = std::make_shared<const Compiled>(std::move(compiled));
}

bool Field::AnyOf(const Item& item, Fits fits) const {
  if (compiled_ == nullptr) return false;
  for (const std::string& place : compiled_->places) {
    bool is_there = false;
    const auto of_kind = [&](const ValueView& value) {
      if (!IsOfKind(compiled_->kind, value)) return false;
      is_there = true;
      return fits(value);
    };
    if (compiled_->AnyAt(item, place, of_kind)) return true;
    if (is_there) return false;
  }
  return false;
}

void Field::AppendValues(const Item& item, std::vector<Value>& out) const {
  AnyOf(item, [&](const ValueView& value) {
    out.push_back(ToValue(value));
    return false;
  });
}

std::optional<Value> Field::ValueOf(const Item& item) const {
  std::optional<Value> first;
  AnyOf(item, [&](const ValueView& value) {
    first = ToValue(value);
    return true;
  });
  return first;
}

std::optional<Decimal> Field::NumberOf(const Item& item) const {
  std::optional<Decimal> number;
  AnyOf(item, [&](const ValueView& value) { return (number = Decimal::Of(value)).has_value(); });
  return number;
}

namespace {

// A value as a schema writes it: as text, and as a number if it is one.
struct Operand {
  explicit Operand(const std::string& as_text) : text(as_text), decimal(Decimal::Parse(as_text)) {
    if (!decimal) return;
    const char* const end = text.data() + text.size();
    int64_t whole = 0;
    double any = 0;
    // Of a whole number that does not fit the end is reached, too.
    if (const auto read = std::from_chars(text.data(), end, whole); read.ptr == end && read.ec == std::errc()) {
      number = whole;
    } else if (std::from_chars(text.data(), end, any).ptr == end) {
      FitsNumber(any, [&](const ValueView& value) { return number = ToValue(value), true; });
    }
  }

  bool Equals(const ValueView& value) const {
    if (const auto* said = std::get_if<std::string_view>(&value)) return *said == text;
    if (const bool* flag = std::get_if<bool>(&value)) return text == (*flag ? "true" : "false");
    if (const auto* json = std::get_if<JsonView>(&value)) return decimal && Decimal::FromText(json->text) == decimal;
    return number && value == ToView(*number);
  }

  std::string text;
  std::optional<Decimal> decimal;
  std::optional<Value> number;
};

// A bound that is no decimal is beyond all that are.
Decimal BoundOf(double bound) {
  constexpr Decimal kLeast = Decimal::OfMillionths(1);
  if (const auto decimal = Decimal::Of(ValueView(bound))) return *decimal;
  return bound < 0 ? Decimal() - Decimal::kMost - kLeast : Decimal::kMost + kLeast;
}

bool Fulfils(Decimal number, Comparison comparison, Decimal bound) {
  switch (comparison) {
    case Comparison::kAtLeast:
      return number >= bound;
    case Comparison::kMoreThan:
      return number > bound;
    case Comparison::kAtMost:
      return number <= bound;
    case Comparison::kLessThan:
      return number < bound;
    default:
      return false;
  }
}

// A decimal that no other value holds is Json. No array or object is a decimal's text.
std::optional<Decimal> DecimalOf(const ValueView& value) {
  const auto* json = std::get_if<JsonView>(&value);
  return json != nullptr ? Decimal::FromText(json->text) : Decimal::Of(value);
}

RE2::Options Quiet() {
  RE2::Options options;
  options.set_log_errors(false);  // the library prints nothing
  return options;
}

}  // namespace

struct CompiledComparison::Compiled {
  explicit Compiled(const Condition& condition)
      : comparison(condition.comparison),
        operands(condition.values.begin(), condition.values.end()),
        bound(BoundOf(condition.bound)),
        exists(condition.exists) {
    if (comparison == Comparison::kMatches) pattern = std::make_unique<const RE2>(condition.pattern, Quiet());
  }

  bool IsOperand(const ValueView& value) const {
    return std::any_of(operands.begin(), operands.end(), [&](const Operand& o) { return o.Equals(value); });
  }
  bool Matches(const ValueView& value) const {
    const auto* text = std::get_if<std::string_view>(&value);
    return text != nullptr && RE2::FullMatch(re2::StringPiece(text->data(), text->size()), *pattern);
  }
  bool IsWithin(const ValueView& value) const {
    const auto number = DecimalOf(value);
    return number && Fulfils(*number, comparison, bound);
  }

  Comparison comparison;
  std::vector<Operand> operands;
  Decimal bound;
  bool exists;
  std::unique_ptr<const RE2> pattern;  // of kMatches
};

CompiledComparison::CompiledComparison(const Condition& condition)
    : compiled_(std::make_shared<const Compiled>(condition)) {}

bool CompiledComparison::Holds(AnyOf any_of) const {
  const Compiled& c = *compiled_;
  switch (c.comparison) {
    case Comparison::kIs:
      return any_of([&](const ValueView& value) { return c.IsOperand(value); });
    case Comparison::kIsNot:
      return !any_of([&](const ValueView& value) { return c.IsOperand(value); });
    case Comparison::kExists:
      return any_of([](const ValueView&) { return true; }) == c.exists;
    case Comparison::kMatches:
      return any_of([&](const ValueView& value) { return c.Matches(value); });
    default:
      return any_of([&](const ValueView& value) { return c.IsWithin(value); });
  }
}

CompiledFilter::CompiledFilter(const ItemFilter& filter, const Activity* activity, const Schema& schema)
    : events_(filter.events) {
  for (size_t i = 0; i < schema.sources.size(); ++i) {
    const std::string& name = schema.sources[i].name;
    const bool is_named = std::find(filter.sources.begin(), filter.sources.end(), name) != filter.sources.end();
    if (is_named) sources_.push_back(static_cast<golden::SourceIndex>(i));
  }
  for (const Condition& condition : filter.where) where_.emplace_back(condition, activity, schema);
}

bool CompiledFilter::Holds(const Item& item) const {
  const auto holds = [](const auto& list, const auto& what) {
    return list.empty() || std::find(list.begin(), list.end(), what) != list.end();
  };
  return holds(sources_, item.source) && holds(events_, item.name) &&
         std::all_of(where_.begin(), where_.end(), [&](const CompiledCondition& c) { return c.Holds(item); });
}

}  // namespace kintsugi::living
