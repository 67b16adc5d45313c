#include "progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace kintsugi::cli {
namespace {

double Seconds(std::chrono::steady_clock::duration d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace

Progress::Progress(std::string what, uint64_t total_bytes, bool quiet)
    : what_(std::move(what)), total_bytes_(total_bytes), shown_(!quiet && isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
}

void Progress::Update(uint64_t bytes, uint64_t rows) {
  constexpr double kLong = 1.0;    // seconds until a bar is worth it
  constexpr double kRedraw = 0.1;  // seconds
  const Clock::time_point now = Clock::now();
  const double elapsed = Seconds(now - begin_);
  if (!shown_ || elapsed < kLong || Seconds(now - last_) < kRedraw) return;
  last_ = now;
  drawn_ = true;
  std::string line = fmt::format("\r\033[K{}  {:.0f} rows/s", what_, static_cast<double>(rows) / elapsed);
  if (total_bytes_ > 0 && bytes > 0) {
    const double share = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(total_bytes_));
    const int full = static_cast<int>(share * 20);
    line += fmt::format("  [{:#<{}}{:.<{}}] {:.0f} %, {:.0f} s left", "", full, "", 20 - full, share * 100,
                        elapsed * (1 - share) / share);
  }
  fmt::print(stderr, "{}", line);
  std::fflush(stderr);
}

}  // namespace kintsugi::cli
