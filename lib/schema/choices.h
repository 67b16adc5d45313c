// Where a text has to choose.

#pragma once

#include <vector>

#include "schema/schema.pb.h"
#include "schema/validate.h"

namespace kintsugi::schema {

// What is wrong with a text and does not show in the structs that are read from it: of a source, a trait, a condition,
// a window and an earning, that it chooses twice or not at all; and a choice that says nothing.
std::vector<Problem> FindChoiceProblems(const SchemaText& text);

}  // namespace kintsugi::schema
