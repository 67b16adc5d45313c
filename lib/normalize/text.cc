#include "normalize/text.h"

#include <simdjson.h>
#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <cstdint>

namespace kintsugi::normalize {
namespace {

// The code point at `pos`, which moves behind it.
UChar32 NextCodePoint(std::string_view text, size_t& pos) {
  UChar32 code_point;
  U8_NEXT(text.data(), pos, text.size(), code_point);
  return code_point;
}

// The last code point; `begin` is where it starts. `text` is valid UTF-8 and not empty.
UChar32 LastCodePoint(std::string_view text, size_t& begin) {
  begin = text.size() - 1;
  while (begin > 0 && U8_IS_TRAIL(text[begin])) --begin;
  size_t pos = begin;
  return NextCodePoint(text, pos);
}

char AsciiLower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

}  // namespace

bool IsAscii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return U8_IS_SINGLE(c); });
}

bool IsValidUtf8(std::string_view text) {
  return simdjson::validate_utf8(text.data(), text.size());
}

bool HasWhiteSpace(std::string_view text) {
  for (size_t pos = 0; pos < text.size();) {
    if (u_isUWhiteSpace(NextCodePoint(text, pos))) return true;
  }
  return false;
}

std::string_view Trim(std::string_view text) {
  for (size_t next = 0; !text.empty() && u_isUWhiteSpace(NextCodePoint(text, next)); next = 0) text.remove_prefix(next);
  for (size_t last; !text.empty() && u_isUWhiteSpace(LastCodePoint(text, last));) text = text.substr(0, last);
  return text;
}

bool HasControl(std::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    if (byte < 0x20 || byte == 0x7f) return true;
    if (byte == 0xc2 && i + 1 < text.size() && static_cast<uint8_t>(text[i + 1]) < 0xa0) return true;
  }
  return false;
}

std::string LowerCase(std::string_view text) {
  std::string lower;
  if (IsAscii(text)) {
    lower.resize(text.size());
    std::ranges::transform(text, lower.begin(), AsciiLower);
    return lower;
  }
  UErrorCode status = U_ZERO_ERROR;
  icu::StringByteSink<std::string> sink(&lower);
  icu::CaseMap::utf8ToLower("", 0, {text.data(), static_cast<int32_t>(text.size())}, sink, nullptr, status);
  return lower;
}

std::optional<std::string> NormalizeDigits(std::string_view text) {
  std::string digits;
  for (size_t pos = 0; pos < text.size();) {
    const int32_t digit = u_charDigitValue(NextCodePoint(text, pos));
    if (digit >= 0) digits.push_back(static_cast<char>('0' + digit));
  }
  if (digits.empty()) return std::nullopt;
  return digits;
}

}  // namespace kintsugi::normalize
