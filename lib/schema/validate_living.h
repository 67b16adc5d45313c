// What a schema says of what people do must hold beyond its grammar.

#pragma once

#include <vector>

#include "kintsugi/schema.h"
#include "schema/validate.h"

namespace kintsugi::schema {

// Adds what is wrong with calendar, activities, traits, visits, retention, segments, commerce, loyalty and feed.
void FindLivingProblems(const Schema& schema, std::vector<Problem>& problems);

}  // namespace kintsugi::schema
