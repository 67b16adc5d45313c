#include "living/decimal.h"

#include <rapidcheck.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "catch.h"

namespace kintsugi::living {
namespace {

using Limits = std::numeric_limits<double>;

// What a text is read as, as text again; "none" if as nothing.
std::string Read(std::string_view text) {
  const auto decimal = Decimal::Parse(text);
  return decimal ? decimal->ToText() : "none";
}

std::string Of(const ValueView& value) {
  const auto decimal = Decimal::Of(value);
  return decimal ? decimal->ToText() : "none";
}

std::string Divided(std::string_view a, std::string_view b) {
  const auto quotient = Decimal::Parse(a)->DividedBy(*Decimal::Parse(b));
  return quotient ? quotient->ToText() : "none";
}

constexpr __int128 Power(int exponent) {
  __int128 power = 1;
  for (; exponent > 0; --exponent) power *= 10;
  return power;
}

constexpr __int128 kLargest = static_cast<__int128>(~static_cast<unsigned __int128>(0) >> 1);

}  // namespace

TEST_CASE("A decimal is read from a number's text and written without exponent or trailing zeros", "[living]") {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"0", "0"},
      {"-0", "0"},
      {"-0.000", "0"},
      {"12.50", "12.5"},
      {"-1e3", "-1000"},
      {"1E+3", "1000"},
      {"1e-6", "0.000001"},
      {"-1e-06", "-0.000001"},
      {"100", "100"},
      {"1234567.000001", "1234567.000001"},
      {"0.000000123e6", "0.123"},
      {"123456789012345678.654321", "123456789012345678.654321"},
      {"1e000000000000000000000000000001", "10"},
  };
  for (const auto& [text, expected] : cases) {
    CAPTURE(text);
    CHECK(Read(text) == expected);
  }
}

TEST_CASE("A text is a number by the grammar of JSON and by no other", "[living]") {
  for (const std::string text :
       {"",    "-",     "+1",   "01",       "-01",  "00",   ".5",    "5.",       "1.e3", "1e",  "1e+",
        "e1",  "1e1.5", "1 ",   " 1",       "1,5",  "0x10", "1_0",   "1.2.3",    "--1",  "1-2", "NaN",
        "nan", "inf",   "-inf", "Infinity", "true", "null", "\"1\"", "\xd9\xa1", "1\xff"}) {
    CAPTURE(text);
    CHECK(Read(text) == "none");
  }
  CHECK(Read(std::string_view("1\0", 2)) == "none");
}

TEST_CASE("The sixth place is rounded half to even, by all that follows it", "[living]") {
  CHECK(Read("0.0000005") == "0");
  CHECK(Read("0.0000015") == "0.000002");
  CHECK(Read("0.0000025") == "0.000002");
  CHECK(Read("-0.0000025") == "-0.000002");
  CHECK(Read("-0.0000035") == "-0.000004");
  CHECK(Read("0.00000050000000000000000000000000000000000001") == "0.000001");
  CHECK(Read("0.00000049999999999999999999999999999999999999") == "0");
  CHECK(Read("5e-7") == "0");
  CHECK(Read("15e-7") == "0.000002");
  CHECK(Read("5.0000001e-7") == "0.000001");
  CHECK(Read("9e-8") == "0");
  CHECK(Read("0.9999995") == "1");
  CHECK(Read("9.9999995e18") == "9999999500000000000");
  // A double would not tell these two apart.
  CHECK(Read("2.0000004999999999999") == "2");
  CHECK(Read("2.0000005000000000001") == "2.000001");
}

TEST_CASE("What is beyond ten to the nineteenth is no decimal", "[living]") {
  CHECK(Decimal::kMost.ToText() == "10000000000000000000");
  CHECK(Read("1e19") == "10000000000000000000");
  CHECK(Read("-10000000000000000000") == "-10000000000000000000");
  CHECK(Read("10000000000000000000.0000005") == "10000000000000000000");
  CHECK(Read("10000000000000000000.0000006") == "none");
  CHECK(Read("10000000000000000000.000001") == "none");
  CHECK(Read("9999999999999999999.9999995") == "10000000000000000000");
  CHECK(Read("-10000000000000000001") == "none");
  CHECK(Read("9e19") == "none");
  CHECK(Read("1e20") == "none");
  CHECK(Read("340282366920938463463374607431768211456") == "none");
}

TEST_CASE("An exponent of any size is a moved point, and never work", "[living]") {
  CHECK(Read("1e999999999") == "none");
  CHECK(Read("-1e99999999999999999999999999") == "none");
  CHECK(Read("1e-999999999") == "0");
  CHECK(Read("1e-99999999999999999999999999") == "0");
  CHECK(Read("0e999999999999999999999") == "0");
  CHECK(Read("0.000e999999999999999999999") == "0");

  constexpr size_t kMany = 1'000'000;
  const std::string zeros(kMany, '0');
  CHECK(Read("0." + zeros + "125e1000001") == "1.25");
  CHECK(Read("125" + zeros + "e-1000002") == "1.25");
  CHECK(Read("1" + zeros) == "none");
  CHECK(Read("0." + zeros + "1") == "0");
  CHECK(Read("1." + zeros + "1") == "1");
  CHECK(Read("1.0000005" + zeros + "1") == "1.000001");
  CHECK(Read("1.0000005" + zeros) == "1");
  CHECK(Read("1e" + zeros + "1") == "10");
  CHECK(Read("1e" + std::string(kMany, '9')) == "none");
}

TEST_CASE("A decimal of a value is that of its shortest text", "[living]") {
  CHECK(Of(int64_t{42}) == "42");
  CHECK(Of(std::numeric_limits<int64_t>::max()) == "9223372036854775807");
  CHECK(Of(std::numeric_limits<int64_t>::min()) == "-9223372036854775808");
  CHECK(Of(0.1) == "0.1");
  CHECK(Of(-0.0) == "0");
  CHECK(Of(0.1 + 0.2) == "0.3");
  CHECK(Of(2.5e-6) == "0.000002");
  CHECK(Of(1e19) == "10000000000000000000");
  CHECK(Of(-1e19) == "-10000000000000000000");
  CHECK(Of(std::nextafter(1e19, 1e20)) == "none");
  CHECK(Of(1.2345678901234568e18) == "1234567890123456800");
  CHECK(Of(Limits::denorm_min()) == "0");
}

TEST_CASE("A double and the text that it is printed with are one decimal", "[living]") {
  CHECK(rc::check("doubles", [] {
    const double number = *rc::gen::arbitrary<double>() * std::pow(10.0, *rc::gen::inRange(-20, 20));
    if (std::isfinite(number)) RC_ASSERT(Decimal::Of(number) == Decimal::Parse(ToJson(number)));
  }));
}

TEST_CASE("What is no number has no decimal", "[living]") {
  for (const double number : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity(), Limits::max()}) {
    CHECK(Of(number) == "none");
  }
  CHECK(Of(Null()) == "none");
  CHECK(Of(true) == "none");
  CHECK(Of(std::string_view("12")) == "none");
  CHECK(Of(JsonView{"12"}) == "none");
}

TEST_CASE("A quotient is rounded half to even, whatever the signs", "[living]") {
  CHECK(Divided("1", "3") == "0.333333");
  CHECK(Divided("2", "3") == "0.666667");
  CHECK(Divided("-2", "3") == "-0.666667");
  CHECK(Divided("2", "-3") == "-0.666667");
  CHECK(Divided("-2", "-3") == "0.666667");
  CHECK(Divided("0.000001", "2") == "0");
  CHECK(Divided("0.000003", "2") == "0.000002");
  CHECK(Divided("0.000005", "2") == "0.000002");
  CHECK(Divided("-0.000007", "2") == "-0.000004");
  CHECK(Divided("0", "-7") == "0");
  CHECK(Divided("1e19", "1e19") == "1");
  CHECK(Divided("1e13", "0.000001") == "10000000000000000000");
}

TEST_CASE("A quotient beyond the bound, or by nothing, is none", "[living]") {
  CHECK(Divided("10000000000000.000001", "0.000001") == "none");
  CHECK(Divided("1e19", "0.999999") == "none");
  CHECK(Divided("-1e19", "0.000001") == "none");
  CHECK(Divided("1", "0") == "none");
}

TEST_CASE("Quotients are exact up to the last bit of 128", "[living]") {
  const Decimal largest = Decimal::OfMillionths(kLargest);
  const Decimal smallest = Decimal::OfMillionths(-kLargest - 1);
  CHECK(largest.DividedBy(largest)->ToText() == "1");
  CHECK(smallest.DividedBy(smallest)->ToText() == "1");
  CHECK(largest.DividedBy(smallest)->ToText() == "-1");
  CHECK(Decimal::OfMillionths(kLargest / 2).DividedBy(largest)->ToText() == "0.5");
  CHECK(Decimal::OfMillionths(kLargest / 3 * 2).DividedBy(smallest)->ToText() == "-0.666667");
  CHECK(Decimal::OfMillionths(1).DividedBy(smallest)->ToText() == "0");
  CHECK_FALSE(largest.DividedBy(Decimal::OfMillionths(Power(12))));
  CHECK(largest.ToText() == "170141183460469231731687303715884.105727");
  CHECK(smallest.ToText() == "-170141183460469231731687303715884.105728");
}

// The bound that the class promises: so many of the largest, and their mean is still told.
TEST_CASE("A sum of a million million of the largest decimals does not overflow", "[living]") {
  Decimal sum = Decimal::kMost;
  for (int doublings = 0; doublings < 40; ++doublings) sum = sum + sum;
  CHECK(sum.ToText() == "10995116277760000000000000000000");
  CHECK(sum.DividedBy(Decimal::OfMillionths((__int128{1} << 40) * 1'000'000)) == Decimal::kMost);
  CHECK((Decimal() - sum).DividedBy(sum)->ToText() == "-1");
}

TEST_CASE("A decimal becomes the simplest value that has its text", "[living]") {
  const auto value = [](std::string_view text) { return Decimal::Parse(text)->ToValue(); };
  CHECK(value("12.0") == Value(int64_t{12}));
  CHECK(value("-0") == Value(int64_t{0}));
  CHECK(value("9223372036854775807") == Value(std::numeric_limits<int64_t>::max()));
  CHECK(value("-9223372036854775808") == Value(std::numeric_limits<int64_t>::min()));
  CHECK(value("9223372036854775808") == Value(Json{"9223372036854775808"}));
  CHECK(value("-9223372036854775809") == Value(Json{"-9223372036854775809"}));
  CHECK(value("12.5") == Value(12.5));
  CHECK(value("0.0001") == Value(0.0001));
  CHECK(value("0.00001") == Value(Json{"0.00001"}));  // as a double it would be printed 1e-05
  CHECK(value("-0.000001") == Value(Json{"-0.000001"}));
  CHECK(value("123456789012.123456") == Value(Json{"123456789012.123456"}));  // too fine for a double
  CHECK(value("1e19") == Value(Json{"10000000000000000000"}));
}

TEST_CASE("A decimal's text and its value's text read back as the decimal", "[living]") {
  CHECK(rc::check("round trip", [] {
    const __int128 high = *rc::gen::inRange<int64_t>(-999'999'999'999, 1'000'000'000'000);
    const __int128 low = *rc::gen::inRange<int64_t>(0, 10'000'000'000'000);
    const int digits = *rc::gen::inRange(0, 26);
    const Decimal decimal = Decimal::OfMillionths((high * 10'000'000'000'000 + low) / Power(digits));
    RC_ASSERT(Decimal::Parse(decimal.ToText()) == decimal);
    RC_ASSERT(ToJson(decimal.ToValue()) == decimal.ToText());
  }));
}

TEST_CASE("No order of adding shows", "[living]") {
  CHECK(rc::check("sums", [](const std::vector<double>& numbers) {
    Decimal forwards, backwards;
    for (const double number : numbers) forwards = forwards + Decimal::Of(number).value_or(Decimal());
    for (size_t i = numbers.size(); i-- > 0;) backwards = backwards + Decimal::Of(numbers[i]).value_or(Decimal());
    RC_ASSERT(forwards == backwards);
  }));
}

// Where the product fits, the definition can be computed.
TEST_CASE("A quotient is the nearest decimal, of two as near the even one", "[living]") {
  CHECK(rc::check("division", [] {
    const __int128 a = *rc::gen::inRange<int64_t>(-1'000'000'000'000, 1'000'000'000'000);
    const __int128 b = *rc::gen::suchThat(rc::gen::inRange<int64_t>(-10'000, 10'000), [](int64_t n) { return n != 0; });
    const __int128 q = Decimal::OfMillionths(a).DividedBy(Decimal::OfMillionths(b))->millionths();
    const __int128 error = (a * 1'000'000 - q * b) * (b < 0 ? -2 : 2);
    const __int128 size = b < 0 ? -b : b;
    RC_ASSERT(-size <= error && error <= size);
    RC_ASSERT(q % 2 == 0 || (-size < error && error < size));
  }));
}

}  // namespace kintsugi::living
