// What the comparators store for a person, and how they make it new.

#pragma once

#include <cstring>
#include <string>
#include <string_view>

#include "bench/check.h"
#include "bench/data.h"
#include "bench/workload/target.h"

namespace kintsugi::bench {

// The key that a profile has where keys are bytes: 16 of them, like a profile id.
inline Key ProfileKey(uint64_t profile) {
  return KeyOf(~profile);
}

// The bytes that an event of one session writes: the same with eight others in the middle each time, so that making
// them does not count for writing them.
class EventBytes {
 public:
  std::string_view For(const Operation& operation) {
    std::memcpy(bytes_.data() + bytes_.size() / 2, &operation.event, sizeof(operation.event));
    return bytes_;
  }

 private:
  std::string bytes_ = ProfileBytes(0);
};

// Reads as the host does, and ends the program if there is nothing to read.
inline void Read(std::string_view bytes) {
  Check(bytes.size() > sizeof(uint64_t), "a profile was not found");
  const uint64_t read = ReadThreePlaces(bytes);
  asm volatile("" : : "r"(read));  // it is wanted, whatever the compiler thinks
}

}  // namespace kintsugi::bench
