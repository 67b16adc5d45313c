// Traits that are computed from themselves.

#pragma once

#include <cstddef>
#include <vector>

#include "kintsugi/living.h"

namespace kintsugi::schema {

// Indices of traits: each has the next as an operand, and the last has the first, which is declared before the others.
using Circle = std::vector<size_t>;

// Circles among the traits, each once; empty only if there are none. If some share traits, some may be missing. In
// time and stack of the operands; of two traits with one name the first is meant.
std::vector<Circle> FindCircles(const std::vector<Trait>& traits);

}  // namespace kintsugi::schema
