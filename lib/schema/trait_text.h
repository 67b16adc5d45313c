// A trait, between its text and its struct.

#pragma once

#include <cstdint>
#include <string>

#include "kintsugi/living.h"
#include "schema/schema.pb.h"

namespace kintsugi::schema {

inline constexpr uint32_t kHoursOfDay = 24;

// As the text writes it: "most_frequent".
const std::string& NameOf(TraitKind kind);

// Of a text that chooses twice or not at all (see choices.h) what is read is one of the choices, or any.
Trait TraitOf(const TraitText& text);

// Canonical: traits that mean the same give the same text.
void FillTrait(const Trait& trait, TraitText* out);

}  // namespace kintsugi::schema
