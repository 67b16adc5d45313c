// What traits must hold beyond their grammar.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "kintsugi/schema.h"
#include "schema/validate.h"
#include "schema/validate_filter.h"

namespace kintsugi::schema {

// That a trait is asked for and is not there, and what to do.
std::string TellUndeclaredTrait(std::string_view name);

// Adds what is wrong with the schema's traits to `problems`, to which `filters` adds, too.
void FindTraitProblems(const Schema& schema, FilterCheck& filters, std::vector<Problem>& problems);

}  // namespace kintsugi::schema
