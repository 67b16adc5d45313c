#include "base/number.h"

#include <rapidcheck.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <string>

#include "catch.h"

namespace kintsugi {
namespace {

std::string Text(double number) {
  std::string out;
  AppendDouble(out, number);
  return out;
}

// These bytes are stored and hashed: a change here is a change of the format, whatever a library's new release prints.
TEST_CASE("A double has one text, and it never changes", "[base]") {
  CHECK(Text(0.0) == "0");
  CHECK(Text(-0.0) == "0");
  CHECK(Text(27.5) == "27.5");
  CHECK(Text(-3.0) == "-3");
  CHECK(Text(100.0) == "100");
  CHECK(Text(0.1) == "0.1");
  CHECK(Text(0.0001) == "0.0001");
  CHECK(Text(0.00001) == "1e-05");
  CHECK(Text(1.5e-7) == "1.5e-07");
  CHECK(Text(1e15) == "1000000000000000");
  CHECK(Text(1e16) == "1e+16");
  CHECK(Text(123456789012345678.0) == "1.2345678901234568e+17");
  CHECK(Text(1e100) == "1e+100");
  CHECK(Text(std::numeric_limits<double>::max()) == "1.7976931348623157e+308");
  CHECK(Text(std::numeric_limits<double>::denorm_min()) == "5e-324");
}

TEST_CASE("A double reads back from its text as it was", "[base]") {
  CHECK(rc::check("round trip", [] {
    const double number = *rc::gen::arbitrary<double>() * std::pow(10.0, *rc::gen::inRange(-300, 300));
    if (!std::isfinite(number)) return;
    const std::string text = Text(number);
    double back = 0;
    const auto end = std::from_chars(text.data(), text.data() + text.size(), back).ptr;
    RC_ASSERT(end == text.data() + text.size());
    RC_ASSERT(back == number);
  }));
}

}  // namespace
}  // namespace kintsugi
