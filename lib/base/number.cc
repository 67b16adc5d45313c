#include "base/number.h"

#include <charconv>
#include <string_view>

namespace kintsugi {
namespace {

// The digits of a number, without the point, and where that stands: 0.`digits` times ten to the `point`.
struct Digits {
  char digits[24];
  int count = 0;
  int point = 0;
};

// std::to_chars promises the shortest digits, and in scientific form says them in one way only.
Digits DigitsOf(double number) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), number, std::chars_format::scientific).ptr;
  Digits out;
  const char* at = text;
  for (; at != end && *at != 'e'; ++at) {
    if (*at != '.') out.digits[out.count++] = *at;
  }
  const bool is_negative = at[1] == '-';
  int exponent = 0;
  for (at += 2; at != end; ++at) exponent = exponent * 10 + (*at - '0');
  out.point = 1 + (is_negative ? -exponent : exponent);
  return out;
}

template <typename Number>
void Append(std::string& out, Number number) {
  char text[24];
  out.append(text, std::to_chars(text, text + sizeof(text), number).ptr);
}

void AppendWithExponent(std::string& out, const Digits& d) {
  out.push_back(d.digits[0]);
  if (d.count > 1) out.append(1, '.').append(d.digits + 1, static_cast<size_t>(d.count - 1));
  int exponent = d.point - 1;
  out.append(exponent < 0 ? "e-" : "e+");
  exponent = exponent < 0 ? -exponent : exponent;
  if (exponent < 10) out.push_back('0');
  Append(out, exponent);
}

}  // namespace

void AppendDouble(std::string& out, double number) {
  if (number == 0) {
    out.push_back('0');
    return;
  }
  if (number < 0) out.push_back('-');
  const Digits d = DigitsOf(number < 0 ? -number : number);
  const std::string_view digits(d.digits, static_cast<size_t>(d.count));
  if (d.point < -3 || d.point > 16) return AppendWithExponent(out, d);
  if (d.point <= 0) {
    out.append("0.").append(static_cast<size_t>(-d.point), '0').append(digits);
  } else if (d.point >= d.count) {
    out.append(digits).append(static_cast<size_t>(d.point - d.count), '0');
  } else {
    out.append(digits.substr(0, static_cast<size_t>(d.point)))
        .append(1, '.')
        .append(digits.substr(static_cast<size_t>(d.point)));
  }
}

void AppendInteger(std::string& out, int64_t number) {
  Append(out, number);
}
void AppendInteger(std::string& out, uint64_t number) {
  Append(out, number);
}

}  // namespace kintsugi
