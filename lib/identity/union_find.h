// Disjoint sets of small integers.

#pragma once

#include <cstdint>
#include <numeric>
#include <utility>
#include <vector>

namespace kintsugi::identity {

// UnionFind partitions 0 … n-1. Union by size with path halving (Tarjan and van Leeuwen, 1984, "Worst-case
// analysis of set union algorithms"): near-constant amortised. 8 bytes an element. Never fails.
// Not thread-safe: Find() shortens paths.
class UnionFind {
 public:
  explicit UnionFind(size_t n) : parent_(n), size_(n, 1) { std::iota(parent_.begin(), parent_.end(), 0u); }

  uint32_t Find(uint32_t x) {
    while (parent_[x] != x) {
      parent_[x] = parent_[parent_[x]];
      x = parent_[x];
    }
    return x;
  }

  // Joins two different roots; returns the one that stays a root and the one that does not.
  std::pair<uint32_t, uint32_t> Union(uint32_t a, uint32_t b) {
    if (size_[a] < size_[b]) std::swap(a, b);
    parent_[b] = a;
    size_[a] += size_[b];
    return {a, b};
  }

  // Joins the sets of any two elements.
  void Join(uint32_t a, uint32_t b) {
    const uint32_t x = Find(a);
    const uint32_t y = Find(b);
    if (x != y) Union(x, y);
  }

  // Of a root.
  uint32_t Size(uint32_t root) const { return size_[root]; }

 private:
  std::vector<uint32_t> parent_;
  std::vector<uint32_t> size_;
};

}  // namespace kintsugi::identity
