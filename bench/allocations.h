// Counts allocations, so that "no allocation" is measured and not believed.

#pragma once

#include <cstdint>

namespace kintsugi::bench {

// Calls of malloc() and its kin by this thread so far, those inside RocksDB and the C library included; operator new is
// among them. Under a sanitizer, calls of operator new only.
uint64_t ThreadAllocations();

}  // namespace kintsugi::bench
