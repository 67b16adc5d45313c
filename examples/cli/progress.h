// A progress bar for people: only on a terminal, and only when the work is long.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace kintsugi::cli {

class Progress {
 public:
  // `total_bytes` 0: unknown (standard input), so there is a rate but no bar.
  Progress(std::string what, uint64_t total_bytes, bool quiet);
  ~Progress();

  void Update(uint64_t bytes, uint64_t rows);

 private:
  using Clock = std::chrono::steady_clock;

  const std::string what_;
  const uint64_t total_bytes_;
  const bool shown_;
  const Clock::time_point begin_ = Clock::now();
  Clock::time_point last_ = begin_;
  bool drawn_ = false;
};

}  // namespace kintsugi::cli
