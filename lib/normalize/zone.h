// Names of time zones.

#pragma once

#include <string_view>

namespace kintsugi::normalize {

// Whether the IANA time zone database has a zone of that name, written so. What ICU makes up or takes for another zone,
// such as "GMT+3" and "BST", is none.
bool IsZone(std::string_view name);

}  // namespace kintsugi::normalize
