// Writing JSON. Reading is simdjson's business.

#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "kintsugi/value.h"

namespace kintsugi {

// Appends `text` as a JSON string, quotes included. Invalid UTF-8 becomes U+FFFD, so that the output is
// JSON whatever came in.
void AppendJsonString(std::string& out, std::string_view text);

template <typename T>
concept JsonText = std::convertible_to<const T&, std::string_view>;
// An identifier, an id: written as its text.
template <typename T>
concept HasText = requires(const T& named) {
  { named.ToString() } -> JsonText;
};

// JsonWriter appends one JSON value to a string, without white space: the caller says what begins, what is in it and
// what ends, the writer puts the commas. It keeps nothing: between two calls the string is all that was written.
//
//   JsonWriter json(out);
//   json.BeginObject();
//   json.Member("name", "Jane");
//   json.BeginArray("sizes");
//   json.Element(38);
//   json.EndArray();
//   json.EndObject();  // {"name":"Jane","sizes":[38]}
//
// Strings are escaped, numbers have their shortest form, a number that is none and an unknown time are null, and a
// Json or JsonView stands as it is. Not thread-safe; `out` outlives it.
class JsonWriter {
 public:
  explicit JsonWriter(std::string& out) : out_(out) {}

  // As the whole value or as an element of an array; with a name as a member of an object.
  void BeginObject() { Begin('{'); }
  void BeginObject(std::string_view name) { Name(name), Begin('{'); }
  void EndObject() { End('}'); }
  void BeginArray() { Begin('['); }
  void BeginArray(std::string_view name) { Name(name), Begin('['); }
  void EndArray() { End(']'); }

  // The name of a member whose value comes next.
  void Name(std::string_view name) {
    Element(name);
    out_.push_back(':');
    wants_comma_ = false;
  }
  template <typename T>
  void Member(std::string_view name, const T& value) {
    Name(name);
    Element(value);
  }
  template <typename Items>
  void Array(std::string_view name, const Items& items) {
    Array(name, items, [](JsonWriter& json, const auto& item) { json.Element(item); });
  }
  // An array of what `write` writes of each item.
  template <typename Items, typename Write>
  void Array(std::string_view name, const Items& items, const Write& write) {
    BeginArray(name);
    for (const auto& item : items) write(*this, item);
    EndArray();
  }

  // An element of an array, the value after a name, or the whole value.
  void Element(const JsonText auto& text) {
    Separate();
    AppendJsonString(out_, text);
  }
  void Element(const HasText auto& named) { Element(named.ToString()); }
  void Element(std::integral auto number) {
    if constexpr (std::same_as<decltype(number), bool>) {
      Append(ValueView(number));
    } else if constexpr (std::unsigned_integral<decltype(number)>) {
      AppendCount(number);
    } else {
      Append(ValueView(int64_t{number}));
    }
  }
  void Element(double number) { Append(ValueView(number)); }
  void Element(Null) { Append(ValueView()); }
  void Element(std::optional<Time> time);
  void Element(JsonView json) { Append(ValueView(json)); }
  void Element(const ValueView& value) { Append(value); }
  void Element(const Value& value) { Append(ToView(value)); }

 private:
  void Begin(char c) {
    Separate();
    out_.push_back(c);
    wants_comma_ = false;
  }
  void End(char c) {
    out_.push_back(c);
    wants_comma_ = true;
  }
  void Separate() {
    if (std::exchange(wants_comma_, true)) out_.push_back(',');
  }
  void Append(const ValueView& value);
  void AppendCount(uint64_t number);

  std::string& out_;
  bool wants_comma_ = false;  // before the next name or value
};

}  // namespace kintsugi
