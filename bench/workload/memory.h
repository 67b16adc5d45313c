// How much memory processes hold, as Linux tells it, and how much room files take.

#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace kintsugi::bench {

// The most memory that was resident at once: of this process since ForgetPeakMemory(), of another since it began.
// Nothing if the system does not tell.
std::optional<uint64_t> PeakMemoryBytes(pid_t process = 0);
// Gives what is free back to the system, and begins the peak anew.
void ForgetPeakMemory();

// What the processes that this one is a child of, and all of that one's children, hold now. What they share counts
// once. Nothing if one of them may not be looked into.
std::optional<uint64_t> FamilyMemoryBytes(pid_t child);

// All regular files in a directory and below.
uint64_t BytesBelow(const std::string& directory);

}  // namespace kintsugi::bench
