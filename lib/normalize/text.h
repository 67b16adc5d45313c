// The Unicode groundwork of the rules: checks, trimming, and the two rules that need nothing more.
// Every function here is pure and safe from many threads; none fails on valid UTF-8.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kintsugi::normalize {

bool IsAscii(std::string_view text);
bool IsValidUtf8(std::string_view text);

// White space is what Unicode calls so (property White_Space): the no-break and ideographic spaces too.
// `text` is valid UTF-8.
bool HasWhiteSpace(std::string_view text);
// Without the white space at both ends: a view into `text`.
std::string_view Trim(std::string_view text);

// Whether there is a control character, NUL and U+0080 to U+009F among them. `text` is valid UTF-8.
bool HasControl(std::string_view text);

// Unicode lower case in the root locale, so it is the same on every machine: "ÄRGER" → "ärger".
// `text` is valid UTF-8.
std::string LowerCase(std::string_view text);

// The decimal digits of any script as ASCII digits, and nothing else: "A-12 ٣" → "123".
// Nothing if there are none. `text` is valid UTF-8.
std::optional<std::string> NormalizeDigits(std::string_view text);

}  // namespace kintsugi::normalize
