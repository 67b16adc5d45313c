#include "ingest/convert.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <utility>

#include "ingest/json_value.h"
#include "normalize/date.h"

namespace kintsugi::ingest {
namespace {

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
}

std::optional<Value> ParseBool(std::string_view text) {
  for (std::string_view yes : {"true", "yes", "1", "t"}) {
    if (EqualsIgnoringCase(text, yes)) return Value(true);
  }
  for (std::string_view no : {"false", "no", "0", "f"}) {
    if (EqualsIgnoringCase(text, no)) return Value(false);
  }
  return std::nullopt;
}

template <class Number>
std::optional<Value> ParseWhole(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return Value(number);
}

std::optional<Value> ParseNumber(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  if (auto integer = ParseWhole<int64_t>(text)) return integer;
  auto number = ParseWhole<double>(text);
  if (number && !std::isfinite(std::get<double>(*number))) return std::nullopt;
  return number;
}

std::optional<Value> ToNumber(Value value) {
  if (const auto* text = std::get_if<std::string>(&value)) return ParseNumber(*text);
  if (std::holds_alternative<int64_t>(value) || std::holds_alternative<double>(value)) return value;
  return std::nullopt;
}

std::optional<Value> ToBool(const Value& value) {
  if (std::holds_alternative<bool>(value)) return value;
  if (const auto* text = std::get_if<std::string>(&value)) return ParseBool(*text);
  if (value == Value(int64_t{1})) return Value(true);
  if (value == Value(int64_t{0})) return Value(false);
  return std::nullopt;
}

// A date may come as a number, 19830408.
std::optional<Value> ToDate(const Value& value) {
  const auto* text = std::get_if<std::string>(&value);
  const auto* integer = std::get_if<int64_t>(&value);
  if (text == nullptr && integer == nullptr) return std::nullopt;
  std::optional<std::string> date = normalize::NormalizeDate(text != nullptr ? *text : std::to_string(*integer));
  if (!date) return std::nullopt;
  return Value(*std::move(date));
}

std::optional<Value> ToTimeText(const Value& value) {
  const std::optional<Time> time = ReadTime(value);
  if (!time) return std::nullopt;
  return Value(FormatTime(*time));
}

}  // namespace

std::string Shorten(std::string text) {
  constexpr size_t kShown = 40;
  if (text.size() <= kShown) return text;
  size_t end = kShown;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;  // not inside a character
  return text.substr(0, end) + "...";
}

std::optional<Value> Convert(Value value, ValueType type) {
  switch (type) {
    case ValueType::kString:
      return value;
    case ValueType::kNumber:
      return ToNumber(std::move(value));
    case ValueType::kBool:
      return ToBool(value);
    case ValueType::kDate:
      return ToDate(value);
    case ValueType::kTime:
      return ToTimeText(value);
  }
  return std::nullopt;
}

}  // namespace kintsugi::ingest
