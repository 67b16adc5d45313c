// Latencies, counted in buckets: small, of known error, and with an end that averages hide.

#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>

namespace kintsugi::bench {

// Histogram counts numbers (nanoseconds, say) in 64 buckets of equal width per power of two, as HdrHistogram does:
// exact below 128, and at most 1/64 too much above. Record() costs a few nanoseconds. Not thread-safe: each thread has
// its own, and they are added up.
class Histogram {
 public:
  void Record(uint64_t value) {
    ++counts_[BucketOf(value)];
    ++count_;
    sum_ += value;
    max_ = std::max(max_, value);
  }

  void Add(const Histogram& other) {
    for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    max_ = std::max(max_, other.max_);
  }

  uint64_t count() const { return count_; }
  uint64_t max() const { return max_; }
  double mean() const { return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_); }

  // The smallest number that at least this share of all do not exceed, rounded up to its bucket's end. 0 if there are
  // none.
  uint64_t Quantile(double share) const {
    const auto wanted = std::max<uint64_t>(1, static_cast<uint64_t>(std::ceil(share * static_cast<double>(count_))));
    uint64_t seen = 0;
    for (size_t i = 0; i < counts_.size(); ++i) {
      seen += counts_[i];
      if (seen >= wanted) return std::min(EndOf(i), max_);
    }
    return max_;
  }

 private:
  static constexpr int kBits = 6;
  static constexpr uint64_t kWidth = uint64_t{1} << kBits;

  // The seven highest bits say which bucket: the position of the first, and the six that follow it.
  static size_t BucketOf(uint64_t value) {
    if (value < 2 * kWidth) return value;
    const int shift = std::bit_width(value) - 1 - kBits;
    return (static_cast<size_t>(shift) << kBits) + (value >> shift);
  }
  static uint64_t EndOf(size_t bucket) {
    if (bucket < 2 * kWidth) return bucket;
    const int shift = static_cast<int>(bucket >> kBits) - 1;
    const uint64_t high_bits = kWidth + bucket % kWidth;
    return (high_bits << shift) + ((uint64_t{1} << shift) - 1);
  }

  std::array<uint64_t, (64 - kBits + 1) * kWidth> counts_{};
  uint64_t count_ = 0;
  uint64_t sum_ = 0;
  uint64_t max_ = 0;
};

}  // namespace kintsugi::bench
