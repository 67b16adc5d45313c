#include "normalize/email.h"

#include <fstream>
#include <string>

#include "catch.h"
#include "data_dir.h"
#include "kintsugi/schema.h"
#include "normalize/normalizer.h"

namespace kintsugi::normalize {
namespace {

std::optional<std::string> Plain(std::string_view text) {
  return NormalizeEmail(text, ProviderRules::kOff);
}
std::optional<std::string> ByProvider(std::string_view text) {
  return NormalizeEmail(text, ProviderRules::kOn);
}

// Takes the first field off a line of CSV whose fields hold no line ends.
std::string TakeField(std::string_view& line) {
  std::string field;
  bool quoted = false;
  size_t i = 0;
  for (; i < line.size() && (quoted || line[i] != ','); ++i) {
    if (line[i] != '"') {
      field.push_back(line[i]);
    } else if (quoted && i + 1 < line.size() && line[i + 1] == '"') {
      field.push_back(line[++i]);
    } else {
      quoted = !quoted;
    }
  }
  line.remove_prefix(std::min(i + 1, line.size()));
  return field;
}

// The published vectors hold with provider rules on; an empty result is a refusal.
TEST_CASE("E-mail normalisation gives the published vectors", "[normalize][data]") {
  const auto path = DataFileOrSkip("data/vectors/email_provider_rules.csv");
  if (!path) return;
  const auto normalizer =
      Normalizer::Create({.name = "email", .normalize = Normalization::kEmail, .provider_rules = true});
  REQUIRE(normalizer.ok());
  std::ifstream file(*path);
  std::string line;
  std::getline(file, line);
  REQUIRE(line == "input,normalised");
  int vectors = 0;
  for (; std::getline(file, line); ++vectors) {
    std::string_view rest = line;
    const std::string input = TakeField(rest);
    INFO(line);
    CHECK(normalizer->Normalize(input).value == TakeField(rest));
  }
  CHECK(vectors == 23);
}

// Case never tells two mailboxes apart, in any script.
TEST_CASE("An address is lower case", "[normalize]") {
  CHECK(Plain("Jane.Doe@Example.COM") == "jane.doe@example.com");
  CHECK(Plain("ÄRGER@Example.com") == "ärger@example.com");
}

// One domain has one form, the one that mail is sent to.
TEST_CASE("An international domain is ASCII", "[normalize]") {
  CHECK(Plain("hans@bücher.com") == "hans@xn--bcher-kva.com");
  CHECK(Plain("hans@XN--BCHER-KVA.com") == "hans@xn--bcher-kva.com");
  CHECK(Plain("hans@straße.de") == "hans@xn--strae-oqa.de");
  CHECK(Plain("hans@ｅｘａｍｐｌｅ。com") == "hans@example.com");
}

// Inside quotes an "@" is a letter like others, and the quotes are kept.
TEST_CASE("A quoted local part stays quoted", "[normalize]") {
  CHECK(Plain(R"("foo@bar"@baz.com)") == R"("foo@bar"@baz.com)");
  CHECK(Plain(R"("a\"b c"@baz.com)") == R"("a\"b c"@baz.com)");
  CHECK(ByProvider(R"("a.b+c"@gmail.com)") == R"("a.b+c"@gmail.com)");
  CHECK_FALSE(Plain(R"(""@baz.com)"));
  CHECK_FALSE(Plain(R"("foo@baz.com)"));
  CHECK_FALSE(Plain(R"("foo"bar@baz.com)"));
  CHECK_FALSE(Plain(R"("foo\")"));
}

// Whatever cannot be a mailbox on the internet identifies nobody.
TEST_CASE("What is no address is refused", "[normalize]") {
  for (const char* text : {"",
                           "jane",
                           "@",
                           "jane@",
                           "@example.com",
                           "jane@@example.com",
                           "jane@a@example.com",
                           "ja ne@example.com",
                           "jane@exa mple.com",
                           "ja\u00a0ne@example.com",
                           "Jane <jane@example.com>",
                           "mailto:jane@example.com",
                           "a@example.com,b@example.com",
                           "jane@.com",
                           "jane@example.",
                           "jane@example..com",
                           "jane@-example.com",
                           "jane@example-.com",
                           "jane@exa_mple.com",
                           "root@localhost",
                           "jane@[192.0.2.1]",
                           "jane@xn--a.com",
                           "jane@a\u200db.com"}) {
    INFO(text);
    CHECK_FALSE(Plain(text));
    CHECK_FALSE(ByProvider(text));
  }
}

// The limits of RFC 5321 and of the DNS.
TEST_CASE("Parts that are too long are refused", "[normalize]") {
  CHECK(Plain(std::string(64, 'a') + "@example.com"));
  CHECK_FALSE(Plain(std::string(65, 'a') + "@example.com"));
  CHECK(Plain("a@" + std::string(63, 'b') + ".com"));
  CHECK_FALSE(Plain("a@" + std::string(64, 'b') + ".com"));
  const std::string label = std::string(61, 'c') + ".";
  CHECK(Plain("a@" + label + label + label + label + "com.d"));
  CHECK_FALSE(Plain("a@" + label + label + label + label + "com.de"));
}

// Without provider rules every dot and tag counts.
TEST_CASE("Provider rules are off unless asked for", "[normalize]") {
  CHECK(Plain("j.doe+shop@gmail.com") == "j.doe+shop@gmail.com");
  CHECK(Plain("jane@googlemail.com") == "jane@googlemail.com");
  CHECK(Plain("jane-shop@yahoo.com") == "jane-shop@yahoo.com");
}

// Each rule holds for its own provider's domains and for no others.
TEST_CASE("Each provider has its own rules", "[normalize]") {
  CHECK(ByProvider("J.Doe+shop+x@GoogleMail.com") == "jdoe@gmail.com");
  CHECK(ByProvider("j.doe+shop@outlook.com") == "j.doe@outlook.com");
  CHECK(ByProvider("jane+shop@hotmail.co.uk") == "jane@hotmail.co.uk");
  CHECK(ByProvider("j.doe-a-b@yahoo.co.uk") == "j.doe@yahoo.co.uk");
  CHECK(ByProvider("jane+shop@yahoo.co.uk") == "jane+shop@yahoo.co.uk");
  CHECK(ByProvider("jane-shop@yahoo.co.jp") == "jane-shop@yahoo.co.jp");
  CHECK(ByProvider("jane-shop@hotmail.com") == "jane-shop@hotmail.com");
  CHECK(ByProvider("j.doe+shop@gmail.com.example.com") == "j.doe+shop@gmail.com.example.com");
  CHECK(ByProvider("j.doe+shop@mail.gmail.com") == "j.doe+shop@mail.gmail.com");
  CHECK(ByProvider("jane+shop@live.example.com") == "jane+shop@live.example.com");
}

// A rule that leaves nothing of the local part has found no mailbox.
TEST_CASE("An address of a tag alone is refused", "[normalize]") {
  CHECK_FALSE(ByProvider("+shop@gmail.com"));
  CHECK_FALSE(ByProvider("...@gmail.com"));
  CHECK_FALSE(ByProvider("-shop@yahoo.com"));
}

}  // namespace
}  // namespace kintsugi::normalize
