// Which identifiers are asked for.

#pragma once

#include <cstdint>

#include "bench/random.h"

namespace kintsugi::bench {

enum class Distribution {
  kUniform,
  kHot,      // uniform among 10,000 that lie anywhere
  kZipfian,  // the k-th most wanted is asked for 1 / k^0.99 as often as the first; who is wanted lies anywhere
};

// Chooser draws identifiers. const methods are safe from many threads.
class Chooser {
 public:
  Chooser(Distribution distribution, uint64_t identifiers);

  uint64_t Choose(Random& random) const;

 private:
  uint64_t Rank(Random& random) const;

  Distribution distribution_;
  uint64_t identifiers_;
  double zeta_ = 0;
  double eta_ = 0;
};

}  // namespace kintsugi::bench
