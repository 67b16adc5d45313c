#include "golden/value_codec.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "base/number.h"
#include "format/codec.h"

namespace kintsugi::golden {
namespace {

enum Tag : char {
  kNull = '0',
  kBool = 'b',
  kDouble = 'd',
  kGroup = 'g',
  kInteger = 'i',
  kJson = 'j',
  kString = kStringTag,
};

std::string Tagged(Tag tag, std::string_view text) {
  std::string out;
  out.reserve(1 + text.size());
  out.push_back(tag);
  out.append(text);
  return out;
}

template <typename Number>
std::optional<ValueView> ParseNumber(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return ValueView(number);
}

bool IsNumber(std::string_view bytes) {
  return !bytes.empty() && (bytes[0] == kInteger || bytes[0] == kDouble);
}

// Not-a-number comes last, so that the order is total. The mantissa of a long double holds every int64_t.
std::pair<bool, long double> NumberOf(std::string_view bytes) {
  const auto value = DecodeValue(bytes);
  if (!value) return {true, 0};
  if (const int64_t* integer = std::get_if<int64_t>(&*value)) return {false, *integer};
  const double number = std::get<double>(*value);
  return std::isnan(number) ? std::pair(true, 0.0L) : std::pair(false, static_cast<long double>(number));
}

bool IsEmptyString(std::string_view bytes) {
  return bytes.size() == 1 && bytes[0] == kString;
}

size_t TextLength(std::string_view bytes) {
  const auto starts_code_point = [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; };
  return bytes.empty() ? 0 : static_cast<size_t>(std::count_if(bytes.begin() + 1, bytes.end(), starts_code_point));
}

struct Encode {
  std::string operator()(const Null&) const { return Tagged(kNull, ""); }
  std::string operator()(bool v) const { return Tagged(kBool, v ? "1" : "0"); }
  std::string operator()(int64_t v) const {
    std::string out(1, kInteger);
    AppendInteger(out, v);
    return out;
  }
  std::string operator()(double v) const {
    std::string out(1, kDouble);
    if (std::isfinite(v))
      AppendDouble(out, v);
    else
      out += std::isnan(v) ? "nan" : v < 0 ? "-inf" : "inf";
    return out;
  }
  std::string operator()(const std::string& v) const { return Tagged(kString, v); }
  std::string operator()(const Json& v) const { return Tagged(kJson, v.text); }
};

}  // namespace

std::string EncodeValue(const Value& value) {
  return std::visit(Encode(), value);
}

std::optional<ValueView> DecodeValue(std::string_view bytes) {
  if (bytes.empty()) return std::nullopt;
  const std::string_view text = bytes.substr(1);
  switch (bytes[0]) {
    case kNull:
      return text.empty() ? std::optional(ValueView(Null())) : std::nullopt;
    case kBool:
      return text == "0" || text == "1" ? std::optional(ValueView(text == "1")) : std::nullopt;
    case kInteger:
      return ParseNumber<int64_t>(text);
    case kDouble:
      return ParseNumber<double>(text);
    case kString:
      return ValueView(text);
    case kJson:
      return ValueView(JsonView{text});
    default:
      return std::nullopt;
  }
}

std::string EncodeGroup(const GroupValue& group) {
  std::string out(1, kGroup);
  format::Encoder e(out);
  for (const auto& [name, value] : group) {
    e.String(name);
    e.String(value);
  }
  return out;
}

std::optional<GroupValue> DecodeGroup(std::string_view bytes) {
  if (!IsGroup(bytes)) return std::nullopt;
  GroupValue group;
  format::Decoder d(bytes.substr(1));
  while (d.ok() && !d.done()) {
    std::string name(d.String());
    group.emplace_back(std::move(name), d.String());
  }
  if (!d.ok()) return std::nullopt;
  return group;
}

bool IsNull(std::string_view bytes) {
  return bytes.size() == 1 && bytes[0] == kNull;
}
bool IsGroup(std::string_view bytes) {
  return !bytes.empty() && bytes[0] == kGroup;
}

bool IsEmpty(std::string_view bytes) {
  if (!IsGroup(bytes)) return IsEmptyString(bytes);
  const auto group = DecodeGroup(bytes);
  return group &&
         std::all_of(group->begin(), group->end(), [](const auto& member) { return IsEmptyString(member.second); });
}

size_t LengthOf(std::string_view bytes) {
  if (const auto group = DecodeGroup(bytes)) {
    size_t sum = 0;
    for (const auto& [name, value] : *group) sum += TextLength(value);
    return sum;
  }
  return TextLength(bytes);
}

bool LessThan(std::string_view a, std::string_view b) {
  if (IsNumber(a) && IsNumber(b)) {
    const auto x = NumberOf(a);
    const auto y = NumberOf(b);
    if (x != y) return x < y;
  } else if (IsNumber(a) != IsNumber(b)) {
    return IsNumber(a);
  }
  return a < b;
}

}  // namespace kintsugi::golden
