// Kintsugi's own events, one JSON object a line (docs/cli.md, "NATIVE").

#pragma once

#include <memory>

#include "ingest/rows.h"

namespace kintsugi::ingest {

//   id           a string or a number; missing or null → empty, for the engine derives one
//   time         a string that ParseTime reads; missing or anything else → the row is refused
//   name         a string
//   identifiers  namespace → a string, a number, or an array of them; nulls and empty strings are left out
//   traits, properties   objects
// A field of another JSON type refuses the row; unknown fields are ignored.
std::unique_ptr<RowParser> MakeNativeParser(const Source& source);

}  // namespace kintsugi::ingest
