// What the traits of commerce and loyalty say, in a shape that a program reads.

#pragma once

#include <optional>

#include "kintsugi/overview.h"
#include "kintsugi/profile.h"
#include "kintsugi/schema.h"

namespace kintsugi::read {

// Nothing if the schema has no `commerce`, or nothing is in the cart.
std::optional<OpenCart> CartOf(const Schema& schema, const ProfileView& profile);
// Nothing if the schema has no `loyalty`.
std::optional<LoyaltyStanding> LoyaltyOf(const Schema& schema, const ProfileView& profile);

}  // namespace kintsugi::read
