// A loyalty program, between its text and its struct.

#pragma once

#include "kintsugi/living.h"
#include "schema/schema.pb.h"

namespace kintsugi::schema {

Loyalty LoyaltyOf(const LoyaltyText& text);

// Canonical, but for the order of rules. That of tiers and of spending means something: the last tier that is reached
// counts, and which of an item's two spendings overdraws depends on which comes first.
void FillLoyalty(const Loyalty& loyalty, LoyaltyText* out);

}  // namespace kintsugi::schema
