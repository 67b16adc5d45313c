// Decimals of six places, so that no order of adding shows.

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "kintsugi/value.h"

namespace kintsugi::living {

// Decimal is an integer of 10^-6 in 128 bits. Numbers that come in are rounded half to even, from their text. What is
// larger than kMost in either direction is no decimal; a sum of 2^40 decimals does not overflow.
class Decimal {
 public:
  static const Decimal kMost;  // 10^19, whole

  constexpr Decimal() = default;
  static constexpr Decimal OfMillionths(__int128 millionths) { return Decimal(millionths); }

  // A number's text as JSON writes it, "12.50", "-1e3". Nothing if it is no number, or beyond kMost.
  static std::optional<Decimal> Parse(std::string_view text);
  // The reverse of ToText(), also beyond kMost, for what sums come to. Nothing for any other text.
  static std::optional<Decimal> FromText(std::string_view text);
  // Of a number that is a Value; of a double the shortest text that reads back as it. Nothing for other values.
  static std::optional<Decimal> Of(const ValueView& value);

  constexpr __int128 millionths() const { return millionths_; }
  constexpr Decimal operator+(Decimal other) const { return Decimal(millionths_ + other.millionths_); }
  constexpr Decimal operator-(Decimal other) const { return Decimal(millionths_ - other.millionths_); }
  // Rounded half to even; the divisor is not 0. Nothing if the quotient is beyond kMost.
  std::optional<Decimal> DividedBy(Decimal divisor) const;
  friend constexpr auto operator<=>(const Decimal&, const Decimal&) = default;

  // Without exponent or trailing zeros: "12.5", "-0.000001".
  std::string ToText() const;
  // An int64_t if it is whole and fits, a double if its text (ToJson) is this decimal's, else Json of ToText().
  Value ToValue() const;

 private:
  explicit constexpr Decimal(__int128 millionths) : millionths_(millionths) {}
  __int128 millionths_ = 0;
};

constexpr Decimal Whole(uint64_t number) {
  return Decimal::OfMillionths(static_cast<__int128>(number) * 1'000'000);
}

}  // namespace kintsugi::living
