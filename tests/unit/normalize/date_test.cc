#include "normalize/date.h"

#include <rapidcheck.h>

#include "catch.h"

namespace kintsugi::normalize {
namespace {

// Every form in which the year comes first means one day only.
TEST_CASE("A date with its year in front is read", "[normalize]") {
  for (const char* text : {"1956-04-09", "1956-4-9", "1956/04/09", "1956/4/09", "1956.04.09", "19560409",
                           "1956-04-09T23:30:00Z", "1956-04-09 00:00:00", "1956-04-09T23:30:00-11:00"}) {
    INFO(text);
    CHECK(NormalizeDate(text) == "1956-04-09");
  }
}

// 04/09/1956 is April in one country and September in another; a guess is a wrong birthday.
TEST_CASE("A date with its year at the end is refused", "[normalize]") {
  for (const char* text : {"04/09/1956", "25/12/1956", "9.4.1956", "09-04-56", "560409", "9 Apr 1956", "Apr 9, 1956"}) {
    INFO(text);
    CHECK_FALSE(NormalizeDate(text));
  }
}

// Wrong separators, missing parts, and days that do not exist.
TEST_CASE("What is no day is refused", "[normalize]") {
  for (const char* text : {"", "1956", "1956-04", "1956-04-", "1956--4-9", "1956-04/09", "1956-004-9", "1956-4-009",
                           "1956-02-30", "19560230", "1956-13-01", "0000-01-01", "00000000", "1956-04-09T25:00:00",
                           "1956-04-09x", "1956-4-9-1", "1956-0-9", "195604091"}) {
    INFO(text);
    CHECK_FALSE(NormalizeDate(text));
  }
}

// The rule reads whatever a source sends.
TEST_CASE("A normalised date gives itself", "[normalize]") {
  CHECK(rc::check("date is idempotent on texts like dates", [] {
    const auto text = *rc::gen::container<std::string>(10, rc::gen::elementOf(std::string("0123456789012-/.")));
    if (const auto once = NormalizeDate(text)) RC_ASSERT(NormalizeDate(*once) == once);
  }));
}

}  // namespace
}  // namespace kintsugi::normalize
