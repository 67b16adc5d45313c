// Evaluation of a clustering against a truth. Pure.

#pragma once

#include <optional>
#include <span>
#include <string>

#include "kintsugi/evaluate.h"

namespace kintsugi::read {

// An identifier's true entity and the profile that holds it, if one does.
struct Placed {
  std::string entity;
  std::optional<ProfileId> profile;
};

// O(n log n).
Evaluation Evaluate(std::span<const Placed> identifiers);

}  // namespace kintsugi::read
