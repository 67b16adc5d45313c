// The example's only source of chance.

#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace shop {

// Random is SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA
// 2014; constants as in Vigna's public-domain splitmix64.c). The same seed and stream give the same numbers
// with every compiler, which std::uniform_int_distribution does not promise. Not for secrets.
//
// Callers draw in separate statements: C++ does not order the arguments of a call.
class Random {
 public:
  Random(uint64_t seed, uint64_t stream) : state_(Mix(seed) ^ Mix(~stream)) {}

  uint64_t Next() { return Mix(state_ += 0x9e3779b97f4a7c15); }

  // 0 to n - 1. The bias of the multiplication is under n / 2^32.
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(((Next() >> 32) * n) >> 32); }
  // Both ends included.
  int64_t Between(int64_t low, int64_t high) { return low + Below(static_cast<uint32_t>(high - low + 1)); }
  bool Chance(uint32_t per_mille) { return Below(1000) < per_mille; }

  template <typename List>
  const auto& Pick(const List& list) {
    return list[Below(static_cast<uint32_t>(std::size(list)))];
  }

 private:
  static uint64_t Mix(uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  uint64_t state_;
};

}  // namespace shop
