#include "reference/living_decimal.h"

#include <algorithm>
#include <cstdlib>

namespace kintsugi::testing {
namespace {

constexpr int kPlaces = 6;
constexpr Millionths kOne = 1'000'000;
constexpr size_t kMostDigits = 38;  // ten to the 38th is less than two to the 127th

// digits × 10^exponent.
struct Spelled {
  bool is_negative = false;
  std::string digits;
  int exponent = 0;
};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

std::optional<Spelled> Spell(std::string_view json) {
  Spelled out;
  size_t at = 0;
  if (at < json.size() && json[at] == '-') out.is_negative = ++at > 0;
  for (; at < json.size() && IsDigit(json[at]); ++at) out.digits += json[at];
  if (out.digits.empty()) return std::nullopt;
  if (at < json.size() && json[at] == '.') {
    for (++at; at < json.size() && IsDigit(json[at]); ++at, --out.exponent) out.digits += json[at];
  }
  if (at == json.size()) return out;
  if (json[at] != 'e' && json[at] != 'E') return std::nullopt;
  out.exponent += std::atoi(std::string(json.substr(at + 1)).c_str());
  return out;
}

Millionths WholeOf(const std::string& digits) {
  Millionths whole = 0;
  for (const char c : digits) whole = whole * 10 + (c - '0');
  return whole;
}

// Whether digits that are cut off move the last one that is left up.
bool RoundsUp(const std::string& kept, const std::string& cut) {
  if (cut.empty() || cut[0] < '5') return false;
  const bool is_half = cut[0] == '5' && cut.find_first_not_of('0', 1) == std::string::npos;
  const bool is_odd = !kept.empty() && (kept.back() - '0') % 2 == 1;
  return !is_half || is_odd;
}

Millionths Absolute(Millionths number) {
  return number < 0 ? -number : number;
}

}  // namespace

std::optional<Millionths> MillionthsOf(std::string_view json) {
  const auto spelled = Spell(json);
  if (!spelled) return std::nullopt;
  std::string kept = spelled->digits.substr(std::min(spelled->digits.find_first_not_of('0'), spelled->digits.size()));
  if (kept.empty()) return Millionths(0);
  std::string cut;
  const int shift = spelled->exponent + kPlaces;
  if (static_cast<int>(kept.size()) + shift > static_cast<int>(kMostDigits)) return std::nullopt;
  for (int i = 0; i < shift; ++i) kept += '0';
  // Zeros before the first digit that is cut off change nothing: one will do.
  for (int i = 0; i > shift && !(kept.empty() && cut.starts_with('0')); --i) {
    cut.insert(cut.begin(), kept.empty() ? '0' : kept.back());
    if (!kept.empty()) kept.pop_back();
  }
  const Millionths number = WholeOf(kept) + (RoundsUp(kept, cut) ? 1 : 0);
  return spelled->is_negative ? -number : number;
}

bool IsInBounds(Millionths number) {
  return Absolute(number) <= kOne * kOne * kOne * 10 * kOne;
}

Millionths Quotient(Millionths a, Millionths b) {
  const Millionths divisor = Absolute(b);
  Millionths quotient = Absolute(a) / divisor;
  Millionths rest = Absolute(a) % divisor;
  for (int place = 0; place < kPlaces; ++place) {
    rest *= 10;
    quotient = quotient * 10 + rest / divisor;
    rest %= divisor;
  }
  if (2 * rest > divisor || (2 * rest == divisor && quotient % 2 == 1)) ++quotient;
  return (a < 0) == (b < 0) ? quotient : -quotient;
}

std::string TextOf(Millionths number) {
  std::string digits;
  for (Millionths left = Absolute(number); left > 0; left /= 10)
    digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(left % 10)));
  while (digits.size() <= kPlaces) digits.insert(digits.begin(), '0');
  digits.insert(digits.end() - kPlaces, '.');
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.back() == '.') digits.pop_back();
  return number < 0 ? "-" + digits : digits;
}

}  // namespace kintsugi::testing
