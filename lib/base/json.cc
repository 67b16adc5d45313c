#include "base/json.h"

#include <fmt/format.h>
#include <unicode/utf8.h>

#include <array>
#include <cmath>
#include <cstdint>
#include <iterator>

#include "base/number.h"

namespace kintsugi {
namespace {

// True for the bytes that stand for themselves inside a JSON string whatever follows them.
constexpr std::array<bool, 256> kPlain = [] {
  std::array<bool, 256> plain{};
  for (int c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\';
  return plain;
}();

size_t SkipPlain(std::string_view text, size_t pos) {
  while (pos < text.size() && kPlain[static_cast<uint8_t>(text[pos])]) ++pos;
  return pos;
}

void AppendEscaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out.append("\\\"");
      return;
    case '\\':
      out.append("\\\\");
      return;
    case '\b':
      out.append("\\b");
      return;
    case '\f':
      out.append("\\f");
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
  }
}

// Appends the character that begins at `pos` and returns where the next one does. Of broken bytes the
// longest start of a character becomes one U+FFFD, as Unicode recommends and browsers do.
size_t AppendMultibyte(std::string& out, std::string_view text, size_t pos) {
  size_t next = pos;
  UChar32 code_point;
  U8_NEXT(text.data(), next, text.size(), code_point);
  out.append(code_point < 0 ? "\uFFFD" : text.substr(pos, next - pos));
  return next;
}

struct AppendValue {
  std::string& out;

  void operator()(Null) const { out.append("null"); }
  void operator()(bool value) const { out.append(value ? "true" : "false"); }
  void operator()(int64_t value) const { AppendInteger(out, value); }
  void operator()(std::string_view value) const { AppendJsonString(out, value); }
  void operator()(JsonView value) const { out.append(value.text); }

  void operator()(double value) const {
    if (!std::isfinite(value)) return (*this)(Null{});  // JSON has no word for these
    AppendDouble(out, value);
  }
};

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  out.push_back('"');
  for (size_t pos = 0; pos < text.size();) {
    const size_t end = SkipPlain(text, pos);
    out.append(text.substr(pos, end - pos));
    pos = end;
    if (pos == text.size()) break;
    if (U8_IS_SINGLE(text[pos])) {
      AppendEscaped(out, text[pos++]);
    } else {
      pos = AppendMultibyte(out, text, pos);
    }
  }
  out.push_back('"');
}

void JsonWriter::Append(const ValueView& value) {
  Separate();
  std::visit(AppendValue{out_}, value);
}

void JsonWriter::AppendCount(uint64_t number) {
  Separate();
  AppendInteger(out_, number);
}

void JsonWriter::Element(std::optional<Time> time) {
  if (!time) return Element(Null());
  Element(FormatTime(time));
}

ValueView ToView(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return std::string_view(*text);
  if (const auto* json = std::get_if<Json>(&value)) return JsonView{json->text};
  if (const auto* flag = std::get_if<bool>(&value)) return *flag;
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  return Null();
}

Value ToValue(const ValueView& view) {
  if (const auto* text = std::get_if<std::string_view>(&view)) return std::string(*text);
  if (const auto* json = std::get_if<JsonView>(&view)) return Json{std::string(json->text)};
  if (const auto* flag = std::get_if<bool>(&view)) return *flag;
  if (const auto* integer = std::get_if<int64_t>(&view)) return *integer;
  if (const auto* number = std::get_if<double>(&view)) return *number;
  return Null();
}

std::string ViewToJson(const ValueView& view) {
  std::string out;
  JsonWriter(out).Element(view);
  return out;
}

std::string ToJson(const Value& value) {
  return ViewToJson(ToView(value));
}

}  // namespace kintsugi
