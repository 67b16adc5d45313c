#include "engine/advancer.h"

#include <algorithm>
#include <exception>

namespace kintsugi {

Advancer::Advancer(write::Writer& writer, std::chrono::microseconds every) : writer_(writer) {
  const std::chrono::microseconds most = std::chrono::days(1);
  thread_ = std::jthread([this, every = std::min(every, most)](std::stop_token stop) { Run(std::move(stop), every); });
}

void Advancer::Run(std::stop_token stop, std::chrono::microseconds every) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    stopped_.wait_for(lock, stop, every, [] { return false; });
    if (stop.stop_requested()) return;
    try {
      writer_.AdvanceToClock().IgnoreError();
    } catch (const std::exception&) {
      // The host's clock threw; it is asked again the next time.
    }
  }
}

}  // namespace kintsugi
