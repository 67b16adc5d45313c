// What a schema must hold beyond its grammar.

#pragma once

#include <cstdint>
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

// Letters, digits, `_` and `-`, at least one and at most 64: they are words of command lines and keys of JSON.
bool IsName(std::string_view name);

// What is counted in days goes back a century.
inline constexpr uint32_t kMostDays = 36'525;

// Everything that is wrong with the schema, in the order of its declarations; empty if it is good.
std::vector<Problem> FindProblems(const Schema& schema);

}  // namespace kintsugi::schema
