#include "interrupt.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace kintsugi::cli {
namespace {

constexpr char kStop = 's';
constexpr char kEnd = 'e';

// A handler may do next to nothing, and not request a stop: it writes into a pipe, and a thread reads there.
volatile sig_atomic_t sender = -1;

void Send(char what) {
  const int error = errno;
  [[maybe_unused]] const ssize_t written = write(sender, &what, 1);
  errno = error;
}

void OnSignal(int) {
  Send(kStop);
}

}  // namespace

Interrupt::Interrupt() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return;  // then signals end the process, as without this class
  receiver_ = ends[0];
  sender = ends[1];
  listener_ = std::thread([this] {
    for (char what = 0; read(receiver_, &what, 1) != 0 && what != kEnd;) {
      if (what == kStop) source_.request_stop();
    }
  });
  for (size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action {};
    action.sa_handler = OnSignal;
    action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
    sigaction(kSignals[i], nullptr, &before_[i]);
    if (before_[i].sa_handler != SIG_IGN) sigaction(kSignals[i], &action, nullptr);
  }
}

Interrupt::~Interrupt() {
  if (receiver_ < 0) return;
  for (size_t i = 0; i < kSignals.size(); ++i) sigaction(kSignals[i], &before_[i], nullptr);
  Send(kEnd);
  listener_.join();
  close(receiver_);
  close(sender);
  sender = -1;
}

}  // namespace kintsugi::cli
