// Writing JSON. Reading is simdjson's business.

#pragma once

#include <string>
#include <string_view>

namespace kintsugi {

// Appends `text` as a JSON string, quotes included. Invalid UTF-8 becomes U+FFFD, so that the output is
// JSON whatever came in.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace kintsugi
