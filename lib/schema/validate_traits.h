// What traits must hold beyond their grammar.

#pragma once

#include <vector>

#include "kintsugi/schema.h"
#include "schema/validate.h"
#include "schema/validate_filter.h"

namespace kintsugi::schema {

// Adds what is wrong with the schema's traits to `problems`, to which `filters` adds, too.
void FindTraitProblems(const Schema& schema, FilterCheck& filters, std::vector<Problem>& problems);

}  // namespace kintsugi::schema
