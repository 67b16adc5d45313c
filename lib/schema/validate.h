// What a schema must hold beyond its grammar.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kintsugi/schema.h"

namespace kintsugi::schema {

// One thing that is wrong. `path` leads to the place: "sources[1].table.identifiers[0].namespace".
struct Problem {
  std::string path;
  std::string message;  // what is wrong and what to do
};

// Everything that is wrong with the schema, in the order of its declarations; empty if it is good.
std::vector<Problem> FindProblems(const Schema& schema);

}  // namespace kintsugi::schema
