// Random numbers that are the same on every machine and standard library.

#pragma once

#include <cstdint>

namespace kintsugi::bench {

// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): a bijection, so different inputs give different numbers.
constexpr uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// A stream of them. Below() is very slightly uneven, which no measurement here can see.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(Mix(seed)) {}
  uint64_t Next() { return Mix(state_++); }
  uint64_t Below(uint64_t limit) { return Next() % limit; }

 private:
  uint64_t state_;
};

}  // namespace kintsugi::bench
