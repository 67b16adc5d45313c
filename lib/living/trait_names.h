// The names of all traits that a schema brings, declared and ready made.

#pragma once

#include <string>
#include <vector>

#include "kintsugi/schema.h"

namespace kintsugi::living {

// In the order in which their values are told and stored: the declared ones in theirs, then those of `commerce`, then
// those of `loyalty`.
std::vector<std::string> TraitNamesOf(const Schema& schema);

}  // namespace kintsugi::living
