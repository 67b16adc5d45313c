#include "normalize/phone.h"

#include <rapidcheck.h>

#include "catch.h"

namespace kintsugi::normalize {
namespace {

// However it is written, one telephone has one number.
TEST_CASE("A national number is read in its region", "[normalize]") {
  for (const char* text : {"(212) 555-0123", "212.555.0123", "1-212-555-0123", "+1 212 555 0123", "2125550123",
                           "tel:+1-212-555-0123", "011 1 212 555 0123", "（２１２）５５５－０１２３"}) {
    INFO(text);
    CHECK(NormalizePhone(text, "US") == "+12125550123");
  }
  CHECK(NormalizePhone("020 7946 0018", "GB") == "+442079460018");
  CHECK(NormalizePhone("+44 (0)20 7946 0018", "US") == "+442079460018");
  CHECK(NormalizePhone("06 1234 5678", "IT") == "+390612345678");  // Italy keeps its zero
}

// Without a region nothing may be guessed.
TEST_CASE("Without a region only international numbers are read", "[normalize]") {
  CHECK(NormalizePhone("+1 (212) 555-0123", "") == "+12125550123");
  CHECK_FALSE(NormalizePhone("(212) 555-0123", ""));
  CHECK_FALSE(NormalizePhone("00 44 20 7946 0018", ""));
}

// Possible is enough: 555-01xx is never assigned, and is what examples and tests are made of.
TEST_CASE("A number need not be assigned", "[normalize]") {
  CHECK(NormalizePhone("702-555-0101", "US") == "+17025550101");
  CHECK(NormalizePhone("+1 999 999 9999", "") == "+19999999999");
}

// A number that is too short or long, or has lost its area code, is not one person's.
TEST_CASE("What is no complete number is refused", "[normalize]") {
  for (const char* text : {"", "n/a", "-", "0", "555-0123", "12345", "+", "+1", "+999 123 4567", "212 555 01234",
                           "2125550123 / 2125550124567", "jane@example.com"}) {
    INFO(text);
    CHECK_FALSE(NormalizePhone(text, "US"));
  }
  CHECK_FALSE(NormalizePhone(std::string(1000, '1'), "US"));
}

// E.164 has no extensions: the switchboard's number remains.
TEST_CASE("An extension is dropped", "[normalize]") {
  CHECK(NormalizePhone("+1 212 555 0123 ext. 7", "") == "+12125550123");
  CHECK(NormalizePhone("(212) 555-0123 x7", "US") == "+12125550123");
}

// Regions are what libphonenumber calls so.
TEST_CASE("Regions are ISO 3166 codes in upper case", "[normalize]") {
  CHECK(IsPhoneRegion("US"));
  CHECK(IsPhoneRegion("JP"));
  CHECK_FALSE(IsPhoneRegion("us"));
  CHECK_FALSE(IsPhoneRegion("UK"));
  CHECK_FALSE(IsPhoneRegion("ZZ"));
  CHECK_FALSE(IsPhoneRegion(""));
}

// The fast path for North America must not change an answer. A space forces the full path.
TEST_CASE("The fast path answers as the full path does", "[normalize]") {
  CHECK(rc::check("+1NXXXXXXXXX is itself, whatever the region", [] {
    std::string number = "+1";
    number.push_back(*rc::gen::inRange('2', static_cast<char>('9' + 1)));
    number += *rc::gen::container<std::string>(9, rc::gen::inRange('0', static_cast<char>('9' + 1)));
    const auto region = *rc::gen::element<std::string>("", "US", "CA", "BS", "AG", "GB", "AR", "MX");
    RC_ASSERT(NormalizePhone(number, region) == number);
    RC_ASSERT(NormalizePhone("+1 " + number.substr(2), region) == number);
  }));
}

// Argentina, Mexico and Brazil rewrite what looks like a national prefix, again at the second reading.
TEST_CASE("A normalised number gives itself in every numbering plan", "[normalize]") {
  CHECK(rc::check("phone is idempotent on digits", [] {
    const auto region =
        *rc::gen::element<std::string>("", "US", "BS", "AR", "MX", "BR", "IT", "DE", "GB", "CN", "RU", "CI", "SM");
    const auto prefix = *rc::gen::element<std::string>("", "+", "00", "+54", "+52", "+55", "+39", "+378", "0", "15");
    const auto digits = *rc::gen::container<std::string>(rc::gen::inRange('0', static_cast<char>('9' + 1)));
    if (const auto once = NormalizePhone(prefix + digits, region)) RC_ASSERT(NormalizePhone(*once, region) == once);
  }));
}

}  // namespace
}  // namespace kintsugi::normalize
