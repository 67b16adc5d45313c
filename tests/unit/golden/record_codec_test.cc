#include "golden/record_codec.h"

#include <rapidcheck.h>

#include "catch.h"
#include "golden/value_codec.h"

namespace kintsugi::golden {
namespace {

Time Day(int day) {
  return Time(std::chrono::days(20000 + day));
}

// Two identifiers and two attributes, with views into literals.
Parts JaneParts() {
  return {.first_seen = Day(1),
          .last_seen = Day(9),
          .identifiers = {{0, "42"}, {2, "jane@example.com"}, {7, ""}},
          .attributes = {{"city", "sRome", 7, Day(2), Keep::kMostFrequent},
                         {"first_name", "sJane", 3, kNeverLast, Keep::kMostRecent}}};
}

bool Equal(const StoredAttribute& a, const StoredAttribute& b) {
  return a.name == b.name && a.value == b.value && a.source_number == b.source_number &&
         a.observed_at == b.observed_at && a.rule == b.rule;
}

// The same with what was computed of her.
Parts LivingJaneParts() {
  Parts parts = JaneParts();
  parts.traits = StoredTraits{.due = Day(11),
                              .dues = {Day(12), kNeverFirst, kNeverLast},
                              .values = {EncodeValue(int64_t{3}), "", EncodeValue(std::string("lamp"))},
                              .approximate = {0, 2},
                              .shares_values = true,
                              .segments = {0, 7, 8, 21}};
  return parts;
}

// Everything that went in comes out, in its order.
TEST_CASE("A golden record survives its bytes", "[golden]") {
  const Parts parts = JaneParts();
  const std::string bytes = EncodeRecord(parts);
  const RecordView record(bytes);
  REQUIRE(record.valid());
  CHECK(record.first_seen() == Day(1));
  CHECK(record.last_seen() == Day(9));
  REQUIRE(record.attribute_count() == 2);
  CHECK(Equal(record.attribute(0), parts.attributes[0]));
  CHECK(Equal(record.attribute(1), parts.attributes[1]));
  REQUIRE(record.identifier_count() == 3);
  const auto identifiers = record.identifiers();
  REQUIRE(identifiers.size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(identifiers[i].number == parts.identifiers[i].number);
    CHECK(identifiers[i].value == parts.identifiers[i].value);
  }
}

// Traits, segments and dues too, each by itself.
TEST_CASE("What was computed survives its bytes", "[golden]") {
  const Parts parts = LivingJaneParts();
  const std::string bytes = EncodeRecord(parts);
  const RecordView record(bytes);
  REQUIRE(record.valid());
  CHECK(record.due() == Day(11));
  CHECK(record.dues() == parts.traits->dues);
  CHECK(record.shares_values());
  REQUIRE(record.trait_count() == 3);
  for (uint32_t i = 0; i < 3; ++i) CHECK(record.trait(i) == parts.traits->values[i]);
  CHECK(record.trait(3).empty());
  CHECK(record.approximate_traits() == parts.traits->approximate);
  CHECK(record.segments() == parts.traits->segments);
  for (const uint32_t segment : {0, 7, 8, 21}) CHECK(record.in(segment));
  for (const uint32_t segment : {1, 6, 9, 20, 22, 23, 24, 1000}) CHECK_FALSE(record.in(segment));
  CHECK(record.identifiers().size() == 3);
}

// A schema may have segments and no traits, and somebody is in none.
TEST_CASE("A record may have segments alone", "[golden]") {
  Parts parts = JaneParts();
  parts.traits = StoredTraits{.segments = {3}};
  const std::string bytes = EncodeRecord(parts);
  CHECK(RecordView(bytes).segments() == std::vector<uint32_t>{3});
  CHECK(RecordView(bytes).trait_count() == 0);
  CHECK(RecordView(bytes).due() == kNeverFirst);
  CHECK(RecordView(bytes).dues().empty());
  CHECK_FALSE(RecordView(bytes).shares_values());
  parts.traits = StoredTraits();
  CHECK(RecordView(EncodeRecord(parts)).segments().empty());
  const std::string without = EncodeRecord(JaneParts());
  CHECK(RecordView(without).segments().empty());
  CHECK_FALSE(RecordView(without).in(0));
}

// Lengths of 128 and more take two bytes, and of 16,384 and more three.
TEST_CASE("A golden record takes long names and values", "[golden]") {
  const std::string name(200, 'n');
  const std::string similar = name + "2";
  const std::string value = "s" + std::string(20'000, 'v');
  Parts parts = JaneParts();
  parts.attributes.push_back({name, value, 9, Day(3), Keep::kLongest});
  parts.attributes.push_back({similar, "sshort", 9, Day(4), Keep::kOldest});
  const std::string bytes = EncodeRecord(parts);
  for (uint32_t i = 0; i < parts.attributes.size(); ++i) {
    StoredAttribute out;
    REQUIRE(RecordView(bytes).Find(parts.attributes[i].name, out));
    CHECK(Equal(out, parts.attributes[i]));
    CHECK(Equal(RecordView(bytes).attribute(i), parts.attributes[i]));
  }
}

// A person of whom nothing is known but an identifier is a record too.
TEST_CASE("A golden record may be empty", "[golden]") {
  const std::string bytes = EncodeRecord({});
  const RecordView record(bytes);
  CHECK(record.valid());
  CHECK(record.first_seen() == kNeverFirst);
  CHECK(record.last_seen() == kNeverLast);
  CHECK(record.attribute_count() == 0);
  CHECK(record.identifiers().empty());
  StoredAttribute out;
  CHECK_FALSE(record.Find("city", out));
}

// Names that are there, and names before, between and after them.
TEST_CASE("Find finds exactly the attributes that there are", "[golden]") {
  const std::string bytes = EncodeRecord(JaneParts());
  const RecordView record(bytes);
  StoredAttribute out;
  REQUIRE(record.Find("first_name", out));
  CHECK(out.value == "sJane");
  REQUIRE(record.Find("city", out));
  CHECK(out.value == "sRome");
  for (const char* name : {"", "a", "cit", "cityy", "d", "first_namf", "z"}) CHECK_FALSE(record.Find(name, out));
}

// Whatever the names and values.
TEST_CASE("Find agrees with a walk over all attributes", "[golden]") {
  CHECK(rc::check("each attribute is found by its name", [](const std::map<std::string, std::string>& values) {
    std::map<std::string, std::string> encoded;
    for (const auto& [name, value] : values) encoded[name] = EncodeValue(value);
    Parts parts;
    for (const auto& [name, value] : encoded) parts.attributes.push_back({name, value, 1, Day(1), Keep::kMax});
    const std::string bytes = EncodeRecord(parts);
    const RecordView record(bytes);
    RC_ASSERT(record.valid());
    RC_ASSERT(record.attribute_count() == encoded.size());
    uint32_t index = 0;
    for (const auto& [name, value] : encoded) {
      StoredAttribute out;
      RC_ASSERT(record.Find(name, out));
      RC_ASSERT(out.value == value);
      RC_ASSERT(record.attribute(index++).name == name);
    }
  }));
}

// Reads all there is. Under a sanitizer, a read out of bounds ends the test.
void ReadEverything(std::string_view bytes) {
  const RecordView record(bytes);
  record.valid();
  record.first_seen();
  record.last_seen();
  record.identifier_count();
  RC_ASSERT(record.attribute_count() <= bytes.size());
  for (uint32_t i = 0; i < record.attribute_count(); ++i) record.attribute(i);
  record.attribute(~uint32_t{0});
  RC_ASSERT(record.identifiers().size() <= bytes.size());
  StoredAttribute out;
  record.Find("first_name", out);
  RC_ASSERT(record.trait_count() <= bytes.size());
  for (uint32_t i = 0; i < record.trait_count(); ++i) record.trait(i);
  record.trait(~uint32_t{0});
  RC_ASSERT(record.approximate_traits().size() <= bytes.size());
  RC_ASSERT(record.dues().size() <= bytes.size());
  RC_ASSERT(record.segments().size() <= 8 * bytes.size());
  record.in(~uint32_t{0});
  record.due();
  record.shares_values();
}

// A truncated row is missing its end, not somebody else's memory.
TEST_CASE("A truncated record reads as missing values", "[golden]") {
  const std::string bytes = EncodeRecord(LivingJaneParts());
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto damaged = std::make_unique<char[]>(size);  // exactly that long, for the sanitizer
    std::copy_n(bytes.begin(), size, damaged.get());
    ReadEverything({damaged.get(), size});
    CHECK(RecordView({damaged.get(), size}).identifiers().size() < 3);
  }
}

// A count of four billion must not become four billion reads.
TEST_CASE("A damaged count reads as no attributes", "[golden]") {
  std::string bytes = EncodeRecord(JaneParts());
  for (const size_t at : {17, 18, 19, 20}) bytes[at] = '\xff';
  CHECK_FALSE(RecordView(bytes).valid());
  CHECK(RecordView(bytes).attribute_count() == 0);
  CHECK(RecordView(bytes).identifiers().empty());
}

// The disk may give back anything.
TEST_CASE("No bytes crash a RecordView", "[golden]") {
  CHECK(rc::check("cut short and flipped", [] {
    std::string bytes = EncodeRecord(LivingJaneParts());
    for (int flips = *rc::gen::inRange(0, 6); flips > 0; --flips) {
      bytes[*rc::gen::inRange<size_t>(0, bytes.size())] = *rc::gen::arbitrary<char>();
    }
    bytes.resize(bytes.size() - *rc::gen::element<size_t>(0, 0, *rc::gen::inRange<size_t>(0, bytes.size())));
    bytes.shrink_to_fit();
    ReadEverything(bytes);
  }));
  CHECK(rc::check("anything at all", [](const std::string& bytes) { ReadEverything("\x05" + bytes); }));
}

}  // namespace
}  // namespace kintsugi::golden
