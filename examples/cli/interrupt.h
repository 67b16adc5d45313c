// Ctrl-C, as a request that a long command can honour.

#pragma once

#include <signal.h>

#include <array>
#include <stop_token>
#include <thread>

namespace kintsugi::cli {

// While it lives, the first SIGINT or SIGTERM requests a stop; a second one ends the process as ever. A signal that is
// ignored (nohup, a job in the background) stays ignored. One at a time.
class Interrupt {
 public:
  Interrupt();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const { return source_.get_token(); }

 private:
  static constexpr std::array<int, 2> kSignals = {SIGINT, SIGTERM};

  std::stop_source source_;
  int receiver_ = -1;
  std::array<struct sigaction, 2> before_{};
  std::thread listener_;
};

}  // namespace kintsugi::cli
