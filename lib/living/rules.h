// What a schema says of items, made ready.

#pragma once

#include "kintsugi/schema.h"
#include "living/retention.h"
#include "living/trait_rules.h"
#include "living/visit_rules.h"

namespace kintsugi::living {

// Immutable and safe from many threads.
struct Rules {
  explicit Rules(const Schema& schema) : traits(schema), visits(schema), retention(schema) {}  // valid

  TraitRules traits;
  VisitRules visits;
  RetentionRules retention;
};

}  // namespace kintsugi::living
