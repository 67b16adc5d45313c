#include "format/keys.h"

#include <rapidcheck.h>

#include <tuple>

#include "catch.h"

namespace kintsugi::format {
namespace {

Time At(int64_t us) {
  return Time(std::chrono::microseconds(us));
}

// Short strings of few bytes, so that one is often the start of another.
std::string ArbitraryText() {
  return *rc::gen::container<std::string>(rc::gen::element('\0', 'a', '\xff'));
}
uint16_t ArbitraryNumber() {
  return *rc::gen::element<uint16_t>(0, 1, 255, 256, 65535);
}

// An iteration over a namespace gives its values in order of bytes.
TEST_CASE("Identifier keys sort by namespace, then value", "[format]") {
  CHECK(rc::check("as the pairs do", [] {
    const auto a = std::pair(ArbitraryNumber(), ArbitraryText());
    const auto b = std::pair(ArbitraryNumber(), ArbitraryText());
    RC_ASSERT((a < b) == (IdentifierKey({a.first, a.second}) < IdentifierKey({b.first, b.second})));
  }));
}

// What a key says can be read off it.
TEST_CASE("An identifier survives its key", "[format]") {
  CHECK(rc::check("number and value", [] {
    const uint16_t number = ArbitraryNumber();
    const std::string value = ArbitraryText();
    const std::string key = IdentifierKey({number, value});
    const NodeKey parsed = ParseIdentifierKey(key);
    RC_ASSERT(parsed.number == number);
    RC_ASSERT(parsed.value == value);
  }));
  CHECK(ParseIdentifierKey("").value.empty());
  CHECK(ParseIdentifierKey("x").number == 0);
}

// A profile's key is its id, so iteration is in order of id.
TEST_CASE("A profile id survives its key", "[format]") {
  CHECK(rc::check("16 bytes, and only 16", [](const std::array<uint8_t, 16>& bytes) {
    const ProfileId id{bytes};
    ProfileId parsed;
    RC_ASSERT(ParseProfileKey(ProfileKey(id), parsed));
    RC_ASSERT(parsed == id);
    RC_ASSERT(!ParseProfileKey(ProfileKey(id).substr(1), parsed));
    RC_ASSERT(!ParseProfileKey(std::string(ProfileKey(id)) + "x", parsed));
  }));
}

const std::vector<CrossingKind> kKinds = {CrossingKind::kByHome, CrossingKind::kByFirstSeen, CrossingKind::kByLastSeen};

// Else the crossings of `ab` would be found when those of `a` are asked for.
TEST_CASE("No node's crossings of a kind are inside another's", "[format]") {
  CHECK(rc::check("a prefix is nobody else's", [] {
    const auto arbitrary = [] { return std::tuple(ArbitraryNumber(), ArbitraryText(), *rc::gen::elementOf(kKinds)); };
    const auto a = arbitrary();
    const auto b = arbitrary();
    const std::string home = ArbitraryText();
    const std::string key = CrossingKey({std::get<0>(b), std::get<1>(b)}, std::get<2>(b), At(5), {1, home});
    RC_ASSERT(key.starts_with(CrossingPrefix({std::get<0>(a), std::get<1>(a)}, std::get<2>(a))) == (a == b));
  }));
}

// The time and the home come back, and nothing is read beyond a key that is cut short.
TEST_CASE("A crossing survives its key", "[format]") {
  CHECK(rc::check("time and home", [] {
    const std::string member = ArbitraryText(), home = ArbitraryText();
    const CrossingKind kind = *rc::gen::elementOf(kKinds);
    const Time time = kind == CrossingKind::kByHome ? At(0) : At(*rc::gen::arbitrary<int32_t>());
    const std::string key = CrossingKey({3, member}, kind, time, {4, home});
    const std::string rest = key.substr(CrossingPrefix({3, member}, kind).size());
    NodeKey parsed;
    Time at = At(0);
    RC_ASSERT(ParseCrossing(rest, kind, parsed, at));
    RC_ASSERT(parsed.number == 4);
    RC_ASSERT(parsed.value == home);
    RC_ASSERT(at == time);
    for (size_t size = 0; size < rest.size(); ++size)
      RC_ASSERT(!ParseCrossing(std::string_view(rest).substr(0, size), kind, parsed, at));
  }));
}

// The first row says when a generic identifier was first seen, and when it was last.
TEST_CASE("Inactive crossings are in order of time", "[format]") {
  CHECK(rc::check("earliest first, latest first", [] {
    const std::string a_home = ArbitraryText(), b_home = ArbitraryText();
    const Time a = At(*rc::gen::arbitrary<int32_t>());
    const Time b = At(*rc::gen::arbitrary<int32_t>());
    const auto key = [&](CrossingKind kind, Time time, const std::string& home) {
      return CrossingKey({3, "kiosk"}, kind, time, {4, home});
    };
    if (a >= b) return;
    RC_ASSERT(key(CrossingKind::kByFirstSeen, a, a_home) < key(CrossingKind::kByFirstSeen, b, b_home));
    RC_ASSERT(key(CrossingKind::kByLastSeen, a, a_home) > key(CrossingKind::kByLastSeen, b, b_home));
  }));
}

// A person's timeline is one range, read in order of time.
TEST_CASE("Event keys sort by time within an identifier", "[format]") {
  CHECK(rc::check("time, then source, then message id", [] {
    const std::string node = ArbitraryText();
    const auto arbitrary = [] {
      return std::tuple(*rc::gen::element<int64_t>(-1000000, -1, 0, 1, 1000000), ArbitraryNumber(), ArbitraryText());
    };
    const auto key = [&](const auto& event) {
      return EventKey({7, node}, At(std::get<0>(event)), std::get<1>(event), std::get<2>(event));
    };
    const auto a = arbitrary();
    const auto b = arbitrary();
    RC_ASSERT((a < b) == (key(a) < key(b)));
    RC_ASSERT(key(a).starts_with(EventPrefix({7, node})));
  }));
}

// One source's rows lie together and no two of them share a key.
TEST_CASE("Source keys sort by source, then key", "[format]") {
  CHECK(rc::check("as the pairs do", [] {
    const auto a = std::pair(ArbitraryNumber(), ArbitraryText());
    const auto b = std::pair(ArbitraryNumber(), ArbitraryText());
    RC_ASSERT((a < b) == (SourceKey(a.first, a.second) < SourceKey(b.first, b.second)));
  }));
}

// The quarantine is told by source, file and line, as people look for rows.
TEST_CASE("Quarantine keys sort by source, file and line", "[format]") {
  CHECK(rc::check("as the tuples do", [] {
    const auto arbitrary = [] {
      const auto file = *rc::gen::container<std::string>(rc::gen::element('/', 'a', '\xc3'));
      return std::tuple(ArbitraryNumber(), file, *rc::gen::element<uint64_t>(0, 1, 255, 256, 1ull << 40),
                        *rc::gen::inRange<uint64_t>(0, 3));
    };
    const auto key = [](const auto& t) { return std::apply(QuarantineKey, t); };
    const auto a = arbitrary();
    const auto b = arbitrary();
    RC_ASSERT((a < b) == (key(a) < key(b)));
    RC_ASSERT((a == b) == (key(a) == key(b)));
  }));
}

}  // namespace
}  // namespace kintsugi::format
