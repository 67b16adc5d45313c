#include "bench/allocations.h"

#include <cerrno>
#include <cstdlib>
#include <new>

namespace kintsugi::bench {
namespace {

thread_local uint64_t allocations = 0;

}  // namespace

uint64_t ThreadAllocations() {
  return allocations;
}

}  // namespace kintsugi::bench

// A sanitizer has its own malloc() in place and must keep it. Without glibc there is no other name for the one that is
// replaced here.
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

// A program's own malloc() is taken by every library it loads, and operator new ends there. glibc's is still to be had
// by its other name. free() stays as it is.
extern "C" {

void* __libc_malloc(size_t size);
void* __libc_calloc(size_t count, size_t size);
void* __libc_realloc(void* memory, size_t size);
void* __libc_memalign(size_t alignment, size_t size);

void* malloc(size_t size) {
  ++kintsugi::bench::allocations;
  return __libc_malloc(size);
}
void* calloc(size_t count, size_t size) {
  ++kintsugi::bench::allocations;
  return __libc_calloc(count, size);
}
void* realloc(void* memory, size_t size) {
  ++kintsugi::bench::allocations;
  return __libc_realloc(memory, size);
}
void* memalign(size_t alignment, size_t size) {
  ++kintsugi::bench::allocations;
  return __libc_memalign(alignment, size);
}
void* aligned_alloc(size_t alignment, size_t size) {
  return memalign(alignment, size);
}
int posix_memalign(void** out, size_t alignment, size_t size) {
  void* memory = memalign(alignment, size);
  if (memory == nullptr) return ENOMEM;
  *out = memory;
  return 0;
}

}  // extern "C"

#else

namespace kintsugi::bench {
namespace {

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

#endif
