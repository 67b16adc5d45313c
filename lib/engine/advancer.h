// The thread that moves the database's clock, if the host asks for one.

#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "write/writer.h"

namespace kintsugi {

// Calls Writer::Advance with the host's clock, every so often; never backwards. What fails is tried again the next
// time: whoever writes is told of a disk that is full. Stops, and waits for an Advance that is under way, when it is
// destroyed.
class Advancer {
 public:
  // The writer outlives it. More than a day is a day.
  Advancer(write::Writer& writer, std::chrono::microseconds every);

 private:
  void Run(std::stop_token stop, std::chrono::microseconds every);

  write::Writer& writer_;
  std::mutex mutex_;
  std::condition_variable_any stopped_;
  std::jthread thread_;
};

}  // namespace kintsugi
