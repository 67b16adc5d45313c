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

// The program's own; aligned forms are not counted. What throws nothing is ours as well, for a sanitizer's own would
// not fit our delete.
void* operator new(size_t size, const std::nothrow_t&) noexcept {
  void* memory = std::malloc(std::max<size_t>(size, 1));
  if (memory == nullptr) return nullptr;
  held += static_cast<int64_t>(malloc_usable_size(memory));
  most_held = std::max(most_held, held);
  return memory;
}
void* operator new(size_t size) {
  void* memory = operator new(size, std::nothrow);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

void operator delete(void* memory) noexcept {
  held -= static_cast<int64_t>(malloc_usable_size(memory));
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  operator delete(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  operator delete(memory);
}
