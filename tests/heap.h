// What a test's thread allocates, so that "in the memory of" is measured and not believed.

#pragma once

#include <cstdint>

namespace kintsugi::testing {

// Counts what this thread allocates with operator new and frees again, from the constructor on. One at a time.
class HeapPeak {
 public:
  HeapPeak();
  // The most bytes that were allocated at once, beyond those at the start.
  int64_t bytes() const;

 private:
  const int64_t at_start_;
};

}  // namespace kintsugi::testing
