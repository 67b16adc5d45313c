#include "format/codec.h"

#include <rapidcheck.h>

#include <limits>
#include <memory>

#include "base/time.h"
#include "catch.h"

namespace kintsugi::format {
namespace {

template <typename Write>
std::string Encoded(Write write) {
  std::string out;
  Encoder e(out);
  write(e);
  return out;
}

Time At(int64_t us) {
  return Time(std::chrono::microseconds(us));
}

// RocksDB compares bytes, so bytes must compare as what they stand for.
TEST_CASE("Fixed-width numbers and times sort as what they are", "[format]") {
  CHECK(rc::check("numbers", [](uint16_t a16, uint16_t b16, uint32_t a32, uint32_t b32, uint64_t a64, uint64_t b64) {
    RC_ASSERT((a16 < b16) == (Encoded([&](auto& e) { e.Big16(a16); }) < Encoded([&](auto& e) { e.Big16(b16); })));
    RC_ASSERT((a32 < b32) == (Encoded([&](auto& e) { e.Big32(a32); }) < Encoded([&](auto& e) { e.Big32(b32); })));
    RC_ASSERT((a64 < b64) == (Encoded([&](auto& e) { e.Big64(a64); }) < Encoded([&](auto& e) { e.Big64(b64); })));
  }));
  CHECK(rc::check("times before and after 1970", [] {
    const int64_t a = *rc::gen::arbitrary<int64_t>();
    const int64_t b = *rc::gen::oneOf(rc::gen::arbitrary<int64_t>(), rc::gen::element(a, int64_t{0}, -a));
    const auto bytes = [](int64_t us) { return Encoded([&](auto& e) { e.SortableTime(At(us)); }); };
    RC_ASSERT((a < b) == (bytes(a) < bytes(b)));
  }));
}

// The two unknown times are the ends of the scale.
TEST_CASE("Unknown times sort before and after all others", "[format]") {
  const auto bytes = [](Time t) { return Encoded([&](auto& e) { e.SortableTime(t); }); };
  CHECK(bytes(kNeverLast) == std::string(8, '\0'));
  CHECK(bytes(kNeverFirst) == std::string(8, '\xff'));
  CHECK(bytes(kNeverLast) < bytes(At(-1)));
  CHECK(bytes(At(-1)) < bytes(At(0)));
}

// Fixed layouts, since files outlive programs.
TEST_CASE("Numbers and strings have these bytes", "[format]") {
  CHECK(Encoded([](auto& e) { e.Big32(0x01020304); }) == "\x01\x02\x03\x04");
  CHECK(Encoded([](auto& e) { e.Varint(0); }) == std::string(1, '\0'));
  CHECK(Encoded([](auto& e) { e.Varint(127); }) == "\x7f");
  CHECK(Encoded([](auto& e) { e.Varint(300); }) == "\xac\x02");
  CHECK(Encoded([](auto& e) { e.Varint(~uint64_t{0}); }).size() == 10);
  CHECK(Encoded([](auto& e) { e.String("abc"); }) ==
        "\x03"
        "abc");
  CHECK(Encoded([](auto& e) { e.Raw("abc"); }) == "abc");
}

// What one row may hold.
struct Row {
  uint8_t byte;
  uint16_t small;
  uint32_t middle;
  uint64_t large;
  uint64_t varint;
  std::string text;
  int64_t time_us;
};

Row ArbitraryRow() {
  const int bits = *rc::gen::inRange(0, 64);
  return {*rc::gen::arbitrary<uint8_t>(),
          *rc::gen::arbitrary<uint16_t>(),
          *rc::gen::arbitrary<uint32_t>(),
          *rc::gen::arbitrary<uint64_t>(),
          ~uint64_t{0} >> bits,
          *rc::gen::arbitrary<std::string>(),
          *rc::gen::arbitrary<int64_t>()};
}

std::string EncodeRow(const Row& row) {
  return Encoded([&](Encoder& e) {
    e.Byte(row.byte);
    e.Varint(row.varint);
    e.Big16(row.small);
    e.String(row.text);
    e.Big32(row.middle);
    e.SortableTime(At(row.time_us));
    e.Big64(row.large);
  });
}

// Everything comes back, and nothing is left.
TEST_CASE("A row survives its bytes", "[format]") {
  CHECK(rc::check("all kinds of fields", [] {
    const Row row = ArbitraryRow();
    const std::string bytes = EncodeRow(row);
    Decoder d(bytes);
    RC_ASSERT(d.Byte() == row.byte);
    RC_ASSERT(d.Varint() == row.varint);
    RC_ASSERT(d.Big16() == row.small);
    RC_ASSERT(d.String() == row.text);
    RC_ASSERT(d.Big32() == row.middle);
    RC_ASSERT(d.SortableTime() == At(row.time_us));
    RC_ASSERT(!d.done());
    RC_ASSERT(d.Big64() == row.large);
    RC_ASSERT(d.ok());
    RC_ASSERT(d.done());
  }));
}

// One check at the end is enough: a row that is cut anywhere is not ok after its last field.
TEST_CASE("A row that is cut short is noticed", "[format]") {
  CHECK(rc::check("at every length", [] {
    const std::string whole = EncodeRow(ArbitraryRow());
    const size_t size = *rc::gen::inRange<size_t>(0, whole.size());
    const auto cut = std::make_unique<char[]>(size);  // exactly that long, for the sanitizer
    std::copy_n(whole.begin(), size, cut.get());
    Decoder d({cut.get(), size});
    d.Byte();
    d.Varint();
    d.Big16();
    d.String();
    d.Big32();
    d.SortableTime();
    d.Big64();
    RC_ASSERT(!d.ok());
    RC_ASSERT(d.done());
  }));
}

// Once it has failed it stays failed, and gives nothing more.
TEST_CASE("A Decoder that has failed reads zeros and empty strings", "[format]") {
  Decoder d(
      "\x05"
      "abc");
  CHECK(d.String().empty());
  CHECK_FALSE(d.ok());
  CHECK(d.Byte() == 0);
  CHECK(d.Varint() == 0);
  CHECK(d.Big64() == 0);
  CHECK(d.String().empty());
  CHECK(d.rest().empty());
  CHECK_FALSE(d.ok());
}

// A length beyond 64 bits, and one beyond the row.
TEST_CASE("A length that cannot be is refused", "[format]") {
  Decoder endless(std::string_view("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 12));
  endless.Varint();
  CHECK_FALSE(endless.ok());
  const std::string huge = Encoded([](auto& e) { e.Varint(~uint64_t{0}); }) + "abc";
  Decoder d(huge);
  CHECK(d.String().empty());
  CHECK_FALSE(d.ok());
}

}  // namespace
}  // namespace kintsugi::format
