// Waiting for input that comes when it likes.

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace kintsugi::ingest {

// InputWait stands between a reader and a pipe that is silent: somebody hears of it before the reader begins to wait,
// and somebody may end the waiting. One thread reads; Stop() may come from any.
class InputWait {
 public:
  // kResourceExhausted or what else the system says if it has no descriptors left.
  static absl::StatusOr<std::unique_ptr<InputWait>> Create();
  ~InputWait();
  InputWait(const InputWait&) = delete;
  InputWait& operator=(const InputWait&) = delete;

  // Called on the reading thread before each wait, and not when there is something to read. Set before reading begins.
  void set_before_waiting(std::function<void()> before) { before_waiting_ = std::move(before); }

  // Waits until the descriptor can be read, its end or an error included. kCancelled after Stop(), at once.
  absl::Status For(int descriptor, const std::string& name);

  // Ends every wait, now and later.
  void Stop();

 private:
  InputWait(int receiver, int sender) : receiver_(receiver), sender_(sender) {}

  const int receiver_;  // a pipe, in which there is something once it is stopped
  const int sender_;
  std::atomic<bool> stopped_ = false;
  std::function<void()> before_waiting_;
};

}  // namespace kintsugi::ingest
