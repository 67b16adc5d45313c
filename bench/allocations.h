// Counts what goes through operator new, so that "no allocation" is measured and not believed.

#pragma once

#include <cstdint>

namespace kintsugi::bench {

// Calls of operator new by this thread so far, those inside RocksDB included. malloc() itself is not counted.
uint64_t ThreadAllocations();

}  // namespace kintsugi::bench
