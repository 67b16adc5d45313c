#include "bench/allocations.h"

#include <cstdlib>
#include <new>

namespace kintsugi::bench {
namespace {

thread_local uint64_t allocations = 0;

void* Allocate(size_t size) {
  ++allocations;
  if (void* memory = std::malloc(size == 0 ? 1 : size)) return memory;
  throw std::bad_alloc();
}

void* Allocate(size_t size, std::align_val_t alignment) {
  ++allocations;
  const size_t align = static_cast<size_t>(alignment);
  if (void* memory = std::aligned_alloc(align, (size + align - 1) / align * align)) return memory;
  throw std::bad_alloc();
}

}  // namespace

uint64_t ThreadAllocations() {
  return allocations;
}

}  // namespace kintsugi::bench

// The array and nothrow forms of the standard library call these.
void* operator new(size_t size) {
  return kintsugi::bench::Allocate(size);
}
void* operator new(size_t size, std::align_val_t alignment) {
  return kintsugi::bench::Allocate(size, alignment);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::align_val_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  std::free(memory);
}
