// The names of all traits that a schema brings, declared and ready made.

#pragma once

#include <string>
#include <vector>

#include "kintsugi/schema.h"

namespace kintsugi::living {

// In the order in which their values are told and stored.
inline std::vector<std::string> TraitNamesOf(const Schema& schema) {
  return schema.TraitNames();
}

}  // namespace kintsugi::living
