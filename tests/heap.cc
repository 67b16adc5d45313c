#include "heap.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <new>

namespace {

thread_local int64_t held = 0;
thread_local int64_t most_held = 0;

}  // namespace

namespace kintsugi::testing {

HeapPeak::HeapPeak() : at_start_(held) {
  most_held = held;
}

int64_t HeapPeak::bytes() const {
  return most_held - at_start_;
}

}  // namespace kintsugi::testing

// The program's own; the other forms of the standard library end in these, but for aligned ones, which are not counted.
void* operator new(size_t size) {
  void* memory = std::malloc(std::max<size_t>(size, 1));
  if (memory == nullptr) throw std::bad_alloc();
  held += static_cast<int64_t>(malloc_usable_size(memory));
  most_held = std::max(most_held, held);
  return memory;
}

void operator delete(void* memory) noexcept {
  held -= static_cast<int64_t>(malloc_usable_size(memory));
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  operator delete(memory);
}
