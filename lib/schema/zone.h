// Names of time zones.

#pragma once

#include <string>

namespace kintsugi::schema {

// Whether the IANA time zone database has a zone of that name, as living::IsZone() says, too. That is of a layer above.
bool IsZone(const std::string& name);

}  // namespace kintsugi::schema
