// People's names.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace kintsugi::normalize {

// A name without what spelling habits add to it: compatibility forms, case, marks and spare white space.
// Pure; a normalised name gives itself. `text` is valid UTF-8. Nothing if nothing is left.
//
//   "  José  GARCÍA "  → "jose garcia"
//   "Straße"           → "strasse"
//   "ＪＡＮＥ"         → "jane"
//
// Marks are dropped where the script can be read without them (Latin, Greek, Cyrillic, Hebrew, Arabic).
// In other scripts they are letters: a Thai or Hindi name without them is another name, and so are
// Japanese か and が. Letters that do not decompose stay as they are: "Øre" → "øre". So does punctuation.
std::optional<std::string> NormalizeName(std::string_view text);

}  // namespace kintsugi::normalize
