// Writing JSON. Reading is simdjson's business.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "kintsugi/value.h"

namespace kintsugi {

// Appends `text` as a JSON string, quotes included. Invalid UTF-8 becomes U+FFFD, so that the output is
// JSON whatever came in.
void AppendJsonString(std::string& out, std::string_view text);

// Appends FormatTime(time) as a JSON string, or null if the time is unknown.
void AppendJsonTime(std::string& out, std::optional<Time> time);

}  // namespace kintsugi
