#include "golden/value_codec.h"

#include <rapidcheck.h>

#include <cmath>
#include <limits>

#include "catch.h"

namespace kintsugi::golden {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string Text(std::string_view text) {
  return EncodeValue(std::string(text));
}
std::string Integer(int64_t number) {
  return EncodeValue(number);
}

Value ArbitraryValue() {
  switch (*rc::gen::inRange(0, 6)) {
    case 0:
      return Null();
    case 1:
      return *rc::gen::arbitrary<bool>();
    case 2:
      return *rc::gen::arbitrary<int64_t>();
    case 3:
      return *rc::gen::arbitrary<double>();
    case 4:
      return *rc::gen::arbitrary<std::string>();
    default:
      return Json{"[" + std::to_string(*rc::gen::arbitrary<int>()) + "]"};
  }
}

// Values are stored in this form, so these bytes must never change.
TEST_CASE("A value's bytes are a tag and its text", "[golden]") {
  CHECK(EncodeValue(Null()) == "0");
  CHECK(EncodeValue(true) == "b1");
  CHECK(EncodeValue(false) == "b0");
  CHECK(EncodeValue(int64_t{-42}) == "i-42");
  CHECK(EncodeValue(27.5) == "d27.5");
  CHECK(EncodeValue(std::string("Jane")) == "sJane");
  CHECK(EncodeValue(std::string()) == "s");
  CHECK(EncodeValue(Json{"[1,2]"}) == "j[1,2]");
}

// Equal values are one observation, so they must have one form.
TEST_CASE("Minus zero has the bytes of zero", "[golden]") {
  CHECK(EncodeValue(-0.0) == EncodeValue(0.0));
}

// A number keeps its type: 1 and 1.0 are told apart by what a source wrote, and compare alike all the same.
TEST_CASE("Values of different types have different bytes", "[golden]") {
  CHECK(EncodeValue(int64_t{1}) != EncodeValue(1.0));
  CHECK(EncodeValue(int64_t{1}) != EncodeValue(true));
  CHECK(EncodeValue(std::string("1")) != EncodeValue(int64_t{1}));
  CHECK(EncodeValue(std::string("[]")) != EncodeValue(Json{"[]"}));
}

// The extremes of every type come back, to the last bit of a double.
TEST_CASE("A value survives its bytes", "[golden]") {
  for (const Value& value :
       {Value(std::numeric_limits<int64_t>::min()), Value(std::numeric_limits<int64_t>::max()),
        Value(std::numeric_limits<double>::denorm_min()), Value(std::numeric_limits<double>::max()), Value(0.1),
        Value(-kInfinity), Value(std::string("\0s\xff", 3))}) {
    const std::string bytes = EncodeValue(value);
    CHECK(DecodeValue(bytes) == ToView(value));
  }
  const std::string not_a_number = EncodeValue(kNan);
  CHECK(std::isnan(std::get<double>(*DecodeValue(not_a_number))));
  CHECK(rc::check("the value of a value's bytes is the value", [] {
    const Value value = ArbitraryValue();
    const std::string bytes = EncodeValue(value);
    RC_ASSERT(DecodeValue(bytes) == ToView(value));
    RC_ASSERT(ToValue(*DecodeValue(bytes)) == value);
  }));
}

// Damage is noticed where the form allows it, and is never read as something else's value.
TEST_CASE("Damaged bytes are no value", "[golden]") {
  for (const char* bytes : {"", "x", "i", "i1x", "i99999999999999999999", "d", "d1,5", "b", "b2", "0x", "gx"}) {
    INFO(bytes);
    CHECK_FALSE(DecodeValue(bytes));
  }
}

// What a group held comes back name by name.
TEST_CASE("A group survives its bytes", "[golden]") {
  CHECK(rc::check("DecodeGroup(EncodeGroup(group)) == group", [](const std::map<std::string, std::string>& members) {
    GroupValue group;
    for (const auto& [name, value] : members) group.emplace_back(name, EncodeValue(value));
    const std::string bytes = EncodeGroup(group);
    RC_ASSERT(DecodeGroup(bytes) == group);
    RC_ASSERT(IsGroup(bytes));
    RC_ASSERT(!DecodeValue(bytes));
    // A byte short is damaged, unless it is a whole group again.
    if (!group.empty()) RC_ASSERT(DecodeGroup(std::string_view(bytes).substr(0, bytes.size() - 1)) != group);
  }));
  CHECK_FALSE(DecodeGroup("sJane"));
  CHECK_FALSE(DecodeGroup("g\x05"));
}

// Every function takes every string of bytes, groups inside groups included.
TEST_CASE("No bytes crash the value codec", "[golden]") {
  CHECK(rc::check("arbitrary bytes are read or refused", [](const std::string& tail) {
    const std::string bytes = *rc::gen::elementOf(std::string("0bdgijs?")) + tail;
    DecodeValue(bytes);
    DecodeGroup(bytes);
    IsNull(bytes);
    IsEmpty(bytes);
    LengthOf(bytes);
    RC_ASSERT(!LessThan(bytes, bytes));
  }));
  std::string nested;
  for (int depth = 0; depth < 2000; ++depth) nested = EncodeGroup({{"", nested}});
  CHECK_FALSE(IsEmpty(nested));
  CHECK(LengthOf(nested) < nested.size());
}

// Only a null is null, and only strings can be empty: 0 and false are values.
TEST_CASE("Null and empty are what they say", "[golden]") {
  CHECK(IsNull(EncodeValue(Null())));
  CHECK_FALSE(IsNull(Text("0")));
  CHECK_FALSE(IsNull(Text("")));
  CHECK(IsEmpty(Text("")));
  CHECK_FALSE(IsEmpty(Text(" ")));
  CHECK_FALSE(IsEmpty(EncodeValue(Null())));
  CHECK_FALSE(IsEmpty(Integer(0)));
  CHECK_FALSE(IsEmpty(EncodeValue(false)));
  CHECK_FALSE(IsEmpty(EncodeValue(Json{"[]"})));
  CHECK(IsEmpty(EncodeGroup({{"city", Text("")}, {"street", Text("")}})));
  CHECK_FALSE(IsEmpty(EncodeGroup({{"city", Text("")}, {"street", Text("Elm 1")}})));
  CHECK(IsEmpty(EncodeGroup({})));
}

// A reader counts letters, not bytes.
TEST_CASE("Length counts code points", "[golden]") {
  CHECK(LengthOf(Text("")) == 0);
  CHECK(LengthOf(Text("Jane")) == 4);
  CHECK(LengthOf(Text("Zoë")) == 3);
  CHECK(LengthOf(Text("李雷")) == 2);
  CHECK(LengthOf(Integer(-42)) == 3);
  CHECK(LengthOf(EncodeGroup({{"city", Text("Köln")}, {"street", Text("Elm 1")}})) == 9);
}

// Numbers as numbers, whatever their type and length.
TEST_CASE("Numbers are ordered by value", "[golden]") {
  CHECK(LessThan(Integer(9), Integer(10)));
  CHECK(LessThan(Integer(-10), Integer(-9)));
  CHECK(LessThan(Integer(2), EncodeValue(2.5)));
  CHECK(LessThan(EncodeValue(1.5), Integer(2)));
  CHECK(LessThan(EncodeValue(-kInfinity), Integer(std::numeric_limits<int64_t>::min())));
  CHECK(LessThan(Integer(std::numeric_limits<int64_t>::max()), EncodeValue(kInfinity)));
}

// Beyond 2^53 two integers can be the same double.
TEST_CASE("Large integers are ordered exactly", "[golden]") {
  CHECK(LessThan(Integer(9999999999999999), Integer(10000000000000000)));
  CHECK(LessThan(Integer(9007199254740992), Integer(9007199254740993)));
  CHECK(LessThan(Integer(std::numeric_limits<int64_t>::max() - 1), Integer(std::numeric_limits<int64_t>::max())));
}

// Everything that is no number by bytes, after the numbers; not-a-number after the other numbers.
TEST_CASE("Values of all types have one order", "[golden]") {
  const std::vector<std::string> ordered = {EncodeValue(-kInfinity),
                                            Integer(1),
                                            EncodeValue(2.5),
                                            Integer(3),
                                            EncodeValue(kInfinity),
                                            EncodeValue(kNan),
                                            EncodeValue(false),
                                            EncodeValue(Json{"[]"}),
                                            Text(""),
                                            Text("Jane"),
                                            Text("jane")};
  for (size_t i = 0; i < ordered.size(); ++i) {
    for (size_t j = 0; j < ordered.size(); ++j) {
      INFO(ordered[i] << " " << ordered[j]);
      CHECK(LessThan(ordered[i], ordered[j]) == (i < j));
    }
  }
}

// Ties end in this order, so it must be one: exactly one of <, > and equal, and transitive.
TEST_CASE("The order of values is total", "[golden]") {
  CHECK(rc::check("trichotomy and transitivity", [] {
    const auto number = [] {
      const int64_t big = int64_t{1} << 53;
      const int64_t near = *rc::gen::inRange<int64_t>(-3, 4) + *rc::gen::element<int64_t>(0, big, 1000000000);
      if (*rc::gen::arbitrary<bool>()) return EncodeValue(near);
      return EncodeValue(*rc::gen::element(static_cast<double>(near), near + 0.5, kNan));
    };
    const auto any = [&] { return *rc::gen::arbitrary<bool>() ? number() : EncodeValue(ArbitraryValue()); };
    const std::string a = any(), b = any(), c = any();
    RC_ASSERT(LessThan(a, b) + LessThan(b, a) + (a == b) == 1);
    if (LessThan(a, b) && LessThan(b, c)) RC_ASSERT(LessThan(a, c));
  }));
}

}  // namespace
}  // namespace kintsugi::golden
