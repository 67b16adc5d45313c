// People of a shop, for what a living profile costs.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "bench/new_database.h"
#include "kintsugi/engine.h"

namespace kintsugi::bench {

// How much of a living profile a schema asks for.
enum class Living {
  kNone,
  kTraits,    // 20
  kSegments,  // these, and 20 segments
  kFeed,      // these, and a feed of attributes and segments
};
// "none", "20_traits" and so on.
std::string ToString(Living living);

// Of a source `web` of events, with a user and a device.
std::string SchemaWith(Living living);

Time TimeOf(uint64_t item);
// A person's n-th item: every tenth is an order, the others are views.
Event ItemOf(uint64_t person, uint64_t item);
// People with `past` items each, and as of shortly after them.
void Fill(NewDatabase& database, uint64_t people, uint64_t past);

}  // namespace kintsugi::bench
