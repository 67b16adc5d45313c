// A person on one screen: what there is to know of them at one moment.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "kintsugi/profile.h"
#include "kintsugi/timeline.h"
#include "kintsugi/value.h"

namespace kintsugi {

// What is in a cart; what nobody said is a Null.
struct CartLine {
  std::string product_id;
  Value name;
  Value quantity;  // whole or of at most six decimal places, as a price
  Value price;     // of one
};

// One item on the way to the cart's last touch.
struct CartStep {
  Time time;
  std::string name;
  Value page;  // Null: the item tells of none
};

// A cart with something in it.
struct OpenCart {
  std::vector<CartLine> lines;
  Value value;  // of all lines that have a price
  std::optional<Time> since;
  bool is_abandoned = false;
  std::vector<CartStep> path;  // of the visit in which it was touched last, in order
};

struct LoyaltyStanding {
  Value points;        // below zero: more was spent than there was
  Value expiring_30d;  // of them, if nothing else happens
  std::string tier;    // empty: none is reached
};

// As Engine::Show gives it. All of it is of one moment.
struct Overview {
  Profile profile;                         // attributes and where they are from, traits, segments
  std::optional<LoyaltyStanding> loyalty;  // if the schema has `loyalty`
  std::optional<OpenCart> cart;            // if the schema has `commerce`, and the cart is open
  std::optional<Visit> visit;              // the one that is going on, or else the last that has begun by `now`
  std::vector<TimelineItem> latest;        // newest first
};

}  // namespace kintsugi
