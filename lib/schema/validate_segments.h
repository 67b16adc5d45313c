// What segments must hold beyond their grammar.

#pragma once

#include <vector>

#include "kintsugi/schema.h"
#include "schema/validate.h"

namespace kintsugi::schema {

// Groups lie in one another so deep, and no deeper.
inline constexpr int kMostNested = 16;

// Adds what is wrong with the schema's segments to `problems`.
void FindSegmentProblems(const Schema& schema, std::vector<Problem>& problems);

}  // namespace kintsugi::schema
