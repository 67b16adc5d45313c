#include "normalize/normalizer.h"

#include <rapidcheck.h>

#include <string>
#include <vector>

#include "catch.h"

namespace kintsugi::normalize {
namespace {

Normalizer Make(const Namespace& ns) {
  auto normalizer = Normalizer::Create(ns);
  REQUIRE(normalizer.ok());
  return *std::move(normalizer);
}

Normalizer Make(Normalization rule) {
  return Make(Namespace{.name = "ns", .normalize = rule});
}

std::string Value(Normalization rule, std::string_view raw) {
  return Make(rule).Normalize(raw).value;
}
Refusal RefusalOf(Normalization rule, std::string_view raw) {
  return Make(rule).Normalize(raw).refusal;
}

// One normaliser of each rule, in each of its variants.
std::vector<Normalizer> EveryRule() {
  std::vector<Normalizer> all;
  for (const auto rule : {Normalization::kNone, Normalization::kLower, Normalization::kDigits, Normalization::kEmail,
                          Normalization::kPhone, Normalization::kName, Normalization::kDate}) {
    all.push_back(Make(rule));
  }
  all.push_back(Make({.name = "email", .normalize = Normalization::kEmail, .provider_rules = true}));
  all.push_back(Make({.name = "phone", .normalize = Normalization::kPhone, .phone_region = "US"}));
  return all;
}

std::string Utf8(char32_t c) {
  if (c < 0x80) return {static_cast<char>(c)};
  const auto trail = [c](int shift) { return static_cast<char>(0x80 | (c >> shift & 0x3f)); };
  if (c < 0x800) return {static_cast<char>(0xc0 | c >> 6), trail(0)};
  if (c < 0x10000) return {static_cast<char>(0xe0 | c >> 12), trail(6), trail(0)};
  return {static_cast<char>(0xf0 | c >> 18), trail(12), trail(6), trail(0)};
}

bool IsSurrogate(char32_t c) {
  return c >= 0xd800 && c < 0xe000;
}

// Texts in which every rule finds something to do: what addresses, numbers and dates are made of, letters
// with marks, and anything else that Unicode has.
rc::Gen<std::string> ArbitraryText() {
  const auto piece = rc::gen::oneOf(
      rc::gen::elementOf(std::vector<std::string>{
          "jane",       "DOE",    "@",      "@gmail.com", "@yahoo.co.uk", "+1",   "212", "555",    "0123",
          "2024-02-29", "+",      "-",      ".",          "\"",           "xn--", " ",   "\u00a0", "\u0301",
          "\u0345",     "\u0130", "\u03a3", "\u3099",     "か",           "é",    "ß"}),
      rc::gen::map(rc::gen::inRange<uint32_t>(0x20, 0x7f), Utf8),
      rc::gen::map(rc::gen::inRange<uint32_t>(1, 0x600), Utf8),
      rc::gen::map(
          rc::gen::suchThat(rc::gen::inRange<uint32_t>(1, 0x110000), [](uint32_t c) { return !IsSurrogate(c); }),
          Utf8));
  return rc::gen::map(rc::gen::container<std::vector<std::string>>(piece), [](const std::vector<std::string>& pieces) {
    std::string text;
    for (const auto& p : pieces) text += p;
    return text;
  });
}

// Holds for every rule and text: the value is one that the rule itself would give, or there is a refusal.
void CheckOutcome(const Normalizer& normalizer, const std::string& text) {
  const Normalized once = normalizer.Normalize(text);
  RC_ASSERT(once.value.empty() == (once.refusal != Refusal::kNone));
  if (once.value.empty()) return;
  RC_ASSERT(once.value.size() <= kMaxIdentifierBytes);
  const Normalized twice = normalizer.Normalize(once.value);
  RC_ASSERT(twice.value == once.value);
}

// Evidence comes back normalised from storage, peers and users; it must then mean the same.
TEST_CASE("A normalised value gives itself under every rule", "[normalize]") {
  const auto all = EveryRule();
  CHECK(rc::check("every rule is idempotent on Unicode text", [&] {
    const auto text = *ArbitraryText();
    for (const auto& normalizer : all) CheckOutcome(normalizer, text);
  }));
  CHECK(rc::check("every rule is idempotent on bytes", [&](const std::string& bytes) {
    for (const auto& normalizer : all) CheckOutcome(normalizer, bytes);
  }));
}

// Case folding and decomposition have exceptions that random texts miss.
TEST_CASE("Names and lower case are idempotent on every character of the basic plane", "[normalize]") {
  for (const auto rule : {Normalization::kName, Normalization::kLower}) {
    const auto normalizer = Make(rule);
    std::string broken;
    for (char32_t c = 1; c < 0x10000; ++c) {
      if (IsSurrogate(c)) continue;
      const std::string once = normalizer.Normalize("a" + Utf8(c) + "\u0301B").value;
      if (normalizer.Normalize(once).value != once) broken += Utf8(c);
    }
    CHECK(broken == "");
  }
}

// The rules that have no file of their own.
TEST_CASE("Each simple rule does what its name says", "[normalize]") {
  CHECK(Value(Normalization::kNone, " Ab c ") == " Ab c ");
  CHECK(Value(Normalization::kLower, "  ABC-Ä\u3000") == "abc-ä");
  CHECK(Value(Normalization::kLower, "ΟΔΥΣΣΕΥΣ") == "οδυσσευς");
  CHECK(Value(Normalization::kDigits, "078-05-1120") == "078051120");
  CHECK(Value(Normalization::kDigits, "№ ٣４½") == "34");
}

// Each rule is reached under its own name.
TEST_CASE("Each rule trims and normalises", "[normalize]") {
  CHECK(Value(Normalization::kEmail, "\t Jane@Example.com\n") == "jane@example.com");
  CHECK(Value(Normalization::kPhone, " +1 212 555 0123 ") == "+12125550123");
  CHECK(Value(Normalization::kName, " José ") == "jose");
  CHECK(Value(Normalization::kDate, " 19560409 ") == "1956-04-09");
}

// A text of nothing identifies nobody, whatever the rule.
TEST_CASE("White space alone is empty", "[normalize]") {
  for (const auto& normalizer : EveryRule()) {
    CHECK(normalizer.Normalize("").refusal == Refusal::kEmpty);
    CHECK(normalizer.Normalize(" \t\r\n\u00a0\u3000").refusal == Refusal::kEmpty);
  }
}

// Keys are printed, logged and compared as text: invisible and broken bytes have no place in them.
TEST_CASE("Broken and control bytes are refused under every rule", "[normalize]") {
  for (const auto& normalizer : EveryRule()) {
    CHECK(normalizer.Normalize("jane\xff").refusal == Refusal::kInvalidUtf8);
    CHECK(normalizer.Normalize("\xed\xa0\x80").refusal == Refusal::kInvalidUtf8);
    CHECK(normalizer.Normalize(std::string_view("ja\0ne", 5)).refusal == Refusal::kMalformed);
    CHECK(normalizer.Normalize("ja\tne").refusal == Refusal::kMalformed);
    CHECK(normalizer.Normalize("ja\x7fne").refusal == Refusal::kMalformed);
    CHECK(normalizer.Normalize("ja\u0085ne").refusal == Refusal::kMalformed);
  }
}

// The limit holds for what comes in and for what goes out.
TEST_CASE("A value that is too long is refused", "[normalize]") {
  CHECK(Value(Normalization::kNone, std::string(kMaxIdentifierBytes, 'a')).size() == kMaxIdentifierBytes);
  CHECK(RefusalOf(Normalization::kNone, std::string(kMaxIdentifierBytes + 1, 'a')) == Refusal::kTooLong);
  std::string ligatures;  // 3 bytes each, 33 when written out
  for (int i = 0; i < 100; ++i) ligatures += "\ufdfa";
  CHECK(RefusalOf(Normalization::kName, ligatures) == Refusal::kTooLong);
}

// A text that the rule cannot read is refused by it.
TEST_CASE("A text that the rule cannot read is malformed", "[normalize]") {
  CHECK(RefusalOf(Normalization::kEmail, "jane") == Refusal::kMalformed);
  CHECK(RefusalOf(Normalization::kPhone, "212 555 0123") == Refusal::kMalformed);
  CHECK(RefusalOf(Normalization::kDigits, "none") == Refusal::kMalformed);
  CHECK(RefusalOf(Normalization::kDate, "04/09/1956") == Refusal::kMalformed);
}

// A blocked value is blocked in every spelling, its own included.
TEST_CASE("Blocked values are compared normalised", "[normalize]") {
  const auto normalizer = Make({.name = "email",
                                .normalize = Normalization::kEmail,
                                .provider_rules = true,
                                .blocked = {" No.Reply+X@GoogleMail.com", "not an address"}});
  CHECK(normalizer.Normalize("noreply@gmail.com").refusal == Refusal::kBlocked);
  CHECK(normalizer.Normalize("NOREPLY@gmail.com ").refusal == Refusal::kBlocked);
  CHECK(normalizer.Normalize("noreply@example.com").refusal == Refusal::kNone);
  CHECK(normalizer.Normalize("not an address").refusal == Refusal::kMalformed);
}

// Patterns see the normalised value, anywhere in it, and mind their case.
TEST_CASE("Blocked patterns search the normalised value", "[normalize]") {
  const auto normalizer =
      Make({.name = "email", .normalize = Normalization::kEmail, .blocked_patterns = {"@test\\.", "^info@", "ADMIN"}});
  CHECK(normalizer.Normalize("Jane@TEST.com").refusal == Refusal::kBlocked);
  CHECK(normalizer.Normalize("info@example.com").refusal == Refusal::kBlocked);
  CHECK(normalizer.Normalize("no-info@example.com").refusal == Refusal::kNone);
  CHECK(normalizer.Normalize("ADMIN@example.com").refusal == Refusal::kNone);
}

// A namespace that cannot work is refused when it is made, and the message says which one and why.
TEST_CASE("A bad pattern or region is an invalid argument", "[normalize]") {
  const auto pattern = Normalizer::Create({.name = "email", .blocked_patterns = {"(unclosed"}});
  CHECK(pattern.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(std::string(pattern.status().message()).find("email: blocked pattern '(unclosed'") != std::string::npos);

  const auto region = Normalizer::Create({.name = "mobile", .normalize = Normalization::kPhone, .phone_region = "UK"});
  CHECK(region.status().code() == absl::StatusCode::kInvalidArgument);
  CHECK(std::string(region.status().message()).find("mobile: no phone region 'UK'") != std::string::npos);

  CHECK(Normalizer::Create({.name = "mobile", .normalize = Normalization::kPhone}).ok());
}

// The words that statistics and quarantine use.
TEST_CASE("Every refusal has a word", "[normalize]") {
  CHECK(ToString(Refusal::kEmpty) == "empty");
  CHECK(ToString(Refusal::kBlocked) == "blocked");
  CHECK(ToString(Refusal::kMalformed) == "malformed");
  CHECK(ToString(Refusal::kTooLong) == "too long");
  CHECK(ToString(Refusal::kInvalidUtf8) == "invalid UTF-8");
}

}  // namespace
}  // namespace kintsugi::normalize
