#include "bench/workload/chooser.h"

#include <algorithm>
#include <cmath>

#include "bench/data.h"

namespace kintsugi::bench {
namespace {

constexpr double kTheta = 0.99;

double Zeta(uint64_t count) {
  double sum = 0;
  for (uint64_t k = count; k > 0; --k) sum += std::pow(static_cast<double>(k), -kTheta);  // the small ones first
  return sum;
}

double Unit(Random& random) {
  return static_cast<double>(random.Next() >> 11) * 0x1p-53;
}

}  // namespace

Chooser::Chooser(Distribution distribution, uint64_t identifiers)
    : distribution_(distribution), identifiers_(std::max<uint64_t>(identifiers, 1)) {
  if (distribution != Distribution::kZipfian) return;
  const auto n = static_cast<double>(identifiers_);
  zeta_ = Zeta(identifiers_);
  eta_ = (1 - std::pow(2 / n, 1 - kTheta)) / (1 - Zeta(2) / zeta_);
}

uint64_t Chooser::Choose(Random& random) const {
  switch (distribution_) {
    case Distribution::kUniform:
      break;
    case Distribution::kHot:
      return Mix(random.Below(kHotIdentifiers)) % identifiers_;
    case Distribution::kZipfian:
      return Mix(Rank(random)) % identifiers_;
  }
  return random.Below(identifiers_);
}

// Gray et al., "Quickly generating billion-record synthetic databases" (SIGMOD 1994), section 3.2, from 0.
uint64_t Chooser::Rank(Random& random) const {
  const double u = Unit(random);
  const double place = u * zeta_;
  if (place < 1) return 0;
  if (place < 1 + std::pow(0.5, kTheta)) return 1;
  const double rank = static_cast<double>(identifiers_) * std::pow(eta_ * u - eta_ + 1, 1 / (1 - kTheta));
  return std::min(static_cast<uint64_t>(rank), identifiers_ - 1);
}

}  // namespace kintsugi::bench
