#include "base/time.h"

#include <rapidcheck.h>

#include <chrono>

#include "catch.h"

namespace kintsugi {
namespace {

using namespace std::chrono_literals;

constexpr Time kMarch = std::chrono::sys_days(std::chrono::year(2026) / 3 / 1) + 10h;
constexpr Time kFirst = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
constexpr Time kLast = std::chrono::sys_days(std::chrono::year(10000) / 1 / 1) - 1us;

// All forms of the contract, all naming the same instant.
TEST_CASE("A time is read in every form that sources write", "[base]") {
  CHECK(ParseTime("2026-03-01T10:00:00Z") == kMarch);
  CHECK(ParseTime("2026-03-01t10:00:00z") == kMarch);
  CHECK(ParseTime("2026-03-01 10:00:00") == kMarch);
  CHECK(ParseTime("2026-03-01T10:00:00") == kMarch);
  CHECK(ParseTime("2026-03-01T12:00:00+02:00") == kMarch);
  CHECK(ParseTime("2026-02-28T23:30:00-10:30") == kMarch);
  CHECK(ParseTime("2026-03-01") == kMarch - 10h);
}

// Finer than a microsecond is cut, not rounded: a time never moves into the next second.
TEST_CASE("Fractions are cut at microseconds", "[base]") {
  CHECK(ParseTime("2026-03-01T10:00:00.5Z") == kMarch + 500ms);
  CHECK(ParseTime("2026-03-01T10:00:00.000001Z") == kMarch + 1us);
  CHECK(ParseTime("2026-03-01T10:00:00.9999999999Z") == kMarch + 999'999us);
  CHECK(ParseTime("1969-12-31T23:59:59.9999999Z") == Time{} - 1us);
}

// The Gregorian rule, with its exceptions.
TEST_CASE("Only days that exist are read", "[base]") {
  CHECK(ParseTime("2024-02-29"));
  CHECK(ParseTime("2000-02-29"));
  CHECK_FALSE(ParseTime("2023-02-29"));
  CHECK_FALSE(ParseTime("1900-02-29"));
  CHECK_FALSE(ParseTime("2026-04-31"));
  CHECK_FALSE(ParseTime("2026-00-10"));
  CHECK_FALSE(ParseTime("2026-13-10"));
  CHECK_FALSE(ParseTime("2026-01-00"));
}

// Each text is wrong in one place.
TEST_CASE("Any other text is no time", "[base]") {
  for (const char* text : {"",
                           "2026",
                           "2026-03",
                           "2026-3-1",
                           "26-03-01",
                           "2026/03/01",
                           " 2026-03-01",
                           "2026-03-01 ",
                           "2026-03-01Z",
                           "2026-03-01T",
                           "2026-03-01T10",
                           "2026-03-01T10:00",
                           "2026-03-01T10:00Z",
                           "2026-03-01T24:00:00Z",
                           "2026-03-01T10:60:00Z",
                           "2026-03-01T23:59:60Z",
                           "2026-03-01T10:00:00.Z",
                           "2026-03-01T10:00:00,5Z",
                           "2026-03-01T10:00:00+0200",
                           "2026-03-01T10:00:00+02",
                           "2026-03-01T10:00:00+24:00",
                           "2026-03-01T10:00:00+02:60",
                           "2026-03-01T10:00:00ZZ",
                           "2026-03-01T10:00:00 Z",
                           "2026-03-01X10:00:00Z",
                           "-026-03-01",
                           "+2026-03-01",
                           "2026-03-01T1a:00:00Z",
                           "1772359200"}) {
    INFO(text);
    CHECK_FALSE(ParseTime(text));
  }
}

// The range holds for the instant in UTC, not for the digits.
TEST_CASE("Times outside years 1 to 9999 are refused", "[base]") {
  CHECK(ParseTime("0001-01-01T00:00:00Z") == kFirst);
  CHECK(ParseTime("9999-12-31T23:59:59.999999Z") == kLast);
  CHECK_FALSE(ParseTime("0000-12-31"));
  CHECK_FALSE(ParseTime("0001-01-01T00:00:00+00:01"));
  CHECK_FALSE(ParseTime("9999-12-31T23:59:00-00:01"));
}

// As few digits as say the instant, in steps that people read: none, milliseconds, microseconds.
TEST_CASE("A time is formatted with the digits it needs", "[base]") {
  CHECK(FormatTime(kMarch) == "2026-03-01T10:00:00Z");
  CHECK(FormatTime(kMarch + 120ms) == "2026-03-01T10:00:00.120Z");
  CHECK(FormatTime(kMarch + 120us) == "2026-03-01T10:00:00.000120Z");
  CHECK(FormatTime(Time{} - 1us) == "1969-12-31T23:59:59.999999Z");
  CHECK(FormatTime(kFirst) == "0001-01-01T00:00:00Z");
}

// Inside the library an unknown time is the least or the greatest; outside it is none.
TEST_CASE("An unknown time is none for callers, and has a place in the order inside", "[base]") {
  CHECK(Known(kMarch) == kMarch);
  CHECK_FALSE(Known(kNeverFirst));
  CHECK_FALSE(Known(kNeverLast));
  CHECK(OrNeverFirst(kMarch) == kMarch);
  CHECK(OrNeverLast(kMarch) == kMarch);
  CHECK(OrNeverFirst(std::nullopt) == kNeverFirst);
  CHECK(OrNeverLast(std::nullopt) == kNeverLast);
  CHECK(OrNeverFirst(kNeverLast) == kNeverFirst);
  CHECK(OrNeverLast(kNeverFirst) == kNeverLast);
}

// An unknown time prints as nothing.
TEST_CASE("An unknown time is the empty string", "[base]") {
  CHECK(FormatTime(std::nullopt).empty());
}

// What is printed can be read, and says the same; and text order is time order.
TEST_CASE("A time survives its text", "[base]") {
  CHECK(rc::check("ParseTime(FormatTime(t)) == t", [] {
    const auto micros =
        *rc::gen::inRange<int64_t>(kFirst.time_since_epoch().count(), kLast.time_since_epoch().count() + 1);
    // Whole seconds and milliseconds are rare among all microseconds, so they are made.
    const auto unit = *rc::gen::element<int64_t>(1, 1'000, 1'000'000);
    const Time time{std::chrono::microseconds(micros / unit * unit)};
    RC_ASSERT(ParseTime(FormatTime(time)) == time);
  }));
}

// The parser reads whatever a source sends, and never past its end.
TEST_CASE("Parsing never fails on arbitrary bytes", "[base]") {
  CHECK(rc::check("a text that is read gives a time that can be printed", [] {
    const auto text = *rc::gen::container<std::string>(rc::gen::elementOf(std::string("0123456789-:.TZ+ \xff")));
    if (const auto time = ParseTime(text)) RC_ASSERT(!FormatTime(*time).empty());
  }));
}

}  // namespace
}  // namespace kintsugi
