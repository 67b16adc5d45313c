#include "ingest/json_value.h"

#include "catch.h"

namespace kintsugi::ingest {
namespace {

const std::string kLong = "123456789012345678901234567890";

bool IsRead(const std::string& text) {
  simdjson::dom::element root;
  return ReadJsonObject(text, root).empty();
}

}  // namespace

// Newer parsers call a long integer by another error, so it is found in the text and not by the error's name: nothing
// but such a value may be changed, or a second try would read another text.
TEST_CASE("Quotes are put around long integers that are values, and around nothing else", "[ingest]") {
  CHECK(QuoteLongIntegers("{\"a\":" + kLong + ",\"b\":[-" + kLong + " , 1]}") ==
        "{\"a\":\"" + kLong + "\",\"b\":[\"-" + kLong + "\" , 1]}");
  for (const std::string& text : {
           std::string(R"({"a":1,"b":-123456789012345678,"c":"x"})"),  // short enough
           "{\"a\":\"" + kLong + "\"}",                                // in a string
           "{\"a\":\"\\\"" + kLong + "\\\"\"}",                        // and behind its quotes
           "{\"a\":" + kLong + ".0}",                                  // no integers
           "{\"a\":" + kLong + "e9}",
           "{\"a\":0" + kLong + "}",
           std::string(),
       }) {
    CAPTURE(text);
    CHECK(QuoteLongIntegers(text).empty());
  }
}

// The second try reads what the first did not, but for other faults.
TEST_CASE("A text with a long integer is JSON if it would be with a short one", "[ingest]") {
  const auto with = [](const std::string& form, const std::string& number) {
    std::string text = form;
    for (size_t at = text.find('#'); at != std::string::npos; at = text.find('#', at + number.size())) {
      text.replace(at, 1, number);
    }
    return text;
  };
  for (const std::string form : {
           R"({"a":#})",    R"({"a":[#,{"b":-#}],"c":"\"#"})",
           R"({"a": # })",
           R"({#:1})",  // a key is no number, however long
           R"({# : 1})",    R"({"a":1,-#:1})",
           R"({"a":##x})",  R"({"a":#)",
           R"({"a":# #})",  R"({"a":"x"#})",
           R"({"a":#"x"})", R"({"a":+#})",
           R"({"a":0#})",   R"({"a":--#})",
           R"({"a":#,})",   R"({"a":#}#)",
           R"({"a":"#)",    R"({"a":\"#"})",
           R"({"#":#}: )",
       }) {
    CAPTURE(form);
    CHECK(IsRead(with(form, kLong)) == IsRead(with(form, "7")));
  }
  CHECK(IsRead(with(R"({"a":[#,{"b":-#}],"c":"\"#"})", kLong)));
  CHECK_FALSE(IsRead(with(R"({#:1})", kLong)));
}

}  // namespace kintsugi::ingest
