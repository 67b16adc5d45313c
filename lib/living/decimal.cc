#include "living/decimal.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <utility>

namespace kintsugi::living {
namespace {

using Unsigned = unsigned __int128;

constexpr int kPlaces = 6;
constexpr __int128 kMillion = 1'000'000;
constexpr __int128 kMostWhole = __int128{1'000'000'000'000'000'000} * 10;
constexpr int kMostDigits = 20 + kPlaces;  // of kMost in millionths

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

// The smallest number, too, has one.
Unsigned Magnitude(__int128 number) {
  return number < 0 ? -static_cast<Unsigned>(number) : static_cast<Unsigned>(number);
}

std::optional<Decimal> WithSign(bool is_negative, Unsigned millionths) {
  if (millionths > static_cast<Unsigned>(kMostWhole * kMillion)) return std::nullopt;
  const auto number = static_cast<__int128>(millionths);
  return Decimal::OfMillionths(is_negative ? -number : number);
}

// A number's text, taken apart but not yet understood: it may be as long as a row.
struct NumberText {
  bool is_negative = false;
  std::string_view whole;
  std::string_view fraction;
  int64_t exponent = 0;

  size_t size() const { return whole.size() + fraction.size(); }
  // Without the point; zeros without end follow.
  int Digit(size_t at) const {
    if (at >= size()) return 0;
    return (at < whole.size() ? whole[at] : fraction[at - whole.size()]) - '0';
  }
  size_t FirstNonzero(size_t from) const {
    while (from < size() && Digit(from) == 0) ++from;
    return from;
  }
};

bool TakeOneOf(std::string_view choice, std::string_view& text) {
  if (text.empty() || choice.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::string_view TakeDigits(std::string_view& text) {
  size_t size = 0;
  while (size < text.size() && IsDigit(text[size])) ++size;
  const std::string_view digits = text.substr(0, size);
  text.remove_prefix(size);
  return digits;
}

// An exponent that no text has digits enough to make up for is as good as one that is larger still.
int64_t ExponentOf(std::string_view digits) {
  constexpr int64_t kFar = 100'000'000'000'000'000;
  int64_t exponent = 0;
  for (const char c : digits) exponent = std::min(exponent * 10 + (c - '0'), kFar);
  return exponent;
}

// By the grammar of JSON (RFC 8259, section 6), and nothing else.
std::optional<NumberText> Read(std::string_view text) {
  NumberText number;
  number.is_negative = TakeOneOf("-", text);
  number.whole = TakeDigits(text);
  if (number.whole.empty() || (number.whole.size() > 1 && number.whole[0] == '0')) return std::nullopt;
  if (TakeOneOf(".", text)) {
    number.fraction = TakeDigits(text);
    if (number.fraction.empty()) return std::nullopt;
  }
  if (TakeOneOf("eE", text)) {
    const bool is_small = text.starts_with('-');
    TakeOneOf("+-", text);
    const std::string_view digits = TakeDigits(text);
    if (digits.empty()) return std::nullopt;
    number.exponent = is_small ? -ExponentOf(digits) : ExponentOf(digits);
  }
  return text.empty() ? std::optional(number) : std::nullopt;
}

// Whether what is cut off before the digit at `rest` is more than half a unit, or half of one and the unit is odd.
bool RoundsUp(const NumberText& number, size_t rest, bool is_odd) {
  const int first = number.Digit(rest);
  if (first != 5) return first > 5;
  return is_odd || number.FirstNonzero(rest + 1) < number.size();
}

std::optional<Decimal> Rounded(const NumberText& number) {
  size_t at = number.FirstNonzero(0);
  if (at == number.size()) return Decimal();  // whatever its exponent
  // So many digits count millionths or more. Where there are none, the first one counts tenths of a millionth.
  const int64_t count =
      static_cast<int64_t>(number.whole.size()) - static_cast<int64_t>(at) + number.exponent + kPlaces;
  if (count < 0) return Decimal();
  if (count > kMostDigits) return std::nullopt;
  Unsigned millionths = 0;
  for (const size_t end = at + static_cast<size_t>(count); at < end; ++at) {
    millionths = millionths * 10 + static_cast<Unsigned>(number.Digit(at));
  }
  if (RoundsUp(number, at, millionths % 2 != 0)) ++millionths;
  return WithSign(number.is_negative, millionths);
}

struct Quotient {
  Unsigned whole = 0;
  Unsigned remainder = 0;
};

// A million times `part` by `divisor`; `part` is smaller. Bit by bit of the million, for the product may need more than
// 128 bits. The divisor is at most 2^127, so that twice a remainder and the sum of two have room.
Quotient MillionfoldBy(Unsigned part, Unsigned divisor) {
  Quotient q;
  const auto add = [&](Unsigned more) {
    q.remainder += more;
    if (q.remainder < divisor) return;
    q.remainder -= divisor;
    ++q.whole;
  };
  constexpr int kBits = 20;
  static_assert(kMillion < (1 << kBits));
  for (int bit = kBits - 1; bit >= 0; --bit) {
    q.whole *= 2;
    add(q.remainder);
    if ((kMillion >> bit & 1) != 0) add(part);
  }
  return q;
}

}  // namespace

constinit const Decimal Decimal::kMost = Decimal::OfMillionths(kMostWhole * kMillion);

std::optional<Decimal> Decimal::Parse(std::string_view text) {
  const auto number = Read(text);
  return number ? Rounded(*number) : std::nullopt;
}

std::optional<Decimal> Decimal::FromText(std::string_view text) {
  const bool is_negative = text.starts_with('-');
  if (is_negative) text.remove_prefix(1);
  const size_t point = std::min(text.find('.'), text.size());
  const std::string_view fraction = point < text.size() ? text.substr(point + 1) : std::string_view();
  if (point == 0 || point > 32 || fraction.size() > 6 || (point < text.size() && fraction.empty())) return std::nullopt;
  std::string digits(text.substr(0, point));
  digits.append(fraction).append(6 - fraction.size(), '0');
  Unsigned millionths = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    millionths = millionths * 10 + static_cast<Unsigned>(c - '0');
  }
  const auto number = static_cast<__int128>(millionths);
  return OfMillionths(is_negative ? -number : number);
}

std::optional<Decimal> Decimal::Of(const ValueView& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return Decimal(*integer * kMillion);
  const auto* number = std::get_if<double>(&value);
  if (number == nullptr || !std::isfinite(*number)) return std::nullopt;
  // The digits of AppendDouble(). Only the scientific form is sure to have no more of them.
  char text[32];
  const auto end = std::to_chars(text, text + sizeof(text), *number, std::chars_format::scientific).ptr;
  return Parse({text, static_cast<size_t>(end - text)});
}

std::optional<Decimal> Decimal::DividedBy(Decimal divisor) const {
  const Unsigned by = Magnitude(divisor.millionths_);
  if (by == 0) return std::nullopt;
  const Unsigned whole = Magnitude(millionths_) / by;
  if (whole > static_cast<Unsigned>(kMostWhole)) return std::nullopt;
  const Quotient rest = MillionfoldBy(Magnitude(millionths_) % by, by);
  Unsigned millionths = whole * kMillion + rest.whole;
  const Unsigned to_next = by - rest.remainder;
  if (rest.remainder > to_next || (rest.remainder == to_next && millionths % 2 != 0)) ++millionths;
  return WithSign((millionths_ < 0) != (divisor.millionths_ < 0), millionths);
}

std::string Decimal::ToText() const {
  const Unsigned magnitude = Magnitude(millionths_);
  std::string text = fmt::format("{}{}.{:06}", millionths_ < 0 ? "-" : "", magnitude / kMillion,
                                 static_cast<uint32_t>(magnitude % kMillion));
  text.erase(text.find_last_not_of('0') + 1);
  if (text.ends_with('.')) text.pop_back();
  return text;
}

Value Decimal::ToValue() const {
  const __int128 whole = millionths_ / kMillion;
  const bool fits = whole >= std::numeric_limits<int64_t>::min() && whole <= std::numeric_limits<int64_t>::max();
  if (fits && whole * kMillion == millionths_) return static_cast<int64_t>(whole);
  std::string text = ToText();
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  if (ToJson(number) == text) return number;
  return Json{std::move(text)};
}

}  // namespace kintsugi::living
