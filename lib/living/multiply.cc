#include "living/multiply.h"

namespace kintsugi::living {
namespace {

using Unsigned = unsigned __int128;

constexpr Unsigned kMillion = 1'000'000;

Unsigned Magnitude(Decimal number) {
  const __int128 millionths = number.millionths();
  return millionths < 0 ? -static_cast<Unsigned>(millionths) : static_cast<Unsigned>(millionths);
}

struct Product {
  Unsigned millionths = 0;
  Unsigned rest = 0;  // millionths of a millionth
};

// The first factor is taken apart into its whole and the millionths beyond it, so that what does not fit 128 bits is
// beyond kMost in any case.
std::optional<Product> ProductOf(Unsigned a, Unsigned b) {
  Unsigned of_whole = 0;
  Unsigned of_fraction = 0;
  Product product;
  if (__builtin_mul_overflow(a / kMillion, b, &of_whole) || __builtin_mul_overflow(a % kMillion, b, &of_fraction) ||
      __builtin_add_overflow(of_whole, of_fraction / kMillion, &product.millionths)) {
    return std::nullopt;
  }
  if (product.millionths > Magnitude(Decimal::kMost)) return std::nullopt;
  product.rest = of_fraction % kMillion;
  return product;
}

}  // namespace

std::optional<Decimal> Times(Decimal a, Decimal b) {
  const auto product = ProductOf(Magnitude(a), Magnitude(b));
  if (!product) return std::nullopt;
  const Unsigned twice = product->rest * 2;
  const bool rounds_up = twice > kMillion || (twice == kMillion && product->millionths % 2 != 0);
  const auto millionths = static_cast<__int128>(product->millionths) + (rounds_up ? 1 : 0);
  const Decimal size = Decimal::OfMillionths(millionths);
  if (size > Decimal::kMost) return std::nullopt;
  return (a < Decimal()) == (b < Decimal()) ? size : Decimal() - size;
}

std::optional<Decimal> WholeTimes(Decimal a, Decimal b) {
  const auto product = ProductOf(Magnitude(a), Magnitude(b));
  if (!product) return std::nullopt;
  return Decimal::OfMillionths(static_cast<__int128>(product->millionths / kMillion * kMillion));
}

}  // namespace kintsugi::living
