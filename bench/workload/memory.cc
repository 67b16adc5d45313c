#include "bench/workload/memory.h"

#include <fmt/format.h>
#include <malloc.h>

#include <charconv>
#include <filesystem>
#include <fstream>
#include <string_view>

namespace kintsugi::bench {
namespace {

// The number after "NAME:" in a file of /proc, which has one such line per name.
std::optional<uint64_t> NumberIn(const std::string& path, std::string_view name) {
  std::ifstream file(path);
  for (std::string word; file >> word;) {
    uint64_t number = 0;
    if (word.ends_with(':') && word.substr(0, word.size() - 1) == name && file >> number) return number;
  }
  return std::nullopt;
}

std::string StatusPath(pid_t process) {
  return process == 0 ? "/proc/self/status" : fmt::format("/proc/{}/status", process);
}

std::optional<uint64_t> ShareOfMemoryBytes(pid_t process) {
  const auto kilobytes = NumberIn(fmt::format("/proc/{}/smaps_rollup", process), "Pss");
  if (!kilobytes) return std::nullopt;
  return *kilobytes * 1024;
}

}  // namespace

std::optional<uint64_t> PeakMemoryBytes(pid_t process) {
  const auto kilobytes = NumberIn(StatusPath(process), "VmHWM");
  if (!kilobytes) return std::nullopt;
  return *kilobytes * 1024;
}

void ForgetPeakMemory() {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";
}

std::optional<uint64_t> FamilyMemoryBytes(pid_t child) {
  const auto parent = NumberIn(StatusPath(child), "PPid");
  if (!parent) return std::nullopt;
  std::optional<uint64_t> sum = ShareOfMemoryBytes(static_cast<pid_t>(*parent));
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    pid_t process = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), process).ptr != name.data() + name.size()) continue;
    if (NumberIn(StatusPath(process), "PPid") != parent) continue;
    const auto share = ShareOfMemoryBytes(process);
    if (!share && !NumberIn(StatusPath(process), "VmRSS")) continue;  // it has ended in the meantime
    if (!share || !sum) return std::nullopt;
    *sum += *share;
  }
  return sum;
}

uint64_t BytesBelow(const std::string& directory) {
  uint64_t sum = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, error)) {
    // Between listing and asking, a database may have removed it.
    const uint64_t size = entry.is_regular_file(error) ? entry.file_size(error) : 0;
    if (!error) sum += size;
  }
  return sum;
}

}  // namespace kintsugi::bench
