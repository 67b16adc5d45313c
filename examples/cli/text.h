// Text for people: what the commands say when nobody asked for JSON.

#pragma once

#include <span>
#include <string>
#include <string_view>

#include "kintsugi/explain.h"
#include "kintsugi/ids.h"

namespace kintsugi::cli {

// What terminals obey becomes spaces: what people typed stays on its line, and in its direction.
std::string OneLine(const std::string& text);

// "a, b, c"
std::string Listed(std::span<const Identifier> identifiers);
// The same of the first `most`: "a, b and 7 more"
std::string ListedUpTo(size_t most, std::span<const Identifier> identifiers);
// "6f1c… + 720e…"
std::string Listed(std::span<const ProfileId> ids);

// What speaks for a link: "web: 2026-01-03T10:00:00Z to 2026-02-01T00:00:00Z, 3 times; till: no time", or
// "assertion a-1 by Ann: she called".
std::string Evidence(const Link& link);

}  // namespace kintsugi::cli
