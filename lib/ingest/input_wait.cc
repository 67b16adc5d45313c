#include "ingest/input_wait.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

#include "fmt/format.h"

namespace kintsugi::ingest {

absl::StatusOr<std::unique_ptr<InputWait>> InputWait::Create() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return absl::ErrnoToStatus(errno, "cannot make a pipe");
  return std::unique_ptr<InputWait>(new InputWait(ends[0], ends[1]));
}

InputWait::~InputWait() {
  close(receiver_);
  close(sender_);
}

absl::Status InputWait::For(int descriptor, const std::string& name) {
  constexpr int kForEver = -1;
  pollfd both[2] = {{.fd = descriptor, .events = POLLIN}, {.fd = receiver_, .events = POLLIN}};
  for (int timeout = 0; !stopped_; timeout = kForEver) {
    const int ready = poll(both, 2, timeout);
    if (ready < 0 && errno != EINTR) return absl::ErrnoToStatus(errno, fmt::format("{}: cannot wait for it", name));
    if (stopped_) break;
    if (ready > 0 && both[0].revents != 0) return absl::OkStatus();
    if (timeout == 0 && before_waiting_) before_waiting_();
  }
  return absl::CancelledError(fmt::format("{}: reading was stopped", name));
}

void InputWait::Stop() {
  if (stopped_.exchange(true)) return;
  // An empty pipe takes a byte.
  [[maybe_unused]] const ssize_t written = write(sender_, "", 1);
}

}  // namespace kintsugi::ingest
