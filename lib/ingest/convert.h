// Values as the types that a schema declares.

#pragma once

#include <optional>
#include <string>

#include "kintsugi/schema.h"
#include "kintsugi/value.h"

namespace kintsugi::ingest {

// The value as its declared type: a NUMBER is an int64 or a double, a DATE "YYYY-MM-DD", a TIME as FormatTime
// writes it; kString leaves it as it is. Nothing if it is not one.
std::optional<Value> Convert(Value value, ValueType type);

// The beginning of a text, for a message: not cut inside a character.
std::string Shorten(std::string text);

}  // namespace kintsugi::ingest
