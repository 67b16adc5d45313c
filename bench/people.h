// A database of the library with everybody in it, flushed and compacted.

#pragma once

#include <memory>

#include "bench/data.h"
#include "bench/directory.h"
#include "kintsugi/engine.h"

namespace kintsugi::bench {

class People {
 public:
  explicit People(uint64_t identifiers = IdentifierCount());

  Engine& engine() { return *engine_; }

 private:
  Directory directory_;
  std::unique_ptr<Engine> engine_;
};

// The first eight bytes of each, added up; 0 if one is missing.
uint64_t ReadThreeAttributes(const Profile& profile);
// One look-up as a host makes it: find, read three attributes. What was read, and 0 if nobody was found.
uint64_t LookUp(const Engine& engine, const Probe& probe);

}  // namespace kintsugi::bench
